"""The verb `report`: page, JSON and JUnit say what replay and ledger say, of good captures and of bad ones."""

import json
import os
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from pumpbench.tools.failure import Failed
from pumpbench.tools.reporting.report import report
from pumpbench.tools.settings import load
from tests.tools.command import pumpbench
from tests.tools.reporting.making import honest, with_a_field_changed, without_a_snapshot


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def reported(folder: Path, *captures: Path) -> tuple[int, dict[str, Any], str, Xml.Element]:
    """Exit code, JSON, page and JUnit of one report."""
    names = [path.name for path in captures]
    done = pumpbench("report", *names, "-o", "report.html", "--force", "--json", cwd=folder)
    told = json.loads(done.stdout)
    assert told == json.loads((folder / "report.json").read_text())
    return done.returncode, told, (folder / "report.html").read_text(), Xml.parse(folder / "report.xml").getroot()


def test_report_of_a_file_whose_name_is_no_text_is_written(folder: Path) -> None:
    path = folder / os.fsdecode(b"rig \xff.pcapng")
    path.write_bytes(honest(folder).read_bytes())
    code, _, page, _ = reported(folder, path)
    assert (code, "rig \\udcff.pcapng" in page) == (3, True)


def test_report_spells_a_build_as_info_does(folder: Path) -> None:
    path = honest(folder)
    assert "build_id 0000000000000000" in reported(folder, path)[2]
    assert "build 0000000000000000" in pumpbench("info", path.name, cwd=folder).stdout


def test_report_says_what_replay_and_ledger_say(folder: Path) -> None:
    path = honest(folder)
    code, told, page, junit = reported(folder, path)
    (one,) = told["files"]
    replay = pumpbench("replay", path.name, "--against", "emulator", "--json", cwd=folder)
    ledger = pumpbench("ledger", path.name, "--json", cwd=folder)
    assert one["replay"].items() <= json.loads(replay.stdout).items()
    assert one["ledger"] == json.loads(ledger.stdout)
    assert (code, told["verdict"]) == (3, "inconclusive"), "the emulator is no witness for itself"
    assert 'data-verdict="inconclusive"' in page
    assert [(case.get("name"), [kind.tag for kind in case]) for case in junit.iter("testcase")] == [
        ("replay", ["error"]),
        ("ledger", []),
    ]


def test_report_fails_and_shows_both_values_where_a_frame_differs(folder: Path) -> None:
    changed = with_a_field_changed(honest(folder), folder / "changed.pcapng")
    code, told, page, junit = reported(folder, honest(folder), changed)
    assert (code, told["verdict"]) == (1, "fail")
    assert [one["verdict"] for one in told["files"]] == ["inconclusive", "fail"]
    (difference,) = told["files"][1]["replay"]["differences"]
    now, recorded = (int(word) for word in difference.split() if word.isdecimal())
    assert now - recorded == 250
    assert f"<td>Status.reservoir_estimated_nl</td><td>{recorded}</td><td>{now}</td><td>nl</td>" in page
    assert [kind.tag for case in junit.iter("testcase") for kind in case].count("failure") >= 1


def test_report_of_what_has_no_snapshot_is_inconclusive_and_draws_what_frames_tell(folder: Path) -> None:
    observed = without_a_snapshot(honest(folder), folder / "observed.pcapng")
    code, told, page, _ = reported(folder, observed)
    (one,) = told["files"]
    assert (code, one["verdict"], one["accuracy"], one["vouched"]) == (3, "inconclusive", None, False)
    assert [chart["name"] for chart in told["charts"]] == ["time-1"]
    assert told["charts"][0]["points"] > 12
    assert "Not known: it takes an exact recording" in page


def test_report_lists_every_requirement_and_what_was_recorded_of_it(folder: Path) -> None:
    done = pumpbench("run", "single_bolus", "--topology", "local", cwd=folder)
    assert done.returncode == 0, done.stderr
    (recorded,) = (folder / "out").glob("single_bolus*.pcapng")
    _, told, page, _ = reported(folder, recorded.rename(folder / "single.pcapng"))
    assert told["files"][0]["scenario"] == "single_bolus"
    assert [one["number"] for one in told["requirements"]] == list(range(1, 41))
    assert "Single-bolus mode ends in the stopped state." in page
    assert "<td>single_bolus</td></tr>" in page


def test_report_replaces_nothing_unasked_and_leaves_no_part_behind(tmp_path: Path) -> None:
    path = honest(tmp_path)
    (tmp_path / "report.json").write_text("mine")
    done = pumpbench("report", path.name, "-o", "report.html", cwd=tmp_path)
    assert done.returncode == 2
    assert "report.json" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["honest.pcapng", "report.json"]
    assert (tmp_path / "report.json").read_text() == "mine"


@pytest.mark.parametrize("words", [("no.pcapng", "-o", "r.html"), ("text.html", "-o", "r.html"), ("text.html", "-o", "r.json")])
def test_report_refuses_in_one_line_what_cannot_be(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "text.html").write_text("no capture")
    done = pumpbench("report", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "r.html").exists()


def test_report_names_the_cure_where_plotly_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(Failed, match=r"plotly.*pip install 'pumpbench\[report\]'"):
        report((tmp_path / "any.pcapng",), tmp_path / "r.html", "emulator", False, False, load())
