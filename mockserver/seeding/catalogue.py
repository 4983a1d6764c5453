"""The scenarios that a server knows: those that come with it, and a person's own."""

from pathlib import Path

from mockserver.errors import UsageError
from mockserver.messages import quoted
from mockserver.seeding.scenario import Scenario, builtin_scenarios, read_scenario


class Catalogue:
    """Finds scenarios by name. A person's file wins over ours of that name, and is read anew where it changed."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None and not folder.is_dir():
            raise UsageError(
                f"no folder {folder} to take scenarios from: make it first, or name another with --scenarios"
            )
        self._folder = folder
        self._read: dict[tuple[Path, int], Scenario] = {}

    def files(self) -> dict[str, Path]:
        """Name to file, in the order of the names."""
        found = self._folder.glob("[!.]*.toml") if self._folder else ()  # not what copying leaves, as `._mine.toml`
        own = {path.stem: path for path in found}
        return dict(sorted((builtin_scenarios() | own).items()))

    def load(self, name: str) -> Scenario:
        """The scenario of that name; raises UsageError where there is none, or where its file says what cannot be."""
        known = self.files()
        if name not in known:
            raise UsageError(f"no scenario {quoted(name)}: there are {', '.join(known)}")
        path = known[name]
        try:
            version = (path, path.stat().st_mtime_ns)
        except OSError as failure:
            raise UsageError(f"cannot read the scenario {path}: {failure.strerror}") from None
        if version not in self._read:
            self._read[version] = read_scenario(path)
        return self._read[version]
