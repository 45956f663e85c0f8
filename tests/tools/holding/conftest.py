"""Recordings that the tests of handling captures share, made once."""

from pathlib import Path

import pytest

from tests.hil.replay.recordings import record


@pytest.fixture(scope="session")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten minutes of an emulator in credits."""
    path = tmp_path_factory.mktemp("holding") / "whole.pcapng"
    record(path)
    return path
