"""Knows how a scenario is played on a rig and judged; it must not know what the rig compares, print, or keep time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import repeat
from operator import itemgetter
from typing import Any

from pumpbench.hil.errors import Refusal
from pumpbench.hil.rig import Diverged, Rig, Stamped
from pumpbench.hil.scenario.bench_acts import BENCH_ACTS, perform
from pumpbench.hil.scenario.check import Check
from pumpbench.hil.scenario.judge import judge_alarms, judge_look, judge_occurrence, unreached
from pumpbench.hil.scenario.judge_steps import StepJudge
from pumpbench.hil.scenario.model import Look, Scenario, Step
from pumpbench.hil.scenario.programmer_acts import Programmer
from pumpbench.hil.scenario.result import AlarmSeen, ScenarioResult
from pumpbench.hil.scenario.values import VALUES
from pumpbench.protocol.codes import Event, Role
from pumpbench.protocol.messages import Done


def run_scenario(
    scenario: Scenario,
    rig: Rig,
    *,
    seed: int = 0,
    until_tick: int | None = None,
    progress: Callable[[], None] | None = None,
) -> ScenarioResult:
    """Starts the rig, plays every step, judges every expectation. `seed` is noted; a scenario itself draws nothing.

    `until_tick` ends the run early: what lies beyond is `not_reached`. `progress` is called after each credit. Raises what the
    rig raises, but `Diverged` ends the run and shows in the result. The rig is left open: the caller finishes it.
    """
    run = _Run(scenario, rig, scenario.until_tick if until_tick is None else min(until_tick, scenario.until_tick))
    if progress is not None:
        rig.on_credit = progress
    run.play()
    return run.result(seed)


class _Run:
    def __init__(self, scenario: Scenario, rig: Rig, end_tick: int) -> None:
        self.scenario = scenario
        self.rig = rig
        self.end_tick = end_tick
        self.held = False
        self.diverged = False
        self.judges = {step.number: StepJudge(step) for step in scenario.steps}
        self.looked: dict[Look, Check] = {}

    def play(self) -> None:
        try:
            self.rig.start(self.scenario.config, self.scenario.start)
            for tick, item in self._timeline():
                self.rig.run_to(tick)
                if isinstance(item, Step):
                    self._step(item, tick)
                else:
                    self.looked[item] = judge_look(item, VALUES[item.value].read(self.rig.truth()), tick)
            self.rig.run_to(self.end_tick)
        except Diverged:
            self.diverged = True

    def _timeline(self) -> Iterator[tuple[int, Step | Look]]:
        """By tick; at one tick steps in the file's order, then looks. Lazily: a step may repeat more often than memory holds."""
        lanes: list[Iterable[tuple[int, Step | Look]]] = [
            zip(step.ticks(self.end_tick), repeat(step), strict=False) for step in self.scenario.steps
        ]
        looks = [(tick, look) for look in self.scenario.looks if (tick := self._tick_of(look)) <= self.end_tick]
        return merge(*lanes, sorted(looks, key=itemgetter(0)), key=lambda pair: (pair[0], isinstance(pair[1], Look)))

    def _tick_of(self, look: Look) -> int:
        return self.scenario.until_tick if look.at_tick is None else look.at_tick

    def _step(self, step: Step, tick: int) -> None:
        judge = self.judges[step.number]
        try:
            reply = self._perform(step, tick, judge)
        except Refusal as refusal:
            reply = refusal.refused
        judge.answer(tick, reply)

    def _perform(self, step: Step, tick: int, judge: StepJudge) -> Any:
        if step.act in BENCH_ACTS:
            perform(self.rig, step.act, step.arguments)
            return Done(done_type=0)
        if step.act == "session":
            return self._session(step.arguments)
        programmer = Programmer(self.rig, self.scenario, step)
        programmer.perform()
        if step.twice and programmer.asked:
            judge.repeated(tick, programmer.reply, self.rig.repeat())
        if programmer.asked and not self.held:
            self.rig.close_session()
        # An act that asked nothing (a refill the pump is not told of) was carried out all the same.
        return programmer.reply if programmer.asked else Done(done_type=0)

    def _session(self, role: int) -> Any:
        self.held = role != Role.NONE
        return self.rig.open_session(role) if self.held else self.rig.close_session()

    def result(self, seed: int) -> ScenarioResult:
        scenario, events, reached = self.scenario, self.rig.events, self.rig.tick
        checks = [judge.check() for judge in self.judges.values()]
        checks += [judge_occurrence(one, events, scenario, reached) for one in scenario.occurrences]
        checks += [self.looked.get(look) or unreached(look, self._tick_of(look)) for look in scenario.looks]
        checks += judge_alarms(scenario, events)
        return ScenarioResult(
            title=scenario.title,
            source=scenario.source,
            seed=seed,
            until_tick=self.end_tick,
            reached_tick=reached,
            checks=tuple(sorted(checks, key=lambda check: (check.line == 0, check.line))),
            alarms=tuple(alarms_of(events)),
            steps_done=sum(judge.done for judge in self.judges.values()),
            refusals=sum(judge.refusals for judge in self.judges.values()),
            event_count=len(events),
            diverged=self.diverged,
        )


def alarms_of(events: Sequence[Stamped]) -> list[AlarmSeen]:
    """Each time an alarm was on, in order of raising."""
    spans: list[AlarmSeen] = []
    for event in events:
        if event.code == Event.ALARM_RAISED:
            spans.append(AlarmSeen(event.arg_0, event.tick, None))
        elif event.code == Event.ALARM_CLEARED:
            open_spans = [index for index, span in enumerate(spans) if span.alarm == event.arg_0 and span.cleared_tick is None]
            if open_spans:
                spans[open_spans[-1]] = spans[open_spans[-1]]._replace(cleared_tick=event.tick)
    return spans
