"""A model of the server, written from the documentation, not from its code; both tests compare responses with it."""
