"""What the verbs that make a file of a capture refuse: one line that names the file, and nothing left beside it."""

import shlex
import subprocess
from pathlib import Path

import click
import pytest

from pumpbench.hil.capture import CaptureExists
from pumpbench.tools.failure import Failed
from tests.tools.command import COMMAND, environment
from tests.tools.holding.test_verbs import MAKING, typed

COPYING = ("filter", "cat", "scrub")
ROOM_BLOCKS = 16
"""Of 512 bytes: less than any copy of a capture takes."""


def arguments(verb: str, source: Path) -> list[str]:
    return [word.format(capture=source, bytes=source) for word in MAKING[verb]]


@pytest.mark.parametrize("verb", COPYING)
@pytest.mark.parametrize("content", [b"", b"hello world\n", b"\x0a\x0d\x0d"])
def test_copy_of_what_is_no_capture_is_refused(verb: str, content: bytes, tmp_path: Path) -> None:
    source = tmp_path / "notes.txt"
    source.write_bytes(content)
    with pytest.raises(Failed, match=r"notes\.txt: holds no record") as caught:
        typed(verb, [*arguments(verb, source), "-o", str(tmp_path / "out")])
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("verb", [*COPYING, "recover", "import"])
def test_folder_in_the_place_of_a_file_is_called_one(verb: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="is a folder; give "):
        typed(verb, [*arguments(verb, tmp_path), "-o", str(tmp_path / "out")])


@pytest.mark.parametrize("verb", MAKING)
def test_dash_is_no_name_of_a_file_to_make(verb: str, capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.BadParameter, match="stdout"):
        typed(verb, [*arguments(verb, capture), "-o", "-"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", MAKING)
def test_file_that_is_read_is_no_name_either_with_force(verb: str, capture: Path) -> None:
    before = capture.read_bytes()
    with pytest.raises(CaptureExists, match="is the file that is read"):
        typed(verb, [*arguments(verb, capture), "-o", str(capture), "--force"])
    assert capture.read_bytes() == before


@pytest.mark.parametrize("verb", MAKING)
def test_full_disk_names_the_file_that_was_asked_for_and_leaves_nothing(verb: str, capture: Path, tmp_path: Path) -> None:
    command = shlex.join([*COMMAND, verb, *arguments(verb, capture), "-o", "out.x"])
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f {ROOM_BLOCKS}; exec {command}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()) == (
        4, ["pumpbench: out.x: cannot be written (File too large); make room there, or choose another folder"],
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_dissector_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    command = shlex.join([*COMMAND, "spec", "--lua", "pumpbench.lua"])
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f {ROOM_BLOCKS}; exec {command}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "pumpbench.lua: cannot be written (File too large)" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "content"), [("empty.bin", b""), ("start.sr.txt", b"12-40 uart-1: Start bit\n")])
def test_import_of_what_holds_no_byte_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Failed, match=rf"{name}: holds no byte"):
        typed("import", [str(tmp_path / name), "--samplerate", "1000", "-o", str(tmp_path / "out")])
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("bounds", [("--after-tick", "5min", "--until-tick", "4min"), ("--after", "9s", "--until", "1s")])
def test_span_that_ends_before_it_begins_is_refused(bounds: tuple[str, ...], capture: Path, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="ends before it begins"):
        typed("filter", [str(capture), *bounds, "-o", str(tmp_path / "out")])
    assert list(tmp_path.iterdir()) == []
