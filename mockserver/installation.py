"""What is installed beside this package: the server's dependencies, and another package of the same name."""

import re
import sys
from pathlib import Path

_DISTRIBUTION = "northflank-mockserver"
_NAMESAKE = "mockserver-client"
"""A distribution with another package that is called mockserver."""


def missing_dependencies() -> list[str]:
    """The server's dependencies that are not installed, such as after ``pip install --no-deps``."""
    from importlib.metadata import PackageNotFoundError, distribution, requires  # slow, and no command needs it

    missing = []
    for requirement in requires(_DISTRIBUTION) or ():
        if ";" in requirement:  # it is for an extra or a platform
            continue
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        try:
            distribution(name)
        except PackageNotFoundError:
            missing.append(name)
    return missing


def conflict() -> str | None:
    """Names the other package that is called mockserver, if it is installed."""
    metadata = f"{_NAMESAKE.replace('-', '_')}-*.dist-info"
    if not any(next(Path(folder).glob(metadata), None) for folder in sys.path):
        return None
    return (
        f"{_NAMESAKE} is installed too, and its package is also called mockserver: they overwrite each other's files; "
        f"install {_DISTRIBUTION} in an environment of its own"
    )
