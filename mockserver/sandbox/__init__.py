"""A project while it is served: its fault rules, journal, restores and remembered pages."""
