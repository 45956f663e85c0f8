"""Wireshark's own tools read what the writer wrote, and the reader reads what they wrote of it."""

import json
import subprocess
from pathlib import Path

import pytest

from pumpbench.hil.capture import Record, verify
from pumpbench.hil.links import INBOUND, OUTBOUND
from tests.hil.capture.making import T0_NS, LinePayload, lines, make_capture, readable
from tests.support import require

PAYLOADS: list[LinePayload] = [(OUTBOUND if index % 2 else INBOUND, bytes(range(index % 200 + 1))) for index in range(1500)]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    require("wireshark")
    return make_capture(tmp_path / "a.pcapng", PAYLOADS)


def run(*command: object) -> str:
    """What the tool prints, once it has ended well."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bare(path: Path) -> list[tuple[object, ...]]:
    """Every record without its place in the file, which a tool may change."""
    return [item[:5] for item in readable(path) if isinstance(item, Record)]


def test_capinfos_counts_what_the_writer_wrote(capture: Path) -> None:
    told = run("capinfos", "-c", "-I", "-M", capture)
    assert "Number of packets:   1503" in told
    for words in ("Name = meta", "Name = link0", "USER 1", "USER 0", "Time precision = nanoseconds"):
        assert words in told


def test_tshark_reads_payload_time_and_direction(capture: Path) -> None:
    fields = ("frame.interface_name", "frame.packet_flags_direction", "frame.time_epoch", "data.data")
    told = run("tshark", "-r", capture, "-T", "fields", "-E", "separator=;", *(word for name in fields for word in ("-e", name)))
    seen = [row.split(";") for row in told.splitlines()]
    found = [row for row in seen if row[0] == "link0"]
    assert len(found) == len(PAYLOADS)
    for index, ((direction, payload), row) in enumerate(zip(PAYLOADS, found, strict=True)):
        t_ns = T0_NS + index * 1000
        assert int(row[1], 0) == direction
        assert row[2] == f"{t_ns // 10**9}.{t_ns % 10**9:09}"
        assert bytes.fromhex(row[3]) == payload
    assert json.loads(bytes.fromhex(seen[0][3])) == {"record": "opening", "seed": 7}


def test_reader_reads_what_editcap_passed_on(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "edited.pcapng"
    run("editcap", capture, out)
    assert bare(out) == bare(capture)
    assert verify(out).whole


def test_verification_counts_what_editcap_took_out(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "edited.pcapng"
    run("editcap", capture, out, "10", "20-21")
    assert verify(out).lost == 3
    assert not verify(out).whole


def test_reader_reads_what_mergecap_joined(capture: Path, tmp_path: Path) -> None:
    other = make_capture(tmp_path / "b.pcapng", [(INBOUND, b"of another bench")])
    out = tmp_path / "merged.pcapng"
    for mode in ("none", "all"):
        run("mergecap", "-I", mode, "-w", out, capture, other)
        assert sorted(bare(out)) == sorted(bare(capture) + bare(other))
        assert not verify(out).whole
    run("mergecap", "-a", "-w", out, capture)
    assert bare(out) == bare(capture)
    assert verify(out).whole
    assert len(lines(readable(out))) == len(PAYLOADS)
