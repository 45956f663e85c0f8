"""How a run is told: dates, tables, the panel, progress lines, and the finding of a difference; held against made-up runs."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.compare import Difference
from pumpbench.hil.divergence import Divergence, Place
from pumpbench.hil.rig import RigResult, Stamped
from pumpbench.hil.scenario.check import Check
from pumpbench.hil.scenario.check import Outcome as Judged
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.result import AlarmSeen, ScenarioResult
from pumpbench.hil.statediff import FieldDifference
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Alarm, Event, FluidKind
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import ResetToStart
from pumpbench.tools.failure import Failed
from pumpbench.tools.running.event_log import said
from pumpbench.tools.running.glance import Glance
from pumpbench.tools.running.happened import told
from pumpbench.tools.running.live import LiveShow
from pumpbench.tools.running.outcome import Outcome
from pumpbench.tools.running.progress import PlainShow
from pumpbench.tools.running.summing_up import summed_up
from pumpbench.tools.speed import parse_speed
from pumpbench.tools.text_table import text_table
from pumpbench.tools.when import Calendar

SCENARIO = read_scenario("title = 'made up'\nsources = ['unsourced']\nuntil = '10d'\n", "made_up.toml")
DAY_TICKS = 864_000
AGREE = RigResult("native", "twin", independent=True, compares=True, ticks=DAY_TICKS, digests_compared=3, frames_compared=2)
DIFFERENCE = Difference(70, "Report", "plant_crc", "crc", 1, 2)
FOUND = Divergence(
    agreed_tick=60,
    place=Place(69),
    difference=Difference(69, "Report", "effect_count", "count", 20, 19),
    moments=("tick 68", "tick 69", "tick 70"),
    fields=(FieldDifference("plant.charge_nc", "nC", (5, 4, 3), (5, 5, 4)),),
    requests=(),
)


def result_of(*checks: Check, alarms: tuple[AlarmSeen, ...] = ()) -> ScenarioResult:
    return ScenarioResult("made up", "made_up.toml", 1, DAY_TICKS, DAY_TICKS, checks, alarms, 0, 0, 0, False)


MET = Check(3, "alarm low_reservoir", "never", "none", Judged.MET)
MISSED = Check(4, "depot_nl at 12h", "0", "5", Judged.MISSED, DAY_TICKS // 2)


def outcome(rig: RigResult = AGREE, *checks: Check, events: tuple[Stamped, ...] = (), **changes: object) -> Outcome:
    made = Outcome(SCENARIO, "native", "twin", 1, 2.0, DAY_TICKS, rig, result_of(*(checks or (MET,))), events, Device().pump)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_date_of_a_tick_counts_from_the_pumps_first_clock() -> None:
    calendar = Calendar.of(SCENARIO.start)
    assert calendar.said(0) == "Mon 2026-01-05 08:00"
    assert calendar.said(DAY_TICKS) == "Tue 2026-01-06 08:00"
    names = [field.name for field in layout_of(ResetToStart).fields]
    start = dict(zip(names, SCENARIO.start, strict=True)) | {"clock_day": 7}  # type: ignore[call-overload]
    assert Calendar.of(ResetToStart(**start)).said(6_000) == "Mon 2026-01-12 08:10"


def test_columns_stand_in_line_whatever_they_hold() -> None:
    assert text_table(("a", "number"), [("long one", "1"), ("", "22")], right=frozenset({1})) == [
        "a         number",
        "long one       1",
        "              22",
    ]
    assert text_table(("a",), []) == []


def test_arguments_of_an_event_are_said_with_codes_and_units() -> None:
    assert said(Stamped(1, Event.ALARM_RAISED, Alarm.MOTOR_STALL, 0)) == "alarm motor_stall"
    assert said(Stamped(1, Event.BOLUS_STARTED, FluidKind.PATIENT, 5_000)) == "kind patient, volume 5,000 nl"
    assert said(Stamped(1, 9_999, 3, 4)) == "arg 0 3, arg 1 4"


def test_bolus_of_every_day_is_one_row() -> None:
    events = tuple(Stamped(day * DAY_TICKS, Event.BOLUS_STARTED, FluidKind.PATIENT, 5_000) for day in range(1, 9))
    lines = "\n".join(told(outcome(events=events)))
    assert lines.count("bolus started") == 1
    assert "1d " in lines
    assert "8 times, last at 8d" in lines


def test_alarm_is_told_with_how_long_it_stood() -> None:
    alarms = AlarmSeen(Alarm.LOW_RESERVOIR, 0, 600), AlarmSeen(Alarm.MOTOR_STALL, 1_200, None)
    lines = "\n".join(told(outcome(result=result_of(MET, alarms=alarms))))
    assert "low reservoir, for 1min" in lines
    assert "motor stall, stands, 23h 58min so far" in lines


def test_alarm_that_was_raised_after_both_last_agreed_stands_for_no_time() -> None:
    alarms = (AlarmSeen(Alarm.LOW_RESERVOIR, DAY_TICKS + 500, None),)
    assert "low reservoir, stands, 0s so far" in "\n".join(told(outcome(result=result_of(MET, alarms=alarms))))


def test_run_that_was_interrupted_before_it_recorded_names_what_can_be_typed() -> None:
    shipped = outcome(interrupted=True, scenario=replace(SCENARIO, source="default.toml"))
    assert [list(summed_up(one))[-1].split()[1:] for one in (outcome(interrupted=True), shipped)] == [
        ["pumpbench", "run", "made_up.toml"],
        ["pumpbench", "run", "default"],
    ]


def test_expectation_that_was_missed_stands_out_and_fails_two_sides_that_agree() -> None:
    made = outcome(AGREE, MET, MISSED)
    assert made.verdict is Verdict.FAIL
    assert any(line.split()[:2] == ["MISSED", "4"] for line in told(made))
    lines = "\n".join(summed_up(made))
    assert "made_up.toml:4" in lines
    assert "step made_up.toml --at 12h" in lines
    assert "compared    two implementations: 3 digests, 0 effects, 2 frames, no difference" in lines


def test_agreement_with_oneself_is_inconclusive_whatever_was_expected() -> None:
    assert outcome(replace(AGREE, independent=False)).verdict is Verdict.INCONCLUSIVE
    assert outcome(replace(AGREE, independent=False), MISSED).verdict is Verdict.FAIL
    assert outcome(replace(AGREE, compares=False)).verdict is Verdict.PASS
    assert outcome(problem="cable").verdict is Verdict.ERROR


def test_difference_is_told_with_its_fields_before_at_and_after() -> None:
    rig = replace(AGREE, first_difference=DIFFERENCE, divergence=FOUND)
    lines = "\n".join(summed_up(outcome(rig, events=(Stamped(50, 1, 2, 0), Stamped(65, Event.STOPPED, 1, 0)))))
    assert "tick 70: Report.plant_crc is 1 crc, expected 2 crc" in lines
    assert "target and reference differ: tick 69: plant.charge_nc is 4 nC, expected 5 nC" in lines.splitlines()[0]
    heading, field = lines.partition("target | reference:\n")[2].splitlines()[:2]
    assert heading.split() == ["tick", "68", "tick", "69", "tick", "70"]
    assert " ".join(field.split()) == "plant.charge_nc 5 | 5 4 | 5 3 | 4 nC"
    assert "last at tick 60" in lines
    assert "no difference" not in lines
    assert "first difference in tick 69, 1 field\n" in lines
    assert "tick 69: Report.effect_count is 20 count, expected 19 count" in lines
    assert "stopped state before therapy" in lines
    assert " 50 " not in lines
    assert "pumpbench step made_up.toml --at 68t" in lines


def test_firmware_that_ends_itself_fails_and_the_bench_is_not_blamed() -> None:
    made = outcome(crash="the firmware ended itself by SIGSEGV", problem="/dev/pts/9: the other end closed")
    assert made.judged == (Verdict.FAIL, "the firmware ended itself by SIGSEGV, after tick 864000")
    assert "pumpbench step made_up.toml --at 864000t" in "\n".join(summed_up(made))


def test_difference_that_does_not_come_again_is_called_hidden_state() -> None:
    hidden = replace(AGREE, first_difference=DIFFERENCE, divergence=replace(FOUND, place=None, fields=()))
    assert "hidden state" in "\n".join(summed_up(outcome(hidden)))


def test_difference_without_a_search_says_why() -> None:
    assert "level l3" in "\n".join(summed_up(outcome(replace(AGREE, first_difference=DIFFERENCE))))


def test_long_finding_is_cut_short_and_says_so() -> None:
    fields = tuple(FieldDifference(f"plant.field_{i}", "", (1, 1, 1), (1, 2, 2)) for i in range(100))
    rig = replace(AGREE, first_difference=DIFFERENCE, divergence=replace(FOUND, fields=fields))
    lines = list(summed_up(outcome(rig)))
    assert any("and 71 more" in line for line in lines)
    assert "(and 99 more)" in lines[0]
    assert len(lines) < 60


GLANCE = Glance(DAY_TICKS, "therapy", 300_500, 17_250_000, 17_200_000, 20_000_000, 2_950, ("low_reservoir", "motor_stall"))


def test_panel_shows_what_a_person_watches() -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(LiveShow(SCENARIO, 10 * DAY_TICKS, "twin with native").panel(GLANCE, 12_345.6))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    watched = ("Tue 2026-01-06 08:00", "300.5 ug", "17.25 mL", "17.20 mL", "2950 mV", "12,346 x", "low reservoir, motor stall")
    for part in ("made up", "twin with native", "1d of 10d", *watched):
        assert part in shown


def test_plain_line_shows_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainShow(SCENARIO, 10 * DAY_TICKS, "twin with native") as show:
        show.see(replace(GLANCE, battery_mv=0, alarms=()), 12_345.6)
    heading, line = capsys.readouterr().err.splitlines()
    assert heading == "made up: 10d, twin with native"
    for part in ("Tue 2026-01-06 08:00", " 10 %", "300.5 ug", "17.25 mL (estimated 17.20 mL)", "battery - mV", "none", "12,346x"):
        assert part in line


@pytest.mark.parametrize(("text", "speed"), [("max", None), ("real", 1.0), ("60", 60.0), ("0.5", 0.5)])
def test_speed_is_a_word_or_a_factor(text: str, speed: float | None) -> None:
    assert parse_speed(text, "--speed") == speed


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "nan", "inf", "1e99"])
def test_speed_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Failed, match="expected max, real"):
        parse_speed(text, "--speed")
