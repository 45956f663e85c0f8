"""What Wireshark shows through the dissector is what `decode` prints, field by field: golden frames, recordings, damage."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND
from pumpbench.hil.links.link import Direction
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.decoding.frame_lines import ndjson
from pumpbench.tools.decoding.frames_in import FramesIn
from pumpbench.tools.failure import Failed
from tests.hil.capture.making import T0_NS, make_capture
from tests.hil.replay.recordings import Kept, record, record_free_run, records, rewrite
from tests.protocol.corpus import CASES
from tests.support import ROOT, effort, require, rng
from tests.tools.command import pumpbench
from tests.tools.dissecting.shown import Shown, rows, script, tshark
from tests.tools.holding.damages import KINDS

ALL_SHIPPED = sorted((ROOT / "fixtures/captures").glob("*.pcapng*"))
SHIPPED = sorted(rng("dissected").sample(ALL_SHIPPED, min(len(ALL_SHIPPED), effort(16, 1_000))))
"""Starting tshark costs more than reading most of them: the gate draws some."""
WAYS: dict[bool | None, Direction] = {True: INBOUND, False: OUTBOUND, None: NEITHER}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("wireshark")
    return tmp_path_factory.mktemp("dissecting")


@pytest.fixture(scope="module")
def lua(folder: Path) -> Path:
    return script(folder)


@pytest.fixture(scope="module")
def recording(folder: Path) -> Path:
    path = folder / "recording.pcapng"
    record(path)
    return path


def decoded(path: Path) -> list[Shown]:
    """Every line that `decode --format ndjson` prints; none where it refuses the file."""
    try:
        source = FramesIn(path)
        return [json.loads(ndjson(item, source.is_capture)) for item in source.items() if isinstance(item, FrameAt)]
    except Failed:
        return []


def assert_shown_as_decoded(path: Path, lua: Path, *words: str) -> list[Shown]:
    shown, expected = rows(path, lua, REGISTRY, *words), decoded(path)
    wrong = [(one, other) for one, other in zip(shown, expected, strict=False) if one != other]
    assert not wrong, f"shown {wrong[0][0]}\nexpected {wrong[0][1]}"
    assert len(shown) == len(expected)
    return expected


def test_dissector_shows_every_golden_frame_as_decode_does(folder: Path, lua: Path) -> None:
    path = folder / "golden.pcapng"
    # A line for each case: what one leaves open may not reach into the next.
    with CaptureWriter(path, clock_ns=lambda: T0_NS) as writer:
        for index, case in enumerate(CASES):
            writer.line(writer.add_line(f"line{index}"), WAYS[case["from_device"]], T0_NS + index, bytes.fromhex(case["wire"]))
    told = assert_shown_as_decoded(path, lua)
    printed = pumpbench("decode", str(path), "--format", "ndjson", cwd=folder)
    assert [json.loads(line) for line in printed.stdout.splitlines()] == told
    assert {row["type"] for row in told if row["ok"]} >= {cls.__name__ for cls in REGISTRY}
    assert {row["fault"] for row in told if not row["ok"]} == {"oversize", "cobs", "short", "crc", "version", "length", "range"}


def test_dissector_shows_a_recording_as_decode_does(recording: Path, lua: Path) -> None:
    told = assert_shown_as_decoded(recording, lua)
    assert {"Status", "LogPage", "Telemetry", "EventNotice", "Report"} <= {row["type"] for row in told}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name.partition(".")[0])
def test_dissector_shows_a_shipped_capture_as_decode_does(path: Path, lua: Path) -> None:
    assert len(assert_shown_as_decoded(path, lua)) >= 10


def test_dissector_shows_a_free_run_as_decode_does(folder: Path, lua: Path) -> None:
    record_free_run(folder / "free.pcapng")
    assert len(assert_shown_as_decoded(folder / "free.pcapng", lua)) > 100


def test_dissector_shows_the_same_in_a_second_pass(recording: Path, lua: Path) -> None:
    """As Wireshark does when a packet is clicked: what stood open before it is not lost."""
    chopped = rechunked(recording, rng("second pass"), recording.with_name("chopped.pcapng"))
    assert_shown_as_decoded(chopped, lua, "-2")


def rechunked(path: Path, draw: random.Random, to: Path) -> Path:
    """The same bytes in other records: cut within frames, and several frames in one."""
    made: list[Kept] = []
    for one in records(path):
        if made and not one.is_meta and not made[-1].is_meta and made[-1].direction == one.direction and draw.random() < 0.7:
            one = one._replace(payload=made.pop().payload + one.payload)
        at = draw.randrange(len(one.payload)) if one.payload and not one.is_meta else 0
        made += [one._replace(payload=part) for part in (one.payload[:at], one.payload[at:]) if part or at]
    return rewrite(to, made)


@pytest.mark.parametrize("seed", range(effort(2, 30)))
def test_dissector_joins_frames_over_records_as_decode_does(recording: Path, lua: Path, seed: int) -> None:
    assert_shown_as_decoded(rechunked(recording, rng(f"chunks {seed}"), recording.with_name(f"chunks{seed}.pcapng")), lua)


@pytest.mark.parametrize("seed", range(effort(2, 30)))
def test_dissector_names_the_fault_of_bad_frames_as_decode_does(recording: Path, lua: Path, seed: int) -> None:
    draw = rng(f"noise {seed}")
    told = assert_shown_as_decoded(rewrite(recording.with_name(f"noise{seed}.pcapng"), noisy(records(recording), draw)), lua)
    assert any(not row["ok"] for row in told)
    assert any(row["ok"] for row in told)


def noisy(kept: Sequence[Kept], draw: random.Random) -> list[Kept]:
    """Bits flipped, bytes lost, noise between frames, runs too long to be one."""
    return [one if one.is_meta or draw.random() < 0.8 else one._replace(payload=_spoiled(one.payload, draw)) for one in kept]


def _spoiled(payload: bytes, draw: random.Random) -> bytes:
    data, at = bytearray(payload), draw.randrange(len(payload))
    match draw.randrange(4):
        case 0:
            data[at] ^= 1 << draw.randrange(8)
        case 1:
            del data[at]
        case 2:
            data[at:at] = draw.randbytes(draw.randrange(1, 40))
        case _:
            data += bytes([draw.randrange(1, 256)]) * draw.randrange(250, 600)
    return bytes(data)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_dissector_shows_of_a_damaged_file_what_decode_does(recording: Path, lua: Path, kind: str) -> None:
    """Wireshark may give up a damaged file earlier or later than the reader, but where both read on they agree."""
    draw = rng(f"damage {kind}")
    for turn in range(effort(1, 10)):
        path = recording.with_name(f"{kind}{turn}.pcapng")
        path.write_bytes(KINDS[kind](recording.read_bytes(), draw))
        # A file that no longer begins as a capture is bare bytes to decode, and nothing to Wireshark.
        shown, expected = rows(path, lua, REGISTRY), decoded(path) if FramesIn(path).is_capture else []
        both = min(len(shown), len(expected))
        assert shown[:both] == expected[:both]


def test_dissector_tells_refusals_as_expert_info(folder: Path, lua: Path) -> None:
    wires = [bytes.fromhex(case["wire"]) for case in CASES if case["name"] in ("Refused: rising bytes", "Done: rising bytes")]
    path = make_capture(folder / "refused.pcapng", [(INBOUND, wire) for wire in wires])
    assert tshark(path, lua, "-Y", "pumpbench.refused_request", "-T", "fields", "-e", "pumpbench.message") == "Refused\n"


def test_dissector_tells_alarms_as_expert_info(recording: Path, lua: Path) -> None:
    told = tshark(recording, lua, "-q", "-z", "expert")
    assert "alarm: motor_stall" in told
    raised = tshark(recording, lua, "-Y", "pumpbench.alarm.motor_stall", "-T", "fields", "-e", "pumpbench.message")
    assert {"EventNotice", "Telemetry", "LogPage"} <= set(raised.replace("\n", ",").split(","))
    silent = tshark(recording, lua, "-Y", "pumpbench.alarm.low_battery_reset", "-T", "fields", "-e", "frame.number")
    assert silent == ""


def test_dissector_shows_units_and_names_of_codes(recording: Path, lua: Path) -> None:
    told = tshark(recording, lua, "-V", "-Y", "pumpbench.alarm.motor_stall")
    expected = ["therapy_state: therapy (1)", "rate_nl_per_day: 600000 nl/day", " mV", "alarms_active: 0x0020 (motor_stall)"]
    assert [words for words in expected if words not in told] == []


def test_dissector_marks_bad_frames_with_their_fault(folder: Path, lua: Path) -> None:
    path = make_capture(folder / "bad.pcapng", [(INBOUND, b"\x00\x05abc\x00")])
    told = tshark(path, lua, "-V")
    assert "Expert Info (Error/Malformed): bad frame: cobs" in told
    assert rows(path, lua, REGISTRY)[0]["raw"] == b"\x05abc".hex()


def test_dissector_shows_meta_records_by_their_kind(recording: Path, lua: Path) -> None:
    told = tshark(recording, lua, "-T", "fields", "-e", "pumpbench_meta.record", "-Y", "pumpbench_meta").split()
    assert told[:2] == ["header", "snapshot"]
    assert told[-1] == "trailer"
    assert tshark(recording, lua, "-Y", "pumpbench_meta && _ws.malformed") == ""


def test_spec_installs_the_dissector_in_a_folder(tmp_path: Path) -> None:
    done = pumpbench("spec", "--lua", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pumpbench.lua").read_text().startswith("-- Dissector")


def test_spec_names_a_place_that_takes_no_dissector(tmp_path: Path) -> None:
    done = pumpbench("spec", "--lua", "missing/pumpbench.lua", cwd=tmp_path)
    assert done.returncode == 2
    assert "missing/pumpbench.lua: cannot be written" in done.stderr
