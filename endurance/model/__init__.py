"""What the documentation says that a server must answer, without the server's code: the judge of both tests. Pure."""
