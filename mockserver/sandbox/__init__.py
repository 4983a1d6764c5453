"""A project at work: its clock, fault rules, journal, restores and remembered pages."""
