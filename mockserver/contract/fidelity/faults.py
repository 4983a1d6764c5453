"""When faults trigger. They are the emulator's own."""

from mockserver.contract.fidelity.row import assumed

_REASON = "Only the emulator has faults."

ROWS = (
    assumed(
        "faults.last",
        "A fault triggers only on requests without any other error: a 404 or an enforced 429 comes first.",
        emulator_only=_REASON,
    ),
    assumed(
        "faults.nothing-done",
        "If a fault makes a request fail with an error, the operation does nothing.",
        emulator_only=_REASON,
    ),
)
