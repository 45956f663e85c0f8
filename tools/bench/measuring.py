"""Runs the contenders of a path in turns and takes medians; it must not know what they do."""

import contextlib
import gc
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from pumpbench.tools.bench.contender import OURS, Absent, Round, Setting, prepare
from pumpbench.tools.bench.path import Path, Peer, Row
from pumpbench.tools.bench.peer_process import PeerProcess

Tell = Callable[[str], None]
OURSELVES: Final = ""


def measure(path: Path, setting: Setting, peers: PeerProcess, rounds: int, tell: Tell) -> list[Row]:
    """A row for each peer. Everyone has one round of each turn, so that what disturbs the machine disturbs all alike."""
    with ExitStack() as stack:
        turns: dict[str, Round] = {}
        names = {peer.function: peer.name for peer in path.peers}
        _add(turns, OURSELVES, lambda: prepare(OURS, path.function, setting, stack), tell)
        for peer in path.peers:
            _add(turns, peer.function, partial(_set_up, peer, setting, peers, stack, names), tell)
        figures = _in_turns(turns, min(rounds, path.rounds_max), tell)
    medians = {name: statistics.median(seen) for name, seen in figures.items()}
    ours = medians.get(OURSELVES)
    return [Row(path, peer, names[peer.function], ours, medians.get(peer.function)) for peer in path.peers]


def _set_up(peer: Peer, setting: Setting, peers: PeerProcess, stack: ExitStack, names: dict[str, str]) -> Round:
    if peer.ours:
        return prepare(OURS, peer.function, setting, stack)
    once, version = peers.prepare(peer.function)
    names[peer.function] = f"{peer.name} ({version})" if version else peer.name
    return once


def _add(turns: dict[str, Round], name: str, made: Callable[[], Round], tell: Tell) -> None:
    with _told(name, tell):
        turns[name] = made()


def _in_turns(turns: dict[str, Round], rounds: int, tell: Tell) -> dict[str, list[float]]:
    """Figures of each; who fails in a round is absent from there on and has none."""
    figures: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name in list(figures):
            gc.collect()
            once = figures.pop(name)
            with _told(name, tell):
                figures[name] = [*once, turns[name]()]
    return figures


@contextlib.contextmanager
def _told(name: str, tell: Tell) -> Iterator[None]:
    """One contender that is missing, or fails, costs only its own figures: it is said, and the others go on."""
    try:
        yield
    except Absent as problem:
        tell(f"  absent: {name or 'ours'}: {problem}")
    except Exception as problem:
        tell(f"  failed: {name or 'ours'}: {type(problem).__name__}: {problem}")
