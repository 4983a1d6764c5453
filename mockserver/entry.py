"""The program ``mockserver``: runs the command line, and says what is missing or in the way."""

import sys

from mockserver.installation import conflict


def main() -> None:
    """Runs the command line; ends with exit code 2 if the server's dependencies are not installed."""
    try:
        from mockserver.cli import main
    except ModuleNotFoundError as missing:
        print(
            f"mockserver: the server needs packages that are not installed ({missing.name}): "
            "install northflank-mockserver without --no-deps",
            file=sys.stderr,
        )
        sys.exit(2)
    if problem := conflict():
        print(f"mockserver: warning: {problem}", file=sys.stderr)
    main()
