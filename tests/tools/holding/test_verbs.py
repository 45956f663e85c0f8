"""The verbs that handle captures, as they are typed: JSON alone on stdout, the rest on stderr, nothing replaced unasked."""

import json
import stat
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pumpbench.hil.capture import CaptureExists
from pumpbench.tools.main import VERBS, pumpbench

MAKING = {
    "recover": ["{capture}"],
    "filter": ["{capture}", "--until-tick", "5min"],
    "cat": ["{capture}"],
    "scrub": ["{capture}", "--seed", "1"],
    "convert": ["{capture}", "--format", "csv"],
    "import": ["{bytes}"],
}
LOOKING = {"info": ["{capture}"], "doctor": ["{capture}"]}


@pytest.fixture
def words(capture: Path, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "wire.bin").write_bytes(b"\0noise\0")
    return {"capture": str(capture), "bytes": str(tmp_path / "wire.bin")}


def typed(verb: str, arguments: list[str]) -> tuple[int, str, str]:
    done = CliRunner().invoke(pumpbench, [verb, *arguments], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return int(done.return_value or 0), done.stdout, done.stderr


@pytest.mark.parametrize("verb", [*MAKING, *LOOKING])
def test_json_stands_alone_on_stdout_with_its_schema(verb: str, words: dict[str, str], tmp_path: Path) -> None:
    given = [word.format(**words) for word in (MAKING | LOOKING)[verb]]
    out = ["-o", str(tmp_path / "out")] if verb in MAKING else []
    code, stdout, _ = typed(verb, [*given, *out, "--json"])
    told = json.loads(stdout)
    assert told["schema"].startswith("pumpbench.")
    assert told["schema"].endswith("/1")
    # Of noise nothing tells the direction.
    assert code == (3 if verb == "import" else 0)
    assert verb in VERBS


@pytest.mark.parametrize("verb", MAKING)
def test_file_that_is_made_is_its_owners_and_replaces_none_unasked(verb: str, words: dict[str, str], tmp_path: Path) -> None:
    given = [word.format(**words) for word in MAKING[verb]]
    out = tmp_path / "out"
    typed(verb, [*given, "-o", str(out)])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = out.read_bytes()
    with pytest.raises(CaptureExists, match="--force"):
        typed(verb, [*given, "-o", str(out)])
    assert out.read_bytes() == before
    typed(verb, [*given, "-o", str(out), "--force"])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "wire.bin"]


@pytest.mark.parametrize("verb", [*MAKING, *LOOKING])
def test_file_that_is_missing_is_a_usage_error(verb: str, tmp_path: Path) -> None:
    given = [str(tmp_path / "none.pcapng"), *((MAKING | LOOKING)[verb][1:])]
    out = ["-o", str(tmp_path / "out")] if verb in MAKING else []
    with pytest.raises(Exception, match="none.pcapng") as caught:
        typed(verb, [*given, *out])
    assert isinstance(caught.value, click.ClickException) or getattr(caught.value, "exit_code", 2) == 2
    assert list(tmp_path.iterdir()) == []


def test_doctor_takes_a_missing_capture_for_no_target(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no such file; give a capture, such as out/latest, or a target"):
        typed("doctor", [str(tmp_path / "gone.pcapng")])
