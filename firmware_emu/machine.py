"""Knows the parts of one pump, how an effect leaves it and how its words are written; it must not know why."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final

from pumpbench.firmware_emu.arithmetic import next_of
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.counters import Counters
from pumpbench.firmware_emu.events import EVENTS
from pumpbench.firmware_emu.plan import Plan, plan_of
from pumpbench.firmware_emu.plant import NOT_RUNNING
from pumpbench.firmware_emu.state import Controller, Durable, Identity, Memory, Plant
from pumpbench.firmware_emu.store import Write, checkpoint_write, log_write, write_all
from pumpbench.protocol.codes import Event, ResetCause, StopMask
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.limits import NO_CUT_WORDS

OnEffect = Callable[[int, int, int, int], None]

SEEN_EFFECT: Final = StopMask.bit_of(StopMask.EFFECT)
SEEN_ACTUATOR: Final = StopMask.bit_of(StopMask.ACTUATOR)
SEEN_ALARM: Final = StopMask.bit_of(StopMask.ALARM)
SEEN_RESET: Final = StopMask.bit_of(StopMask.RESET)
SEEN_STEP: Final = 1 << 16
"""A motor step, which stops at ACTUATOR unless a bench vouches for the rotor; beyond the bits of the wire."""

_SEEN: Final = {
    Event.ALARM_RAISED: SEEN_ALARM,
    Event.ALARM_CLEARED: SEEN_ALARM,
    Event.TONE_PLAN: SEEN_ACTUATOR,
    Event.RESET: SEEN_RESET,
    Event.BOOT_COMPLETED: SEEN_RESET,
}
_FACTS: Final = {fact.code: (fact.logged, fact.checkpoint, SEEN_EFFECT | _SEEN.get(fact.code, 0)) for fact in EVENTS}
_EFFECT: Final = Struct("<IQHII")


class Machine:
    """State and effects of one pump, without behaviour.

    `t`: the tick being run, or the completed ticks during a request. `seen`: `StopMask` bits of the last tick, and SEEN_STEP.
    `load`: what the last tick run asked of the plant. `outside`: the plant is the bench's, which only lets this one feel it;
    `follow`: and vouches that every step turns the rotor. `hides_plant`: no digest of the plant is told, as where it is outside.
    `step_commanded`, `sample_commanded`: actuators of the last tick run, 0 where a power cut dropped them.
    `notices`: logged effects since they were last taken, None while nobody wants them.
    """

    __slots__ = (
        "_image", "_plan", "_rate_min", "config", "controller", "counters", "durable", "effect_count", "effect_crc", "follow",
        "hides_plant", "identity", "load", "log_writes", "memory", "notices", "on_effect", "outside", "plant",
        "sample_commanded", "seen", "step_commanded", "t", "update_writes",
    )  # fmt: skip

    def __init__(self) -> None:
        self.config = Config()
        self.controller = Controller()
        self.durable = Durable()
        self.plant = Plant()
        self.memory = Memory()
        self.identity = Identity()
        self.on_effect: OnEffect | None = None
        self.notices: list[tuple[int, int, int]] | None = None
        self.log_writes: list[Write] = []
        self.update_writes: list[Write] = []
        self.counters = Counters()
        self._image: bytearray | None = None
        self._rate_min = 0
        self.outside = self.follow = self.hides_plant = False
        self.restart_effects()
        self.forget_last_tick()

    def restart_effects(self) -> None:
        """The counters of effects, at arm, start and restore."""
        self.effect_count = 0
        self.effect_crc = 0

    def forget_last_tick(self) -> None:
        """No tick has run yet: at start and restore."""
        self.t = self.plant.tick
        self.seen = 0
        self.step_commanded = 0
        self.sample_commanded = 0
        self.load = NOT_RUNNING
        self.log_writes.clear()
        self.update_writes.clear()

    @property
    def plan(self) -> Plan:
        """The decoded program in force. Whoever changes the program gives the controller a new bytearray."""
        image, rate_min = self.controller.program, self.config.rate_min_nl_per_day
        if self._image is not image or self._rate_min != rate_min:
            self._image, self._rate_min = image, rate_min
            self._plan = plan_of(bytes(image), rate_min)
        return self._plan

    def emit(self, code: int, arg_0: int = 0, arg_1: int = 0) -> None:
        """One effect, in the order of section 2: CRC, log entry, check-point."""
        self.effect_count += 1
        self.effect_crc = crc32c(_EFFECT.pack(self.effect_crc, self.t, code, arg_0, arg_1))
        logged, checkpoint, seen = _FACTS[code]
        self.seen |= seen
        if logged:
            self._log(code, arg_0, arg_1)
        if checkpoint:
            self.controller.checkpoint_due = 1
        if self.on_effect is not None:
            self.on_effect(self.t, code, arg_0, arg_1)

    def _log(self, code: int, arg_0: int, arg_1: int) -> None:
        controller = self.controller
        self.log_writes.append(log_write(self.durable, controller.log_next_seq, code, arg_0, arg_1))
        controller.log_next_seq = next_of(controller.log_next_seq)
        if self.notices is not None:
            self.notices.append((code, arg_0, arg_1))

    def write_out(self) -> bool:
        """Writes the list of this tick or request; True when an armed power cut struck."""
        if self.controller.checkpoint_due:
            self._add_checkpoint()
        cut_words, writes = self.plant.cut_words_count, self.update_writes
        if self.log_writes:
            writes = self.log_writes + writes
            self.log_writes = []
        self.update_writes = []
        if writes:
            write_all(self.memory, writes, cut_words)
        if cut_words == NO_CUT_WORDS:
            return False
        self.plant.cut_words_count = NO_CUT_WORDS
        self.plant.reset_pending = ResetCause.POWER_CUT
        return True

    def _add_checkpoint(self) -> None:
        self.controller.checkpoint_due = 0
        self.durable.checkpoint_seq = next_of(self.durable.checkpoint_seq)
        self.update_writes.append(checkpoint_write(self.durable))
