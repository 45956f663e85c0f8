"""One run of the reference along a script, with the whole pump to read at any tick; it compares nothing."""

from collections.abc import Callable

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.rerun.script import Act, NoStart, Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame


class Rerun:
    """`effects` is what happened so far. Raises `NoStart` where this build refuses the start on record.

    `on_effect` is called after each effect was noted.
    """

    def __init__(self, script: Script, on_effect: Callable[[Stamped], None] | None = None) -> None:
        self.script = script
        self.effects: list[Stamped] = []
        self.on_effect = on_effect
        self._device = Device()
        self._decoder = Decoder(from_device=True)
        self._start()

    @property
    def pump(self) -> Pump:
        return self._device.pump

    @property
    def tick(self) -> int:
        return self.pump.plant.tick

    def run_to(self, tick: int, stop_mask: int = 0) -> None:
        """To a tick that is not past, or as `Pump.run` stops before; past ones are now."""
        if tick > self.tick:
            self.pump.run(tick - self.tick, stop_mask)

    def tell(self, act: Act) -> Frame | None:
        """Runs to the act's tick and does it; the reply to a therapy request, where there is one."""
        self.run_to(act.tick)
        if act.fault is not None:
            self.pump.inject(*act.fault)
        return self.hear(act.wire) if act.wire else None

    def hear(self, wire: bytes) -> Frame | None:
        """Bytes of a programmer at this tick; the reply they bring. A reply carries its request's id, what is unasked none."""
        events = self._decoder.feed(self._device.receive(wire))
        replies = [event for event in events if isinstance(event, Frame) and event.head[4]]
        return replies[-1] if replies else None

    def _start(self) -> None:
        script, pump = self.script, self.pump
        for name, value in script.config.items():
            if not hasattr(pump.config, name):
                raise NoStart(f"no configuration field {name}")
            setattr(pump.config, name, value)
        try:
            pump.config.check()
            refused = pump.reset_to_start(script.start)
            if script.snapshot is not None and refused is None:
                pump.restore(script.snapshot)
        except ValueError as problem:
            raise NoStart(str(problem)) from problem
        if refused is not None:
            raise NoStart(f"its start is refused ({refused})")
        # In credits even a power cut is answered.
        self._device.armed = script.in_credits
        pump.on_effect = self._note

    def _note(self, tick: int, code: int, arg_0: int, arg_1: int) -> None:
        effect = Stamped(tick, code, arg_0, arg_1)
        self.effects.append(effect)
        if self.on_effect is not None:
            self.on_effect(effect)
