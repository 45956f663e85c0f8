"""`replay` on recordings whole, torn and planted: its exit code, its JSON, what it tells to do next."""

import json
import re
import shutil
from pathlib import Path

import pytest

from pumpbench.hil.capture import CaptureWriter, Record, read
from pumpbench.hil.compare import Mask
from pumpbench.hil.links import INBOUND
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.messages import Report
from pumpbench.tools.failure import Failed
from pumpbench.tools.replay_masks import parse_mask, parse_masks
from tests.support import require
from tests.tools.command import pumpbench

SHORT = """
title = "short"
sources = ["unsourced"]
until = "6h"

[[step]]
at = "1h"
program = { mode = "simple_continuous", dose_ng_per_day = 1_000_000, confirm = true }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a recording of the firmware."""
    require("cc")
    require("make")
    folder = tmp_path_factory.mktemp("replay")
    (folder / "short.toml").write_text(SHORT)
    done = pumpbench("run", "short.toml", "--capture", "native.pcapng", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("target", ["emulator", "native"])
def test_recording_of_the_firmware_passes_on_either_side(target: str, folder: Path) -> None:
    done = pumpbench("replay", "native.pcapng", "--against", target, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["verdict"], found["target"], found["sureness"]) == ("pass", target, "exact")
    assert found["frames"] > 0
    assert found["digests"] > 0
    assert (found["gaps"], found["differences"], found["missing"], found["extra"]) == ([], [], 0, 0)
    assert "header.seed" in found["not_covered"]
    kinds = (
        "header (9)",
        "requests (2)",
        "before the start (2)",
        "controller (3)",
        "times of records (2)",
        "retries (1)",
        "free run (1)",
    )
    listed = ", ".join([*kinds, "wire (4)"])
    assert f"not covered {listed}" in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 160
    assert ("it repeats itself" in found["reason"]) == (target == "native")
    assert (found["independent"], found["same_build"]) == (target == "emulator", target == "native")
    assert ("compared    two implementations: " in done.stderr) == (target == "emulator")
    assert f"pumpbench {'decode' if target == 'emulator' else 'replay'} native.pcapng" in done.stderr.splitlines()[-1]


def test_emulator_against_itself_is_inconclusive(folder: Path) -> None:
    run = pumpbench("run", "short.toml", "--topology", "local", "--capture", "own.pcapng", cwd=folder)
    assert run.returncode == 0, run.stderr
    done = pumpbench("replay", "own.pcapng", "--against", "emulator", cwd=folder)
    assert (done.returncode, "compares it with itself" in done.stderr) == (3, True)


def test_torn_recording_is_inconclusive_and_says_where(folder: Path) -> None:
    torn = folder / "torn.pcapng"
    torn.write_bytes((folder / "native.pcapng").read_bytes()[:-150])
    done = pumpbench("replay", "torn.pcapng", "--against", "emulator", cwd=folder)
    assert done.returncode == 3
    assert "damaged at byte" in done.stdout
    assert done.stderr.splitlines()[-1].split()[:3] == ["next", "pumpbench", "doctor"]


def test_planted_difference_fails_and_names_the_field_and_the_next_command(folder: Path) -> None:
    planted = with_one_report_changed(folder / "native.pcapng", folder / "planted.pcapng")
    done = pumpbench("replay", "planted.pcapng", "--against", "emulator", cwd=folder)
    assert done.returncode == 1, done.stderr
    assert re.search(r"Report\.plant_crc is \d+ crc, recorded \d+ crc", done.stdout)
    assert f"pumpbench step planted.pcapng --at {planted - 1}t" in done.stderr


def test_mask_lets_a_field_differ_and_is_counted(folder: Path) -> None:
    shutil.copy(folder / "native.pcapng", folder / "source.pcapng")
    with_one_report_changed(folder / "source.pcapng", folder / "masked.pcapng")
    words = ("--against", "emulator", "--mask", "Report.plant_crc:any:planted by a test", "--json")
    done = pumpbench("replay", "masked.pcapng", *words, cwd=folder)
    assert (done.returncode, json.loads(done.stdout)["masked"]) == (0, {"Report.plant_crc": 1})
    assert "masked      Report.plant_crc 1 times" in done.stderr
    assert done.stderr.splitlines()[0].endswith(" frames agree; 1 differences masked")


def test_difference_of_two_builds_of_firmware_is_put_to_the_reference(folder: Path) -> None:
    """Neither side is known to be right."""
    with_one_report_changed(folder / "native.pcapng", folder / "either.pcapng")
    done = pumpbench("replay", "either.pcapng", "--against", "native", cwd=folder)
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].split() == ["next", "pumpbench", "diff", "either.pcapng", "emulator"]


def test_part_that_ends_before_it_begins_is_refused(folder: Path) -> None:
    done = pumpbench("replay", "native.pcapng", "--from", "5h", "--until", "3h", cwd=folder)
    assert (done.returncode, done.stderr.splitlines()) == (
        2, ["pumpbench: --from 5h is after --until 3h: nothing would be compared; swap them"],
    )  # fmt: skip


def test_part_behind_the_end_says_where_to_see_how_far_it_goes(folder: Path) -> None:
    done = pumpbench("replay", "native.pcapng", "--from", "9d", cwd=folder)
    assert (done.returncode, done.stderr.splitlines()[-1].split()) == (3, ["next", "pumpbench", "info", "native.pcapng"])


def with_one_report_changed(source: Path, copy: Path) -> int:
    """A copy, whole in itself, in which one report of the second half has another plant digest; its tick."""
    records = [item for item in read(source) if isinstance(item, Record)]
    reports = [index for index, record in enumerate(records) if isinstance(message_of(record), Report)]
    chosen = reports[len(reports) // 2]
    tick, trailer = 0, json.loads(records[-1].payload)
    writer = CaptureWriter(copy, force=True)
    line = writer.add_line("target")
    for index, record in enumerate(records):
        payload = record.payload
        if index == chosen:
            tick, payload = changed(payload)
        if not record.is_meta:
            writer.line(line, record.direction, record.t_ns, payload)
        elif (found := json.loads(payload))["record"] not in ("checkpoint", "trailer"):
            writer.meta(found, record.t_ns)
    writer.close(last_tick=trailer["last_tick"], last_seq=trailer["last_seq"])
    return tick


def message_of(record: Record) -> object:
    if record.is_meta or record.direction != INBOUND:
        return None
    events = Decoder(from_device=True).feed(record.payload)
    return events[0].message if len(events) == 1 and isinstance(events[0], Frame) else None


def changed(payload: bytes) -> tuple[int, bytes]:
    [event] = Decoder(from_device=True).feed(payload)
    assert isinstance(event, Frame)
    layout = [field.name for field in Report.__layout__.fields]  # type: ignore[attr-defined]
    values = dict(zip(layout, event.message, strict=True))
    values["plant_crc"] ^= 1
    _, _, _, seq, request_id, session, boot_seq, tick = event.head
    return tick, device_frame(Report(**values), seq, request_id, session, boot_seq, tick, bench=True)


def test_mask_names_field_bound_and_reason() -> None:
    assert parse_mask("Status.battery_mv:5:another cell: older") == Mask("Status", "battery_mv", 5, "another cell: older")
    assert parse_mask("Status.battery_mv:any:no cell").bound is None


MASK_FILE = """
[[mask]]
field = "Report.plant_crc"
bound = "any"
reason = "planted by a test"

[[mask]]
field = "Status.battery_mv"
bound = 5
reason = "another cell"
"""


def test_masks_of_a_file_are_applied_and_unused_ones_told(folder: Path) -> None:
    (folder / "masks.toml").write_text(MASK_FILE)
    with_one_report_changed(folder / "native.pcapng", folder / "for_masks.pcapng")
    words = ("--against", "emulator", "--mask", "masks.toml", "--times", "2", "--json")
    done = pumpbench("replay", "for_masks.pcapng", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["masked"], found["verdicts"]) == ({"Report.plant_crc": 1, "Status.battery_mv": 0}, ["pass", "pass"])
    assert "masked      Status.battery_mv 0 times" in done.stderr
    assert "times       2 pass" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at least one"),
        ("mask = 3", "[[mask]] tables"),
        ("[[mask]]\nfield='Status.battery_mv'\nbound=5", "mask 1: expected field, bound and reason"),
        ("[[mask]]\nfield='Status.battery_mv'\nbound=-5\nreason='x'", "bound -5"),
        ("[[mask]]\nfield='Status.battery_mv'\nbound=5\nreason=' '", "a reason says something"),
        ("[[mask]]\nfield='Status.no_such'\nbound=5\nreason='x'", "no field Status.no_such"),
        ("[[mask", "not TOML"),
    ],
)
def test_mask_file_that_is_none_is_refused_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "masks.toml").write_text(text)
    with pytest.raises(Failed) as refused:
        parse_masks((str(tmp_path / "masks.toml"),))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_replay_is_stepped_from_a_script(folder: Path) -> None:
    script = "next 2\nhelp\nbogus\nuntil 2h\nquit\n"
    done = pumpbench("replay", "native.pcapng", "--against", "emulator", "--step", cwd=folder, stdin=script)
    assert done.returncode == 0, done.stderr
    shown = [line.removeprefix("(replay) ") for line in done.stderr.splitlines() if "tick " in line]
    assert shown[0].startswith("tick 0: Arm")
    assert int(shown[2].partition("target_tick=")[2].split()[0]) >= 72_000
    assert "bogus: no such command" in done.stderr
    assert "where it was ended" in done.stderr
    assert " left" in done.stderr


def test_replay_goes_on_when_the_script_ends(folder: Path) -> None:
    done = pumpbench("replay", "native.pcapng", "--against", "emulator", "--pause", "1h", "--json", cwd=folder)
    assert (done.returncode, json.loads(done.stdout)["requests_left"]) == (0, 0)


def test_replay_at_recorded_speed_between_two_times_says_which(folder: Path) -> None:
    words = ("--speed", "recorded", "--from", "1h", "--until", "3h", "--json")
    done = pumpbench("replay", "native.pcapng", "--against", "emulator", *words, cwd=folder)
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert "from tick 36000 on up to tick" in found["reason"]
    assert found["ticks"] <= 3 * 36_000
    assert found["requests_left"] > 0
