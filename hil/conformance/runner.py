"""Runs checks on a target, one after the other, and gives what became of each; it knows no check and prints nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.conformance.check import Check
from pumpbench.hil.conformance.result import Result, Undecided, Unmet
from pumpbench.hil.conformance.speaking import Speaker
from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.conformance.tally import Tally
from pumpbench.hil.errors import PeerVersion, RigBroken
from pumpbench.hil.links import Direction, LinkError, Tap
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.target import is_other_implementation
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Feature, Level
from pumpbench.protocol.limits import TICKS_PER_SECOND
from pumpbench.protocol.messages import Identified, Identify

PATIENCE_S: Final = 60.0
"""A check whose ticks take longer is left out."""
LOOK_S: Final = 0.5
"""How long a device that disappointed is watched in its own time."""
FASTER_MAX: Final = 2.0
FAST: Final = (
    "its time ran {:,} times as fast as a pump's, so a session may have ended between two requests; "
    "check it at real speed (emulate --speed real)"
)
CLOCK, OTHER = "clock", "other"
_LACKS: Final = {
    CLOCK: "the emulator of this process has no clock of its own",
    OTHER: "the target is the reference itself: agreeing with itself shows nothing",
}


class Conformance:
    """The checks of one target. `target` is opened and closed by whoever made it; it is left disarmed in its start state.

    `level`: check at less than the target claims. `capture`: a new file for all that passes; `tally` counts that.
    Raises `RigBroken` (`PeerVersion` for a device that is none of ours), a `LinkError`, or `CaptureError` for the file.
    """

    def __init__(
        self,
        target: Target,
        *,
        level: int | None = None,
        seed: int = 1,
        patience_s: float = PATIENCE_S,
        capture: Path | None = None,
    ) -> None:
        self.target = target
        self.patience_s = patience_s
        self.tally = Tally()
        self._writer = None if capture is None else CaptureWriter(capture)
        self._line = self._writer.sink(self._writer.add_line("target")) if self._writer else None
        self._broken = ""
        link = Tap(target.link, self._passed)
        self.identified = _identify(Speaker(link, self.tally))
        self.claimed = self.identified.level if self.identified.features & Feature.bit_of(Feature.BENCH) else Level.L0
        self.level = self.claimed if level is None else min(level, self.claimed)
        rate = target.ticks_per_second or self.identified.ticks_per_second
        self.subject = Subject(link, self.identified, self.level, max(1, rate), seed, self.tally)
        self._lacking = self._lacks()

    def run(self, checks: Sequence[Check]) -> Generator[Result, None, None]:
        """Each result as it comes. Stopping half-way is fine."""
        try:
            yield from (self._outcome(one) for one in checks)
        finally:
            self._settle()

    def _outcome(self, check: Check) -> Result:
        left_out = self._left_out(check)
        if left_out:
            return Result(check, None, left_out)
        if self._broken:
            return Result(check, Verdict.ERROR, f"not run: {self._broken}")
        if self._writer is not None:
            self._writer.meta({"record": "check", "id": check.id})
        start_s, frames, ticks = time.monotonic(), self.tally.frames, self.tally.ticks
        found = self._judge(check)
        return Result(
            check, *found, compared=self.subject.compared, frames=self.tally.frames - frames,
            ticks=self.tally.ticks - ticks, wall_s=time.monotonic() - start_s,
        )  # fmt: skip

    def _judge(self, check: Check) -> tuple[Verdict, str, str, str, str, int]:
        """Verdict, reason, and of a difference its field, what was expected, what was got, and when."""
        losses, away = self.tally.losses, self.target.link.reconnected_count
        try:
            self._run(check)
        except Unmet as unmet:
            excuse = self._excuse(self.tally.losses - losses, self.target.link.reconnected_count > away)
            verdict = Verdict.INCONCLUSIVE if excuse else Verdict.FAIL
            reason = f"{excuse}: {unmet}" if excuse else str(unmet)
            return verdict, reason, unmet.field, str(unmet.expected), str(unmet.got), unmet.tick
        except Undecided as why:
            return Verdict.INCONCLUSIVE, str(why), "", "", "", self.subject.tick
        except (RigBroken, LinkError) as problem:
            return self._break(check, problem)
        except Exception as problem:
            what = f"{type(problem).__name__}: {problem}".replace("\n", " ")
            return Verdict.ERROR, f"the check itself broke: {what}", "", "", "", self.subject.tick
        return Verdict.PASS, "", "", "", "", self.subject.tick

    def _excuse(self, lost_frames: int, came_back: bool) -> str:
        """Why what a device did in a check may be no doing of its own; empty where nothing speaks for that."""
        if came_back:
            return "the target went away and came back, so it may have started anew"
        if self.subject.ran_free and (times := self._fast()):
            return FAST.format(times)
        return f"the link lost {lost_frames} frames, so it may be the link's" if lost_frames else ""

    def _fast(self) -> int:
        """How many times as fast as a pump the device runs while time is its own; 0 where that is no faster than twice."""
        subject = self.subject
        with contextlib.suppress(RigBroken, LinkError, Unmet):
            subject.disarm()
            first, first_s = subject.send(subject.frame(Identify())).head[7], time.monotonic()
            time.sleep(LOOK_S)
            last, last_s = subject.send(subject.frame(Identify())).head[7], time.monotonic()
            times = (last - first) / TICKS_PER_SECOND / (last_s - first_s)
            return round(times) if times > FASTER_MAX else 0
        return 0

    def _run(self, check: Check) -> None:
        subject = self.subject
        subject.begin()
        check.run(subject)
        for late in subject.exchange():
            if getattr(late, "head", (0, 0, 0, 0, 0))[4]:
                subject.strays.append(late)  # type: ignore[arg-type]
        subject.expect("replies that nothing asked for", [type(one.message).__name__ for one in subject.strays], [])
        if subject.compared == 1:
            raise Undecided("nothing was compared")

    def _break(self, check: Check, problem: Exception) -> tuple[Verdict, str, str, str, str, int]:
        """The first failure of the rig is kept: every later check repeats it."""
        crash = self.target.crashed()
        told = crash or str(self.target.explained(problem))
        self._broken = f"{check.id} broke the bench: {told}"
        return Verdict.FAIL if crash else Verdict.ERROR, told, "", "", "", self.subject.tick

    def _left_out(self, check: Check) -> str:
        if check.level > self.level:
            claims = (
                f"the target claims {Level.name_of(self.claimed)}" if check.level > self.claimed else "a lower one was asked for"
            )
            return f"needs level {Level.name_of(check.level)}; {claims}"
        if check.needs in self._lacking:
            return self._lacking[check.needs]
        takes_s = check.ticks / self.subject.ticks_per_second
        if takes_s > self.patience_s:
            return f"its {check.ticks:,} ticks take about {takes_s:.0f} s; --patience {takes_s + 1:.0f}s runs it"
        return ""

    def _lacks(self) -> dict[str, str]:
        present = {
            CLOCK: self.target.device is None and bool(self.identified.features & Feature.bit_of(Feature.FREE_RUN)),
            OTHER: is_other_implementation(self.target, self.identified),
        }
        return {need: why for need, why in _LACKS.items() if not present[need]}

    def _settle(self) -> None:
        """Leaves the device in its start state and its time its own, as far as it still answers."""
        with contextlib.suppress(RigBroken, LinkError, Unmet):
            if not self._broken:
                self.subject.start()
                self.subject.disarm()
        if self._writer is not None:
            self._writer.close("broken" if self._broken else "complete")

    def _passed(self, direction: Direction, t_ns: int, payload: bytes) -> None:
        if self._line is not None:
            self._line(direction, t_ns, payload)
        self.tally.take(direction, t_ns, payload)


def _identify(speaker: Speaker) -> Identified:
    speaker.exchange()
    try:
        found = speaker.send(speaker.frame(Identify(), request_id=1)).message
    except Unmet as unmet:
        raise PeerVersion(speaker.link.url, str(unmet), "only a device that answers Identify can be checked") from unmet
    if not isinstance(found, Identified):
        raise PeerVersion(speaker.link.url, f"Identify was answered by {found}", "expected Identified: see protocol/SPEC.md")
    return found
