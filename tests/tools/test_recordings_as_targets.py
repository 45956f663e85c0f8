"""`capture:FILE` at the command line: what was recorded is answered, and for anything else a verb ends with 3, never with 1."""

from pathlib import Path

import pytest

from tests.support import require
from tests.tools.command import pumpbench
from tests.tools.test_replay import SHORT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("cc")
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "short.toml").write_text(SHORT)
    (folder / "other.toml").write_text(SHORT.replace("1_000_000", "1_000_001"))
    done = pumpbench("run", "short.toml", "--capture", "native.pcapng", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run", "short.toml", "--seed", "5"), 0, "two implementations agree"),
        (("run", "other.toml"), 3, "dose_ng_per_day=1000001"),
        (("check",), 2, "checks ask what no recording was asked; pumpbench replay native.pcapng"),
        (("replay", "native.pcapng"), 3, "WriteSnapshot at tick 0 cannot be answered"),
    ],
)
def test_verb_on_a_recording_ends_as_it_should(words: tuple[str, ...], code: int, told: str, folder: Path) -> None:
    flag = "--against" if words[0] == "replay" else "--target"
    done = pumpbench(*words, flag, "capture:native.pcapng", cwd=folder)
    assert (done.returncode, told in done.stderr) == (code, True), done.stderr
    assert "bug" not in done.stderr


def test_send_reads_from_a_recording_until_therapy_was_changed_there(folder: Path) -> None:
    done = pumpbench("send", "capture:native.pcapng", "Identify", cwd=folder)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Identified")
    done = pumpbench("send", "capture:native.pcapng", "ReadProgram", "source=in_force", cwd=folder)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "ProgramRead"), done.stderr
    done = pumpbench("send", "capture:native.pcapng", "ReadStatus", cwd=folder)
    assert (done.returncode, "on record StageProgram comes there" in done.stderr) == (3, True)
