"""Sends invalid JSON."""

from typing import Literal

from mockserver.faults.base import Fault, ResponseEffects

BODY = b'{"data":{"restores":[{"id":'


class MalformedFault(Fault):
    """Sends a 200 as ``application/json`` with the beginning of a JSON body; ``Content-Length`` is correct."""

    kind: Literal["malformed"] = "malformed"

    def apply(self, effects: ResponseEffects) -> None:
        effects.body = BODY
