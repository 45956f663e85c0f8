"""A rig without frames, credits or digests: scenarios straight onto one pump, so that only its own time is measured."""

from collections.abc import Callable, Mapping
from typing import Any

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.rig import RigResult, Stamped
from pumpbench.hil.rig.meter import Meter
from pumpbench.hil.scenario.check import Outcome
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load
from pumpbench.protocol.messages import Done, ResetToStart

SEVEN_YEARS = "standard_seven_years"


class BarePump:
    """A `Rig` as far as scenarios of a clinic need one: every request is handled, sessions and links are not modelled."""

    def __init__(self) -> None:
        self.pump = Pump()
        self.events: list[Stamped] = []
        self.on_credit: Callable[[], None] | None = None
        self.meter = Meter()
        self._request_id = 0

    @property
    def tick(self) -> int:
        return self.pump.plant.tick

    def start(self, config: Mapping[str, int], start: ResetToStart) -> None:
        for name, value in config.items():
            setattr(self.pump.config, name, value)
        refused = self.pump.reset_to_start(start)
        assert refused is None, refused
        self.pump.on_effect = lambda *effect: self.events.append(Stamped(*effect))

    def run_to(self, tick: int) -> None:
        self.pump.leap(tick - self.pump.plant.tick)

    def open_session(self, role: int) -> Any:
        return Done(done_type=0)

    def close_session(self) -> Any:
        return None

    def therapy(self, message: Any, *, role: int) -> Any:
        self._request_id += 1
        return self.pump.handle(message, self._request_id)

    def repeat(self) -> Any:
        raise NotImplementedError("no scenario of the bench repeats a request")

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> None:
        refused = self.pump.inject(fault, arg_0, arg_1, arg_2)
        assert refused is None, refused

    def cut_link(self) -> None:
        raise NotImplementedError("no scenario of the bench cuts the link")

    restore_link = cut_link

    def truth(self) -> Pump:
        return self.pump

    def finish(self) -> RigResult:
        raise NotImplementedError("nothing was compared")


def seven_years(until_tick: int | None = None) -> Pump:
    """The standard seven years, or their first ticks. Raises AssertionError where an expectation is not met."""
    rig = BarePump()
    result = run_scenario(load(SEVEN_YEARS), rig, until_tick=until_tick)
    wrong = result.of(Outcome.MISSED)
    assert not wrong, wrong[0]
    return rig.pump
