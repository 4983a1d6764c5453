"""Sends what is no JSON, and says that it is."""

from typing import Literal

from mockserver.faults.base import Fault, ResponseEffects

BODY = b'{"data":{"restores":[{"id":'


class MalformedFault(Fault):
    """A 200 of JSON's content type whose body is cut off JSON; its length is right."""

    kind: Literal["malformed"] = "malformed"

    def apply(self, effects: ResponseEffects) -> None:
        effects.body = BODY
