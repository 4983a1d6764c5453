"""Two long tests of a server: ``make soak`` (load and faults) and ``make torture`` (kill -9 during writes)."""
