"""Knows what a bench may ask of a device that it has armed, and the answers; it must not know frames or ids.

Section 13 of SEMANTICS.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pumpbench.firmware_emu.arithmetic import mod
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.digests import SNAPSHOT_BYTES
from pumpbench.firmware_emu.machine import SEEN_ACTUATOR, SEEN_ALARM, SEEN_EFFECT, SEEN_RESET
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.refusing import done, refused
from pumpbench.protocol.codes import Refusal, StopReason
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
    SnapshotPage,
    WriteSnapshot,
)

# The first that holds of a tick is why it stopped.
REASONS: Final = (
    (SEEN_RESET, StopReason.RESET),
    (SEEN_ALARM, StopReason.ALARM),
    (SEEN_ACTUATOR, StopReason.ACTUATOR),
    (SEEN_EFFECT, StopReason.EFFECT),
)


class Bench:
    """One pump on a bench, and the buffer in which a snapshot arrives page by page."""

    def __init__(self, pump: Pump) -> None:
        self.pump = pump
        self._buffer = bytearray(SNAPSHOT_BYTES)

    def answer(self, asked: Any) -> Any:
        """The reply to a request of this channel that is carried out at once."""
        return ANSWERS[type(asked)](self, asked)

    def report(self, reason: int = StopReason.TARGET) -> Report:
        pump = self.pump
        controller_crc, plant_crc, memory_crc = pump.digests()
        return Report(
            reached_tick=pump.plant.tick, reason=reason, step_commanded=pump.step_commanded,
            sample_commanded=pump.sample_commanded, tone_class=pump.controller.tone_class, effect_count=pump.effect_count,
            effect_crc=pump.effect_crc, controller_crc=controller_crc, plant_crc=plant_crc, memory_crc=memory_crc,
        )  # fmt: skip

    def reason(self, stop_mask: int) -> int:
        """Why the last tick would stop a credit; TARGET when it would not."""
        seen = self.pump.seen & stop_mask
        return next((reason for bit, reason in REASONS if seen & bit), StopReason.TARGET)

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
        return self.pump.reset_to_start(asked) or self.report()

    def _inject(self, asked: Inject) -> Refused | Report:
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
        return self.report()


def tick_passed(tick: int, target_tick: int) -> Refused:
    return refused(RunTo, Refusal.TICK_PASSED, tick, target_tick)


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
}
