"""Explains the alarms of a capture: what each guard read, what led to it, how it ended, what would have kept it silent."""

from collections.abc import Callable
from typing import Final

from pumpbench.firmware_emu.alarms import ALARMS
from pumpbench.firmware_emu.guards import GUARDS, Guard, Reading, read
from pumpbench.hil.compare import Difference
from pumpbench.hil.explain.book import Explained, Sounding
from pumpbench.hil.explain.knobs import knobs_of
from pumpbench.hil.explain.search import nearest
from pumpbench.hil.explain.soundings import Soundings
from pumpbench.hil.replay.recorded import Gap, Recorded
from pumpbench.hil.replay.replay import header_gaps, sureness_of
from pumpbench.hil.rerun import NoStart, Rerun, Script, script_of
from pumpbench.protocol.codes import Event

TOLD_MAX: Final = 5
QUIET: Final = ("ReadStatus", "ReadProgram", "ReadFlex", "ReadAlarms", "ReadLog", "ReadRecord", "ReadAccount")


class Explainer:
    """`why_not`: why the alarms cannot be explained; empty where they can. Then `soundings` has them in order."""

    def __init__(self, recorded: Recorded) -> None:
        self.sureness = sureness_of(recorded)
        self.gaps: list[Gap] = [*recorded.gaps, *header_gaps(recorded.header)]
        self.why_not = ""
        self.soundings: list[Sounding] = []
        self.first_difference: Difference | None = None
        self.digests_agreed = 0
        self._script: Script | None = None
        if self.sureness != "exact":
            self.why_not = f"{self.sureness}: no snapshot opens the recording, so it cannot be run again"
            return
        try:
            self._script = script_of(recorded)
            found = Soundings(self._script, recorded)
        except NoStart as problem:
            self.why_not = str(problem)
            return
        self._effects = found.effects
        self.soundings, self.first_difference = found.found, found.held.first
        self.digests_agreed, self._shown_effects = found.held.digests_agreed, found.held.shown_effects

    def doubt(self, sounding: Sounding) -> str:
        """Why the recorded pump need not have done what is said of it; empty where what it shows agrees to the last of that."""
        blind = next((gap for gap in self.gaps if gap.side != "device" and gap.tick < sounding.ended_tick), None)
        if blind is not None:
            return f"there is a gap in what the pump was told ({blind})"
        first = self.first_difference
        if first is not None and first.tick <= sounding.ended_tick:
            return f"the recorded pump is not the re-run's any more: {first.replayed}"
        if self._shown_effects < sounding.last_effect:
            return "nothing on record after it shows that the recorded pump did as the re-run does"
        return ""

    def explain(self, sounding: Sounding, search: bool = True, on_knob: Callable[[str], None] | None = None) -> Explained:
        """`search`: also for what would have kept it silent, which takes many re-runs; `on_knob` is told each that is tried."""
        script = self._script
        assert script is not None, self.why_not
        guard = GUARDS[sounding.alarm]
        before, at, at_end = self._readings(script, guard, sounding)
        knobs = list(knobs_of(guard, script, sounding)) if search else []
        counterfactuals = []
        for knob in knobs:
            if on_knob is not None:
                on_knob(knob.what)
            counterfactuals.append(nearest(knob, sounding))
        return Explained(
            sounding=sounding,
            guard=guard,
            before=before,
            at=at,
            at_end=at_end,
            led_to=tuple(one for one in self._effects if one.tick == sounding.raised_tick and one.code != Event.ALARM_RAISED),
            told_before=_told_before(script, sounding.raised_tick),
            latched=ALARMS[sounding.alarm].latched,
            counterfactuals=tuple(counterfactuals),
        )

    def _readings(self, script: Script, guard: Guard, sounding: Sounding) -> tuple[tuple[Reading, ...], ...]:
        run = Rerun(script)
        found = []
        acts = list(script.acts)
        for tick in (sounding.raised_tick - 1, sounding.raised_tick, sounding.ended_tick):
            while acts and acts[0].tick <= tick:
                run.tell(acts.pop(0))
            run.run_to(tick)
            found.append(tuple(read(run.pump, name) for name in (*guard.inputs, *guard.thresholds)))
        return tuple(found)


def _told_before(script: Script, tick: int) -> tuple[tuple[int, str], ...]:
    """The last things that could matter."""
    told = [(act.tick, act.name) for act in script.acts if act.tick < tick and not act.is_grant and act.name not in QUIET]
    return tuple(told[-TOLD_MAX:])
