"""The golden frames of `fixtures/corpus/`, sent in every chunking: each good one is answered once, each bad one counted once.

The device is unarmed and has no session, so that none of them can do anything. A port may join the pieces that are sent to it: a
chunking is what the host does, not what the device is sure to see.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import LinkCounters

SECTION: Final = "SPEC Frames"
ANSWERED: Final = ("length", "range")
"""Faults of a frame whose header holds: it is answered, and counted as good."""
EVERY_SPLIT: Final = ("Identify: rising", "Open: rising", "StageFlex: rising", "fault ", "stream: two frames")
SEEDED: Final = 3


@cache
def host_cases() -> tuple[dict[str, Any], ...]:
    """Cases that a host sends and that end with their last frame."""
    text = (files("pumpbench.fixtures") / "corpus" / "frames.json").read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = json.loads(text)["cases"]
    return tuple(one for one in cases if one["from_device"] is False and "not ended" not in one["name"])


def _harmless(pump: Subject, case: dict[str, Any]) -> bool:
    """False for the one frame that would arm this very device, and for one that names its serial."""
    fields = [one.get("fields", {}) for one in case["expect"]]
    known = {str(pump.build_id)}, {str(pump.serial)}
    return not any(str(one.get("build_id")) in known[0] or str(one.get("serial")) in known[1] for one in fields)


def _counts(case: dict[str, Any]) -> tuple[int, int]:
    """(frames that are answered, frames that are counted as bad)."""
    good = sum("message" in one or one["fault"] in ANSWERED for one in case["expect"])
    return good, len(case["expect"]) - good


def _said(pump: Subject, *chunks: bytes) -> list[tuple[int, Any]]:
    """(id, message) of each reply; of link counters, which change, only that they came."""
    frames = [one for one in pump.exchange(*chunks) if isinstance(one, Frame)]
    return [(one.head[4], type(one.message) if isinstance(one.message, LinkCounters) else one.message) for one in frames]


def _unarmed(pump: Subject) -> list[tuple[str, bytes, int]]:
    """Name, bytes and number of replies of each case, with the device in a state in which none does anything."""
    pump.start()
    pump.disarm()
    cases = [one for one in host_cases() if _harmless(pump, one)]
    return [(one["name"], bytes.fromhex(one["wire"]), _counts(one)[0]) for one in cases]


def _in_pieces(pump: Subject, cut: Callable[[str, bytes], Iterator[list[bytes]]]) -> None:
    for name, wire, _ in _unarmed(pump):
        whole = None
        for pieces in cut(name, wire):
            whole = _said(pump, wire) if whole is None else whole
            sizes = [len(piece) for piece in pieces]
            shown = sizes if len(sizes) < 8 else "single bytes"
            pump.expect(f"replies to {name!r} in pieces of {shown}", _said(pump, *pieces), whole)


@check("corpus.each-good-frame-is-answered-once", SECTION)
def answered_once(pump: Subject) -> None:
    """Every good frame, and every one whose body alone is wrong, gets one reply; every other gets none."""
    for name, wire, replies in _unarmed(pump):
        pump.expect(f"number of replies to {name!r}", len(_said(pump, wire)), replies)


@check("corpus.each-bad-frame-is-counted-once", "SPEC Faults, SEMANTICS 7.1 step 1")
def counted_once(pump: Subject) -> None:
    """Each bad frame raises the counter of bad frames by one, each good one that of good frames."""
    _unarmed(pump)
    for case in host_cases():
        if _harmless(pump, case):
            good, bad = _counts(case)
            before = pump.link_counters()
            pump.exchange(bytes.fromhex(case["wire"]))
            after = pump.link_counters()
            pump.expect(f"bad_frame_count after {case['name']!r}", after.bad_frame_count - before.bad_frame_count, bad)
            # Beside them the Identify that ends the exchange, and the ReadLink that asks.
            pump.expect(f"good_frame_count after {case['name']!r}", after.good_frame_count - before.good_frame_count, good + 2)


@check("corpus.byte-by-byte", SECTION)
def byte_by_byte(pump: Subject) -> None:
    """Sent byte by byte, every frame of the corpus gets the replies that it gets whole."""
    _in_pieces(pump, lambda name, wire: iter([[bytes([one]) for one in wire]]))


@check("corpus.in-two-pieces", SECTION)
def in_two_pieces(pump: Subject) -> None:
    """Cut in two at every place, a frame of each kind gets the replies that it gets whole; the others at each eighth place."""

    def cut(name: str, wire: bytes) -> Iterator[list[bytes]]:
        begin = random.Random(f"two pieces {pump.seed} {name}").randrange(1, min(8, len(wire)))
        every = name.startswith(EVERY_SPLIT) and len(wire) < 80
        yield from ([wire[:at], wire[at:]] for at in range(1 if every else begin, len(wire), 1 if every else 8))

    _in_pieces(pump, cut)


@check("corpus.in-seeded-pieces", SECTION)
def in_seeded_pieces(pump: Subject) -> None:
    """Cut at places drawn from the seed, every frame gets the replies that it gets whole."""

    def cut(name: str, wire: bytes) -> Iterator[list[bytes]]:
        draw = random.Random(f"pieces {pump.seed} {name}")
        for _ in range(SEEDED):
            places = sorted(draw.sample(range(1, len(wire)), min(len(wire) - 1, draw.randrange(2, 6))))
            yield [wire[a:b] for a, b in zip([0, *places], [*places, len(wire)], strict=True)]

    _in_pieces(pump, cut)
