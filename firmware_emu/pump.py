"""Knows the whole pump as its users see it: time, requests, faults, snapshots; it must not know links or frames."""

from __future__ import annotations

from typing import Any

from pumpbench.firmware_emu import digests, faults, requests, start
from pumpbench.firmware_emu.dosing import Sender
from pumpbench.firmware_emu.leap import leap
from pumpbench.firmware_emu.machine import SEEN_ACTUATOR, SEEN_STEP, Machine
from pumpbench.firmware_emu.tick import run_tick
from pumpbench.protocol.messages import Refused, ResetToStart


class Pump(Machine):
    """One pump, at tick 0 and without a program until `reset_to_start` or `restore`.

    `on_effect(tick, code, arg_0, arg_1)` hears every effect as it leaves. `dense_ticks` and `leaps` count how time passed.
    """

    __slots__ = ("dense_ticks", "leaps")

    def __init__(self) -> None:
        super().__init__()
        self.dense_ticks = 0
        self.leaps = 0

    def tick(self) -> None:
        """100 ms of the pump's time."""
        self.dense_ticks += 1
        run_tick(self)

    def leap(self, n: int) -> None:
        """Law: the same as `n` ticks, in state and in every stamped effect."""
        self.run(n)

    def run(self, n: int, stop_mask: int = 0, dense: bool = False) -> None:
        """`n` ticks, or fewer: it ends after the first tick that shows a bit of `stop_mask` (`StopMask`)."""
        stop_mask = self.marks(stop_mask)
        if not dense:
            leaps = leap(self, n, stop_mask)
            self.dense_ticks += leaps
            self.leaps += leaps
            return
        for _ in range(n):
            self.tick()
            if self.seen & stop_mask:
                return

    def marks(self, stop_mask: int) -> int:
        """The bits of `seen` that end a credit of this mask: a step is an actuator, unless the bench vouches for the rotor."""
        return stop_mask | SEEN_STEP if stop_mask & SEEN_ACTUATOR and not self.follow else stop_mask

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> Refused | None:
        """A physical fault or act between ticks; None when it took effect."""
        return faults.inject(self, fault, (arg_0, arg_1, arg_2))

    def handle(self, message: Any, request_id: int = 0, body_crc: int = 0) -> Any:
        """The reply to a therapy request between ticks. Who admits it, and its session, are the device's to judge."""
        return requests.handle(self, message, Sender(request_id, body_crc))

    def reset_to_start(self, asked: ResetToStart) -> Refused | None:
        """The start state under the configuration that stands; None when done."""
        return start.reset_to_start(self, asked)

    def snapshot(self) -> bytes:
        """Law: restored elsewhere, both pumps go on alike."""
        return digests.snapshot_of(self)

    def restore(self, snapshot: bytes) -> None:
        """Raises ValueError naming the field, and changes nothing, where the snapshot is not one."""
        digests.restore_into(self, snapshot)

    def digests(self) -> tuple[int, int, int]:
        """CRCs of (controller, plant, memory)."""
        return digests.digests_of(self)

    def clone(self) -> Pump:
        """A pump of its own in the same state; it has no listener."""
        made = Pump()
        made.config, made.controller, made.durable = self.config.clone(), self.controller.clone(), self.durable.clone()
        made.plant, made.memory, made.identity = self.plant.clone(), self.memory.clone(), self.identity.clone()
        made.forget_last_tick()
        made.effect_count, made.effect_crc = self.effect_count, self.effect_crc
        made.step_commanded, made.sample_commanded, made.load = self.step_commanded, self.sample_commanded, self.load
        made.outside, made.follow, made.hides_plant = self.outside, self.follow, self.hides_plant
        return made

    def check(self) -> None:
        """Raises RangeError for the first field outside its declared range."""
        for part in (*digests.parts_of(self), self.identity):
            part.check()
