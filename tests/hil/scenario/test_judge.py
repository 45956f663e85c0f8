"""Judging: windows, counts, a run that ended early, alarms that nobody named."""

import pytest

from pumpbench.hil.rig import Stamped
from pumpbench.hil.scenario.check import Outcome
from pumpbench.hil.scenario.judge import judge_alarms, judge_look, judge_occurrence
from pumpbench.hil.scenario.judge_steps import StepJudge
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import alarms_of
from pumpbench.protocol.codes import Alarm, Event, Refusal, TherapyState
from pumpbench.protocol.messages import Done, Refused

DAY = 864_000
MET, MISSED, NOT_REACHED = Outcome.MET, Outcome.MISSED, Outcome.NOT_REACHED


def scenario(expect: str, head: str = "") -> Scenario:
    return read_scenario(f'title = "x"\nsources = []\nuntil = "10d"\n{head}\n{expect}\n', "x.toml")


def raised(*days: int, alarm: int = Alarm.MOTOR_STALL) -> list[Stamped]:
    return [Stamped(day * DAY, Event.ALARM_RAISED, alarm, 0) for day in days]


@pytest.mark.parametrize(
    ("rule", "days", "reached", "outcome"),
    [
        ('by = "3d"', [3], 10, MET),
        ('by = "3d"', [4], 10, MISSED),
        ('by = "3d"', [], 2, NOT_REACHED),
        ('by = "3d"', [1], 2, MET),
        ('between = ["2d", "3d"]', [2], 10, MET),
        ('between = ["2d", "3d"]', [1], 10, MISSED),
        ("never = true", [], 10, MET),
        ("never = true", [9], 10, MISSED),
        ("never = true", [], 9, NOT_REACHED),
        ("never = true", [1], 9, MISSED),
        ("exactly = 2", [1, 2], 10, MET),
        ("exactly = 2", [1], 10, MISSED),
        ("exactly = 2", [1, 2, 3], 10, MISSED),
        ("exactly = 2", [1, 2], 9, NOT_REACHED),
        ("exactly = 2", [1, 2, 3], 9, MISSED),
        ('exactly = 1\nbetween = ["2d", "3d"]', [1, 2, 4], 10, MET),
        ("at_least = 2", [1], 10, MISSED),
        ("at_least = 2", [1, 2], 5, MET),
        ("at_least = 2", [1], 5, NOT_REACHED),
        ("", [5], 10, MET),
        ("", [], 10, MISSED),
    ],
)
def test_occurrence_is_judged_by_count_and_window(rule: str, days: list[int], reached: int, outcome: Outcome) -> None:
    one = scenario(f'[[expect]]\nalarm = "motor_stall"\n{rule}')
    check = judge_occurrence(one.occurrences[0], raised(*days), one, reached * DAY)
    assert check.outcome is outcome, check


@pytest.mark.parametrize(
    ("rule", "days", "shows"),
    [('by = "3d"', [4], 3), ("never = true", [8, 9], 8), ("exactly = 2", [1, 2, 3], 3), ("", [], 10), ('by = "3d"', [3], None)],
)
def test_miss_shows_at_the_one_too_many_or_at_the_end_of_its_time(rule: str, days: list[int], shows: int | None) -> None:
    one = scenario(f'[[expect]]\nalarm = "motor_stall"\n{rule}')
    check = judge_occurrence(one.occurrences[0], raised(*days), one, 10 * DAY)
    assert check.tick == (None if shows is None else shows * DAY)


@pytest.mark.parametrize(("alarm", "arg_0"), [(Alarm.LOW_RESERVOIR, Alarm.LOW_RESERVOIR), (Alarm.MOTOR_STALL, None)])
def test_occurrence_counts_only_its_own_alarm(alarm: int, arg_0: int | None) -> None:
    one = scenario('[[expect]]\nalarm = "motor_stall"')
    check = judge_occurrence(one.occurrences[0], raised(1, alarm=alarm), one, 10 * DAY)
    assert (check.outcome is MET) == (arg_0 is None)


@pytest.mark.parametrize(
    ("document", "met"),
    [
        ("", False),
        ('[[expect]]\nalarm = "motor_stall"\nby = "3d"', True),
        ('[[expect]]\nevent = "alarm_raised"\narg_0 = "motor_stall"', True),
        ('[[expect]]\nalarm = "motor_stall"\nby = "1d"', False),
        ('[[expect]]\nalarm = "motor_stall"\nnever = true', False),
        ('[[expect]]\nalarm = "low_reservoir"', False),
        ('[[expect]]\nalarm_cleared = "motor_stall"', False),
    ],
)
def test_alarm_fails_a_run_unless_an_expectation_names_it_at_its_time(document: str, met: bool) -> None:
    checks = judge_alarms(scenario(document), raised(2))
    assert [check.outcome is MET for check in checks] == [met]


def test_alarm_is_no_failure_when_it_is_allowed() -> None:
    allowed = scenario("", head='allow_alarms = ["motor_stall"]')
    assert judge_alarms(allowed, raised(2))[0].outcome is MET
    assert judge_alarms(allowed, raised(2, alarm=Alarm.LOW_RESERVOIR))[0].outcome is MISSED


@pytest.mark.parametrize(
    ("rule", "seen", "met"),
    [
        ("equals = 5", 5, True),
        ("equals = 5", 6, False),
        ("about = 100\ntolerance = 10", 90, True),
        ("about = 100\ntolerance = 10", 89, False),
        ("about = 100\ntolerance = 10", 111, False),
        ("at_least = 5", 4, False),
        ("at_least = 5\nat_most = 7", 7, True),
        ("at_least = 5\nat_most = 7", 8, False),
    ],
)
def test_number_is_judged_by_its_bounds_when_looked_at(rule: str, seen: int, met: bool) -> None:
    (look,) = scenario(f'[[expect]]\nvalue = "owed_nl"\nat = "end"\n{rule}').looks
    assert (judge_look(look, seen, 0).outcome is MET) == met


def test_name_is_judged_by_equality_when_looked_at() -> None:
    (look,) = scenario('[[expect]]\nvalue = "therapy_state"\nat = "end"\nequals = "ended"').looks
    assert judge_look(look, TherapyState.name_of(TherapyState.ENDED), 0).outcome is MET
    assert judge_look(look, TherapyState.name_of(TherapyState.EMPTY), 0).outcome is MISSED


def refused(code: int) -> Refused:
    return Refused(refused_type=0x0134, refusal=code, limit=0, value=0)


DONE = Done(done_type=0x0134)


@pytest.mark.parametrize(
    ("rule", "reply", "outcome"),
    [
        ("", DONE, MET),
        ("", refused(Refusal.INVALID_STATE), MISSED),
        ("", None, MISSED),
        ('refused = "invalid_state"', refused(Refusal.INVALID_STATE), MET),
        ('refused = "invalid_state"', refused(Refusal.BUSY), MISSED),
        ('refused = "invalid_state"', DONE, MISSED),
        ("any_answer = true", None, MET),
        ("any_answer = true", refused(Refusal.BUSY), MET),
        ("no_reply = true", None, MET),
        ("no_reply = true", DONE, MISSED),
        ("reply = { done_type = 308 }", DONE, MET),
        ("reply = { done_type = 309 }", DONE, MISSED),
        ("reply = { mode = 1 }", DONE, MISSED),
    ],
)
def test_answer_is_judged_by_what_the_step_asks_for(rule: str, reply: object, outcome: Outcome) -> None:
    judge = StepJudge(scenario(f'[[step]]\nat = "1d"\nstop = true\n{rule}').steps[0])
    judge.answer(DAY, reply)
    assert judge.check().outcome is outcome, judge.check()


def test_step_whose_time_never_came_is_not_reached() -> None:
    judge = StepJudge(scenario('[[step]]\nat = "1d"\nstop = true').steps[0])
    assert judge.check().outcome is NOT_REACHED


def test_repeated_request_fails_when_its_second_answer_differs() -> None:
    judge = StepJudge(scenario('[[step]]\nat = "1d"\ntwice = true\nstop = true').steps[0])
    judge.repeated(DAY, DONE, DONE)
    judge.answer(DAY, DONE)
    assert judge.check().outcome is MET
    judge.repeated(DAY, DONE, refused(Refusal.STALE_ID))
    assert judge.check().outcome is MISSED


def test_alarms_pair_raising_and_clearing_when_they_come_and_go() -> None:
    events = [*raised(1), Stamped(2 * DAY, Event.ALARM_CLEARED, Alarm.MOTOR_STALL, 0), *raised(3), *raised(4, alarm=0)]
    assert alarms_of(events) == [(Alarm.MOTOR_STALL, DAY, 2 * DAY), (Alarm.MOTOR_STALL, 3 * DAY, None), (0, 4 * DAY, None)]
