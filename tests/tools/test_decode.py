"""`decode` against the golden frames, bare bytes and captures that are torn."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.protocol.frame import device_frame, host_frame
from pumpbench.protocol.messages import Done, FlexStep, Identify, StageFlex, Started
from pumpbench.tools.decoding.show import show
from pumpbench.tools.failure import Failed
from tests.protocol.corpus import CASES

# A line of a capture knows its direction; a stream of both has to say it in each header.
ONE_SIDED = [case for case in CASES if case["from_device"] is not None]
LAST_T_NS = 1_900_000_000_000_000_123


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording in which every golden case has a line of its own, so that none leans on another."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.pcapng"
    with CaptureWriter(path) as writer:
        writer.meta({"record": "note", "text": "golden frames"})
        for index, case in enumerate(ONE_SIDED):
            line = writer.add_line(f"case{index}")
            writer.line(line, INBOUND if case["from_device"] else OUTBOUND, LAST_T_NS, bytes.fromhex(case["wire"]))
    return path


def ndjson(path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    show(path, "ndjson", in_bytes=False)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_ndjson_says_of_every_golden_frame_what_the_corpus_says(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = iter(ndjson(corpus, capsys))
    for case in ONE_SIDED:
        for expected in case["expect"]:
            line = next(lines)
            assert line["dir"] == ("inbound" if case["from_device"] else "outbound")
            assert line["t_ns"] == str(LAST_T_NS)
            check_line(line, expected, case)
    assert next(lines, None) is None


def test_stream_of_both_directions_is_told_apart_by_its_headers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed = [case for case in CASES if case["from_device"] is None]
    assert mixed
    for case in mixed:
        (tmp_path / "bytes").write_bytes(bytes.fromhex(case["wire"]))
        lines = ndjson(tmp_path / "bytes", capsys)
        assert [line["ok"] for line in lines] == ["message" in expected for expected in case["expect"]]
        for line, expected in zip(lines, case["expect"], strict=True):
            if "header" in expected:
                side = "inbound" if expected["header"]["flags"] & 2 else "outbound"
                assert (line["seq"], line["dir"]) == (expected["header"]["seq"], side), case["name"]


def check_line(line: dict[str, Any], expected: dict[str, Any], case: dict[str, Any]) -> None:
    header = expected.get("header")
    if header is not None:
        assert line["seq"] == header["seq"], case["name"]
        assert line["boot"] == (header["boot_seq"] if case["from_device"] else None), case["name"]
        assert line["tick"] == (header["tick"] if case["from_device"] else None), case["name"]
    if "fault" in expected:
        assert (line["ok"], line["fault"], line["size_bytes"]) == (False, expected["fault"], expected["size_bytes"])
        assert "fields" not in line
    else:
        assert line["ok"], case["name"]
        assert line["type"] == expected["message"] if expected["message"] != "Unknown" else re.match("0x", line["type"])
        if expected["message"] != "Unknown":
            assert line["fields"] == expected["fields"], case["name"]


def test_byte_view_shows_every_byte_of_every_golden_frame(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(corpus, "table", in_bytes=True)
    shown = capsys.readouterr().out.split("\n")
    rows = [re.match(r"    +(\d+): ((?:[0-9a-f]{2} ?)+)", line) for line in shown]
    joined = "".join(match[2].replace(" ", "") for match in rows if match)
    plains = [e["plain"].replace(" ", "") for case in ONE_SIDED for e in case["expect"] if "message" in e]
    assert len(plains) > 50
    at = 0
    for plain in plains:
        at = joined.find(plain, at)
        assert at >= 0, plain
        at += len(plain)


def test_table_names_codes_and_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = (FlexStep(start_minute=0, dose_ng=1000), FlexStep(start_minute=720, dose_ng=2000))
    started = Started(kind=2, volume_nl=5_000, rate_nl_per_day=7, refill_due_life_ticks=2**40)
    path = tmp_path / "bytes"
    path.write_bytes(host_frame(StageFlex(schedule=1, steps=steps), 3, 4, 5) + device_frame(started, 6, 4, 5, 1, 99))
    assert show(path, "table", in_bytes=False) == 0
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["seconds", "type", "seq", "boot", "tick", "fields"]
    assert "schedule=1 steps=[start_minute=0 dose_ng=1000; start_minute=720 dose_ng=2000]" in first
    assert second.split()[1:6] == ["<-", "Started", "6", "1", "99"]
    assert f"kind=patient volume_nl=5000 rate_nl_per_day=7 refill_due_life_ticks={2**40}" in second


def test_bare_bytes_have_no_time_and_a_direction_only_where_the_header_is_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(host_frame(Identify(), 0, 1) + b"noise\0" + device_frame(Done(done_type=1), 0, 1, 0, 1, 2**60))
    lines = ndjson(path, capsys)
    assert [(line["t_ns"], line["dir"], line["ok"]) for line in lines] == [
        (None, "outbound", True), (None, "neither", False), (None, "inbound", True),
    ]  # fmt: skip
    assert lines[2]["tick"] == str(2**60)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (host_frame(Identify(), 0, 1) + b"noise\0", "1 of 2 frames are bad"),
        (host_frame(Identify(), 0, 1) + b"rest", "the last 4 bytes belong to no frame"),
    ],
)
def test_bytes_that_are_no_frame_are_counted_as_lost(
    data: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bytes").write_bytes(data)
    assert show(tmp_path / "bytes", "table", in_bytes=False) == 3
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("cut_bytes", [1, 60, 200])
def test_torn_capture_gives_its_frames_and_says_where_it_is_torn(
    cut_bytes: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "torn.pcapng"
    with CaptureWriter(path) as writer:
        line = writer.add_line("target")
        for index in range(5):
            writer.line(line, OUTBOUND, index, host_frame(Identify(), index, index + 1))
    path.write_bytes(path.read_bytes()[:-cut_bytes])
    assert show(path, "ndjson", in_bytes=False) == 3
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 5
    assert "damaged at byte" in printed.err


def test_file_without_a_frame_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(Failed, match="no frame in it; expected a pcapng capture"):
        show(tmp_path / "empty", "table", in_bytes=False)
