"""`diff` as its users type it: captures, a target, what is printed, its JSON and its exit codes."""

import json
from pathlib import Path

import pytest

from pumpbench.hil.compare import WHOLE_FRAME, Difference
from pumpbench.hil.diff.book import Moment, Side
from pumpbench.hil.targets.native import NativeTarget
from tests.hil.ledger.recordings import HOUR, record_treatment
from tests.hil.planted import planted_firmware
from tests.hil.pumps import PlantedPump, one_unit
from tests.support import require
from tests.tools.command import pumpbench

PLANT = 3 * HOUR + 7
CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("diff")
    record_treatment(folder / "a.pcapng")
    record_treatment(folder / "b.pcapng", PlantedPump(PLANT, one_unit))
    return folder


def test_diff_of_a_recording_and_the_emulator_that_made_it_is_the_same(folder: Path) -> None:
    done = pumpbench("diff", "a.pcapng", "emulator", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("SAME")


def test_diff_of_two_recordings_names_frame_field_and_the_two_ticks_around_it(folder: Path) -> None:
    done = pumpbench("diff", "a.pcapng", "b.pcapng", cwd=folder)
    assert done.returncode == 1
    assert "at the latest" in done.stdout
    assert "controller_crc" in done.stdout
    assert "what follows: " in done.stdout
    assert "bounded only: " in done.stderr
    assert " step a.pcapng --at " in done.stderr.splitlines()[-1]


def test_diff_json_bounds_the_cause_and_counts_what_follows(folder: Path) -> None:
    found = json.loads(pumpbench("diff", "a.pcapng", "b.pcapng", "--json", cwd=folder).stdout)
    (cause,) = found["causes"]
    assert (found["schema"], found["result"], found["exact"]) == ("pumpbench.diff/1", "different", None)
    assert int(cause["after_tick"]) < PLANT <= int(cause["tick"])
    assert {one["field"] for one in cause["follows"]} >= {"Account.acc_q", "Report.controller_crc"}


def test_diff_with_planted_firmware_names_the_very_tick_and_the_field(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("cc")
    require("make")
    program = planted_firmware(tmp_path)
    monkeypatch.setenv("PB_PLANT_TICK", str(PLANT))
    with NativeTarget(program) as behind:
        behind.link.close()
        done = pumpbench("diff", "a.pcapng", f"serial:{behind.link.url}", "--json", cwd=folder)
    found = json.loads(done.stdout)
    assert (done.returncode, found["result"]) == (1, "different")
    assert (int(found["exact"]["tick"]), found["exact"]["after"]) == (PLANT, None)
    (field,) = found["exact"]["fields"]
    assert (field["field"], field["unit"]) == ("durable.acc_q", "q")
    assert [b - a for a, b in zip(field["a"], field["b"], strict=True)] == [0, 1, 1]


def test_diff_of_a_torn_recording_ends_as_lossy(folder: Path) -> None:
    (folder / "torn.pcapng").write_bytes((folder / "a.pcapng").read_bytes()[:-200])
    done = pumpbench("diff", "a.pcapng", "torn.pcapng", cwd=folder)
    assert (done.returncode, done.stderr.startswith("LOSSY")) == (3, True)
    assert "gaps of B" in done.stdout


@pytest.mark.parametrize("other", ["missing.pcapng", "nonesuch", "emulater"])
def test_diff_with_nothing_known_is_refused_in_one_line(other: str, folder: Path) -> None:
    done = pumpbench("diff", "a.pcapng", other, cwd=folder)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")
    assert f"{other}: neither a file nor a target of that name exists; " in done.stderr


def test_diff_names_the_plant_of_a_controller_among_what_was_not_judged(tmp_path: Path) -> None:
    done = pumpbench("diff", str(CAPTURES / "native_controller.pcapng.gz"), "emulator", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (line,) = (line for line in done.stderr.splitlines() if "not judged" in line)
    assert "Report.plant_crc" in line
    assert "the plant of A was its bench's" in line


def test_diff_of_two_lengths_says_how_far_both_go_and_its_next_command_is_the_same(folder: Path) -> None:
    record_treatment(folder / "short.pcapng", looks=2)
    done = pumpbench("diff", "a.pcapng", "short.pcapng", cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"up to tick {2 * HOUR}, where B ends; A goes on to tick {12 * HOUR}" in done.stderr.splitlines()[0]
    arguments = done.stderr.splitlines()[-1].split("diff ")[1].split()
    assert arguments[2:] == ["--until", f"{2 * HOUR}t"]
    again = pumpbench("diff", *arguments, "--json", cwd=folder)
    told = json.loads(again.stdout)
    assert (again.returncode, told["result"], told["ticks"]) == (0, "same", {"a": str(2 * HOUR), "b": str(2 * HOUR)})


@pytest.mark.parametrize(("sureness", "code"), [("anchored", 0), ("observed", 3)])
def test_diff_of_a_session_and_a_target_compares_what_it_can(sureness: str, code: int, tmp_path: Path) -> None:
    done = pumpbench("diff", str(CAPTURES / f"session_{sureness}.pcapng.gz"), "emulator", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["sureness"]) == (code, sureness)


@pytest.mark.parametrize(
    ("sides", "side", "line"),
    [
        (("nothing", "EventNotice"), "said", "B says EventNotice at tick 7, A does not"),
        (("EventNotice", "nothing"), "said", "A says EventNotice at tick 7, B does not"),
        (("Open", "nothing"), "told", "A was told Open at tick 7, B was not"),
        (("Open", "Close"), "told", "A was told Open at tick 7, B was told Close"),
    ],
)
def test_diff_tells_of_a_frame_that_one_side_lacks_in_a_sentence(sides: tuple[str, str], side: Side, line: str) -> None:
    assert Moment(7, side, "Open", (1, None), (Difference(7, "Open", WHOLE_FRAME, "", *sides),)).headline == line
