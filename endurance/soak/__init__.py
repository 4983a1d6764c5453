"""The soak: many clients for a while, each response checked."""
