"""`ledger` as its users type it: what it prints, its JSON, its exit codes, and what it tells to do next."""

import gzip
import json
from pathlib import Path

import pytest

from pumpbench.firmware_emu.pump import Pump
from tests.hil.ledger.recordings import HOUR, LOOKS, record_scenario, record_treatment
from tests.hil.pumps import PlantedPump
from tests.support import ROOT
from tests.tools.command import pumpbench

SESSION = ROOT / "fixtures" / "captures" / "session_observed.pcapng.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    record_scenario(folder / "over.pcapng", "over_infusion")
    return folder


def test_ledger_shows_over_infusion_beside_an_account_that_adds_up(folder: Path) -> None:
    done = pumpbench("ledger", "over.pcapng", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "OVER-INFUSED" in done.stdout
    assert "(+22.3 %)" in done.stdout
    assert done.stderr.startswith("ACCOUNTED")
    assert done.stderr.splitlines()[-1].split()[:3] == ["next", "pumpbench", "decode"]


def test_ledger_json_says_the_same_in_whole_numbers(folder: Path) -> None:
    done = pumpbench("ledger", "over.pcapng", "--json", cwd=folder)
    found = json.loads(done.stdout)
    assert (found["schema"], found["account"], found["verdict"]) == ("pumpbench.ledger/2", "accounted", "pass")
    closed = {part: int(value) for part, value in found["device"]["closed"].items()}
    assert closed["commanded_q"] == closed["delivered_q"] + closed["pending_q"] + closed["cancelled_q"]
    plant = {part: int(value) for part, value in found["plant"].items()}
    assert plant["over_pl"] == plant["tip_pl"] - found["device"]["steps"] * 250_000 > 0


def test_ledger_of_a_duplicate_fails_and_names_the_frames_around_it(tmp_path: Path) -> None:
    def twice(pump: Pump) -> None:
        pump.durable.step_count += 40

    record_treatment(tmp_path / "twice.pcapng", PlantedPump(2 * HOUR + 9, twice))
    done = pumpbench("ledger", "twice.pcapng", cwd=tmp_path)
    assert done.returncode == 1
    assert "duplicate: the device counts 10,000 nl more than was asked; between " in done.stdout
    found = json.loads(pumpbench("ledger", "twice.pcapng", "--json", cwd=tmp_path).stdout)
    assert 2 * HOUR <= found["findings"][0]["after"]["tick"] <= 3 * HOUR
    assert [one["tick"] for one in found["boluses"]] == sorted(one["tick"] for one in found["boluses"])
    assert "balanced" not in done.stdout + done.stderr
    assert " step twice.pcapng --at " in done.stderr.splitlines()[-1]


def test_ledger_of_a_torn_recording_is_inconclusive(folder: Path) -> None:
    torn = folder / "torn.pcapng"
    torn.write_bytes((folder / "over.pcapng").read_bytes()[:-300])
    done = pumpbench("ledger", "torn.pcapng", cwd=folder)
    assert (done.returncode, done.stderr.startswith("INCONCLUSIVE")) == (3, True)
    assert "damaged at byte" in done.stdout


def test_ledger_of_a_plant_that_differs_says_so_and_sends_to_replay() -> None:
    done = pumpbench("ledger", "fixtures/captures/damaged_value.pcapng.gz", cwd=ROOT)
    assert (done.returncode, done.stderr.startswith("INCONCLUSIVE")) == (3, True)
    assert "plant: in doubt; 1 of 65 digests of it differ from the re-run's, the first at tick 680636" in done.stdout
    assert "digests 65 agree, 0 differ; the plant's 64 agree, 1 differ" in done.stderr
    assert " replay fixtures/captures/damaged_value.pcapng.gz " in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("part", [False, True])
def test_ledger_covers_a_session_or_a_part_from_its_first_tick(part: bool, tmp_path: Path) -> None:
    if part:
        record_treatment(tmp_path / "whole.pcapng")
        pumpbench("filter", "whole.pcapng", "--after-tick", "6h", "-o", "session.pcapng", cwd=tmp_path)
        first, last = 6 * HOUR, LOOKS * HOUR
    else:
        (tmp_path / "session.pcapng").write_bytes(gzip.decompress(SESSION.read_bytes()))
        first, last = 39_056, 39_812
    done = pumpbench("ledger", "session.pcapng", cwd=tmp_path)
    found = json.loads(pumpbench("ledger", "session.pcapng", "--json", cwd=tmp_path).stdout)
    assert first <= found["first_tick"] < first + 6_000
    assert (found["last_tick"], found["ticks"]) == (last, last - found["first_tick"])
    assert f"({found['ticks']:,} ticks) from tick {found['first_tick']} on; sureness: observed" in done.stderr


def test_ledger_of_what_is_no_capture_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("no capture\n")
    done = pumpbench("ledger", "words.txt", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")
