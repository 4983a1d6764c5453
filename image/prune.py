"""Removes unused files from the image's installation. The build runs it with that installation's Python.

    python image/prune.py /opt/mockserver /staging

The metadata of the remaining libraries still requires what is removed, so nothing should be installed there later.
"""  # noqa: INP001 - a script

import pkgutil
import py_compile
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path

UNUSED = {
    "rich": "for typer's coloured help, which we do not use; TYPER_USE_RICH=0 keeps typer from importing it",
    "rich-*.dist-info": "the same",
    "pygments": "for rich",
    "pygments-*.dist-info": "the same",
    "markdown_it": "for rich",
    "markdown_it_py-*.dist-info": "the same",
    "mdurl": "for markdown_it",
    "mdurl-*.dist-info": "the same",
    "sqlalchemy/dialects/mssql": "our store is SQLite",
    "sqlalchemy/dialects/mysql": "the same",
    "sqlalchemy/dialects/oracle": "the same",
    "sqlalchemy/dialects/postgresql": "the same",
    "sqlalchemy/testing": "for tests of SQLAlchemy",
    "pydantic/v1": "the previous major version, which nothing here uses",
    "pydantic/mypy.py": "for mypy",
    "mockserver/testing": "for test suites; a container only serves",
    "faker/sphinx": "for faker's documentation",
}
"""Paths in site-packages, and why each can go. A missing one fails the build: a new release has moved it."""

SOURCES_OF_COMPILED = ("*.pyi", "*.pyx", "*.pxd", "*.pxi", "*.c", "*.h")
COMMANDS = ("mockserver", "python*")


def remove(path: Path) -> None:
    """Removes a file or a folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def without_unused(site: Path) -> None:
    """Removes everything in UNUSED, and the sources of compiled modules."""
    for pattern in UNUSED:
        paths = list(site.glob(pattern))
        if not paths:
            sys.exit(f"{site} has no {pattern}, which image/prune.py should remove: find out what replaced it")
        for path in paths:
            remove(path)
    for pattern in SOURCES_OF_COMPILED:
        for path in list(site.rglob(pattern)):
            remove(path)


def without_locales(site: Path) -> None:
    """Removes all locales of faker except the one of our names, which faker's pytest plugin needs as a whole."""
    from faker import Faker

    Faker("en_US")
    for provider in (path for path in (site / "faker" / "providers").iterdir() if path.is_dir()):
        for locale in list(provider.iterdir()):
            if locale.is_dir() and f"faker.providers.{provider.name}.{locale.name}" not in sys.modules:
                remove(locale)


def without_commands(folder: Path) -> None:
    """Removes every command except ours and Python."""
    kept = {path for pattern in COMMANDS for path in folder.glob(pattern)}
    for path in set(folder.iterdir()) - kept:
        remove(path)


def load_all() -> None:
    """Imports all of mockserver, and everything that a running server imports."""
    import mockserver
    from mockserver.app import create_app
    from mockserver.settings import Settings
    from mockserver.web.server import bind, make_server

    for module in pkgutil.walk_packages(mockserver.__path__, "mockserver."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    settings = Settings(port=0)
    with bind(settings) as bound:
        server = make_server(create_app(settings), bound)
        server.on_ready.append(lambda: setattr(server, "should_exit", True))
        server.run(sockets=[bound])


def compile_loaded(library: Path, staging: Path) -> None:
    """Puts under ``staging`` the bytecode of those modules loaded from ``library`` that have none beside them.

    The official image ships its standard library without bytecode, so each start would compile what it imports.
    """
    for source in _files_of(sys.modules.values(), library):
        cached = Path(cache_from_source(str(source)))
        if not cached.exists():
            staged = staging / cached.relative_to("/")
            staged.parent.mkdir(parents=True, exist_ok=True)
            py_compile.compile(
                str(source), str(staged), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )


def _files_of(modules: Iterable[object], library: Path) -> set[Path]:
    files = {Path(getattr(module, "__file__", None) or "") for module in modules}
    return {path for path in files if path.suffix == ".py" and path.is_relative_to(library)}


def main(installation: Path, staging: Path) -> None:
    """Prunes the installation that runs this, and stages the bytecode that the base image lacks."""
    site = Path(sysconfig.get_path("purelib"))
    if not site.is_relative_to(installation):
        sys.exit(f"this Python installs into {site}, not into {installation}")
    without_unused(site)
    without_locales(site)
    without_commands(installation / "bin")
    load_all()
    compile_loaded(Path(sysconfig.get_path("stdlib")), staging)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
