"""Compares a response with the expected one, and says where they differ."""

import json
from typing import Any

from endurance.model.messages import Response

_LONGEST = 400


class WrongResponseError(Exception):
    """A response is not as the documentation says: ``expected`` is what it should be, ``got`` what it is."""

    def __init__(self, difference: str, expected: object, got: object) -> None:
        self.expected = _shortened(expected)
        self.got = _shortened(got)
        super().__init__(difference)


def check(expected: object, got: object, what: str, *, ordered: bool = False) -> None:
    """Raises WrongResponseError unless the two are the same JSON; ``ordered`` compares the order of keys too."""
    if _json(expected, ordered=ordered) != _json(got, ordered=ordered):
        raise WrongResponseError(_difference(expected, got, what), expected, got)


def check_part(expected: dict[str, Any], got: object, what: str) -> None:
    """Does what ``check`` does, but ``got`` may have keys that are not in ``expected``."""
    check(expected, _restricted(got, expected), what)


def check_error(status: int, body: Any, expected: int) -> None:
    """Raises WrongResponseError unless the response is an error of that status, in the contract's body."""
    is_whole = all(at(body, "error", key) is not None for key in ("message", "id"))
    if not is_whole or {status, at(body, "error", "status")} != {expected}:
        raise WrongResponseError("not the expected error", f"an error body, status {expected}", f"{status} {body}")


def parsed(response: Response) -> Any:
    """The body; raises WrongResponseError if it is not JSON."""
    try:
        return response.json()
    except ValueError:
        raise WrongResponseError("not JSON", "JSON", response.body.decode(errors="replace")) from None


def at(value: Any, *path: str) -> Any:
    """The value at that path of a JSON value; None if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: Any, *path: str) -> list[Any]:
    """The list at that path of a JSON value; empty if there is none."""
    items_listed = at(value, *path)
    return items_listed if isinstance(items_listed, list) else []


def _restricted(value: Any, like: Any) -> Any:
    """``value`` without the keys that ``like`` does not have."""
    if not isinstance(value, dict) or not isinstance(like, dict):
        return value
    return {key: _restricted(value[key], like[key]) for key in like if key in value}


def _json(value: object, *, ordered: bool) -> str:
    return json.dumps(value, sort_keys=not ordered)


def _difference(expected: Any, got: Any, path: str) -> str:
    """Describes the first difference between the two."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in {**expected, **got}:
            if key not in got:
                return f"{path}.{key} is missing: expected {_shortened(expected[key])}"
            if key not in expected:
                return f"{path}.{key} should be absent; got {_shortened(got[key])}"
            if _json(expected[key], ordered=True) != _json(got[key], ordered=True):
                return _difference(expected[key], got[key], f"{path}.{key}")
        return f"{path}: keys in the order {', '.join(got)}; expected {', '.join(expected)}"
    if isinstance(expected, list) and isinstance(got, list):
        for index, (one, other) in enumerate(zip(expected, got, strict=False)):
            if _json(one, ordered=True) != _json(other, ordered=True):
                return _difference(one, other, f"{path}[{index}]")
        return f"{path}: expected {len(expected)} items, got {len(got)}"
    return f"{path}: expected {_shortened(expected)}, got {_shortened(got)}"


def _shortened(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text):,} characters)"
