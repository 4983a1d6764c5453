"""The scenarios of a server: those that come with it, and a person's own."""

from pathlib import Path

from mockserver.errors import UsageError
from mockserver.messages import excerpt, quoted
from mockserver.seeding.scenario import Scenario, builtin_scenarios, read_scenario

_NAMES_MAX = 1000
"""How many characters of the scenarios' names a message lists."""


class Catalogue:
    """Finds scenarios by name. A person's file replaces ours of the same name, and is read again when it changes."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None and not folder.is_dir():
            raise UsageError(
                f"no folder {folder} to take scenarios from: create it first, or name another with --scenarios"
            )
        self._folder = folder
        self._read: dict[tuple[Path, int], Scenario] = {}

    def files(self) -> dict[str, Path]:
        """The files by their scenarios' names, in the order of the names."""
        # without what copying leaves, such as `._mine.toml`
        paths = self._folder.glob("[!.]*.toml") if self._folder else ()
        own = {path.stem: path for path in paths if path.is_file() or not path.exists()}  # a broken link is reported
        return dict(sorted((builtin_scenarios() | own).items()))

    def load(self, name: str) -> Scenario:
        """The scenario of that name; raises UsageError if there is none, or if its file cannot be used."""
        known = self.files()
        if name not in known:
            raise UsageError(f"no scenario {quoted(name)}: there are {excerpt(', '.join(known), _NAMES_MAX)}")
        path = known[name]
        try:
            version = (path, path.stat().st_mtime_ns)
        except OSError as failure:
            raise UsageError(f"cannot read the scenario {path}: {failure.strerror}") from None
        if version not in self._read:
            self._read[version] = read_scenario(path)
        return self._read[version]
