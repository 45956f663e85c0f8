"""What `run` gives: its JSON, its tables, its verdict, its files; each held against a run of the emulator or of both sides."""

import json
import re
import shutil
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.firmware import SOURCES, FirmwareMissing
from pumpbench.hil.links import PtyLink
from pumpbench.hil.targets import native
from pumpbench.tools.running.plan import Flags, plan_of
from pumpbench.tools.running.session import run_all
from pumpbench.tools.settings import Settings
from tests.hil.planted import hanging_firmware
from tests.support import require, wait_until
from tests.tools.command import pumpbench, started

RESULT_KEYS = {
    "scenario", "target", "topology", "verdict", "ticks", "dense_ticks", "leaps", "credits", "digests", "seed", "alarms",
    "wall_s", "speedup", "capture", "independent",
}  # fmt: skip
STALL = """
title = "A stall"
sources = ["unsourced"]
until = "6h"

[[step]]
at = "1h"
program = { mode = "simple_continuous", dose_ng_per_day = 1_000_000, confirm = true }

[[step]]
at = "2h"
rotor = { fault = "stalled" }

[[expect]]
alarm = "motor_stall"
by = "3h"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "stall.toml").write_text(STALL)
    return folder


@pytest.fixture(scope="module")
def local(folder: Path) -> dict[str, Any]:
    done = pumpbench("run", "stall.toml", "--topology", "local", "--json", "--seed", "9", cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_has_every_key_of_its_schema(local: dict[str, Any]) -> None:
    assert set(local) == {"schema", "verdict", "results"}
    assert local["schema"] == "pumpbench.run/1"
    assert set(local["results"][0]) >= RESULT_KEYS


def test_json_tells_what_was_run_and_seen(local: dict[str, Any]) -> None:
    result = local["results"][0]
    assert (local["verdict"], result["verdict"], result["scenario"], result["target"]) == ("pass", "pass", "stall", "emulator")
    assert (result["topology"], result["seed"], result["ticks"], result["independent"]) == ("local", 9, 216_000, False)
    assert result["dense_ticks"] <= result["ticks"]
    assert result["credits"] > 0
    assert result["digests"] == 0
    [alarm] = result["alarms"]
    assert alarm["alarm"] == "motor_stall"
    assert 72_000 < alarm["raised_tick"] < 108_000
    assert alarm["cleared_tick"] is None


def test_twin_compares_both_sides_and_says_so(folder: Path) -> None:
    require("cc")
    require("make")
    done = pumpbench("run", "stall.toml", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)["results"][0]
    assert (result["target"], result["topology"], result["independent"]) == ("native", "twin", True)
    assert result["digests"] >= 3 * result["credits"]
    assert result["dense_ticks"] == result["ticks"] == 216_000
    assert "two implementations agree" in done.stderr
    assert f"pumpbench replay {result['capture']} --against emulator" in done.stderr


def test_recording_and_event_log_are_the_users_alone(local: dict[str, Any], folder: Path) -> None:
    result = local["results"][0]
    capture, events = folder / result["capture"], folder / result["events"]
    assert capture.parent == events.parent == folder / "out"
    assert capture.name.startswith("stall-emulator-2")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (capture, events)] == [0o600, 0o600]
    logged = [json.loads(line) for line in events.read_text().splitlines()]
    assert {"tick", "date", "event"} <= set(logged[0])
    assert [int(one["tick"]) for one in logged] == sorted(int(one["tick"]) for one in logged)
    assert {"event": "alarm_raised", "alarm": "motor_stall"}.items() <= next(o for o in logged if "raised" in o["event"]).items()


def test_latest_points_at_the_newest_recording(folder: Path) -> None:
    done = pumpbench("run", "stall.toml", "--topology", "local", "--json", cwd=folder)
    assert (folder / "out" / "latest").readlink().name == Path(json.loads(done.stdout)["results"][0]["capture"]).name


def test_latest_is_of_the_folder_of_recordings_alone(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    words = ("run", "stall.toml", "--topology", "local", "--until", "1h", "--capture")
    pumpbench("run", "stall.toml", "--topology", "local", "--until", "1h", cwd=folder)
    before = (folder / "out" / "latest").readlink()
    pumpbench(*words, "elsewhere/mine.pcapng", cwd=folder)
    assert (folder / "out" / "latest").readlink() == before
    assert not (folder / "elsewhere" / "latest").is_symlink()
    pumpbench(*words, "out/mine.pcapng", cwd=folder)
    assert (folder / "out" / "latest").readlink() == Path("mine.pcapng")


def test_latest_never_points_at_a_recording_that_did_not_begin(folder: Path, tmp_path: Path) -> None:
    require("pty")
    words = ("--target", f"serial:{tmp_path / 'silent'}")
    with PtyLink(tmp_path / "silent") as link:
        before = (folder / "out" / "latest").resolve()
        process = started(["run", "stall.toml", *words], folder)
        wait_until(lambda: link.read(0.1) != b"", "the first request")
        assert (folder / "out" / "latest").resolve() != before
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert (folder / "out" / "latest").resolve() == before


def test_latest_points_at_a_recording_whose_run_was_killed(folder: Path) -> None:
    latest = folder / "out" / "latest"
    (folder / "slow.toml").write_text(STALL)
    process = started(["run", "slow.toml", "--topology", "local", "--speed", "1"], folder)
    wait_until(lambda: latest.is_symlink() and latest.readlink().name.startswith("slow-"), "latest to point at it")
    process.kill()
    process.communicate()
    assert latest.resolve().read_bytes()


def test_recording_of_the_same_name_stays_unless_forced(folder: Path) -> None:
    words = ("run", "stall.toml", "--topology", "local", "--until", "1h", "--capture", "kept.pcapng")
    assert pumpbench(*words, cwd=folder).returncode == 0
    before = (folder / "kept.pcapng").read_bytes()
    refused = pumpbench(*words, cwd=folder)
    assert (refused.returncode, refused.stderr.count("--force")) == (2, 1)
    assert (folder / "kept.pcapng").read_bytes() == before
    assert pumpbench(*words, "--force", cwd=folder).returncode == 0
    assert (folder / "kept.pcapng").read_bytes() != before


def test_event_log_of_the_same_name_stops_the_run_before_it_starts(folder: Path) -> None:
    (folder / "logged.events.ndjson").write_text("mine")
    done = pumpbench("run", "stall.toml", "--topology", "local", "--capture", "logged.pcapng", cwd=folder)
    assert done.returncode == 2
    assert (folder / "logged.events.ndjson").read_text() == "mine"
    assert not (folder / "logged.pcapng").exists()


def test_tables_go_to_stdout_and_the_verdict_to_stderr(folder: Path) -> None:
    done = pumpbench("run", "stall.toml", "--topology", "local", cwd=folder)
    assert "ALARM" in done.stdout
    assert "motor stall, stands" in done.stdout
    assert "alarm motor_stall" in done.stdout
    assert "PASS" not in done.stdout
    assert done.stderr.splitlines()[1].startswith("PASS")
    assert done.stderr.splitlines()[-1].split()[:3] == ["next", "pumpbench", "decode"]


def test_run_that_ends_early_says_what_it_could_not_judge(folder: Path) -> None:
    done = pumpbench("run", "stall.toml", "--topology", "local", "--until", "90min", "--json", cwd=folder)
    result = json.loads(done.stdout)["results"][0]
    assert result["ticks"] == 54_000
    assert "not reached" in result["reason"]


def test_pattern_runs_each_shipped_scenario_that_it_matches(folder: Path) -> None:
    done = pumpbench("run", "low_alarm*", "--topology", "local", "--until", "1h", "--json", cwd=folder)
    names = [result["scenario"] for result in json.loads(done.stdout)["results"]]
    assert names == sorted(names)
    assert len(names) >= 2
    assert all(name.startswith("low_alarm") for name in names)


def test_speed_holds_pump_time_back_without_changing_the_run(folder: Path) -> None:
    fast = pumpbench("run", "stall.toml", "--topology", "local", "--json", cwd=folder)
    slow = pumpbench("run", "stall.toml", "--topology", "local", "--json", "--speed", "20000", cwd=folder)
    assert json.loads(slow.stdout)["results"][0]["alarms"] == json.loads(fast.stdout)["results"][0]["alarms"]
    # Held back, a run cannot outpace what was asked; how much slower it is, is the machine's affair.
    assert json.loads(slow.stdout)["results"][0]["speedup"] <= 20_000


def test_firmware_that_does_not_build_is_an_error_and_nothing_stands_in(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require("cc")
    require("make")
    shutil.copytree(SOURCES, tmp_path / "board")
    with (tmp_path / "board" / "pump" / "delivery.c").open("a") as file:
        file.write("int planted = nowhere;\n")
    monkeypatch.setattr("pumpbench.hil.firmware.SOURCES", tmp_path / "board")
    monkeypatch.setattr("pumpbench.hil.firmware.build_folder", lambda: tmp_path / "build")
    monkeypatch.chdir(folder)
    assert run_all(plan_of(Flags(("stall.toml",)), Settings()), in_json=False) == 4
    said = capsys.readouterr().err
    assert re.search(r"ERROR.*does not build \(pump/delivery\.c:\d+:\d+: error: .*nowhere", said)
    assert "proves the link only" not in said


def test_firmware_that_hangs_is_an_error_that_says_so_and_leads_to_the_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require("pty")
    monkeypatch.setattr(native, "built", lambda name: hanging_firmware(tmp_path, spins=False))
    monkeypatch.setattr(Conversation.__init__, "__defaults__", (0.1, 1))
    monkeypatch.chdir(folder)
    assert run_all(plan_of(Flags(("stall.toml",)), Settings()), in_json=False) == 4
    said = capsys.readouterr().err
    assert re.search(r"ERROR.*the firmware does not answer, its process \d+ is alive \(waiting\): no reply to RunTo", said)
    assert re.search(r"next +pumpbench step out/stall-native-\S+ --at 0t", said)


@pytest.mark.parametrize(("chosen", "code"), [(None, 3), ("native", 4)])
def test_emulator_stands_in_when_no_firmware_can_be_built(
    chosen: str | None, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require("pty")

    def missing(name: str) -> Path:
        raise FirmwareMissing("native", "no cc here to build it with", "install a C compiler")

    monkeypatch.setattr(native, "built", missing)
    monkeypatch.chdir(folder)
    assert run_all(plan_of(Flags(("stall.toml",), target=chosen), Settings()), in_json=False) == code
    said = capsys.readouterr().err
    assert "no cc here to build it with" in said
    assert ("proves the link only" in said) == (chosen is None)
