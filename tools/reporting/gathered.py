"""Knows everything that a report says of one capture, gathered from replay, ledger and re-run; it must not know how it looks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pumpbench.firmware_emu.events import EVENTS
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.ledger import Ledger, ledger_of
from pumpbench.hil.links import LinkError
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.replay import ReplayResult, replay_on
from pumpbench.hil.rerun import Course, NoStart, course_of, script_of
from pumpbench.hil.rig import Stamped
from pumpbench.hil.scenario.shipped import scenario_text, shipped_names
from pumpbench.hil.targets import open_target
from pumpbench.hil.verdict import Verdict, combined
from pumpbench.protocol.messages import EventNotice
from pumpbench.tools.captured import load_capture
from pumpbench.tools.reporting.accuracy import Accuracy, accuracy_of
from pumpbench.tools.target_choice import Choice

LOGGED: Final = frozenset(fact.code for fact in EVENTS if fact.logged)


@dataclass(frozen=True, slots=True)
class Gathered:
    """One capture. `replayed` None: the target failed, as `problem` says; `course` None: it is not exact, or cannot be run again.

    `effects` are the re-run's where `vouched`: the device's own digests agree with it throughout. Else they are those that the
    device's frames tell of.
    """

    path: Path
    recorded: Recorded
    replayed: ReplayResult | None
    problem: str
    crashed: bool
    ledger: Ledger
    course: Course | None
    vouched: bool
    accuracy: Accuracy | None
    effects: tuple[Stamped, ...]
    scenario: str
    """Name of the shipped scenario that it is a recording of; "" for another."""

    @property
    def header(self) -> dict[str, Any]:
        return self.recorded.header or {}

    @property
    def verdicts(self) -> dict[str, tuple[Verdict, str]]:
        """By what was asked, with the reason."""
        if self.replayed is not None:
            replay = self.replayed.verdict, self.replayed.reason
        else:
            replay = Verdict.FAIL if self.crashed else Verdict.ERROR, self.problem
        return {"replay": replay, "ledger": (self.ledger.verdict, self.ledger.reason)}

    @property
    def verdict(self) -> Verdict:
        return combined(verdict for verdict, _ in self.verdicts.values())

    @property
    def notable(self) -> tuple[Stamped, ...]:
        """What a device keeps in its log."""
        return tuple(one for one in self.effects if one.code in LOGGED)


def gather(path: Path, target: Choice) -> Gathered:
    """Raises `Failed` for a file that is no capture, `TargetUnknown` for a target that is none."""
    recorded = load_capture(path)
    replayed, problem, crashed = _replayed(recorded, target)
    ledger = ledger_of(recorded)
    course = _course(recorded) if ledger.sureness == "exact" else None
    vouched = course is not None and ledger.truth is not None
    return Gathered(
        path=path,
        recorded=recorded,
        replayed=replayed,
        problem=problem,
        crashed=crashed,
        ledger=ledger,
        course=course,
        vouched=vouched,
        accuracy=accuracy_of(course.fine) if course is not None and vouched else None,
        effects=course.effects if course is not None and vouched else _told(recorded),
        scenario=_scenario_name(recorded.header or {}),
    )


def _replayed(recorded: Recorded, target: Choice) -> tuple[ReplayResult | None, str, bool]:
    with open_target(target.name, access=target.access) as opened:
        try:
            return replay_on(opened, recorded), "", False
        except (RigBroken, LinkError) as problem:
            crash = opened.crashed()
            return None, crash or str(opened.explained(problem)), bool(crash)


def _course(recorded: Recorded) -> Course | None:
    try:
        return course_of(script_of(recorded))
    except NoStart:
        return None


def _told(recorded: Recorded) -> tuple[Stamped, ...]:
    """The effects of which the device sent a notice, unasked."""
    notices = ((frame.head[7], frame.message) for frame in recorded.unasked if isinstance(frame.message, EventNotice))
    return tuple(Stamped(tick, one.code, one.arg_0, one.arg_1) for tick, one in notices)


def _scenario_name(header: dict[str, Any]) -> str:
    text = header.get("scenario")
    return next((name for name in shipped_names() if scenario_text(name)[0] == text), "")
