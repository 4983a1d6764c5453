"""The command line: serve, seed, scenarios, openapi, health, check."""

import gc
import inspect
import json
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
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
"""A command's settings: all of them."""

Command = Callable[..., None]

COMMANDS: dict[str, tuple[Command, tuple[str, ...]]] = {}
"""The function of each command, called with the ``Settings``, and the names of the settings that are its options."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; a user's mistake ends it with one line on standard error and exit code 2."""
    signal.signal(signal.SIGTERM, _end)  # its default leaves files half written, and does nothing for PID 1
    arguments = sys.argv[1:] if arguments is None else arguments
    command = typer.main.get_command(_application(arguments))
    try:
        code = command.main(list(arguments) or ["--help"], prog_name="mockserver", standalone_mode=False)
        if sys.stdout is not None:  # None if the process started with it closed
            sys.stdout.flush()
    except OSError as failure:
        _exit_with(f"cannot write the output: {failure.strerror}")
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
    """Registers a function as the command of its name, with an option for each of ``settings``."""

    def register(function: Command) -> Command:
        COMMANDS[function.__name__] = function, settings
        return function

    return register


def _application(arguments: Sequence[str]) -> typer.Typer:
    """The commands for typer; only the one to run has its options, because they require importing the settings."""
    application = typer.Typer(
        name="mockserver",
        help='A local emulator of the Northflank API\'s "list addon backup restores".',
        add_completion=False,
        rich_markup_mode=None,
    )
    application.callback(invoke_without_command=True)(_print_version)
    chosen = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, (function, settings) in COMMANDS.items():
        application.command(name, help=function.__doc__)(
            _with_settings(function, settings) if name == chosen else _without_options
        )
    return application


def _print_version(
    requested: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if requested:
        from mockserver.version import version

        print(f"mockserver {version()}")
        raise typer.Exit


def _without_options() -> None:
    """Stands for a command that does not run."""


def _with_settings(function: Command, names: tuple[str, ...]) -> Command:
    """Adds options whose values only the settings model parses, so that an option and its variable accept the same."""
    from mockserver.settings import Settings, load_settings

    fields = {name: Settings.model_fields[name] for name in (Settings.model_fields if names == ALL else names)}
    own = list(inspect.signature(function).parameters.values())[1:]
    if own and own[-1].kind is inspect.Parameter.VAR_KEYWORD:
        own[-1:] = _check_options()

    def run(**values: Any) -> None:
        settings = load_settings(**{name: values.pop(name) for name in fields if values[name] not in (None, [])})
        function(settings, **{name: value for name, value in values.items() if name not in fields})

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
    default_note = default_text(name) and f"; default {default_text(name)}"
    text = f"{field.description} [{variable_name(name)}{default_note}]"
    option = typer.Option(names, help=text, show_default=False, metavar=metavar)
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=Annotated[kind, option]
    )


def _check_options() -> list[inspect.Parameter]:
    """The options of `check`, whose values only its own module parses."""
    from mockserver.check.options import OPTIONS

    parameters = []
    for name, metavar, text, repeatable in OPTIONS:
        kind: Any = bool if metavar is None else list[str] if repeatable else str
        option = typer.Option(f"--{name}", help=text, show_default=False, metavar=metavar)
        parameters.append(
            inspect.Parameter(
                name.replace("-", "_"),
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[kind | None, option],
            )
        )
    return parameters


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise typer.BadParameter(f"must be an integer; got {quoted(text)}")
    return int(text)


@command(*ALL)
def serve(
    settings: "Settings",
    open_page: Annotated[bool, typer.Option("--open", help="Open the live page in the browser.")] = False,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C."""
    gc.disable()  # collecting garbage, of which a start makes little, takes a seventh of its time
    from mockserver.app import create_app
    from mockserver.web import server

    bound = server.bind(settings)
    with bound:
        page = server.page_of(bound, settings)
        if open_page and page is None:
            raise UsageError("--open needs the live page, which --no-control disables")
        server.serve(create_app(settings), bound, *([partial(open_in_browser, page)] if open_page and page else []))


def open_in_browser(url: str) -> None:
    """Opens a URL in the browser, which may take its time."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


@command("database", "scenario", "scenarios", "seed")
def seed(
    settings: "Settings",
    restores: Annotated[
        int | None,
        typer.Option(
            parser=_number, metavar="NUMBER", help="The number of restores of the scenario's first generated backup."
        ),
    ] = None,
) -> None:
    """Create and fill a --database without serving it."""
    from mockserver.seeding.file import seed_file
    from mockserver.settings import variable_name

    if settings.database is None:
        raise UsageError(f"name the file to fill with --database or {variable_name('database')}")
    seed_file(settings, settings.database, restores, sys.stderr)


@command("scenarios")
def scenarios(
    settings: "Settings",
    check: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Say what this scenario file contains, or what is wrong with it."),
    ] = None,
) -> None:
    """List the scenarios and their purposes."""
    if check is not None:
        from pathlib import Path

        from mockserver.clock import MachineClock
        from mockserver.seeding.report import scenario_report

        print(*scenario_report(Path(check), MachineClock().now()), sep="\n")
        return
    from mockserver.seeding.catalogue import Catalogue

    catalogue = Catalogue(settings.scenarios)
    helps = {printable(name): catalogue.load(name).help for name in catalogue.files()}
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
        int | None, typer.Option(parser=_number, metavar="SECONDS", help="How long to wait for the server.")
    ] = None,
) -> None:
    """Exit with 0 if a server responds at --host and --port, else 1."""
    from mockserver.health import check, wait_for

    problem = wait_for(settings.host, settings.port, wait) if wait else check(settings.host, settings.port)
    if problem:
        print(f"mockserver: {problem}", file=sys.stderr)
        sys.exit(1)


@command()
def check(
    _: "Settings",
    url: Annotated[str, typer.Argument(metavar="URL", help="The base URL, such as https://api.northflank.com.")],
    **options: Any,
) -> None:
    """Compare a server with the fidelity table, row by row.

    The server is the real service, a mockserver or another mock. Nothing is written to it without --writes or --make.
    """
    from mockserver.check.command import check

    sys.exit(check(url, options))
