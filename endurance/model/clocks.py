"""A model of a project's clock, from the documentation: frozen, stepping, or real. Pure."""

from dataclasses import dataclass, field
from typing import Any

from endurance.model.lives import Window, exactly, instant_of, timestamp


@dataclass(slots=True)
class Clock:
    """``value`` is the clock's instant; for a real clock, how far it is ahead of the machine's."""

    mode: str = "real"
    value: Window = field(default_factory=lambda: exactly(0))
    step: int = 0

    @property
    def is_real(self) -> bool:
        return self.mode == "real"

    def now(self, machine: Window) -> Window:
        """The clock's instant when the machine's is within this window."""
        if not self.is_real:
            return self.value
        return Window(machine.earliest + self.value.earliest, machine.latest + self.value.latest)

    def set(self, setting: dict[str, Any], machine: Window) -> None:
        """Sets it like a PUT of ``setting``, when the machine's instant is within this window."""
        now = exactly(_instant(setting["now"])) if "now" in setting else self.now(machine)
        self.mode, self.step = setting["mode"], 1000 * setting.get("step", 0)
        ahead = Window(now.earliest - machine.latest, now.latest - machine.earliest)
        self.value = ahead if self.is_real else now

    def advance(self, by: int) -> None:
        """Moves it ahead by ``by`` milliseconds."""
        self.value = self.value.later(by)

    def tick(self) -> None:
        """Moves a stepping clock ahead, after a request that lists restores."""
        if self.mode == "stepping":
            self.advance(self.step)

    def rendered(self, machine: Window, got: object) -> dict[str, Any]:
        """The clock as the control plane must show it; what is not known exactly is taken from ``got`` if it fits."""
        now = self.now(machine)
        reported = got if isinstance(got, dict) else {}
        instant = instant_of(reported.get("now"))
        fits = instant is not None and instant in now
        rendered = {"mode": self.mode, "now": str(reported["now"]) if fits else timestamp(now.earliest)}
        return rendered | ({"step": f"PT{self.step // 1000}S"} if self.mode == "stepping" else {})

    def learn(self, rendered: dict[str, Any]) -> None:
        """Learns the exact instant of a frozen or stepping clock from how it was shown."""
        if not self.is_real:
            self.value = exactly(_instant(rendered["now"]))


def _instant(text: str) -> int:
    instant = instant_of(text)
    if instant is None:
        raise ValueError(f"not a timestamp: {text}")
    return instant
