"""The command line: serve, seed, scenarios, openapi, health."""

import gc
import inspect
import json
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from mockserver.errors import UsageError
from mockserver.messages import printable, quoted

if TYPE_CHECKING:
    from mockserver.settings import Settings

USAGE_EXIT_CODE = 2

ALL = ("*",)
"""As a command's settings: every one that there is."""

Command = Callable[..., None]

COMMANDS: dict[str, tuple[Command, tuple[str, ...]]] = {}
"""Each command's function, and the settings that are options of it; it is called with the ``Settings``."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; what a person did wrong ends it with one line on standard error and exit code 2."""
    signal.signal(signal.SIGTERM, _end)  # whose default would end us with files half written, and not at all as PID 1
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(_application(given))
    try:
        code = command.main(given or ["--help"], prog_name="mockserver", standalone_mode=False)
        if sys.stdout is not None:  # the one that it was started with is closed
            sys.stdout.flush()
    except OSError as failure:
        _exit_with(f"cannot write the answer: {failure.strerror}")
    except UsageError as failure:
        _exit_with(str(failure))
    except TyperException as failure:
        _exit_with(failure.format_message())
    sys.exit(code)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _exit_with(message: str) -> NoReturn:
    line = printable(" ".join(message.split()))
    print(f"mockserver: {line}", file=sys.stderr)
    sys.exit(USAGE_EXIT_CODE)


def command(*settings: str) -> Callable[[Command], Command]:
    """Makes a function a command, named after it, with an option for each of these settings."""

    def register(function: Command) -> Command:
        COMMANDS[function.__name__] = function, settings
        return function

    return register


def _application(given: Sequence[str]) -> typer.Typer:
    """The commands as typer has them; the one that is asked for gets its options, for which the settings are read."""
    application = typer.Typer(
        name="mockserver",
        help='A local emulator of the Northflank API\'s "list addon backup restores".',
        add_completion=False,
        rich_markup_mode=None,
    )
    application.callback(invoke_without_command=True)(_print_version)
    asked = next((argument for argument in given if not argument.startswith("-")), None)
    for name, (function, settings) in COMMANDS.items():
        application.command(name, help=function.__doc__)(
            _with_settings(function, settings) if name == asked else _without_options
        )
    return application


def _print_version(
    wanted: Annotated[bool, typer.Option("--version", help="Show which release this is, and exit.")] = False,
) -> None:
    if wanted:
        from mockserver.version import version

        print(f"mockserver {version()}")
        raise typer.Exit


def _without_options() -> None:
    """A command that was not asked for."""


def _with_settings(function: Command, names: tuple[str, ...]) -> Command:
    """The values are read by the settings model alone, so that an option and its variable allow the same."""
    from mockserver.settings import Settings, load_settings

    fields = {name: Settings.model_fields[name] for name in (Settings.model_fields if names == ALL else names)}
    own = list(inspect.signature(function).parameters.values())[1:]

    def run(**given: Any) -> None:
        settings = load_settings(**{name: given.pop(name) for name in fields if given[name] not in (None, [])})
        function(settings, **{name: value for name, value in given.items() if name not in fields})

    options = [_option(name, field) for name, field in fields.items()]
    run.__signature__ = inspect.Signature([*options, *own])  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in [*options, *own]}
    return run


def _option(name: str, field: Any) -> inspect.Parameter:
    from mockserver.settings import default_text, option_name, variable_name

    default = field.default
    kind: Any = str | None
    metavar: str | None
    names, metavar = option_name(name), name.upper().replace("_", "-")
    if isinstance(default, bool):
        negated = "" if name.startswith("no_") else f"/--no-{names[2:]}"
        kind, names, metavar = bool | None, f"{names}{negated}", None
    elif isinstance(default, tuple):
        kind = list[str] | None
    default_shown = default_text(name) and f"; default {default_text(name)}"
    described = typer.Option(
        names,
        help=f"{field.description} [{variable_name(name)}{default_shown}]",
        show_default=False,
        metavar=metavar,
    )
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=Annotated[kind, described]
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise typer.BadParameter(f"must be a whole number; got {quoted(text)}")
    return int(text)


@command(*ALL)
def serve(settings: "Settings") -> None:
    """Serve the API until SIGTERM or Ctrl-C."""
    gc.disable()  # a start makes next to no garbage, and would spend a seventh of its time on looking for some
    from mockserver.app import create_app
    from mockserver.web import server

    bound = server.bind(settings)
    with bound:
        server.serve(create_app(settings), bound)


@command("database", "scenario", "scenarios", "seed")
def seed(
    settings: "Settings",
    restores: Annotated[
        int | None,
        typer.Option(
            parser=_number, metavar="NUMBER", help="How many restores the scenario's first generated backup has."
        ),
    ] = None,
) -> None:
    """Fill a new --database without serving it."""
    from mockserver.seeding.file import seed_file
    from mockserver.settings import variable_name

    if settings.database is None:
        raise UsageError(f"name the file to fill with --database or {variable_name('database')}")
    seed_file(settings, settings.database, restores, sys.stderr)


@command("scenarios")
def scenarios(settings: "Settings") -> None:
    """List the scenarios, with what each is for."""
    from mockserver.seeding.catalogue import Catalogue

    catalogue = Catalogue(settings.scenarios)
    helps = {name: catalogue.load(name).help for name in catalogue.files()}
    helps = {printable(name): text for name, text in helps.items()}
    width = max(map(len, helps))
    for name, text in helps.items():
        print(f"{name:{width}}  {text}")


@command("contract")
def openapi(settings: "Settings") -> None:
    """Print the OpenAPI document of the emulated API."""
    from mockserver.app import api_document

    print(json.dumps(api_document(settings), indent=2))


@command("host", "port")
def health(
    settings: "Settings",
    wait: Annotated[
        int | None, typer.Option(parser=_number, metavar="SECONDS", help="How long to wait for one.")
    ] = None,
) -> None:
    """Exit with 0 when a server at these settings answers, and with 1 when none does."""
    from mockserver.health import check, wait_for

    problem = wait_for(settings.host, settings.port, wait) if wait else check(settings.host, settings.port)
    if problem:
        print(f"mockserver: {problem}", file=sys.stderr)
        sys.exit(1)
