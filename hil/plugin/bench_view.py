"""The bench behind a test: truth, injections, states, effects; what the `pump_bench` fixture gives. It judges nothing."""

from __future__ import annotations

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.plugin.reading import Reading, event_reading
from pumpbench.hil.plugin.run import Run
from pumpbench.hil.rig import BaseRig
from pumpbench.hil.scenario.values import VALUES
from pumpbench.hil.spelling import nearest


class PumpBench:
    """What no programmer can see. On a twin the truth is the reference's, which the target has to agree with."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @property
    def tick(self) -> int:
        """Ticks since the start."""
        return self._run.tick

    @property
    def rig(self) -> BaseRig:
        """The rig itself, not held to `--pump-speed`; what it raises is told apart as in any other test of a pump."""
        return self._run.rig

    @property
    def state(self) -> Pump:
        """The whole reference: read it, never change it."""
        return self._run.rig.truth()

    def truth(self, name: str) -> int | str:
        """A value by the name that a scenario's expectation has for it, such as `delivered_true_nl`; its unit stands last."""
        if name not in VALUES:
            raise ValueError(f"truth({name!r}): no such value; {nearest(name, VALUES)}")
        return VALUES[name].read(self.state)

    def events(self, event: str | None = None) -> list[Reading]:
        """Every effect so far with its tick; only those of that name, where one is given."""
        listed = [event_reading(one.code, one.arg_0, one.arg_1, tick=one.tick) for one in self._run.rig.events]
        return listed if event is None else [one for one in listed if one.event == event]

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> None:
        """A fault of `Fault` by number; `pump_faults` has them by name."""
        __tracebackhide__ = True
        self._run.do(lambda rig: rig.inject(fault, arg_0, arg_1, arg_2))

    def snapshot(self) -> bytes:
        """The whole state between ticks. On a twin the reference's: the target's digests of it agreed with the last credit."""
        return self.state.snapshot()
