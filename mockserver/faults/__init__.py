"""What can be made to go wrong: a short module for each kind. A new kind is a new module here."""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Discriminator, Tag

from mockserver.faults.base import Fault

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

KINDS = {kind.name(): kind for kind in sorted(Fault.__subclasses__(), key=lambda kind: kind.name())}


def _kind_of(fault: Any) -> str | None:
    kind = fault.get("kind") if isinstance(fault, dict) else getattr(fault, "kind", None)
    return f"({kind})" if isinstance(kind, str) and kind in KINDS else None


if TYPE_CHECKING:
    AnyFault = Fault
else:
    AnyFault = Annotated[
        Union[tuple(Annotated[kind, Tag(f"({name})")] for name, kind in KINDS.items())],  # noqa: UP007 - at run time
        Discriminator(
            _kind_of,
            custom_error_type="fault",
            custom_error_message=f"must have a kind out of {', '.join(KINDS)}",
        ),
    ]
