"""What the benches raise."""


class UnusableError(Exception):
    """Something cannot be measured, and why."""
