"""The line to type next begins as this command can be typed here."""

import sys
from pathlib import Path

import pytest

from pumpbench.tools.called import called


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bin" / "pumpbench"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "run"])
    return path


def test_command_is_called_by_its_path_when_the_shell_does_not_find_it(command: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert called() == str(command)


def test_command_is_called_by_its_name_when_the_shell_finds_it(command: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(command.parent))
    assert called() == "pumpbench"


def test_command_is_called_by_its_name_when_it_was_started_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["-c", "run"])
    assert called() == "pumpbench"
