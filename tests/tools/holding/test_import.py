"""Bytes that others recorded: each arrives, in its direction and order, and proves no more than it can."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import Record, read, verify
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.importing import BadExport, Source, import_files
from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND, Direction
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.frame import Frame
from pumpbench.tools.holding.info import show
from tests.hil.pumps import PlantedTarget
from tests.tools.command import pumpbench

BYTE_NS = 86_800
WAYS: tuple[Direction, ...] = (INBOUND, OUTBOUND)
RATE = 10_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all the examples of a law."""
    return tmp_path_factory.mktemp("imports")


def passed(path: Path) -> list[tuple[Direction, bytes]]:
    return [(one.direction, one.payload) for one in read(path) if isinstance(one, Record) and not one.is_meta]


def stream(path: Path, way: Direction) -> bytes:
    return b"".join(payload for direction, payload in passed(path) if direction == way)


def frames(path: Path) -> list[Frame]:
    return [one.event for one in FrameReader().frames(read(path)) if isinstance(one, FrameAt) and isinstance(one.event, Frame)]


def clocked(path: Path) -> Iterator[tuple[int, Direction, int]]:
    """Each byte of a capture one after the other on a slow line."""
    t_ns = 0
    for direction, payload in passed(path):
        for value in payload:
            t_ns += BYTE_NS
            yield t_ns, direction, value


def logic_1(capture: Path, way: Direction, out: Path) -> Source:
    rows = [f"{t_ns / 1e9:.9f},0x{value:02X},," for t_ns, direction, value in clocked(capture) if direction == way]
    out.write_text("\n".join(["Time [s],Value,Parity Error,Framing Error", *rows]))
    return Source(out, way)


def logic_2(capture: Path, way: Direction, out: Path) -> Source:
    rows = [f'"Async Serial","data",{t_ns / 1e9:.9f},8.68e-05,0x{value:02X}' for t_ns, d, value in clocked(capture) if d == way]
    out.write_text("\n".join(["name,type,start_time,duration,data", *rows]))
    return Source(out, way)


def sigrok(capture: Path, out: Path, line: str) -> Source:
    names = {INBOUND: "RX", OUTBOUND: "TX"}
    rows = [(t_ns * RATE // 10**9, names[direction], value) for t_ns, direction, value in clocked(capture)]
    out.write_text(
        "\n".join(f"{at - 1}-{at} UART: {name} start bit: S\n{line.format(at - 1, at, name, value)}" for at, name, value in rows)
    )
    return Source(out, NEITHER)


def check_import(capture: Path, out: Path) -> None:
    """The same bytes in each direction, the same frames in the same order, and no more than observed."""
    assert verify(out).whole
    for way in WAYS:
        assert stream(out, way) == stream(capture, way)
    assert frames(out) == frames(capture)
    with PlantedTarget(Pump()) as target:
        result = replay_on(target, load(out))
    assert (result.verdict, result.sureness) == (Verdict.INCONCLUSIVE, "observed")


@pytest.mark.parametrize("export", [logic_1, logic_2])
def test_exports_of_two_analysers_are_one_capture(export: object, capture: Path, tmp_path: Path) -> None:
    make = logic_1 if export is logic_1 else logic_2
    sources = [make(capture, way, tmp_path / f"{way}.csv") for way in WAYS]
    made = import_files(sources, tmp_path / "out.pcapng", start_ns=10**18)
    check_import(capture, tmp_path / "out.pcapng")
    times = [one.t_ns for one in read(tmp_path / "out.pcapng") if isinstance(one, Record) and not one.is_meta]
    assert times == sorted(times)
    assert (times[-1], made.unsound) == (10**18 + list(clocked(capture))[-1][0], 0)


@pytest.mark.parametrize(
    "line", ["{}-{} UART: {} data: {:02X}", "{}-{} uart-1: {}-data: {:02x}", '{}-{},UART: "{} data","{:02X}"']
)
def test_annotations_of_sigrok_are_told_apart_by_rx_and_tx(line: str, capture: Path, tmp_path: Path) -> None:
    source = sigrok(capture, tmp_path / "annotations.txt", line)
    with pytest.raises(ValueError, match="give --samplerate"):
        import_files([source], tmp_path / "out.pcapng")
    import_files([source], tmp_path / "out.pcapng", samples_per_s=RATE)
    check_import(capture, tmp_path / "out.pcapng")


def test_raw_bytes_of_two_directions_are_laid_into_each_other(capture: Path, tmp_path: Path) -> None:
    for way, name in zip(WAYS, ("heard", "told"), strict=True):
        (tmp_path / name).write_bytes(stream(capture, way))
    out = tmp_path / "out.pcapng"
    import_files([Source(tmp_path / "heard", INBOUND), Source(tmp_path / "told", OUTBOUND)], out)
    for way in WAYS:
        assert stream(out, way) == stream(capture, way)
    asked: set[tuple[int, int]] = set()
    for one in frames(out):
        key = one.head[1] & 1, one.head[4]
        if not one.header.from_device:
            asked.add(key)
        assert one.head[4] == 0 or key in asked
    assert sorted(one.raw for one in frames(out)) == sorted(one.raw for one in frames(capture))


def test_raw_bytes_of_both_directions_are_told_apart_by_their_headers(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "both").write_bytes(b"".join(payload for _, payload in passed(capture)))
    made = import_files([Source(tmp_path / "both", NEITHER)], tmp_path / "out.pcapng")
    assert [one.event.raw for one in FrameReader().frames(read(tmp_path / "out.pcapng")) if isinstance(one, FrameAt)] == [
        one.raw for one in frames(capture)
    ]
    assert made.bytes_in == (tmp_path / "both").stat().st_size


@given(data=st.binary(min_size=1, max_size=600), way=st.sampled_from([INBOUND, OUTBOUND, NEITHER]))
def test_every_raw_byte_arrives(data: bytes, way: Direction, folder: Path) -> None:
    (folder / "bytes").write_bytes(data)
    import_files([Source(folder / "bytes", way, "raw")], folder / "out.pcapng", force=True)
    assert b"".join(payload for _, payload in passed(folder / "out.pcapng")) == data


@given(
    text=st.text(alphabet="0123456789-:, abcdefxRXTXdata\"'\n.", max_size=200),
    form=st.sampled_from(["saleae-1", "saleae-2", "sigrok"]),
)
def test_text_that_is_no_export_is_refused_by_its_line(text: str, form: str, folder: Path) -> None:
    (folder / "export").write_text(text)
    source = Source(folder / "export", INBOUND, form)
    said, bytes_in = "", 0
    try:
        bytes_in = import_files([source], folder / "text.pcapng", samples_per_s=RATE, force=True).bytes_in
    except BadExport as problem:
        said = str(problem)
    kept = len(stream(folder / "text.pcapng", INBOUND)) if not said else 0
    assert bytes_in == kept
    assert not said or "line " in said or "stands behind" in said or "holds no byte" in said


def test_bytes_marked_as_broken_are_kept_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Time [s],Value,Parity Error,Framing Error\n-0.5,0x00,,Error\n0.1,0xD4,,\n0.2,0xD5,Error,\n")
    done = pumpbench("import", "--from-device", "a.csv", "-o", "a.pcapng", "--json", cwd=tmp_path)
    assert done.returncode == 3
    assert "marked 2 bytes as broken" in done.stderr
    assert stream(tmp_path / "a.pcapng", INBOUND) == b"\0\xd4\xd5"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.bin"], "none.bin: no such file"),
        ([], "give files of both directions"),
        (["a.csv", "--to-device", "a.csv"], "give files of both directions"),
        (["--to-device", "text.csv"], "line 2: '0.1,o,,' is no byte of an async serial analyser; export with values in hex"),
        (["--to-device", "a.csv", "--start", "noon"], "--start 'noon': expected a time such as"),
        (["--to-device", "a.csv", "--from-device", "raw.bin"], "with and without times"),
    ],
)
def test_import_that_cannot_be_is_refused_and_leaves_nothing(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Time [s],Value,Parity Error,Framing Error\n0.1,0xD4,,\n")
    (tmp_path / "text.csv").write_text("Time [s],Value,Parity Error,Framing Error\n0.1,o,,\n")
    (tmp_path / "raw.bin").write_bytes(b"\1\2\0")
    done = pumpbench("import", *words, "-o", "out.pcapng", cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "raw.bin", "text.csv"]


def test_imported_capture_says_where_it_is_from(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_files([logic_1(capture, INBOUND, tmp_path / "a.csv")], tmp_path / "out.pcapng")
    assert show(tmp_path / "out.pcapng", in_json=False) == 3
    assert "format saleae-1" in capsys.readouterr().out
