"""Writes frames as NDJSON, the lines of `decode`, or as one CSV table; it needs nothing beyond the standard library."""

import csv
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from pumpbench.protocol.layout import layout_of
from pumpbench.tools.converting.told import Told, frames_of, message_of, occurring, told
from pumpbench.tools.decoding.frame_lines import ndjson
from pumpbench.tools.decoding.frames_in import FramesIn
from pumpbench.tools.frame_fields import as_json


def write_ndjson(source: FramesIn, out: Path, message: type | None) -> int:
    """How many frames were written."""
    count = 0
    with open(out, "a", encoding="utf-8") as file:
        for item in frames_of(source, message):
            file.write(ndjson(item, source.is_capture) + "\n")
            count += 1
    return count


def write_csv(source: FramesIn, out: Path, message: type | None) -> int:
    """A row a frame: what `Told` names, then `Message.field` of each message there is; empty: not there. Bytes are hex."""
    messages = occurring(source.path) if message is None else (message,)
    places, count = _places(messages), 0
    empty = [""] * sum(len(columns_of(cls)) for cls in messages)
    with open(out, "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*Told._fields, *chain.from_iterable(columns_of(cls) for cls in messages)])
        for item in frames_of(source, message):
            count += 1
            cells = list(empty)
            found = message_of(item)
            if found is not None:
                start = places[type(found)]
                values = list(_cells(found))
                cells[start : start + len(values)] = values
            writer.writerow([*map(_cell, told(item, source.is_capture)), *cells])
    return count


def columns_of(message: type) -> list[str]:
    """`Telemetry.battery_mv` and its like, in the order of the declaration."""
    layout = layout_of(message)
    return [f"{layout.name}.{name}" for name in (*(f.name for f in layout.fields), *([layout.tail.name] if layout.tail else []))]


def _places(messages: Sequence[type]) -> dict[type, int]:
    places, at = {}, 0
    for cls in messages:
        places[cls] = at
        at += len(columns_of(cls))
    return places


def _cells(message: Any) -> Iterator[Any]:
    """A tail of bytes is hex, one of items is JSON."""
    layout = layout_of(type(message))
    yield from message[: len(layout.fields)]
    if layout.tail is not None:
        end = message[-1]
        yield end.hex() if isinstance(end, bytes) else json.dumps([as_json(one) for one in end])


def _cell(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return int(value) if isinstance(value, bool) else value
