"""The bench itself stopped in mid-run, as by a laptop that sleeps: under credits the pump sees nothing of it."""

import os
import signal
import subprocess
import time
from itertools import dropwhile
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.rig.recording import INJECT, SNAPSHOT
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Report
from tests.support import effort, require, rng, wait_until
from tests.tools.command import pumpbench, started

HELD_S = effort(1, 10)
UNTIL = {"native": "60d", "qemu:mps2-an385": "10d"}


@pytest.mark.parametrize("target", UNTIL)
def test_run_that_was_stopped_says_the_same_as_an_undisturbed_one(target: str, tmp_path: Path) -> None:
    for need in ("cc", "make") if target == "native" else ("arm", "qemu"):
        require(need)
    run = ("run", "default", "--target", target, "--until", UNTIL[target])
    whole = pumpbench(*run, "--capture", "whole.pcapng", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    size_bytes = (tmp_path / "whole.pcapng").stat().st_size
    drawn = rng(f"stopped {target}").randrange(size_bytes // 4, size_bytes // 2)
    process = started((*run, "--capture", "stopped.pcapng"), tmp_path)
    hold(process, tmp_path / "stopped.pcapng", drawn)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert told(tmp_path / "stopped.pcapng") == told(tmp_path / "whole.pcapng")


def hold(process: subprocess.Popen[str], capture: Path, size_bytes: int) -> None:
    """Stops the process once its recording is so long, for `HELD_S` by the host's clock."""
    wait_until(lambda: capture.exists() and capture.stat().st_size > size_bytes, "half a recording", 120)
    assert process.poll() is None, "it ran to its end before it could be stopped"
    os.kill(process.pid, signal.SIGSTOP)
    wait_until(lambda: state_of(process.pid) == "T", "the process to stand still")
    end_s = time.monotonic() + HELD_S
    wait_until(lambda: time.monotonic() >= end_s, "the time to pass", HELD_S + 30)
    assert state_of(process.pid) == "T"
    os.kill(process.pid, signal.SIGCONT)


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def told(capture: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """All frames to the target, all from it (digests among them), and all inputs beside them.

    Without their sequence numbers, and once where a slow machine made the bench ask again; from the first report on, because
    the device has a time of its own before the start.
    """
    ways: dict[int, list[tuple[Any, ...]]] = {INBOUND: [], OUTBOUND: []}
    inputs: list[Any] = []
    decoders = {INBOUND: Decoder(from_device=True), OUTBOUND: Decoder()}
    for item in read(capture):
        assert isinstance(item, Record), item
        if not item.is_meta:
            for event in decoders[item.direction].feed(item.payload):
                assert isinstance(event, Frame), event
                one = (*event.head[:3], *event.head[4:], event.message)
                if ways[item.direction][-1:] != [one]:
                    ways[item.direction].append(one)
        elif isinstance(found := parse_meta(item), dict) and found["record"] in (INJECT, SNAPSHOT):
            inputs.append(found)
    assert len(ways[INBOUND]) > 100
    return ways[OUTBOUND], [*dropwhile(lambda one: not isinstance(one[-1], Report), ways[INBOUND])], inputs
