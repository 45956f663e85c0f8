"""`explain` as its users type it: the list of alarms, one explained, its JSON, its exit codes."""

import json
from pathlib import Path

import pytest

from tests.hil.ledger.recordings import record_scenario
from tests.tools.command import pumpbench


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    record_scenario(folder / "empty.pcapng", "empty_reservoir")
    record_scenario(folder / "quiet.pcapng", "update_power_cut")
    return folder


def test_explain_lists_all_alarms_and_explains_the_first(folder: Path) -> None:
    done = pumpbench("explain", "empty.pcapng", cwd=folder)
    assert done.returncode == 0, done.stderr
    listed, _, explained = done.stdout.partition("\n\n")
    assert [line.split()[1] for line in listed.splitlines()[1:]] == ["low_reservoir", "empty_reservoir"]
    assert explained.startswith("low_reservoir (non-critical) at tick 1476032")
    assert "silenced    by the clinician at tick 1728000" in explained
    assert "none in range" in explained
    assert done.stderr.splitlines()[-1].endswith("explain empty.pcapng --alarm 2")


def test_explain_json_gives_inputs_threshold_and_what_was_needed(folder: Path) -> None:
    done = pumpbench("explain", "empty.pcapng", "--alarm", "empty_reservoir", "--json", cwd=folder)
    found = json.loads(done.stdout)
    (one,) = found["explained"]
    assert (found["schema"], found["verdict"], one["alarm"]) == ("pumpbench.explain/2", "pass", "empty_reservoir")
    assert one["at"][one["inputs"][0]] <= one["at"][one["thresholds"][0]]
    needed = {each["what"].split()[-1]: each["needed"] for each in one["counterfactuals"]}
    assert needed["reservoir_empty_nl"] is None
    assert needed["reservoir_estimated_nl"] > 3_000_000


def test_explain_json_tells_ticks_as_the_numbers_that_run_tells(folder: Path) -> None:
    found = json.loads(pumpbench("explain", "empty.pcapng", "--json", cwd=folder).stdout)
    assert [(one["alarm"], one["raised_tick"]) for one in found["alarms"]] == [
        ("low_reservoir", 1_476_032),
        ("empty_reservoir", 3_636_032),
    ]
    assert found["alarms"][0]["silenced"] == [{"tick": 1_728_000, "by": "clinician"}]


def test_explain_json_of_a_part_tells_ticks_as_numbers_too(folder: Path) -> None:
    pumpbench("filter", "empty.pcapng", "--after-tick", "1h", "-o", "part.pcapng", cwd=folder)
    done = pumpbench("explain", "part.pcapng", "--json", cwd=folder)
    assert done.returncode == 3, done.stderr
    shown = json.loads(done.stdout)["shown"]
    assert [(one["alarm"], one["by_tick"]) for one in shown] == [("low_reservoir", 1_476_032), ("empty_reservoir", 3_636_032)]


def test_explain_of_a_recording_without_alarms_says_so(folder: Path) -> None:
    done = pumpbench("explain", "quiet.pcapng", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no alarm sounded" in done.stderr


@pytest.mark.parametrize("which", ["3", "0", "motor_stall", "noise"])
def test_explain_of_an_alarm_that_there_is_not_is_refused_in_one_line(which: str, folder: Path) -> None:
    done = pumpbench("explain", "empty.pcapng", "--alarm", which, cwd=folder)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")


def test_explain_of_a_torn_recording_still_explains_what_came_before(folder: Path) -> None:
    whole = (folder / "empty.pcapng").read_bytes()
    (folder / "torn.pcapng").write_bytes(whole[: len(whole) * 9 // 10])
    done = pumpbench("explain", "torn.pcapng", "--alarm", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "headless.pcapng").write_bytes(whole[:600])
    assert pumpbench("explain", "headless.pcapng", cwd=folder).returncode in (2, 3)
