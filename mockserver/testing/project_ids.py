"""Default project ids: readable, and unique across servers, so that a load balancer can route by them."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

MAX_LENGTH = 100
"""The control plane's limit for a project id, in characters."""

DEFAULT_SCENARIO = "default"
_RANDOM_BYTES = 5


def with_project_id(options: Mapping[str, object], test: str = "") -> dict[str, Any]:
    """The options of a project with a project id; by default one that names the scenario and the test.

    The project id comes first, because a load balancer looks for it near the start of the body.
    """
    project_id = options.get("project_id")
    if project_id is None:
        project_id = new_project_id(f"{options.get('scenario') or DEFAULT_SCENARIO}-{test}")
    return {"project_id": project_id, **{name: value for name, value in options.items() if name != "project_id"}}


def new_project_id(name: str) -> str:
    """A new project id: ``name`` as a slug, followed by 10 random hex digits."""
    random_part = f"-{secrets.token_hex(_RANDOM_BYTES)}"
    readable = name.lower()[: MAX_LENGTH - len(random_part)]
    return re.sub(r"[^a-z0-9]+", "-", readable + random_part).lstrip("-")
