"""Takes out of the image's installation what the server never uses; run in its build, by that installation's Python.

    python image/prune.py /opt/mockserver /staging

What is left out of a library is still asked for by that library's metadata, so nothing should be installed here later.
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
    "rich": "typer's coloured help, which ours is not; TYPER_USE_RICH=0 keeps typer from looking",
    "rich-*.dist-info": "the same",
    "pygments": "rich's",
    "pygments-*.dist-info": "the same",
    "markdown_it": "rich's",
    "markdown_it_py-*.dist-info": "the same",
    "mdurl": "markdown_it's",
    "mdurl-*.dist-info": "the same",
    "sqlalchemy/dialects/mssql": "our store is SQLite",
    "sqlalchemy/dialects/mysql": "the same",
    "sqlalchemy/dialects/oracle": "the same",
    "sqlalchemy/dialects/postgresql": "the same",
    "sqlalchemy/testing": "for those who test SQLAlchemy",
    "pydantic/v1": "the release before; nothing here is written for it",
    "pydantic/mypy.py": "mypy's",
    "mockserver/testing": "test-suites import it; a container serves",
    "faker/sphinx": "makes faker's documentation",
}
"""In site-packages, why it can go. One that is not there ends the build: a release has moved it."""

SOURCES_OF_COMPILED = ("*.pyi", "*.pyx", "*.pxd", "*.pxi", "*.c", "*.h")
COMMANDS = ("mockserver", "python*")


def remove(path: Path) -> None:
    """Removes a file or a folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def without_unused(site: Path) -> None:
    """Removes what is listed above."""
    for pattern in UNUSED:
        found = list(site.glob(pattern))
        if not found:
            sys.exit(f"{site} has no {pattern}, which image/prune.py wants to remove: see what took its place")
        for path in found:
            remove(path)
    for pattern in SOURCES_OF_COMPILED:
        for path in list(site.rglob(pattern)):
            remove(path)


def without_locales(site: Path) -> None:
    """Removes each locale of faker's but the one that names are made in, whole as faker's pytest plugin wants it."""
    from faker import Faker

    Faker("en_US")
    for provider in (path for path in (site / "faker" / "providers").iterdir() if path.is_dir()):
        for locale in list(provider.iterdir()):
            if locale.is_dir() and f"faker.providers.{provider.name}.{locale.name}" not in sys.modules:
                remove(locale)


def without_commands(folder: Path) -> None:
    """Removes every command but ours and Python."""
    kept = {path for pattern in COMMANDS for path in folder.glob(pattern)}
    for path in set(folder.iterdir()) - kept:
        remove(path)


def load_all() -> None:
    """Imports all of mockserver, and what it imports once it runs."""
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

    The official image ships its standard library without any, so that each start would compile what it imports.
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
    """Prunes the installation that this runs in, and stages what the base image lacks."""
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
