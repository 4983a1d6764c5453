"""The version of mockserver, from the package's metadata."""

from importlib.metadata import version as _of_distribution

DISTRIBUTION = "northflank-mockserver"


def version() -> str:
    """The version, such as ``0.1.0``."""
    return _of_distribution(DISTRIBUTION)
