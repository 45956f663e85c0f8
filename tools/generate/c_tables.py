"""Knows how the layouts read as const C tables; it must not know how C uses them."""

from collections.abc import Iterator

from pumpbench.firmware_emu.battery_table import BATTERY_REST_MV
from pumpbench.protocol.layout import Field, Layout

from . import facts
from .c_header import OPENING
from .c_names import BYTES, literal, member, snake, struct_name


def text() -> str:
    """The whole of `pb_facts.c`."""
    described = [*facts.items(), *facts.messages(), *facts.states()]
    parts = [OPENING, '#include "pb_facts.h"\n']
    parts += [_fields(layout) for layout in described if layout.fields]
    parts += [f"static const pb_layout_t layout_{_stem(one)} = {_layout(one)};\n" for one in facts.items()]
    parts.append(_array("const pb_layout_t pb_messages[PB_MESSAGE_COUNT]", map(_layout, facts.messages())))
    parts += [f"const pb_layout_t pb_layout_{snake(one.name)} = {_layout(one)};\n" for one in facts.states()]
    pointers = (f"&pb_layout_{snake(one.name)}" for one in facts.digested_parts())
    parts.append(_array("const pb_layout_t *const pb_snapshot_parts[PB_SNAPSHOT_PART_COUNT]", pointers))
    parts.append(_array("const pb_event_fact_t pb_event_facts[PB_EVENT_FACT_COUNT]", _event_facts()))
    parts.append(_array("const uint16_t pb_battery_rest_mv[PB_BATTERY_TABLE_POINTS]", map(literal, BATTERY_REST_MV)))
    return "\n".join(parts)


def _stem(layout: Layout) -> str:
    return struct_name(layout).removeprefix("pb_").removesuffix("_t")


def _array(declared: str, rows: Iterator[str]) -> str:
    return "\n".join([f"{declared} = {{", *(f"    {row}," for row in rows), "};", ""])


def _fields(layout: Layout) -> str:
    rows = (_field(layout, field) for field in layout.fields)
    return _array(f"static const pb_field_t fields_{_stem(layout)}[{len(layout.fields)}]", rows)


def _field(layout: Layout, field: Field) -> str:
    kind, count = member(field)
    hi = (1 << 8 * BYTES[kind]) - 1 if field.shape == "blob" else field.hi
    place = f"(uint16_t)offsetof({struct_name(layout)}, {field.name}), {field.offset}u, {count}u, {BYTES[kind]}u, {field.since}u"
    return f"{{{place}, {literal(field.lo)}, {literal(hi)}, {literal(field.default or 0)}}}"


def _layout(layout: Layout) -> str:
    struct = struct_name(layout)
    empty = not layout.fields and not layout.tail
    fields = f"fields_{_stem(layout)}" if layout.fields else "NULL"
    size = "0u" if empty else f"(uint16_t)sizeof({struct})"
    head = f"0x{layout.number:04X}u, PB_CHANNEL_{layout.channel.upper()}, PB_KIND_{layout.kind.upper()}"
    fixed = f"0x{layout.replies or 0:04X}u, {len(layout.fields)}u, {fields}, {layout.size}u, {size}"
    return f"{{{head}, {fixed}, {_tail(layout)}}}"


def _tail(layout: Layout) -> str:
    if layout.tail is None:
        return "NULL, 0u, 0u, 0u"
    struct, name = struct_name(layout), layout.tail.name
    item = f"&layout_{_stem(layout.tail.item)}" if layout.tail.item else "NULL"
    offsets = f"(uint16_t)offsetof({struct}, {name}_count), (uint16_t)offsetof({struct}, {name})"
    return f"{item}, {layout.tail.count_max}u, {offsets}"


def _event_facts() -> Iterator[str]:
    for fact in facts.event_facts():
        yield f"{{{int(fact.logged)}u, {int(fact.checkpoint)}u}}" if fact else "{0u, 0u}"
