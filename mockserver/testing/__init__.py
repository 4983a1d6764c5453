"""Helpers for Python test suites: start a server, create projects on it, control them, and judge clients.

Imports only the standard library and nothing of the server. The names below are imported on first use, because pytest
imports this package in every environment that has the plugin.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.testing.client import ControlPlaneError, MockserverError, StartError, UnreachableError
    from mockserver.testing.models import Fault, Polls, Request, Restore, TriggeredFault, Walk
    from mockserver.testing.options import ProjectOptions, ServeOptions, ServerOptions, Status, Verdict
    from mockserver.testing.parts import Clock, Faults, Restores
    from mockserver.testing.process import serve
    from mockserver.testing.project import Project, Server

__all__ = [
    "Clock",
    "ControlPlaneError",
    "Fault",
    "Faults",
    "MockserverError",
    "Polls",
    "Project",
    "ProjectOptions",
    "Request",
    "Restore",
    "Restores",
    "ServeOptions",
    "Server",
    "ServerOptions",
    "StartError",
    "Status",
    "TriggeredFault",
    "UnreachableError",
    "Verdict",
    "Walk",
    "serve",
]

_MODULES = ("client", "options", "process", "project", "parts", "models")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    modules = (vars(import_module(f"{__name__}.{module}")) for module in _MODULES)
    return next(names[name] for names in modules if name in names)
