"""The page's static files, read when they are first requested."""

from functools import cache
from importlib.resources import files

PAGE = "index.html"

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "md": "text/markdown; charset=utf-8",
}

MODULES = (
    "main.js",
    "api.js",
    "words.js",
    "server.js",
    "project.js",
    "timeline.js",
    "walks.js",
    "journal.js",
    "faults.js",
    "lit/lit-html.js",
    "lit/directive.js",
    "lit/directive-helpers.js",
    "lit/directives/repeat.js",
)
"""The page's modules, the first of which imports the others. The last four are lit-html."""

FILES = frozenset({"page.css", "favicon.svg", "docs.html", "agents.md", "lit/LICENSE", *MODULES})
"""What is served under ``/_mock/page/``."""


@cache
def content(name: str) -> bytes:
    """The content of one file."""
    return (files("mockserver.page") / "static" / name).read_bytes()


def media_type(name: str) -> str:
    """The media type of a file, by its name."""
    return MEDIA_TYPES.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
