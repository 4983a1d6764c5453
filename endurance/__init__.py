"""Two long tests: a soak, and a torture with kill -9. ``python -m endurance soak`` and ``... torture``."""
