"""The emulated operations, and what every call of them goes through."""
