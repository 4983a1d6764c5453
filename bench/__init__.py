"""What mockserver costs, beside what else one could use: `make bench` and `make bench-peers`. Not shipped."""
