"""`send`: words of a command line become a request, in a session where it needs one; slips are said, refusals shown."""

import json
from pathlib import Path

import pytest

from pumpbench.protocol.codes import Mode
from pumpbench.protocol.messages import REGISTRY, Bolus, FlexStep, ReadStatus, SetClock, StageFlex, StageProgram
from pumpbench.tools.failure import Failed
from pumpbench.tools.message_words import THERAPY, message_of
from tests.support import require
from tests.tools.command import pumpbench


def test_words_become_numbers_codes_and_spans() -> None:
    assert message_of("ReadStatus", []) == ReadStatus()
    assert message_of("read_status", []) == ReadStatus()
    bolus = message_of("Bolus", ["dose_ng=0x10", "volume_nl=32", "duration_ticks=10min"])
    assert bolus == Bolus(dose_ng=16, volume_nl=32, duration_ticks=6_000)
    assert message_of("SetClock", ["clock_day=3", "clock_day_ticks=12h"]) == SetClock(clock_day=3, clock_day_ticks=432_000)


def test_every_therapy_request_can_be_written_in_words() -> None:
    requests = [one for one in REGISTRY.layouts() if one.kind == "request" and one.channel in THERAPY]
    assert len(requests) > 20
    for layout in requests:
        words = [f"{field.name}={field.lo}" for field in layout.fields]
        tail = [] if layout.tail is None else [f"{layout.tail.name}=06:00/7"]
        made = message_of(layout.name, [*words, *tail])
        assert type(made).__name__ == layout.name
        assert [*made][: len(words)] == [field.lo for field in layout.fields]


def test_flex_steps_are_written_as_clock_and_dose() -> None:
    steps = FlexStep(start_minute=360, dose_ng=1500), FlexStep(start_minute=1080, dose_ng=900)
    assert message_of("StageFlex", ["schedule=0", "steps=06:00/1500,1080/900"]) == StageFlex(schedule=0, steps=steps)
    assert message_of("StageFlex", ["schedule=0", "steps="]) == StageFlex(schedule=0, steps=())


def test_code_of_a_field_is_written_by_its_name() -> None:
    fields = {field.name: 0 for field in next(one for one in REGISTRY.layouts() if one.name == "StageProgram").fields}
    made = message_of("StageProgram", [f"{name}={value}" for name, value in fields.items() if name != "mode"] + ["mode=flex"])
    assert isinstance(made, StageProgram)
    assert made.mode == Mode.FLEX


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("Status", [], "is no therapy request; did you mean"),
        ("RunTo", [], "is no therapy request"),
        ("Bolus", ["dose_ng=1"], "Bolus lacks volume_nl, duration_ticks"),
        ("Bolus", ["dose=1"], "Bolus has no field 'dose'; did you mean dose_ng?"),
        ("Bolus", ["dose_ng"], "expected field=value"),
        ("Bolus", ["dose_ng=much"], "dose_ng=much: expected a whole number"),
        ("Bolus", ["dose_ng=-1", "volume_nl=0", "duration_ticks=0"], "Bolus.dose_ng"),
        ("Bolus", ["dose_ng=1", "volume_nl=0", "duration_ticks=soon"], "duration_ticks=soon: expected a duration"),
        ("Prime", ["scope=all", "volume_nl=1"], "scope=all: PrimeScope: 'all' is not known; expected one of"),
        ("Stop", ["now=1"], "Stop takes no fields"),
        ("StageFlex", ["schedule=0", "steps=06:00"], "expected start_minute/dose_ng"),
        ("StageFlex", ["schedule=0", "steps=6:00/1"], "expected a time of day"),
    ],
)
def test_slip_in_a_request_is_said_in_one_line(name: str, words: list[str], said: str) -> None:
    with pytest.raises(Failed) as problem:
        message_of(name, words)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("target", ["emulator", "native"])
def test_reply_is_printed_field_by_field(target: str, tmp_path: Path) -> None:
    require("cc")
    done = pumpbench("send", target, "ReadRecord", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "Record"
    assert "  catheter_length_mm" in done.stdout
    assert "build " in done.stderr


def test_json_reply_is_one_object(tmp_path: Path) -> None:
    done = pumpbench("send", "emulator", "ReadAccount", "--json", cwd=tmp_path)
    assert json.loads(done.stdout) == {
        "type": "Account",
        "fields": {"commanded_q": "0", "step_count": "0", "acc_q": "0", "owed_q": "0", "cancelled_q": "0"},
    }


def test_identify_and_open_need_no_session(tmp_path: Path) -> None:
    assert "Identified" in pumpbench("send", "emulator", "Identify", cwd=tmp_path).stdout
    opened = pumpbench("send", "emulator", "Open", "serial=1", "role=patient", "nonce=3", cwd=tmp_path)
    assert (opened.returncode, "Opened" in opened.stdout) == (0, True)


def test_patient_may_not_ask_what_is_the_clinicians(tmp_path: Path) -> None:
    done = pumpbench("send", "emulator", "Stop", "--role", "patient", cwd=tmp_path)
    assert (done.returncode, "role_forbidden" in done.stdout) == (2, True)
    assert "Stop refused: role_forbidden" in done.stderr


def test_reply_names_the_message_it_answers(tmp_path: Path) -> None:
    done = pumpbench("send", "emulator", "Bolus", "dose_ng=1000", "volume_nl=2000", "duration_ticks=10min", cwd=tmp_path)
    assert (done.returncode, done.stdout.split()[:3]) == (2, ["Refused", "refused_type", "Bolus"])
