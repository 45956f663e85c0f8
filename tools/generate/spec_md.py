"""Knows how the facts read as the tables of SPEC.md; it must not touch the prose around them."""

from collections.abc import Iterator

from pumpbench.protocol.layout import CodeList, Field, Layout

from . import facts

BEGIN = "<!-- generated from here on: `pumpbench spec` writes it -->"
END = "<!-- generated up to here -->"


def refreshed(document: str) -> str:
    """The document with its generated region made anew; raises FactError when the two marks are not there once each."""
    if document.count(BEGIN) != 1 or document.count(END) != 1 or document.index(BEGIN) > document.index(END):
        raise facts.FactError(f"SPEC.md: expected one {BEGIN!r} before one {END!r}")
    before, rest = document.split(BEGIN)
    return before + BEGIN + "\n\n" + "\n".join(_region()) + "\n" + END + rest.split(END)[1]


def _region() -> Iterator[str]:
    yield from ("## Messages", "")
    yield from _message_list()
    yield from ("", "## Bodies", "", "Offsets and sizes in bytes. A range that is not given is the width's own.", "")
    for layout in [*facts.messages(), *facts.items()]:
        yield from _layout(layout)
    yield from ("## Codes", "")
    for codes in facts.code_lists():
        yield from _codes(codes)


def _message_list() -> Iterator[str]:
    yield "| type | message | channel | kind | reply | bytes | what it says |"
    yield "|---|---|---|---|---|---|---|"
    for layout in facts.messages():
        size = f"{layout.size}" if layout.tail is None else f"{layout.size + 3}..{layout.size_max}"
        reply = f"0x{layout.replies:04X}" if layout.replies else ""
        yield f"| 0x{layout.number:04X} | {layout.name} | {layout.channel} | {layout.kind} | {reply} | {size} | {layout.doc} |"


def _layout(layout: Layout) -> Iterator[str]:
    if not layout.fields and not layout.tail:
        return
    number = f" (0x{layout.number:04X})" if layout.number else " (item)"
    yield from (f"### {layout.name}{number}", "", "| at | field | type | unit | class | range | since | notes |")
    yield "|---|---|---|---|---|---|---|---|"
    yield from map(_field, layout.fields)
    if layout.tail:
        kind = layout.tail.item.name if layout.tail.item else "bytes"
        end = f"tail of {kind}, at most {layout.tail.count_max}"
        yield f"| {layout.size} | {layout.tail.name} | {end} | | {layout.tail.klass} | | | {layout.tail.doc} |"
    yield ""


def _field(field: Field) -> str:
    narrow = f"{field.lo}..{field.hi}" if (field.lo, field.hi) != field.width_range else ""
    coded = f"code {field.codes.name}" if field.codes else f"set of {field.flags.name}" if field.flags else ""
    tolerance = f"tolerance {field.tolerance}" if field.klass == "measured" else ""
    notes = "; ".join(part for part in (coded, tolerance, field.doc) if part)
    kind = f"{'u' if field.code.isupper() else 'i'}{8 * field.width_bytes}"
    return f"| {field.offset} | {field.name} | {kind} | {field.unit} | {field.klass} | {narrow} | {field.since} | {notes} |"


def _codes(codes: CodeList) -> Iterator[str]:
    listed = ", ".join(f"{value} {name}" for name, value in codes.members)
    yield from (f"**{codes.name}** — {codes.doc or 'values'} {listed}.", "")
