"""Knows how one frame becomes one line, of a table or of NDJSON; it must not know how frames are read."""

import json
from typing import Any, Final

from pumpbench.hil.capture import Damage, Record, parse_meta, wide
from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.links import DIRECTION_NAMES
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.header import Header
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.frame_fields import as_json, name_of, spoken

ARROWS: Final = ("?", "<-", "->")
HEADING: Final = f"{'seconds':>12}    {'type':<16} {'seq':>5} {'boot':>4} {'tick':>10}  fields"
META_TEXT_MAX: Final = 100


def ndjson(found: FrameAt, timed: bool) -> str:
    """`t_ns, dir, ok, type, seq, boot, tick, fields`, or the fault in place of the last; not `timed`: t_ns is null."""
    record, event = found
    line: dict[str, Any] = {
        "t_ns": wide(record.t_ns) if timed else None,
        "dir": DIRECTION_NAMES[record.direction],
        "ok": isinstance(event, Frame),
        **_header(event.header),
    }
    if isinstance(event, Frame):
        line |= {"type": name_of(event.message, event.head[2]), "fields": as_json(event.message)}
    else:
        line |= {"fault": event.fault_name, "size_bytes": event.size_bytes, "raw": event.raw.hex()}
    return json.dumps(line)


def table_row(found: FrameAt | Record, start_ns: int) -> str:
    """Time since `start_ns`, direction (<- from the device), and what the frame says."""
    if isinstance(found, Record):
        return f"{_seconds(found.t_ns - start_ns)}    meta: {_meta(found)}"
    record, event = found
    header = event.header
    name, said = _told(event)
    numbers = f"{'':>21}" if header is None else f"{header.seq:>5} {_device(header)}"
    return f"{_seconds(record.t_ns - start_ns)} {ARROWS[record.direction]:>2} {name:<16} {numbers}  {said}".rstrip()


def _header(header: Header | None) -> dict[str, Any]:
    if header is None:
        return {"type": None, "seq": None, "boot": None, "tick": None}
    known = REGISTRY.get(header.type)
    device = header.from_device
    return {
        "type": known.__name__ if known else f"{header.type:#06x}",
        "seq": header.seq,
        "boot": header.boot_seq if device else None,
        "tick": wide(header.tick) if device else None,
    }


def _told(event: Frame | BadFrame) -> tuple[str, str]:
    if isinstance(event, Frame):
        return name_of(event.message, event.head[2]), " ".join(f"{name}={value}" for name, value in spoken(event.message))
    return "BAD", f"fault {event.fault_name}, {event.size_bytes} bytes: {event.raw.hex()}"


def _device(header: Header) -> str:
    return f"{header.boot_seq:>4} {header.tick:>10}" if header.from_device else f"{'':>15}"


def _meta(record: Record) -> str:
    found = parse_meta(record)
    if isinstance(found, Damage):
        return str(found)
    rest = {key: value for key, value in found.items() if key != "record" and not isinstance(value, dict | list)}
    text = " ".join(f"{key}={_one_line(value)}" for key, value in rest.items())
    return f"{found.get('record')} {text[:META_TEXT_MAX]}{'...' if len(text) > META_TEXT_MAX else ''}"


def _one_line(value: object) -> str:
    text = str(value)
    return f"{len(text)} characters" if len(text) > META_TEXT_MAX or "\n" in text else text


def _seconds(t_ns: int) -> str:
    whole, part = divmod(t_ns, 1_000_000_000)
    return f"{whole:>5}.{part // 1000:06d}"
