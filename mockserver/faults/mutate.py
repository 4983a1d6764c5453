"""Changes the list while a client walks it."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from mockserver.faults.base import Fault, Mutation, ResponseEffects

_Count = Annotated[int, Field(ge=0, le=10_000, strict=True)]


class MutateFault(Fault):
    """After the page is sent, inserts, deletes or finishes that many restores of its backup, the newest first."""

    exclusive: ClassVar[bool] = False

    kind: Literal["mutate"] = "mutate"
    insert: _Count = 0
    delete: _Count = 0
    finish: _Count = 0

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.insert or self.delete or self.finish):
            raise ValueError("must insert, delete or finish at least one restore")
        return self

    def apply(self, effects: ResponseEffects) -> None:
        effects.mutations.append(Mutation(self.insert, self.delete, self.finish))
