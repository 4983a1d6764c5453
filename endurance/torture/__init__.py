"""The torture: kill -9 while writers write, each acknowledged write checked."""
