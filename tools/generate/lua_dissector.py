"""Knows how the layouts read as Lua tables, and joins them with the engine that reads them; it must not know how that works."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pumpbench.firmware_emu.alarms import ALARMS
from pumpbench.protocol import frame, header
from pumpbench.protocol.codes import Alarm, Event
from pumpbench.protocol.crc import GOOD
from pumpbench.protocol.decoder import KEPT_BYTES_MAX
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.layout import CodeList, Field, Layout, layout_of
from pumpbench.protocol.messages import Refused
from pumpbench.tools.frame_fields import MESSAGE_TYPES

from . import facts
from .c_names import snake

ENGINE: Final = Path(__file__).parent / "lua"
OPENING: Final = """\
-- Dissector of pumpbench captures for Wireshark, generated from the declarations by `pumpbench spec`; not to be edited."""
HEADER_SIZES: Final = {"version": 1, "flags": 1, "type": 2, "seq": 2, "request_id": 4, "session": 4, "boot_seq": 4, "tick": 8}
MESSAGE: Final = "Message"
"""Name of the list that gives message types their names."""


def text() -> str:
    """The whole of `pumpbench.lua`."""
    parts = [OPENING, "", "local facts = {}", *_numbers(), *_lists(), *_layouts(), ""]
    parts += ["local wire = (function()", (ENGINE / "wire.lua").read_text() + "\nreturn wire", "end)()", ""]
    return "\n".join([*parts, (ENGINE / "tree.lua").read_text()])


def _numbers() -> Iterator[str]:
    found = {
        "VERSION": header.VERSION, "FLAG_BENCH": header.FLAG_BENCH, "FLAG_FROM_DEVICE": header.FLAG_FROM_DEVICE,
        "HOST_BYTES": header.HOST_BYTES, "DEVICE_BYTES": header.DEVICE_BYTES, "CRC_BYTES": header.CRC_BYTES,
        "ENCODED_BYTES_MAX": frame.ENCODED_BYTES_MAX, "KEPT_BYTES_MAX": KEPT_BYTES_MAX, "GOOD": GOOD,
        "REFUSED": layout_of(Refused).number,
        "ALARM_RAISED": Event.ALARM_RAISED, "ALARM_CLEARED": Event.ALARM_CLEARED,
    }  # fmt: skip
    found |= {("VERSION_FAULT" if name == "version" else name.upper()): value for name, value in WireFault.items()}
    yield from (f"facts.{name} = {value}" for name, value in found.items())
    yield f"facts.header = {_table(_header_fields())}"
    critical = {row.number: row.alarm_class == "critical" for row in ALARMS}
    rows = (_record(name=name, number=value, critical=critical[value]) for name, value in Alarm.items())
    yield f"facts.alarms = {_table(rows)}"


def _header_fields() -> Iterator[str]:
    at = 0
    for name, size in HEADER_SIZES.items():
        codes = MESSAGE if name == "type" else None
        yield _record(name=name, at=at, size=size, device=at >= header.HOST_BYTES or None, codes=codes)
        at += size
    if at != header.DEVICE_BYTES or tuple(HEADER_SIZES) != header.Header._fields:
        raise facts.FactError(f"a header of {header.DEVICE_BYTES} bytes and {header.Header._fields}; expected {HEADER_SIZES}")


def _lists() -> Iterator[str]:
    """Codes by value; sets as bits in their order."""
    named = CodeList(MESSAGE, tuple((layout.name, layout.number) for layout in facts.messages()))
    codes_used = {field.codes.name: field.codes for layout in _every() for field in layout.fields if field.codes}
    codes_used |= {codes.name: codes for codes in (WireFault.table, named)}
    yield "facts.codes = {"
    for codes in codes_used.values():
        yield f"  {codes.name} = {{{', '.join(f'[{value}] = {_quoted(name)}' for name, value in codes.members)}}},"
    yield "}"
    flags = {field.flags.name: field.flags for layout in _every() for field in layout.fields if field.flags}
    yield "facts.flags = {"
    for name, codes in flags.items():
        yield f"  {name} = {_table(_record(name=one, bit=codes.bit_of(value)) for one, value in codes.members)},"
    yield "}"


def _layouts() -> Iterator[str]:
    yield "local items = {"
    yield from (f"  {item.name} = {_layout(item)}," for item in facts.items())
    yield f"  bytes = {_record(name='bytes', size=1)[:-1]}, historic = {{}}, fields = {{}}}},"
    yield "}"
    yield "facts.messages = {"
    yield from (f"  [0x{layout.number:04X}] = {_layout(layout)}," for layout in facts.messages())
    yield "}"


def _every() -> list[Layout]:
    return [*facts.messages(), *facts.items()]


def _layout(layout: Layout) -> str:
    historic = ", ".join(f"[{size}] = true" for size in map(layout.size_at, layout.revisions) if size < layout.size)
    opening = _record(name=layout.name, abbr=snake(layout.name), size=layout.size)[:-1]
    fields = "".join(f"\n    {_field(layout, field)}," for field in layout.fields)
    return f"{opening}, historic = {{{historic}}}, fields = {{{fields}}}{_tail(layout)}}}"


def _tail(layout: Layout) -> str:
    tail = layout.tail
    if tail is None:
        return ""
    opening = _record(name=tail.name, max=tail.count_max, of_bytes=tail.item is None, doc=tail.doc or None)[:-1]
    return f", tail = {opening}, item = items.{tail.item.name if tail.item else 'bytes'}}}"


def _field(layout: Layout, field: Field) -> str:
    narrow = (field.lo, field.hi) != field.width_range
    if field.shape != "scalar" or (narrow and field.width_bytes > 4):
        raise facts.FactError(f"{layout.name}.{field.name}: the dissector reads scalars only, and ranges of up to 32 bits")
    codes = field.codes.name if field.codes else MESSAGE if field.name in MESSAGE_TYPES else None
    alarms = field.flags is Alarm.table and field.name == "alarms_active"
    return _record(
        name=field.name, at=field.offset, size=field.width_bytes, signed=field.code.islower() or None,
        lo=field.lo if narrow else None, hi=field.hi if narrow else None, unit=field.unit or None,
        codes=codes, flags=field.flags.name if field.flags else None, alarms=alarms or None, doc=field.doc or None,
    )  # fmt: skip


def _record(**members: Any) -> str:
    """A Lua table; None leaves a member out."""
    return "{" + ", ".join(f"{name} = {_literal(value)}" for name, value in members.items() if value is not None) + "}"


def _literal(value: object) -> str:
    return _quoted(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def _table(rows: Iterator[str]) -> str:
    return "{\n" + "".join(f"  {row},\n" for row in rows) + "}"
