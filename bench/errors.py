"""The exception of the benchmarks."""


class UnusableError(Exception):
    """Something cannot be measured; the message says why."""
