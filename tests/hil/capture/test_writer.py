"""What the writer does with its file: rights, names, replacing, and a disk that takes no more."""

import datetime
import os
import resource
import stat
from pathlib import Path

import pytest

from pumpbench.hil.capture import (
    CaptureError,
    CaptureExists,
    CaptureWriter,
    Record,
    capture_path,
    mend_latest,
    parse_meta,
    point_latest,
    read,
    verify,
)
from pumpbench.hil.capture.blocks import PAYLOAD_BYTES_MAX
from pumpbench.hil.links import INBOUND, OUTBOUND
from tests.hil.capture.making import T0_NS, damages, lines, make_capture, readable


def test_writer_gives_nobody_else_the_right_to_read(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        path = make_capture(tmp_path / "a.pcapng", [(INBOUND, b"x")])
        again = make_capture(path, [])
    finally:
        os.umask(umask)
    assert stat.S_IMODE(again.stat().st_mode) == 0o600


def test_writer_refuses_when_the_name_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"precious")
    with pytest.raises(CaptureExists, match="--force") as told:
        CaptureWriter(path)
    assert "\n" not in str(told.value)
    assert path.read_bytes() == b"precious"


def test_writer_replaces_in_one_step_when_forced(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [(INBOUND, b"old")])
    before = path.read_bytes()
    with path.open("rb") as old, CaptureWriter(path, force=True) as writer:
        # From the first moment on, the name is a valid capture; and whoever reads the old one keeps it.
        assert readable(path) == []
        writer.line(writer.add_line("link0"), INBOUND, T0_NS, b"new")
        assert old.read() == before
    assert [record.payload for record in lines(readable(path))] == [b"new"]
    assert os.listdir(tmp_path) == ["a.pcapng"]


def test_writer_replaces_no_pipe_and_no_device_when_forced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pcapng"
    os.mkfifo(pipe)
    with pytest.raises(CaptureError, match="is no file"):
        CaptureWriter(pipe, force=True)
    assert pipe.is_fifo()
    assert os.listdir(tmp_path) == [pipe.name]


@pytest.mark.parametrize("force", [False, True])
def test_writer_says_so_when_the_place_takes_no_file(tmp_path: Path, force: bool) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "missing" / "deep" / "a.pcapng", tmp_path / "folder"):
        with pytest.raises(CaptureError):
            CaptureWriter(path, force=force)
    assert os.listdir(tmp_path) == ["folder"]


def test_writer_hands_over_each_record_before_its_call_returns(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    with CaptureWriter(path) as writer:
        line = writer.add_line("link0")
        for index in range(50):
            writer.line(line, INBOUND, T0_NS, bytes([index]))
            assert [record.payload for record in lines(readable(path))] == [bytes([i]) for i in range(index + 1)]


def test_writer_hands_over_at_flush_when_buffered(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    with CaptureWriter(path, buffered=True) as writer:
        line = writer.add_line("link0")
        writer.line(line, INBOUND, T0_NS, b"x")
        assert lines(readable(path)) == []
        writer.flush()
        assert len(lines(readable(path))) == 1
    assert verify(path).whole


def test_writer_waits_for_the_disk_at_each_record_when_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    monkeypatch.setattr("pumpbench.hil.capture.writer.os.fdatasync", waits.append)
    make_capture(tmp_path / "a.pcapng", [(INBOUND, b"x")] * 5, sync=True)
    assert len(waits) == 8  # five records, the opening, the declaration of the line, the trailer
    with pytest.raises(ValueError, match="exclude"):
        CaptureWriter(tmp_path / "b.pcapng", sync=True, buffered=True)


def _record_many(writer: CaptureWriter, line: int) -> None:
    for index in range(5000):
        writer.line(line, INBOUND, T0_NS, b"%04d" % index)


@pytest.mark.parametrize("buffered", [False, True])
def test_writer_stays_stopped_when_the_disk_took_no_more(tmp_path: Path, buffered: bool) -> None:
    path = tmp_path / "a.pcapng"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writer = CaptureWriter(path, buffered=buffered)
    line = writer.add_line("link0")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(CaptureError, match="takes no more"):
            _record_many(writer, line)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(CaptureError, match="takes no more"):
        writer.line(line, INBOUND, T0_NS, b"after")
    with pytest.raises(CaptureError, match="takes no more"):
        writer.close()
    items = readable(path)
    assert [record.payload for record in lines(items)] == [b"%04d" % index for index in range(len(lines(items)))]
    assert len(lines(items)) > 5
    # What a buffer still held goes out when there is room again; a record that was torn stays torn.
    assert len(damages(items)) == (0 if buffered else 1)
    assert not verify(path).trailer


def test_writer_says_how_it_ended_when_the_body_raised(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    with pytest.raises(KeyboardInterrupt), CaptureWriter(path):
        raise KeyboardInterrupt
    assert verify(path).whole
    assert verify(path).ended == "KeyboardInterrupt"


def test_writer_refuses_records_when_closed(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path / "a.pcapng")
    line = writer.add_line("link0")
    writer.close()
    writer.close()
    with pytest.raises(CaptureError, match="closed"):
        writer.line(line, OUTBOUND, T0_NS, b"x")
    assert verify(tmp_path / "a.pcapng").records == 1


def test_writer_refuses_what_no_reader_could_tell_apart(tmp_path: Path) -> None:
    with CaptureWriter(tmp_path / "a.pcapng") as writer:
        line = writer.add_line("link0")
        for name in ("link0", "meta", "", "two words", "line\n"):
            with pytest.raises(ValueError, match="word of its own"):
                writer.add_line(name)
        for record in ({}, {"record": 3}, {"record": "trailer"}, {"record": "checkpoint"}, {"record": "x", "y": 0.5}):
            with pytest.raises(ValueError, match="record"):
                writer.meta(record)
        with pytest.raises(ValueError, match="split it"):
            writer.line(line, INBOUND, T0_NS, bytes(PAYLOAD_BYTES_MAX + 1))
        writer.line(line, INBOUND, T0_NS, bytes(PAYLOAD_BYTES_MAX))
    assert verify(tmp_path / "a.pcapng").whole


def test_writer_counts_every_thousand_records_and_at_the_end(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [(INBOUND, b"x")] * 3500)
    metas = [parse_meta(item) for item in read(path) if isinstance(item, Record) and item.is_meta]
    assert [meta["record"] for meta in metas if isinstance(meta, dict)] == ["opening", *["checkpoint"] * 3, "trailer"]


def test_name_of_a_capture_holds_nothing_a_file_name_should_not() -> None:
    at = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    path = capture_path(Path("out"), "low battery/2", "serial:/dev/ttyACM0", at)
    assert str(path) == "out/low_battery_2-serial_dev_ttyACM0-20240506T050809Z.pcapng"
    assert capture_path(Path("out"), "..", "/", at).name == "unnamed-unnamed-20240506T050809Z.pcapng"
    far = capture_path(Path("out"), "a" * 300, f"capture:{'folder/' * 60}mine.pcapng", at).name
    assert len(far) <= 255
    assert far.endswith("folder_mine.pcapng-20240506T050809Z.pcapng")


def test_latest_falls_back_to_the_newest_that_is_left(tmp_path: Path) -> None:
    for at, name in enumerate(("old.pcapng", "newer.pcapng", "newest.pcapng")):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (at, at))
    latest = point_latest(tmp_path / "newest.pcapng")
    mend_latest(tmp_path)
    assert os.readlink(latest) == "newest.pcapng"
    for gone, left in (("newest", "newer"), ("newer", "old")):
        (tmp_path / f"{gone}.pcapng").unlink()
        mend_latest(tmp_path)
        assert os.readlink(latest) == f"{left}.pcapng"
    (tmp_path / "old.pcapng").unlink()
    mend_latest(tmp_path)
    assert not latest.is_symlink()


def test_latest_points_at_the_newest_and_can_be_moved_with_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for name in ("a.pcapng", "b.pcapng"):
        path = make_capture(folder / name, [])
        latest = point_latest(path)
        assert os.readlink(latest) == name
        assert latest.resolve() == path
    assert sorted(os.listdir(folder)) == ["a.pcapng", "b.pcapng", "latest"]


def test_latest_is_refused_when_it_is_somebodys_file(tmp_path: Path) -> None:
    path = make_capture(tmp_path / "a.pcapng", [])
    (tmp_path / "latest").write_text("mine")
    with pytest.raises(CaptureError, match="not a symlink"):
        point_latest(path)
    assert (tmp_path / "latest").read_text() == "mine"
