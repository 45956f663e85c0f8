"""Random scenarios: right, the same for a seed, and together they ask everything and break everything."""

from collections import Counter
from typing import Any

from pumpbench.hil.rig.local import LocalRig
from pumpbench.hil.scenario.acts_table import ACTS
from pumpbench.hil.scenario.bench_acts import BENCH_ACTS
from pumpbench.hil.scenario.generate import generate
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Alarm, Event, Fault, Mode, Quirk, ResetCause
from pumpbench.protocol.messages import REGISTRY, Refused
from tests.support import SEED, effort

SEEDS = range(SEED, SEED + effort(200, 2_000))
# These the rig asks by itself, and no scenario names them.
SESSION = {"Open", "Close"}


class Watched(LocalRig):
    """Counts what was asked for and carried out, and what was injected."""

    def __init__(self, seed: int, asked: Counter[str], injected: Counter[int]) -> None:
        super().__init__(EmulatorTarget(), seed)
        self.asked = asked
        self.injected = injected

    def therapy(self, message: Any, *, role: int) -> Any:
        reply = super().therapy(message, role=role)
        if reply is not None and not isinstance(reply, Refused):
            self.asked[type(message).__name__] += 1
        return reply

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> None:
        super().inject(fault, arg_0, arg_1, arg_2)
        self.injected[fault] += 1


def test_a_seed_gives_the_same_scenario_whenever_it_is_drawn() -> None:
    assert generate(SEED).text == generate(SEED).text
    assert generate(SEED).text != generate(SEED + 1).text


def test_a_drawn_scenario_stands_in_its_own_text() -> None:
    drawn = generate(SEED)
    again = read_scenario(drawn.text, drawn.source)
    assert (again.steps, again.start, again.config) == (drawn.steps, drawn.start, drawn.config)


def test_drawn_scenarios_hold_every_act_and_quirk_when_there_are_many() -> None:
    acts: set[str] = set()
    quirks = 0
    for seed in SEEDS:
        drawn = generate(seed)
        acts |= {step.act for step in drawn.steps}
        quirks |= drawn.config.get("quirks", 0)
    assert set(ACTS) - acts == {"wait"}
    assert set(BENCH_ACTS) - acts == {"wait"}
    assert quirks == sum(1 << bit for _, bit in Quirk.items())


def test_drawn_runs_meet_every_request_fault_alarm_mode_and_event() -> None:
    asked, events, alarms, modes = Counter[str](), Counter[int](), Counter[int](), Counter[int]()
    injected, resets = Counter[int](), Counter[int]()
    for seed in SEEDS:
        drawn = generate(seed)
        modes.update(step.arguments["mode"] for step in drawn.steps if step.act == "program")
        with Watched(seed, asked, injected) as rig:
            result = run_scenario(drawn, rig, seed=seed)
            events.update(event.code for event in rig.events)
            resets.update(event.arg_0 for event in rig.events if event.code == Event.RESET)
        assert result.verdict is Verdict.PASS, f"seed {seed}: {result.reason}"
        alarms.update(alarm.alarm for alarm in result.alarms)
    requests = {layout.name for layout in REGISTRY.layouts() if layout.kind == "request" and layout.channel != "bench"}
    assert requests - set(asked) == SESSION
    assert {fault for _, fault in Fault.items()} - set(injected) == {Fault.NONE}
    assert {alarm for _, alarm in Alarm.items()} == set(alarms)
    assert {mode for _, mode in Mode.items()} == set(modes)
    assert {code for _, code in Event.items()} - set(events) == {Event.NONE}
    assert {cause for _, cause in ResetCause.items()} - set(resets) == {ResetCause.NONE, ResetCause.START}
