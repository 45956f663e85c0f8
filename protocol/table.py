"""Knows a layout as JSON and back, so that a capture carries its own field table; it must not know files."""

import json
from collections.abc import Iterable
from typing import Any

from .codelist import CodeList
from .crc import crc32c
from .flat import Field, Layout, Tail

_WIDE = ("lo", "hi", "default")
"""Written as decimal text: JSON readers elsewhere lose 64-bit integers."""


def layout_to_dict(layout: Layout) -> dict[str, Any]:
    """JSON-able. Law: layout_from_dict(layout_to_dict(layout)) == layout."""
    return {
        "name": layout.name,
        "number": layout.number,
        "channel": layout.channel,
        "kind": layout.kind,
        "replies": layout.replies,
        "fields": [_field_to_dict(field) for field in layout.fields],
        "tail": _tail_to_dict(layout.tail),
        "doc": layout.doc,
    }


def layout_from_dict(data: dict[str, Any]) -> Layout:
    """Raises ValueError naming the layout when the table is not one of ours."""
    try:
        fields = tuple(_field_from_dict(one) for one in data["fields"])
        tail = _tail_from_dict(data["tail"])
        return Layout(**{**data, "fields": fields, "tail": tail})
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"field table of {str(data)[:40]!r}: {problem!r}; expected one made by layout_to_dict") from None


def schema_id(layouts: Iterable[Layout]) -> int:
    """CRC-32C over what decides the bytes and their meaning: names, numbers, widths, ranges, `since`, defaults, codes.

    Not over documentation, class or tolerance: those change no byte. Order counts.
    """
    facts = [_facts(layout_to_dict(layout)) for layout in layouts]
    return crc32c(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode())


def _facts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _facts(one) for key, one in value.items() if key not in ("doc", "klass", "tolerance")}
    return [_facts(one) for one in value] if isinstance(value, list) else value


def _field_to_dict(field: Field) -> dict[str, Any]:
    data = {name: getattr(field, name) for name in Field.__slots__}
    data |= {name: None if data[name] is None else str(data[name]) for name in _WIDE}
    return data | {name: _codes_to_dict(data[name]) for name in ("codes", "flags")}


def _field_from_dict(data: dict[str, Any]) -> Field:
    wide = {name: None if data[name] is None else int(data[name]) for name in _WIDE}
    return Field(**{**data, **wide, "codes": _codes_from_dict(data["codes"]), "flags": _codes_from_dict(data["flags"])})


def _tail_to_dict(tail: Tail | None) -> dict[str, Any] | None:
    if tail is None:
        return None
    item = None if tail.item is None else layout_to_dict(tail.item)
    return {"name": tail.name, "item": item, "count_max": tail.count_max, "klass": tail.klass, "doc": tail.doc}


def _tail_from_dict(data: dict[str, Any] | None) -> Tail | None:
    if data is None:
        return None
    return Tail(**{**data, "item": None if data["item"] is None else layout_from_dict(data["item"])})


def _codes_to_dict(codes: CodeList | None) -> dict[str, Any] | None:
    if codes is None:
        return None
    members = [[name, str(value)] for name, value in codes.members]
    return {"name": codes.name, "members": members, "masks": codes.masks, "doc": codes.doc}


def _codes_from_dict(data: dict[str, Any] | None) -> CodeList | None:
    if data is None:
        return None
    return CodeList(data["name"], tuple((n, int(v)) for n, v in data["members"]), data["masks"], data["doc"])
