"""What bad input gets: one line that says where, what, what was expected; and what a right scenario becomes."""

import pytest

from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.problem import Problem, ScenarioError
from pumpbench.hil.scenario.shipped import load, scenario_text
from pumpbench.protocol.codes import Alarm, Event, FluidKind
from tests.hil.scenario.documents import RIGHT, changed, line_of


def problems(document: str) -> list[Problem]:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(document, "bad.toml")
    return caught.value.problems


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('until = "7d"', "until = 7", ["until", "no unit", "90d 12h 30s 250t"]),
        ('until = "7d"', 'until = "7m"', ["'min'", "'mo'"]),
        ("dose_ng_per_day", "dose_ng_per_dya", ["unknown key", "did you mean dose_ng_per_day?"]),
        ("bolus = {", "bolos = {", ["unknown key", "did you mean bolus?"]),
        ('"simple_continuous"', '"simple_continous"', ["did you mean simple_continuous?"]),
        ("dose_ng = 10_000", "dose_ng = -1", ["whole number 0.."]),
        ("dose_ng = 10_000", "dose_ng = 1.5", ["whole number"]),
        ("dose_ng = 10_000", 'dose_ng = "10 ug"', ["whole number"]),
        ('duration = "10min"', "duration = 600", ["no unit"]),
        ("bolus = {", "stop = true\nbolus = {", ["bolus and stop", "expected one of them"]),
        ('bolus = { dose_ng = 10_000, duration = "10min" }', "stop = false", ["expected true"]),
        ('bolus = { dose_ng = 10_000, duration = "10min" }', 'note = "x"', ["expected one of program"]),
        ('bolus = { dose_ng = 10_000, duration = "10min" }', "count = 3\nstop = true", ["without every"]),
        (
            'bolus = { dose_ng = 10_000, duration = "10min" }',
            'refused = "dose_limt"\nstop = true',
            ["did you mean dose_limit?"],
        ),
        ('bolus = { dose_ng = 10_000, duration = "10min" }', "any_answer = true\nno_reply = true\nstop = true", ["one of them"]),
        ("sources = ", "sauces = ", ["did you mean sources?"]),
        ('title = "a week of basal flow"', 'title = ""', ["words in quotes"]),
        ('arg_0 = "clinician"', 'arg_0 = "clinican"', ["no kind", "did you mean clinician?"]),
        ('arg_0 = "clinician"', 'arg_1 = "much"', ["whole number (volume_nl)"]),
        ("exactly = 1", "exactly = 1\nnever = true", ["never and exactly"]),
        ("exactly = 1", 'equals = "x"', ["goes with `value`"]),
        ("exactly = 1", 'between = ["2d", "1d"]', ["later than the last"]),
        ("exactly = 1", 'between = ["2d"]', ["2 to 2 of them"]),
        ('equals = "therapy"', 'equals = "theraphy"', ["did you mean therapy?"]),
        ('equals = "therapy"', "equals = 1", ["a name"]),
        ('equals = "therapy"', "at_least = 1", ["a name"]),
        ('at = "end"', 'at = "end"\nby = "1d"', ["goes with `alarm` or `event`"]),
        ('at = "end"\n', "", ["lacks at"]),
        ('value = "therapy_state"', 'value = "battery_mv"', ["whole number"]),
        (
            'value = "therapy_state"\nat = "end"\nequals = "therapy"',
            'value = "eos"\nat = "end"\nabout = "1d"',
            ["lacks tolerance"],
        ),
        ('value = "therapy_state"\nat = "end"\nequals = "therapy"', 'value = "eos"\nat = "end"\nequals = 5', ["or a date"]),
        ('until = "7d"', 'until = "7d"\n[start]\ncalendar_date = 2026-01-06', ["no Monday"]),
        ('until = "7d"', 'until = "7d"\n[start]\nimplant_date = "2026-01-05"', ["without quotes"]),
        ('until = "7d"', 'until = "7d"\n[config]\nboot_ticks = 5', ["no unit"]),
        ('until = "7d"', 'until = "7d"\n[config]\nload_ua = 1_000_000', ["0..100000"]),
        ('until = "7d"', 'until = "7d"\nquirks = ["stop_at_stag"]', ["did you mean stop_at_stage?"]),
    ],
)
def test_one_fault_gives_one_line_at_its_place_whatever_it_is(old: str, new: str, words: list[str]) -> None:
    document = changed(old, new)
    found = problems(document)
    assert len(found) == 1, found
    (first,) = found
    assert first.source == "bad.toml"
    assert "\n" not in str(first)
    assert all(word in str(first) for word in words), first
    assert 0 < first.line <= document.count("\n") + 1


def test_unknown_key_is_named_on_its_own_line_when_tables_are_nested() -> None:
    document = changed("dose_ng_per_day", "dosis")
    assert problems(document)[0].line == line_of("dosis", document)


@pytest.mark.parametrize(
    ("document", "line"), [("title = ", 1), (RIGHT + "\n[[step]\n", RIGHT.count("\n") + 2), (RIGHT + 'until = "8d', 24)]
)
def test_text_that_is_no_toml_is_said_with_its_line(document: str, line: int) -> None:
    found = problems(document)
    assert [(one.line, "not TOML" in one.what) for one in found] == [(line, True)]


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("x = " + "[" * 5_000 + "]" * 5_000, "nested hundreds of levels deep"),
        ("[start]\nserial = " + "9" * 5_000, "thousands of digits"),
        (changed('until = "7d"', f'until = "{"9" * 5_000}d"'), "a count of 5000 digits"),
    ],
)
def test_document_of_absurd_size_is_refused_by_name(document: str, what: str) -> None:
    found = problems(document)
    assert [what in one.what for one in found] == [True]


def test_every_fault_is_listed_when_there_are_several() -> None:
    document = changed('until = "7d"', "until = 7", changed("dose_ng = 10_000", "dosis = 1"))
    with pytest.raises(ScenarioError, match="and 2 more") as caught:
        read_scenario(document, "bad.toml")
    assert [one.line for one in caught.value.problems] == sorted(one.line for one in caught.value.problems)


def test_scenario_that_is_not_there_names_the_nearest_shipped_one() -> None:
    with pytest.raises(ScenarioError, match="did you mean over_infusion"):
        load("over_infusoin.toml")


def test_shipped_scenario_is_found_by_its_name_from_anywhere(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    text, source = scenario_text("default")
    assert source == "default.toml"
    assert read_scenario(text, source).until_tick == 90 * 864_000


def test_right_scenario_becomes_steps_and_expectations_when_read() -> None:
    scenario = read_scenario(RIGHT, "right.toml")
    program, bolus = scenario.steps
    assert (program.at_tick, program.act, bolus.at_tick, bolus.act) == (36_000, "program", 1_728_000, "bolus")
    assert bolus.arguments["duration"] == 6_000
    (occurrence,) = scenario.occurrences
    assert (occurrence.code, occurrence.arg_0, occurrence.least, occurrence.most) == (
        Event.BOLUS_STARTED,
        FluidKind.CLINICIAN,
        1,
        1,
    )
    assert scenario.looks[0].name == "therapy"
    assert scenario.until_tick == 7 * 864_000


def test_date_stands_for_its_whole_day_when_a_time_is_expected() -> None:
    document = changed(
        'value = "therapy_state"\nat = "end"\nequals = "therapy"', 'value = "eos"\nat = "end"\nequals = 2026-01-06'
    )
    (look,) = read_scenario(document, "right.toml").looks
    # The clock starts at 08:00 on Monday 5 January.
    assert (look.low, look.high) == (16 * 36_000, 16 * 36_000 + 863_999)


def test_alarm_names_become_numbers_when_allowed() -> None:
    document = changed('until = "7d"', 'until = "7d"\nallow_alarms = ["motor_stall", "low_reservoir"]')
    assert read_scenario(document, "right.toml").allow_alarms == {Alarm.MOTOR_STALL, Alarm.LOW_RESERVOIR}


@pytest.mark.parametrize(
    ("extra", "ticks"),
    [
        ("", [36_000]),
        ('every = "1d"', [36_000, 900_000, 1_764_000]),
        ('every = "1d"\ncount = 2', [36_000, 900_000]),
        ('every = "1d"\nuntil = "1d 1h"', [36_000, 900_000]),
        ('every = "1d"\nuntil = "1d"', [36_000]),
    ],
)
def test_step_repeats_as_often_as_it_says(extra: str, ticks: list[int]) -> None:
    document = f'title = "x"\nsources = []\nuntil = "3d"\n[[step]]\nat = "1h"\nstop = true\n{extra}\n'
    scenario = read_scenario(document, "right.toml")
    assert list(scenario.steps[0].ticks(scenario.until_tick)) == ticks
