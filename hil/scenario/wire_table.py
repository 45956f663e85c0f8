"""Knows how a faulty wire is written in TOML, in a scenario or in a file of its own; it must not know what a fault does."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Final

from pumpbench.hil.scenario.kinds import MISSING, Key, ListOf, Table, Whole, Word
from pumpbench.hil.scenario.lines import key_lines
from pumpbench.hil.scenario.problem import Findings, Path, Problem, ScenarioError
from pumpbench.hil.wire import ARGUMENTS, KINDS, Fault, Wire, generate
from pumpbench.hil.wire.fault import DIRECTIONS

FRAMES_MAX: Final = 1_000_000
FAULTS_MAX: Final = 100_000

FAULT: Final = Table(
    {
        "kind": Key(Word(KINDS), "what happens to the frame", required=True),
        "direction": Key(Word(tuple(DIRECTIONS)), "outbound: to the pump; inbound: from it", required=True),
        "frame": Key(Whole(FRAMES_MAX), "which therapy frame of that direction, counted from 0, retries too", required=True),
        "copies": Key(Whole(100, 1), "duplicate: how many more arrive; left out: 1"),
        "frames": Key(Whole(FRAMES_MAX), "delay: how many later frames overtake it; cut: how many later ones are lost too"),
        "byte": Key(Whole(255), "cut: how many bytes of the frame still pass; left out: none"),
        "bit": Key(Whole(8 * 256 - 1), "flip: which bit of the frame on the wire; left out: the first"),
        "percent": Key(Whole(1_000, 10), "baud: the receiver's rate in percent of the sender's"),
    },
    "one fault, placed by direction and frame",
)
WIRE: Final = Table(
    {
        "seed": Key(Whole(), "faults drawn from this seed, before those listed"),
        "baud": Key(Whole(100_000_000, 50), "rate at which therapy frames pass; left out: as fast as the link is", 0),
        "fault": Key(ListOf(FAULT, most=FAULTS_MAX), "faults", ()),
    },
    "what goes wrong with therapy frames on their way; the bench's own frames pass exact",
)
_FILE: Final = Table({"wire": Key(WIRE, WIRE.doc, required=True)})


def read_wire(text: str, source: str) -> Wire:
    """The wire in a file that has a `[wire]` table and nothing else. Raises ScenarioError with every problem."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise ScenarioError([Problem(source, 0, f"not TOML: {error}; expected a table [wire]")]) from None
    findings = Findings(source, key_lines(text))
    values = _FILE.read(document, (), findings)
    made = None if values is MISSING else wire_of(values["wire"], ("wire",), findings)
    if findings.problems or made is None:
        raise ScenarioError(sorted(findings.problems))
    return made


def wire_of(values: Mapping[str, Any], path: Path, findings: Findings) -> Wire:
    """A wire from what the table `WIRE` has read."""
    drawn = () if values["seed"] is None else generate(values["seed"]).faults
    listed = (_fault(raw, (*path, "fault", index), findings) for index, raw in enumerate(values["fault"]))
    return Wire((*drawn, *listed), values["baud"])


def _fault(raw: Mapping[str, Any], path: Path, findings: Findings) -> Fault:
    kind = raw["kind"]
    given = {name: raw[name] for name in FAULT.keys if name not in ("kind", "direction", "frame") and raw[name] is not None}
    for name in given.keys() - set(ARGUMENTS[kind]):
        findings.say((*path, name), f"means nothing to {kind}; expected {', '.join(ARGUMENTS[kind]) or 'nothing more'}")
    if kind == "baud" and "percent" not in given:
        findings.say(path, "lacks percent, which a fault of the baud rate needs")
    return Fault(kind=kind, direction=DIRECTIONS[raw["direction"]], frame_index=raw["frame"], **given)
