"""The hand-worked timelines, each a check: played on the device, judged by figures that were worked out on paper.

Events are judged by proxy: the reference is told the same bytes, its running CRC over the effects must be the device's, and
then its list of effects is the device's. States are read from the device's own snapshot, at L2 from the reference's, for
which equal digests vouch.
"""

from __future__ import annotations

from dataclasses import replace as replaced
from functools import partial

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.conformance.check import Check, declare
from pumpbench.hil.conformance.result import Unmet
from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.conformance.timelines.cases import Case, paths, read_case
from pumpbench.hil.conformance.timelines.machines import Effect
from pumpbench.hil.conformance.timelines.player import disagreements
from pumpbench.protocol.codes import Level, StopMask
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.messages import Arm, ReadSnapshot, Report, SnapshotPage

STOPS = sum(StopMask.bit_of(value) for value in (StopMask.EFFECT, StopMask.ALARM, StopMask.RESET))


class OnTheWire:
    """The machine of a player: the device behind the link, and a shadow that hears the same bytes.

    `problems`: where the two gave different effects; the first is the first in time, for credits stop at each effect.
    """

    stop_mask = STOPS

    def __init__(self, pump: Subject) -> None:
        self.pump = pump
        self.credit_ticks = max(1, pump.ticks_per_second // 2)
        self.problems: list[Unmet] = []
        self._bench_id = 0
        self._effects: list[Effect] = []
        self._shadow = Device(build_id=pump.build_id)
        self._shadow.pump.on_effect = lambda *effect: self._effects.append(effect)

    @property
    def effects(self) -> list[Effect]:
        return self._effects

    def receive(self, data: bytes) -> bytes:
        head = Decoder(from_device=False).feed(data)[0].head  # type: ignore[union-attr]
        self._bench_id = head[4] if head[1] & FLAG_BENCH else self._bench_id
        before = self.pump.tick
        theirs = self.pump.send(data)
        ours = [one for one in Decoder(from_device=True).feed(self._shadow.receive(data)) if isinstance(one, Frame)]
        if isinstance(theirs.message, Report) and ours and isinstance(ours[-1].message, Report):
            self.pump.tally.ticks += max(0, theirs.message.reached_tick - before)
            self._compare(theirs.message, ours[-1].message)
        return theirs.wire

    def snapshot(self) -> bytes:
        if self.pump.level < Level.L3:
            return self._shadow.pump.snapshot()
        pages, size, request_id = b"", 1, self._bench_id
        while len(pages) < size:
            request_id += 1
            page = self.pump.ask(ReadSnapshot(offset_bytes=len(pages)), request_id=request_id)
            self.pump.expect_reply(page, SnapshotPage)
            self.pump.expect("SnapshotPage.offset_bytes", page.offset_bytes, len(pages))
            pages, size = pages + page.data, page.snapshot_bytes
        # The player knows nothing of these requests: its next id has to be the next one again.
        self.pump.done(Arm(build_id=self.pump.build_id), request_id=self._bench_id)
        return pages

    def _compare(self, theirs: Report, ours: Report) -> None:
        fields = ["reached_tick", "reason", "effect_count", "effect_crc"]
        # Without a snapshot the digests vouch for what is read from the shadow instead.
        fields += ["controller_crc", "plant_crc", "memory_crc"] if self.pump.level == Level.L2 else []
        for field in fields:
            self.pump.compared += 1
            got, expected = getattr(theirs, field), getattr(ours, field)
            if got != expected:
                self.problems.append(Unmet(f"Report.{field}", got, expected, theirs.reached_tick))


def _play(case: Case, pump: Subject) -> None:
    pump.arm()
    machine = OnTheWire(pump)
    for found in disagreements(case, machine):
        # A difference in effects arises before the figure that shows it.
        raise machine.problems[0] if machine.problems else Unmet(found.field, found.got, found.expected, found.tick)
    if machine.problems:
        raise machine.problems[0]
    pump.compared += len(case.moments) + len(case.events)


def _without_states(case: Case) -> Case:
    """For a device whose state nobody can read."""
    return replaced(case, moments=tuple(one for one in case.moments if one.kind != "state"))


def _run(case: Case, pump: Subject) -> None:
    _play(case if pump.level >= Level.L2 else _without_states(case), pump)


for _path in paths():
    _case = read_case(_path)
    _injects = any(one.kind == "inject" or one.body.get("bench") == "Inject" for one in _case.moments)
    declare(
        Check(
            f"timeline.{_case.name.replace('_', '-')}",
            _case.title,
            f"SEMANTICS {', '.join(_case.sections)}",
            Level.L3 if _injects else Level.L1,
            partial(_run, _case),
            _case.end_tick,
        )  # fmt: skip
    )
