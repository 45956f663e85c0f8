"""The runner against the emulator: what it plays, what it calls wrong, and that it can call things wrong."""

import pytest

from pumpbench.hil.rig.local import LocalRig
from pumpbench.hil.scenario.check import Outcome
from pumpbench.hil.scenario.lint import checked_scenario
from pumpbench.hil.scenario.result import ScenarioResult
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Alarm
from tests.support import SEED

PROGRAM = """\
title = "six hours"
sources = ["unsourced"]
until = "6h"
[[step]]
at = "1min"
[step.program]
mode = "simple_continuous"
dose_ng_per_day = 300_000
patient = { dose_ng = 5_000, duration = "10min", lockout = "1h", count = 3 }
"""


def run(extra: str, until_tick: int | None = None) -> ScenarioResult:
    scenario = checked_scenario(PROGRAM + extra, "test.toml")
    with LocalRig(EmulatorTarget(), SEED) as rig:
        return run_scenario(scenario, rig, seed=SEED, until_tick=until_tick)


def test_run_passes_when_every_step_is_answered_as_asked() -> None:
    result = run('[[step]]\nat = "1h"\npatient_bolus = true\n[[expect]]\nevent = "bolus_ended"\narg_0 = "patient"\nexactly = 1')
    assert result.verdict is Verdict.PASS, result.reason
    assert (result.steps_done, result.refusals, result.reached_tick) == (2, 0, 216_000)


@pytest.mark.parametrize(
    "wrong",
    [
        '[[step]]\nat = "1h"\nrefused = "lockout"\npatient_bolus = true',
        '[[step]]\nat = "1h"\nresume = true\nreply = { done_type = 1 }',
        '[[step]]\nat = "1h"\nevery = "30min"\ncount = 2\npatient_bolus = true',
        '[[step]]\nat = "1h"\nstop = true\n[[step]]\nat = "2h"\npatient_bolus = true',
        '[[step]]\nat = "1h"\nlink = "lost"\n[[step]]\nat = "2h"\npatient_bolus = true',
        '[[step]]\nat = "1h"\nno_reply = true\nstop = true',
        '[[step]]\nat = "1h"\nrotor = { fault = "stalled" }',
        '[[step]]\nat = "1h"\nrotor = { fault = "stalled" }\n[[expect]]\nalarm = "motor_stall"\nby = "1h"',
        '[[expect]]\nalarm = "low_reservoir"',
        '[[expect]]\nvalue = "therapy_state"\nat = "end"\nequals = "stopped"',
        '[[expect]]\nvalue = "delivered_true_nl"\nat = "end"\nabout = 150_000\ntolerance = 100',
        '[[expect]]\nevent = "program_committed"\nnever = true',
    ],
)
def test_run_fails_when_one_thing_is_not_as_asked(wrong: str) -> None:
    result = run(wrong)
    assert result.verdict is Verdict.FAIL
    assert len(result.of(Outcome.MISSED)) >= 1


def test_run_that_ends_early_leaves_the_rest_unreached() -> None:
    result = run(
        '[[step]]\nat = "5h"\nstop = true\n[[expect]]\nvalue = "therapy_state"\nat = "end"\nequals = "stopped"', until_tick=36_000
    )
    assert result.verdict is Verdict.PASS
    assert {check.what for check in result.of(Outcome.NOT_REACHED)} == {"step 2 stop", "therapy_state at 6h"}
    assert result.reached_tick == 36_000


def test_lost_link_leaves_no_reply_until_it_is_back() -> None:
    result = run(
        '[[step]]\nat = "1h"\nlink = "lost"\n[[step]]\nat = "2h"\nno_reply = true\nstop = true\n'
        '[[step]]\nat = "3h"\nlink = "back"\n[[step]]\nat = "3h"\nstop = true\n'
        '[[expect]]\nevent = "stopped"\nbetween = ["3h", "3h"]'
    )
    assert result.verdict is Verdict.PASS, result.reason


def test_held_session_outlives_its_step_and_others_do_not() -> None:
    held = '[[step]]\nat = "1h"\nsession = "clinician"\n[[step]]\nat = "1h"\nread = ["status"]\n'
    assert run(held + '[[expect]]\nevent = "session_timeout"\nexactly = 1').verdict is Verdict.PASS
    closed = held + '[[step]]\nat = "1h 1min"\nsession = "close"\n'
    assert run(closed + '[[expect]]\nevent = "session_timeout"\nnever = true').verdict is Verdict.PASS


def test_telemetry_is_asked_for_in_a_held_session() -> None:
    result = run('[[step]]\nat = "1h"\nsession = "clinician"\n[[step]]\nat = "1h"\nsubscribe = "1s"\n')
    assert result.verdict is Verdict.PASS, result.reason


def test_bolus_asked_twice_is_given_once_when_the_reply_was_lost() -> None:
    result = run(
        '[[step]]\nat = "1h"\ntwice = true\nbolus = { dose_ng = 10_000, duration = "10min" }\n'
        '[[expect]]\nevent = "bolus_started"\narg_0 = "clinician"\nexactly = 1'
    )
    assert result.verdict is Verdict.PASS, result.reason


def test_repeat_after_a_reset_is_answered_from_the_record() -> None:
    result = run(
        '[[step]]\nat = "1h"\nbolus = { dose_ng = 10_000, duration = "1h" }\n[[step]]\nat = "1h 10min"\nreset = true\n'
        '[[step]]\nat = "1h 20min"\nrepeat = true\nreply = { kind = "clinician", outcome = "interrupted" }\n'
        '[[expect]]\nevent = "bolus_started"\narg_0 = "clinician"\nexactly = 1'
    )
    assert result.verdict is Verdict.PASS, result.reason


def test_fault_out_of_range_is_a_refusal_of_its_step() -> None:
    too_much = '[[step]]\nat = "1h"\nrefill = {{ withdraw_nl = 0, fill_nl = 19_000_000 }}\n{}'
    assert run(too_much.format("")).verdict is Verdict.FAIL
    assert run(too_much.format('refused = "fault_range"')).verdict is Verdict.PASS


def test_alarms_of_a_run_have_their_span() -> None:
    result = run(
        '[[step]]\nat = "1h"\nrotor = { fault = "stalled" }\n[[step]]\nat = "2h"\nrotor = { fault = "none" }\n'
        '[[expect]]\nalarm = "motor_stall"\nexactly = 1'
    )
    assert result.verdict is Verdict.PASS, result.reason
    (span,) = result.alarms
    assert span.alarm == Alarm.MOTOR_STALL
    assert span.cleared_tick is not None
    assert 36_000 < span.raised_tick < 72_000 < span.cleared_tick


def test_progress_is_heard_while_time_passes() -> None:
    scenario = checked_scenario(PROGRAM, "test.toml")
    ticks: list[int] = []
    with LocalRig(EmulatorTarget(), SEED) as rig:
        run_scenario(scenario, rig, progress=lambda: ticks.append(rig.tick))
    assert ticks == sorted(ticks)
    assert ticks[-1] == scenario.until_tick


def test_run_begins_at_once_when_a_step_repeats_more_often_than_memory_holds() -> None:
    class Begun(Exception): ...

    def stop() -> None:
        raise Begun

    endless = PROGRAM.replace('until = "6h"', 'until = "4000d"') + '[[step]]\nat = "1h"\nevery = "1t"\ntest_alarm = true\n'
    scenario = checked_scenario(endless, "test.toml")
    with LocalRig(EmulatorTarget(), SEED) as rig, pytest.raises(Begun):
        run_scenario(scenario, rig, progress=stop)
