"""The soak: many clients at once; every response is checked."""
