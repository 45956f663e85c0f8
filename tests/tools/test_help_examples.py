"""The example in each verb's help is a command that works as it stands, in a folder where something was run."""

import shlex
from pathlib import Path

import click
import pytest

from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.messages import Identify
from pumpbench.tools import main
from tests.support import require, wait_until
from tests.tools.command import pumpbench, started

SERVES = {"emulate": "build/pump", "record": "build/pump"}
"""Each with the symlink it makes where its example is served."""


def example_of(verb: str) -> list[str]:
    command = main.pumpbench.get_command(click.Context(main.pumpbench), verb)
    assert command is not None
    assert command.epilog is not None
    opening, _, words = command.epilog.partition(" pumpbench ")
    assert opening == "Example:"
    return shlex.split(words.partition(" < ")[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where out/latest is a recording, and bench1 a board."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "pumpbench.toml").write_text("[target.bench1]\nserial = '066BFF'\nboard = 'nucleo_f446re'\nimage = 'mine.elf'\n")
    (folder / "mine.elf").write_text("")
    done = pumpbench("run", "--topology", "local", "--until", "2h", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "build").mkdir()
    (folder / "wire.bin").write_bytes(host_frame(Identify(), 0, 1))
    return folder


@pytest.mark.parametrize("verb", [verb for verb in main.VERBS if verb not in SERVES])
def test_example_in_help_works_as_it_stands(verb: str, folder: Path) -> None:
    words = example_of(verb)
    assert words[0] == verb
    done = pumpbench(*words, cwd=folder)
    # A recording of the emulator compared with the emulator is no evidence, and a doctor may find something on any machine.
    expected = {"replay": {3}, "report": {3}, "doctor": {0, 4}}.get(verb, {0})
    assert done.returncode in expected, done.stderr
    assert "bug" not in done.stderr


@pytest.mark.parametrize("verb", sorted(SERVES))
def test_example_in_help_serves_until_it_is_ended(verb: str, folder: Path) -> None:
    require("pty")
    words = example_of(verb)
    process = started(words, folder)
    wait_until((folder / SERVES[verb]).is_symlink, "the link")
    process.terminate()
    process.communicate()
    assert process.returncode == 130
