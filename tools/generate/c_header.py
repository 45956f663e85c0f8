"""Knows how the facts read as a C header; it must not know how C uses them."""

from collections.abc import Iterator

from pumpbench.protocol.layout import Layout

from . import facts
from .c_names import literal, member, snake, struct_name

OPENING = """\
/* Facts of wire and pump, generated from the Python declarations by `pumpbench spec`; not to be edited. */
"""

TYPES = """
/* Bit of a code in a bit set. */
#define PB_BIT(code) (UINT32_C(1) << (code))

/*
 * One field. On the wire fields follow each other little-endian without padding, in table order; in memory each stands
 * at `offset`. A blob of whole words is `count` elements of 4 bytes: the wire bytes are the same.
 */
typedef struct {
    uint16_t offset;   /* in the C struct, bytes */
    uint16_t wire;     /* on the wire from the start of the body, bytes */
    uint16_t count;    /* elements; 1 for a scalar */
    uint8_t size;      /* of one element, bytes: 1, 2, 4 or 8 */
    uint8_t since;     /* revision at which the field came; the first is 1 */
    uint64_t lo;       /* smallest value of an element */
    uint64_t hi;       /* largest */
    uint64_t initial;  /* declared default of a state field; 0 in messages */
} pb_field_t;

typedef struct pb_layout pb_layout_t;

/*
 * One message, item or state part. A tail is, on the wire, count u16, item size u8, items; in memory a uint16_t at
 * `tail_count_offset` and an array at `tail_offset`. `item` is NULL for a tail of bytes and where there is no tail;
 * `tail_max` is 0 where there is none.
 */
struct pb_layout {
    uint16_t number;             /* message type; 0 for items and state */
    uint8_t channel;             /* PB_CHANNEL_* */
    uint8_t kind;                /* PB_KIND_* */
    uint16_t replies;            /* type of the reply a request expects; 0: none */
    uint16_t field_count;
    const pb_field_t *fields;    /* NULL for an empty body */
    uint16_t wire_bytes;         /* of all fixed fields */
    uint16_t struct_bytes;       /* of the C struct; 0 for an empty body, which has none */
    const pb_layout_t *item;
    uint16_t tail_max;
    uint16_t tail_count_offset;
    uint16_t tail_offset;
};

typedef struct {
    uint8_t logged;      /* 1: the log keeps it */
    uint8_t checkpoint;  /* 1: it calls for a check-point */
} pb_event_fact_t;
"""

CHANNELS = ("both", "therapy", "bench")
KINDS = ("request", "reply", "event", "item", "state")


def text() -> str:
    """The whole of `pb_facts.h`."""
    parts = [OPENING, "#ifndef PB_FACTS_H\n#define PB_FACTS_H\n\n#include <stddef.h>\n#include <stdint.h>\n"]
    parts += ["\n".join(_macros()) + "\n", TYPES]
    described = [*facts.items(), *facts.messages(), *facts.states()]
    parts += [_struct(layout) for layout in described if layout.fields or layout.tail]
    parts.append(_union("pb_request_t", "Any request's body.", ("request",)))
    parts.append(_union("pb_answer_t", "Any body a device sends.", ("reply", "event")))
    return "\n".join([*parts, "\n".join(_declarations()), "", "#endif", ""])


def _macros() -> Iterator[str]:
    yield "/* Numbers: limits, sizes in bytes, addresses in words. */"
    yield from (f"#define PB_{name} {literal(value)}" for name, value in facts.numbers().items())
    yield from (f"#define PB_CHANNEL_{name.upper()} {index}u" for index, name in enumerate(CHANNELS))
    yield from (f"#define PB_KIND_{name.upper()} {index}u" for index, name in enumerate(KINDS))
    for codes in facts.code_lists():
        yield f"\n/* {' '.join(codes.doc.split())} */" if codes.doc else ""
        yield from (f"#define PB_{snake(codes.name).upper()}_{n.upper()} {literal(v)}" for n, v in codes.members)
    yield "\n/* Message types. */"
    yield from (f"#define PB_MSG_{snake(layout.name).upper()} 0x{layout.number:04X}u" for layout in facts.messages())
    yield "\n/* Sizes of state parts in canonical bytes. */"
    yield from (f"#define PB_{snake(layout.name).upper()}_WIRE_BYTES {literal(layout.size)}" for layout in facts.states())
    yield f"#define PB_SNAPSHOT_BYTES {literal(sum(layout.size for layout in facts.digested_parts()))}"


def _struct(layout: Layout) -> str:
    lines = [f"/* {layout.doc or layout.name} */", "typedef struct {"]
    for field in layout.fields:
        kind, count = member(field)
        note = "; ".join(part for part in (field.unit, field.doc) if part).replace("*/", "* /")
        array = f"[{count}]" if field.shape != "scalar" else ""
        lines.append(f"    {kind} {field.name}{array};" + (f" /* {note} */" if note else ""))
    if layout.tail:
        kind = struct_name(layout.tail.item) if layout.tail.item else "uint8_t"
        lines += [f"    uint16_t {layout.tail.name}_count;", f"    {kind} {layout.tail.name}[{layout.tail.count_max}];"]
    return "\n".join([*lines, f"}} {struct_name(layout)};", ""])


def _union(name: str, what: str, kinds: tuple[str, ...]) -> str:
    members = [
        f"    {struct_name(layout)} {snake(layout.name)};"
        for layout in facts.messages()
        if layout.kind in kinds and (layout.fields or layout.tail)
    ]
    return "\n".join([f"/* {what} */", "typedef union {", *members, f"}} {name};", ""])


def _declarations() -> Iterator[str]:
    yield "/* Every message by rising type. */"
    yield f"#define PB_MESSAGE_COUNT {len(facts.messages())}u"
    yield "extern const pb_layout_t pb_messages[PB_MESSAGE_COUNT];"
    yield "\n/* State parts; `pb_snapshot_parts` in a snapshot's order. `configure` counts the fields of pb_layout_config. */"
    yield from (f"extern const pb_layout_t pb_layout_{snake(layout.name)};" for layout in facts.states())
    yield f"#define PB_SNAPSHOT_PART_COUNT {len(facts.digested_parts())}u"
    yield "extern const pb_layout_t *const pb_snapshot_parts[PB_SNAPSHOT_PART_COUNT];"
    yield "\n/* By event code. */"
    yield f"#define PB_EVENT_FACT_COUNT {facts.event_fact_count()}u"
    yield "extern const pb_event_fact_t pb_event_facts[PB_EVENT_FACT_COUNT];"
    yield "\n/* Rest voltage at i sixteenths of the charge. */"
    yield "extern const uint16_t pb_battery_rest_mv[PB_BATTERY_TABLE_POINTS];"
