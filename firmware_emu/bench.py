"""Knows what a bench may ask of a device that it has armed, and the answers; it must not know frames or ids.

Section 13 of SEMANTICS.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pumpbench.firmware_emu.arithmetic import mod
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.digests import SNAPSHOT_BYTES, told_digests
from pumpbench.firmware_emu.faults import CONTROLLER_FAULTS
from pumpbench.firmware_emu.machine import SEEN_ACTUATOR, SEEN_ALARM, SEEN_EFFECT, SEEN_RESET, SEEN_STEP
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.refusing import done, refused
from pumpbench.protocol.codes import Fault, Load, Refusal, ResetCause, StopMask, StopReason
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES
from pumpbench.protocol.messages import (
    Configure,
    Inject,
    ReadSnapshot,
    Refused,
    Report,
    ResetToStart,
    Restore,
    RunTo,
    Sense,
    SnapshotPage,
    WriteSnapshot,
)

# The first that holds of a tick is why it stopped.
REASONS: Final = (
    (SEEN_RESET, StopReason.RESET),
    (SEEN_ALARM, StopReason.ALARM),
    (SEEN_ACTUATOR | SEEN_STEP, StopReason.ACTUATOR),
    (SEEN_EFFECT, StopReason.EFFECT),
)


FOLLOW: Final = StopMask.bit_of(StopMask.FOLLOW)
ABOVE_MINIMUM: Final = Load.bit_of(Load.ABOVE_MINIMUM)
BOLUS: Final = Load.bit_of(Load.BOLUS)
SESSION: Final = Load.bit_of(Load.SESSION)
RAN: Final = Load.bit_of(Load.RAN)
SENSED_RESETS: Final = (ResetCause.NONE, ResetCause.LOW_BATTERY)


class Bench:
    """One pump on a bench, and the buffer in which a snapshot arrives page by page.

    `shadow`: told that its plant is outside it answers as if it were, and keeps it: the whole pump, to judge another by.
    """

    def __init__(self, pump: Pump, shadow: bool = False) -> None:
        self.pump = pump
        self._shadow = shadow
        self._felt_tick: int | None = None
        self._buffer = bytearray(SNAPSHOT_BYTES)

    def answer(self, asked: Any) -> Any:
        """The reply to a request of this channel that is carried out at once."""
        return ANSWERS[type(asked)](self, asked)

    def report(self, reason: int = StopReason.TARGET) -> Report:
        pump, plant = self.pump, self.pump.plant
        controller_crc, plant_crc, memory_crc = told_digests(pump)
        return Report(
            reached_tick=pump.plant.tick, reason=reason, step_commanded=pump.step_commanded,
            sample_commanded=pump.sample_commanded, tone_class=pump.controller.tone_class, effect_count=pump.effect_count,
            effect_crc=pump.effect_crc, controller_crc=controller_crc, plant_crc=plant_crc, memory_crc=memory_crc,
            load=self._load(), reset_pending=self._reset_pending(), tone_onset_tick=plant.tone_onset_tick,
            tone_period_ticks=plant.tone_period_ticks, tone_duration_ticks=plant.tone_duration_ticks,
            tone_test_end_tick=plant.tone_test_end_tick,
        )  # fmt: skip

    def reason(self, stop_mask: int) -> int:
        """Why the last tick would stop a credit; TARGET when it would not."""
        seen = self.pump.seen & self.pump.marks(stop_mask)
        return next((reason for bit, reason in REASONS if seen & bit), StopReason.TARGET)

    def grants(self, stop_mask: int) -> None:
        """Before a credit of this mask runs: whether the rotor is vouched for."""
        self.pump.follow = self.outside and bool(stop_mask & FOLLOW)

    def move_plant(self, outside: bool) -> None:
        """Whether the plant is outside from here on, which is no part of the state."""
        self._felt_tick = None
        self.pump.hides_plant = outside
        self.pump.outside = outside and not self._shadow

    @property
    def outside(self) -> bool:
        """Whether the plant is said to be outside; a shadow hides it only."""
        return self.pump.hides_plant

    def _load(self) -> int:
        _, _, above_minimum, bolus, _, ran = self.pump.load
        session = self.pump.controller.session_id != 0
        return ABOVE_MINIMUM * above_minimum | BOLUS * bolus | SESSION * session | RAN * ran

    def _reset_pending(self) -> int:
        """A plant that is said to be outside breaks down where nobody here sees it, before it is sensed."""
        plant = self.pump.plant
        if not (self._shadow and self.outside) or plant.reset_pending != ResetCause.LOW_BATTERY:
            return plant.reset_pending
        felt = self._felt_tick == plant.tick or (plant.dead and self._felt_tick is not None)
        return plant.reset_pending if felt else ResetCause.NONE

    def _sense(self, asked: Sense) -> Report:
        if not self.outside:
            self.move_plant(outside=True)
        plant = self.pump.plant
        if self._shadow:
            if asked.reset:
                self._felt_tick = plant.tick
            return self.report()
        plant.rotor_count, plant.sample_mv, plant.emi, plant.dead = asked.rotor_count, asked.sample_mv, asked.emi, asked.dead
        plant.reset_pending = plant.reset_pending or asked.reset
        return self.report()

    def _configure(self, asked: Configure) -> Any:
        fields = layout_of(Config).fields
        if asked.config_index >= len(fields):
            return refused(Configure, Refusal.CONFIG_UNKNOWN, len(fields), asked.config_index)
        field = fields[asked.config_index]
        if not field.lo <= asked.value <= field.hi:
            bound = field.lo if asked.value < field.lo else field.hi
            return refused(Configure, Refusal.CONFIG_RANGE, bound, asked.value)
        setattr(self.pump.config, field.name, asked.value)
        return done(Configure)

    def _reset_to_start(self, asked: ResetToStart) -> Refused | Report:
        if refusal := self.pump.reset_to_start(asked):
            return refusal
        self.move_plant(outside=False)
        return self.report()

    def _inject(self, asked: Inject) -> Refused | Report:
        if self.outside and asked.fault not in CONTROLLER_FAULTS:
            return refused(Inject, Refusal.FAULT_UNKNOWN, Fault.LINE_SET, asked.fault)
        return self.pump.inject(asked.fault, asked.arg_0, asked.arg_1, asked.arg_2) or self.report()

    def _read_snapshot(self, asked: ReadSnapshot) -> Refused | SnapshotPage:
        if _is_off(asked.offset_bytes):
            return refused(ReadSnapshot, Refusal.PAGE_RANGE, SNAPSHOT_BYTES, asked.offset_bytes)
        page = self.pump.snapshot()[asked.offset_bytes :][:SNAPSHOT_PAGE_BYTES]
        return SnapshotPage(offset_bytes=asked.offset_bytes, snapshot_bytes=SNAPSHOT_BYTES, data=page)

    def _write_snapshot(self, asked: WriteSnapshot) -> Any:
        page_bytes = min(SNAPSHOT_PAGE_BYTES, SNAPSHOT_BYTES - min(asked.offset_bytes, SNAPSHOT_BYTES))
        if _is_off(asked.offset_bytes) or len(asked.data) != page_bytes:
            return refused(WriteSnapshot, Refusal.PAGE_RANGE, SNAPSHOT_BYTES, asked.offset_bytes)
        self._buffer[asked.offset_bytes : asked.offset_bytes + page_bytes] = asked.data
        return done(WriteSnapshot)

    def _restore(self, asked: Restore) -> Refused | Report:
        stands = crc32c(self._buffer)
        if stands != asked.snapshot_crc:
            return refused(Restore, Refusal.SNAPSHOT_INVALID, stands, asked.snapshot_crc)
        try:
            self.pump.restore(bytes(self._buffer))
        except ValueError:
            return refused(Restore, Refusal.SNAPSHOT_INVALID)
        self.move_plant(outside=False)
        return self.report()


def tick_passed(tick: int, target_tick: int) -> Refused:
    return refused(RunTo, Refusal.TICK_PASSED, tick, target_tick)


def is_malformed(message: Any) -> bool:
    """Whether a message that parsed says what its declaration cannot forbid."""
    return isinstance(message, Sense) and message.reset not in SENSED_RESETS


def _is_off(offset_bytes: int) -> bool:
    """No page begins there."""
    return offset_bytes >= SNAPSHOT_BYTES or mod(offset_bytes, SNAPSHOT_PAGE_BYTES) != 0


ANSWERS: Final[Mapping[type, Callable[[Bench, Any], Any]]] = {
    Configure: Bench._configure,
    ResetToStart: Bench._reset_to_start,
    Inject: Bench._inject,
    ReadSnapshot: Bench._read_snapshot,
    WriteSnapshot: Bench._write_snapshot,
    Restore: Bench._restore,
    Sense: Bench._sense,
}
