"""The bench measures every path in turns and says honestly what is absent; no figure is judged here."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path as File
from typing import Any

import pytest

from pumpbench.tools.bench import measuring
from pumpbench.tools.bench.apart import apart
from pumpbench.tools.bench.contender import Absent, Setting
from pumpbench.tools.bench.path import Goal, Path, Peer, Row
from pumpbench.tools.bench.paths import PATHS
from pumpbench.tools.bench.paths import VERBS as PATHS_OF_VERBS
from pumpbench.tools.bench.peer_process import PeerProcess
from pumpbench.tools.bench.report import ABSENT, as_json, table
from pumpbench.tools.main import VERBS
from tests.support import ROOT, require

KEYS = {"path", "ours", "peer", "peer_name", "ratio", "unit"}
ROWS = [(path.name, peer.name) for path in PATHS for peer in path.peers]
TAKES_NO_FRAMES = {"run", "check", "emulate", "send", "list", "flash", "reset", "scenarios", "lint", "spec"}
ONE = Path("one", "messages/s", "frames.encode_host", (Peer("mavlink.encode", "a peer", Goal("ratio >=", 5)),))


def bench(folder: File, *arguments: str) -> tuple[list[dict[str, Any]], str]:
    """What it wrote and what it printed, with as little work a round as there is."""
    command = [sys.executable, "-m", "pumpbench.tools.bench", "--rounds", "1", "--scale", "0.001"]
    done = subprocess.run([*command, "--output", folder / "bench.json", *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads((folder / "bench.json").read_text())
    return rows, done.stdout


def is_figure(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and value > 0


def test_bench_gives_every_path_against_every_peer_there_is(tmp_path: File) -> None:
    for capability in ("cc", "make", "pty"):
        require(capability)
    rows, printed = bench(tmp_path, "--peers", str(tmp_path / "absent"))
    assert [row["path"] for row in rows] == [path for path, _ in ROWS]
    assert all(set(row) == KEYS for row in rows)
    assert all(row["peer_name"].startswith(name) for row, (_, name) in zip(rows, ROWS, strict=True))
    assert not [row for row in rows if not is_figure(row["ours"])]
    for row in rows:
        if row["peer"] == ABSENT:
            assert row["ratio"] is None
        else:
            assert row["ratio"] == row["ours"] / row["peer"]
    assert len(printed.splitlines()) == 1 + len(rows)
    # Without their own environment only those peers are there that need no package of theirs.
    there = {row["peer_name"].partition(" ")[0] for row in rows if row["peer"] != ABSENT}
    assert there >= {"construct", "cobs", "ours,", "toy", "python", "bare"}
    assert not there & {"pymavlink", "python-can", "simpy,"}


def test_every_verb_that_takes_frames_is_measured() -> None:
    measured = {path.name.replace(",", " ").split()[0] for path in PATHS_OF_VERBS}
    assert measured == set(VERBS) - TAKES_NO_FRAMES
    assert not measured & TAKES_NO_FRAMES


def test_bench_measures_only_the_paths_asked_for(tmp_path: File) -> None:
    rows, _ = bench(tmp_path, "--only", "encode*")
    assert {row["path"] for row in rows} == {path for path, _ in ROWS if path.startswith("encode")}


def test_bench_refuses_a_pattern_that_names_no_path(tmp_path: File) -> None:
    command = [sys.executable, "-m", "pumpbench.tools.bench", "--only", "none", "--output", str(tmp_path / "bench.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'none' names no path" in done.stderr
    assert not (tmp_path / "bench.json").exists()


def test_absent_peer_is_printed_as_such_and_never_as_a_ratio() -> None:
    rows = [Row(ONE, ONE.peers[0], "a peer", 10.0, None), Row(ONE, ONE.peers[0], "a peer", None, 5.0)]
    for line in table(rows)[1:]:
        assert ABSENT in line.split()
        assert line.split().count("x") == 0
        assert line.endswith(">= 5x")
    assert [row["ratio"] for row in json.loads(as_json(rows))] == [None, None]


@pytest.mark.parametrize(
    ("goal", "ours", "peer", "reached"),
    [
        (Goal("ratio >=", 5), 50.0, 10.0, True),
        (Goal("ratio >=", 5), 49.0, 10.0, False),
        (Goal("ratio >=", 5), 49.0, None, None),
        (Goal("ratio <=", 1.3), 13.0, 10.0, True),
        (Goal("ratio <=", 1.3), 14.0, 10.0, False),
        (Goal("<=", 0.3), 0.3, None, True),
        (Goal("<=", 0.3), 0.31, None, False),
        (Goal(">=", 30e6), 30e6, None, True),
    ],
)
def test_goal_is_reached_at_its_bound(goal: Goal, ours: float, peer: float | None, reached: bool | None) -> None:
    assert goal.reached(ours, peer) is reached
    assert Row(ONE, Peer("p", "p", goal), "p", ours, peer).reached is reached


class Peers:
    """A process of peers in name only: it notes whose turn it was."""

    def __init__(self, turns: list[str], fails_at: int = 100) -> None:
        self.turns = turns
        self.fails_at = fails_at

    def prepare(self, name: str) -> tuple[Any, str]:
        if name.startswith("absent"):
            raise Absent("not here")
        return lambda: self._turn(name), "7"

    def _turn(self, name: str) -> float:
        self.turns.append(name)
        if len(self.turns) > self.fails_at:
            raise ZeroDivisionError
        return float(len(self.turns))


def measured(monkeypatch: pytest.MonkeyPatch, peers: Peers, *names: str) -> tuple[list[Row], list[str]]:
    """Rows of three rounds against these peers, and what was told meanwhile."""

    def ours(package: str, name: str, setting: Setting, stack: object) -> Any:
        return lambda: peers._turn("ours")

    monkeypatch.setattr(measuring, "prepare", ours)
    path = Path("p", "s", "ours", tuple(Peer(name, name) for name in names))
    told: list[str] = []
    return measuring.measure(path, Setting(File()), peers, 3, told.append), told  # type: ignore[arg-type]


def test_contenders_take_turns_and_medians_are_of_their_own_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    rows, told = measured(monkeypatch, Peers(turns), "a.a", "absent.b", "c.c")
    assert turns == ["ours", "a.a", "c.c"] * 3
    assert [(row.ours, row.theirs, row.peer_name) for row in rows] == [
        (4.0, 5.0, "a.a (7)"), (4.0, None, "absent.b"), (4.0, 6.0, "c.c (7)")
    ]  # fmt: skip
    assert told == ["  absent: absent.b: not here"]


def test_contender_that_fails_in_a_round_is_absent_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, told = measured(monkeypatch, Peers([], fails_at=5), "a.a")
    assert [(row.ours, row.theirs, row.ratio) for row in rows] == [(3.0, None, None)]
    assert told == ["  failed: a.a: ZeroDivisionError: "]


def test_peers_whose_process_cannot_start_are_absent(tmp_path: File) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    with PeerProcess(broken, Setting(tmp_path)) as process, pytest.raises(Absent, match="ended"):
        process.prepare("mavlink.encode")


def test_talking_processes_are_kept_apart_for_a_round_and_free_after_it() -> None:
    require("linux")
    allowed = os.sched_getaffinity(0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with apart(other.pid):
            mine, its = os.sched_getaffinity(0), os.sched_getaffinity(other.pid)
        assert (mine, its) == (allowed, allowed) if len(allowed) < 2 else not mine & its
        assert os.sched_getaffinity(0) == os.sched_getaffinity(other.pid) == allowed
