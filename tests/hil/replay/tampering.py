"""Tampers with recordings, one record at a time, and says what of it nobody compares; asserts nothing."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from cobs import cobs

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.links.link import Direction
from pumpbench.hil.replay import NOT_COVERED, load, replay_on
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.header import DEVICE_BYTES, FLAG_BENCH, FLAG_FROM_DEVICE, HOST_BYTES
from pumpbench.protocol.layout import layout_from_dict, layout_of, schema_id
from pumpbench.protocol.messages import Arm, CommitProgram, Configure, Done, Refused, RunTo, Sense, VerifyProgram
from tests.hil.pumps import PlantedTarget
from tests.hil.replay.recordings import LAST_TICK, Kept, rewrite

BEFORE_START = [layout_of(cls).number.to_bytes(2, "little") for cls in (Arm, Configure)]
HEADER_SESSION = 10
"""Where the header's session begins."""
CHUNKS = "how the link cut what passed into pieces"
CREDIT_OUTSIDE = "RunTo.target_tick of topology controller, but for the tick reached"
LAST_SENSE = "what a Sense says after which no tick came"
MEANWHILE = "the order between requests and what came or was noted meanwhile, but that a reply follows its request"
LAST_FAULT = "whether a last wire_fault stands there"
NOISE = "noise to the device, of which only its link counters tell"
PLANT_OUTSIDE = "plant_inject of topology controller: what the pump felt of it stands in Sense"
REFUSED = "what was asked for, where it is refused in the same words"
UNREAD = "CommitProgram.second_confirmation_ng where none is due, sums of VerifyProgram where a program has none"
UNREAD_FIELDS: dict[Any, set[str]] = {
    CommitProgram: {"second_confirmation_ng"},
    VerifyProgram: {"rate_check_nl_per_day", "volume_check_nl"},
}
WIRE_FAULT = "wire_fault, but for its number, tick, direction and a frame that it lost"
RETRIED_REPLY = "the place of the reply to a retry among requests of the other channel"


def verdict_of(
    path: Path, kept: list[Kept], last_tick: int = LAST_TICK, past_gaps: bool = True
) -> tuple[Verdict, dict[str, int]]:
    """Of a replay on the emulator, and what it named as not compared. `last_tick`: no frame of the whole recording is later.

    Without `past_gaps` it is at best inconclusive where a gap is seen before anything is played, and so nothing is.
    """
    recorded = load(rewrite(path, kept, last_tick=last_tick))
    if recorded.gaps and not past_gaps:
        return Verdict.INCONCLUSIVE, {}
    with PlantedTarget(Pump()) as target:
        result = replay_on(target, recorded)
    return result.verdict, result.not_compared


def flip(payload: bytes, draw: Random) -> bytes:
    bit = draw.randrange(len(payload) * 8)
    data = bytearray(payload)
    data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def flip_mended(payload: bytes, draw: Random) -> tuple[bytes, str]:
    """A bit of header or body of one frame in the chunk; the name of the field where it is one nobody compares."""
    runs = payload.split(b"\0")
    at = draw.choice(whole_runs(payload))
    data = bytearray(cobs.decode(runs[at])[:-4])
    bit = draw.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    runs[at] = mended(data)
    return b"\0".join(runs), uncovered_name(data, bit // 8)


def whole_runs(payload: bytes) -> list[int]:
    """Which of the runs between zeros are frames; a link may cut one in two, or spoil it."""
    runs = payload.split(b"\0")
    return [
        at for at, run in enumerate(runs) if run and all(isinstance(one, Frame) for one in Decoder().feed(b"\0" + run + b"\0"))
    ]


def mended(data: bytearray) -> bytes:
    """The frame on the wire, without its zeros, its CRC made to fit."""
    return bytes(cobs.encode(bytes(data) + crc32c(bytes(data)).to_bytes(4, "little")))


def uncovered_name(data: bytearray, at: int) -> str:
    """The entry of NOT_COVERED that byte `at` of a decoded frame belongs to, "" for any other."""
    number = int.from_bytes(data[2:4], "little")
    from_device = bool(data[1] & FLAG_FROM_DEVICE)
    if number == layout_of(Arm).number and at >= HOST_BYTES:
        return "Arm.build_id"
    before_start = number == layout_of(Done).number and data[26:28] in BEFORE_START
    if from_device and before_start and HEADER_SESSION <= at < DEVICE_BYTES:
        return "header.session, boot_seq and tick of replies before the start"
    return ""


def changed_keys(before: bytes, after: bytes) -> list[str]:
    """Top-level entries of the header that differ; in a field table doc, class and tolerance alone count as named."""
    one, other = json.loads(before), json.loads(after)
    return [
        key for key in one if one[key] != other.get(key) and not (key in ("messages", "state") and _same_facts(one, other, key))
    ]


def _same_facts(one: dict[str, Any], other: dict[str, Any], key: str) -> bool:
    return schema_id(map(layout_from_dict, one[key])) == schema_id(map(layout_from_dict, other[key]))


def answers_a_retry(originals: list[Kept], at: int) -> bool:
    """Whether the record holds replies, each to a request that stands more than once before it."""
    one = originals[at]
    if one.is_meta or one.direction != INBOUND or RETRIED_REPLY not in NOT_COVERED:
        return False
    replies = [event for event in Decoder(from_device=True).feed(one.payload) if isinstance(event, Frame)]
    asked = Counter(_key(event) for kept in originals[:at] for event in _frames_out(kept))
    return bool(replies) and all(asked[_key(reply)] > 1 for reply in replies)


def _frames_out(one: Kept) -> list[Frame]:
    if one.is_meta or one.direction != OUTBOUND:
        return []
    return [event for event in Decoder(from_device=False).feed(one.payload) if isinstance(event, Frame)]


def _key(frame: Frame) -> tuple[bool, int]:
    return bool(frame.head[1] & FLAG_BENCH), frame.head[4]


def is_meanwhile(originals: list[Kept], at: int) -> bool:
    """Whether one of the record and the next is a request to a pump with a clock of its own, and one is none."""
    requests = [not one.is_meta and one.direction == OUTBOUND for one in originals[at : at + 2]]
    is_free = json.loads(originals[0].payload)["time_mode"] == "free"
    return MEANWHILE in NOT_COVERED and is_free and at > 0 and any(requests) and not all(requests)


def is_plant_outside(originals: list[Kept], at: int) -> bool:
    """Whether the record is a fault of a plant that the bench held, which a replay does not run again."""
    return (
        PLANT_OUTSIDE in NOT_COVERED
        and topology_of(originals) == "controller"
        and note_of(originals[at]).get("record") == "plant_inject"
    )


def is_wire_fault(way: str, originals: list[Kept], at: int, kept: list[Kept]) -> bool:
    """Whether a plan of faults, or a fault, is told otherwise or elsewhere where nobody can know it, or the last is gone."""
    one, tampered = note_of(originals[at]), note_of(kept[at])
    kinds = [one.get("record"), tampered.get("record")]
    if way == "swap":
        return {"wire", WIRE_FAULT} <= set(NOT_COVERED) and ("wire" in kinds or "wire_fault" in kinds)
    if kinds == ["wire", "wire"]:
        return "wire" in NOT_COVERED
    if kinds[0] != "wire_fault":
        return False
    if way == "delete":
        return LAST_FAULT in NOT_COVERED and all(note_of(later).get("record") != "wire_fault" for later in originals[at + 1 :])
    is_known = [one[key] == tampered.get(key) for key in ("record", "number", "tick")]
    return WIRE_FAULT in NOT_COVERED and all(is_known) and one["fault"]["direction"] == tampered["fault"]["direction"]


def topology_of(originals: list[Kept]) -> str:
    return str(json.loads(originals[0].payload)["topology"])


def note_of(one: Kept) -> dict[str, Any]:
    """What a meta record says; nothing for any other."""
    return dict(json.loads(one.payload)) if one.is_meta else {}


def is_refused(originals: list[Kept], at: int) -> bool:
    """Whether the record is a request, and the next word of the device refuses it."""
    one = originals[at]
    if one.is_meta or one.direction != OUTBOUND or REFUSED not in NOT_COVERED:
        return False
    answer = next((kept for kept in originals[at + 1 :] if not kept.is_meta and kept.direction == INBOUND), one)
    events = Decoder(from_device=True).feed(answer.payload)
    return any(isinstance(event, Frame) and isinstance(event.message, Refused) for event in events)


def is_unread(originals: list[Kept], at: int, after: Kept) -> bool:
    """Whether two requests differ in nothing but what a pump need not look at, or in how far a credit led that ended before."""
    before = originals[at]
    unread: dict[Any, set[str]] = {}
    if UNREAD in NOT_COVERED:
        unread |= UNREAD_FIELDS
    if CREDIT_OUTSIDE in NOT_COVERED and topology_of(originals) == "controller":
        unread[RunTo] = {"target_tick"}
    is_run = any(isinstance(frame.message, RunTo) for later in originals[at:] for frame in _frames_out(later))
    if LAST_SENSE in NOT_COVERED and not is_run:
        unread[Sense] = {field.name for field in layout_of(Sense).fields}
    one, other = Decoder().feed(before.payload), Decoder().feed(after.payload)
    if before.is_meta or len(one) != 1 or len(other) != 1:
        return False
    (asked,), (tampered,) = one, other
    if not isinstance(asked, Frame) or not isinstance(tampered, Frame) or asked.head != tampered.head:
        return False
    mine, names = unread.get(type(asked.message), set()), [field.name for field in layout_of(type(asked.message)).fields]
    return all(name in mine or getattr(asked.message, name) == getattr(tampered.message, name) for name in names)


def says_the_same(one: list[Kept], other: list[Kept]) -> bool:
    """Whether the same frames stand in the same order, each where its last byte does, however the link cut them.

    Noise to the device says nothing.
    """
    return CHUNKS in NOT_COVERED and _spoken(one) == _spoken(other)


def _spoken(kept: list[Kept]) -> list[tuple[Direction | None, object]]:
    decoders = {INBOUND: Decoder(from_device=True), OUTBOUND: Decoder(from_device=False)}
    found: list[tuple[Direction | None, object]] = []
    for one in kept:
        if one.is_meta:
            found.append((None, one.payload))
        else:
            events = decoders[one.direction].feed(one.payload)
            found += [(one.direction, event) for event in events if not _is_noise(one.direction, event)]
    return found


def _is_noise(direction: Direction, event: Frame | BadFrame) -> bool:
    return direction == OUTBOUND and isinstance(event, BadFrame) and NOISE in NOT_COVERED


def told(one: Kept) -> str:
    if one.is_meta:
        return one.payload[:200].decode(errors="replace")
    return str(Decoder().feed(one.payload))
