"""What a rig writes into a capture besides the bytes that pass: everything needed to run it again; it reads no capture.

These records are the format that replay reads. `header` comes first and once: versions, the whole field table, time
mode, configuration, start, scenario, seed and what it became, builds. `snapshot` is the state both sides start from.
`inject` stands before the request that carries it; where the plant is the bench's own, `plant_inject` stands for one.
`wire` lists the faults placed on the wire, before the first can act; `wire_fault` stands before what one of them does,
numbered from 0, with the sequence number of its frame. Checkpoints are the writer's own, and so is the trailer, which is
told how far the run went: no tally shows that an end was cut off. In a session between others `connection` tells that a
programmer came or left; its numbers may begin anew. No rig writes one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal

from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.state import STATE_PARTS, Identity
from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.capture.writer import CaptureWriter
from pumpbench.hil.links import Link, Tap
from pumpbench.hil.links.tap import Sink, steady_clock
from pumpbench.protocol.codes import StopMask
from pumpbench.protocol.layout import layout_of, layout_to_dict
from pumpbench.protocol.limits import PROTOCOL_VERSION, TICK_MS
from pumpbench.protocol.messages import REGISTRY, Identified, ResetToStart

CAPTURE_FORMAT: Final = 1
HEADER: Final = "header"
SNAPSHOT: Final = "snapshot"
INJECT: Final = "inject"
PLANT_INJECT: Final = "plant_inject"
WIRE: Final = "wire"
WIRE_FAULT: Final = "wire_fault"
CONNECTION: Final = "connection"
CAME: Final = "came"
LEFT: Final = "left"
STOP_MASK: Final = 0
"""Of every credit a rig grants that keeps the plant where the controller is: only its target ends one."""
ACTUATOR: Final = StopMask.bit_of(StopMask.ACTUATOR)
FEELING: Final = ACTUATOR | StopMask.bit_of(StopMask.EFFECT) | StopMask.bit_of(StopMask.RESET)
"""Every tick that asks something of a plant outside ends such a credit, and every effect, since the load may change there."""
FOLLOWING: Final = ACTUATOR | StopMask.bit_of(StopMask.FOLLOW)
"""The rotor is vouched for: of the plant only samples and tones are asked in their own tick."""
STOP_MASKS_OF_CONTROLLER: Final = (FEELING, FOLLOWING)
LINE: Final = "target"
STATE_TABLE: Final = tuple(layout_of(part) for part in (*STATE_PARTS, Identity, Program))
"""The parts of a snapshot in their order, then what stands outside it."""
TimeMode = Literal["credit", "free"]
"""Time passes by credits of the bench alone, or by the device's own clock."""
HEADER_KEYS: Final = frozenset(
    "record capture_format protocol_version messages state tick_ms time_mode stop_mask target topology config start "
    "scenario seed expansion revisions builds host_clock".split()
)
"""Exactly these: an entry too many or too few is damage."""
SESSION_KEYS: Final = frozenset(
    "record capture_format protocol_version messages tick_ms time_mode programmer pump revisions host_clock".split()
)
"""Of a header that tells of a session between others: nobody knows the state it began in."""


@dataclass(frozen=True, slots=True)
class About:
    """What a rig is told of the run for its recording: texts and numbers it does not itself use."""

    scenario: str = ""
    seed: int = 0
    expansion: tuple[Mapping[str, int], ...] = ()
    """What the seed became: tick, fault and arguments of each, made before tick 1."""
    revisions: Mapping[str, str] = field(default_factory=dict)
    """Of facts and machine pages, by name."""


class Recording:
    """A capture of one target's link. Nothing passes the tap before `begin` or after `end`."""

    def __init__(self, path: Path, about: About, force: bool = False, sync: bool = False) -> None:
        # One clock for meta and line, so that the order of records is the order of their times.
        self._clock_ns = steady_clock()
        self._writer = CaptureWriter(path, force=force, sync=sync, clock_ns=self._clock_ns)
        self._about = about
        self._line: Sink = self._writer.sink(self._writer.add_line(LINE))
        self._open = self._begun = False
        self._wire_faults = 0
        self.standing: Callable[[], tuple[int, int | None]] | None = None
        """Tells how far the run went, for the trailer: its last tick, and the sequence number of the device's last frame."""

    @property
    def path(self) -> Path:
        return self._writer.path

    def tapped(self, link: Link) -> Link:
        """The link with a tap on it that listens between `begin` and `end`."""
        return Tap(link, self._sink, self._clock_ns)

    def begin(
        self,
        target: str,
        topology: str,
        builds: Mapping[str, Identified],
        config: Mapping[str, int],
        start: ResetToStart,
        time_mode: TimeMode = "credit",
    ) -> None:
        """Opens the recording with everything a replay needs but the first snapshot; the tap listens from here on."""
        self._writer.meta(
            {
                **_versions(time_mode),
                "state": [layout_to_dict(layout) for layout in STATE_TABLE],
                "stop_mask": STOP_MASK,
                "target": target,
                "topology": topology,
                "config": {name: wide(value) for name, value in config.items()},
                "start": values_of(start),
                "scenario": self._about.scenario,
                "seed": wide(self._about.seed),
                "expansion": [dict(one) for one in self._about.expansion],
                "revisions": {"pumpbench": host_version(), **self._about.revisions},
                "builds": {side: values_of(identified) for side, identified in builds.items()},
            }
        )
        self._open = self._begun = True

    def snapshot(self, tick: int, data: bytes) -> None:
        self._writer.meta({"record": SNAPSHOT, "tick": wide(tick), "data": data.hex()})

    def inject(self, tick: int, fault: int, arguments: tuple[int, int, int], here: bool = False) -> None:
        """Before it acts, so that a torn file never lacks a cause whose effect it holds. `here`: on a plant of the bench."""
        if self._open:
            arg_0, arg_1, arg_2 = arguments
            record = PLANT_INJECT if here else INJECT
            self._writer.meta(
                {"record": record, "tick": wide(tick), "fault": fault, "arg_0": arg_0, "arg_1": arg_1, "arg_2": arg_2}
            )

    def wire(self, wire: Mapping[str, object]) -> None:
        self._writer.meta({"record": WIRE, "wire": dict(wire)})

    def wire_fault(self, tick: int, seq: int, fault: Mapping[str, object]) -> None:
        """The line is tapped at the device's side of the wire: without this a lost frame would look like damage."""
        if self._open:
            number = self._wire_faults
            self._wire_faults += 1
            self._writer.meta({"record": WIRE_FAULT, "number": number, "tick": wide(tick), "seq": seq, "fault": dict(fault)})

    def end(self, ended: str) -> None:
        """Closes the file with its trailer; what passes later (a search for a difference) is not recorded.

        A recording that never began leaves no file.
        """
        begun, self._open = self._begun, False
        tick, seq = self.standing() if begun and self.standing is not None else (None, None)
        told = {"last_tick": tick, "last_seq": seq}
        self._writer.close(ended, **{name: wide(value) for name, value in told.items() if value is not None})
        if not begun:
            self.path.unlink(missing_ok=True)

    def _sink(self, direction: Any, t_ns: int, payload: bytes) -> None:
        if self._open:
            self._line(direction, t_ns, payload)


def session_header(programmer: str, pump: str) -> dict[str, Any]:
    """Of a recording made between a programmer and a pump, both by the names of their ends; evidence by its frames alone."""
    return {**_versions("free"), "programmer": programmer, "pump": pump, "revisions": {"pumpbench": host_version()}}


def _versions(time_mode: TimeMode) -> dict[str, Any]:
    """What every header says, so that its file can be read without this repository."""
    return {
        "record": HEADER,
        "capture_format": CAPTURE_FORMAT,
        "protocol_version": PROTOCOL_VERSION,
        "messages": [layout_to_dict(layout) for layout in REGISTRY.layouts()],
        "tick_ms": TICK_MS,
        "time_mode": time_mode,
        "host_clock": "nanoseconds since 1970, from the host's clock at the start and steady from there",
    }


def values_of(message: Any) -> dict[str, Any]:
    """The fields of a message without a tail; 64-bit ones as decimal text, as everywhere in meta records."""
    fields = layout_of(type(message)).fields
    return {f.name: wide(value) if f.code in "Qq" else value for f, value in zip(fields, message, strict=True)}


def host_version() -> str:
    """Of the installed package; "unknown" in a bare source tree."""
    try:
        return version("pumpbench")
    except PackageNotFoundError:
        return "unknown"
