"""Writes frames as an MCAP log, a topic for each message and direction, with schemas; the one module that knows mcap."""

import base64
import json
from pathlib import Path
from typing import Any

from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import CompressionType, Writer

from pumpbench.hil.capture.frames import FrameAt
from pumpbench.hil.capture.reader import Record
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.protocol.layout import Field, Layout, layout_of
from pumpbench.tools.converting.told import Told, message_of, told
from pumpbench.tools.decoding.frames_in import FramesIn

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
BYTES = {"type": "string", "contentEncoding": "base64"}
HEADER = {f"header_{name}": name for name in ("seq", "request_id", "session", "bench", "boot", "tick")}
"""By a name that no field has."""
BAD, UNKNOWN, META = "bad", "unknown", "meta"
SCHEMAS: dict[str, dict[str, Any]] = {
    BAD: {"fault": TEXT, "size_bytes": INTEGER, "raw": BYTES, "type": TEXT, **dict.fromkeys(HEADER, INTEGER)},
    UNKNOWN: {"type": TEXT, "body": BYTES, **dict.fromkeys(HEADER, INTEGER)},
    META: {"record": TEXT, "json": TEXT},
}
"""Of what has no declaration."""


def write_mcap(source: FramesIn, out: Path, message: type | None) -> int:
    """Numbers of 64 bits stay numbers, so that they can be plotted. `/meta/...` has the records that are no wire bytes."""
    count = 0
    with open(out, "r+b") as file:
        log = _Log(file)
        for item in source.items():
            if isinstance(item, Record):
                if message is None:
                    log.meta(item)
            elif message is None or type(message_of(item)) is message:
                log.frame(item, source.is_capture)
                count += 1
        log.writer.finish()
    return count


class _Log:
    """The writer, with the channels met so far."""

    def __init__(self, file: Any) -> None:
        self.writer: Any = Writer(file, compression=CompressionType.ZSTD)
        self.writer.start(profile="", library="pumpbench")
        self._schemas: dict[str, int] = {}
        self._channels: dict[tuple[str, str], int] = {}
        self._count = 0

    def frame(self, item: FrameAt, timed: bool) -> None:
        row, message = told(item, timed), message_of(item)
        kind = row.type if message is not None else UNKNOWN if row.ok else BAD
        assert kind is not None
        said = {key: value for key, name in HEADER.items() if (value := getattr(row, name)) is not None}
        said |= fields_of(message) if message is not None else _of_no_message(row)
        layout = layout_of(type(message)) if message is not None else None
        self._write(f"/{row.dir}/{kind}", kind, layout, row.t_ns or 0, said)

    def meta(self, record: Record) -> None:
        found = parse_meta(record)
        kind = str(found.get("record")) if isinstance(found, dict) else "damaged"
        said = {"record": kind, "json": record.payload.decode("utf-8", "replace")}
        self._write(f"/{META}/{kind}", META, None, record.t_ns, said)

    def _write(self, topic: str, kind: str, layout: Layout | None, t_ns: int, said: dict[str, Any]) -> None:
        channel = self._channels.get((topic, kind))
        if channel is None:
            encoding = MessageEncoding.JSON
            channel = self._channels[topic, kind] = self.writer.register_channel(topic, encoding, self._schema(kind, layout))
        self._count += 1
        self.writer.add_message(channel, t_ns, json.dumps(said).encode(), t_ns, self._count & 0xFFFFFFFF)

    def _schema(self, kind: str, layout: Layout | None) -> int:
        if kind not in self._schemas:
            data = json.dumps(schema_of(layout) if layout is not None else _object(SCHEMAS[kind])).encode()
            self._schemas[kind] = self.writer.register_schema(f"pumpbench.{kind}", SchemaEncoding.JSONSchema, data)
        return self._schemas[kind]


def schema_of(layout: Layout) -> dict[str, Any]:
    """JSON schema of a message as it is written here: its header's numbers, then its fields."""
    return {**_object({**dict.fromkeys(HEADER, INTEGER), **_properties(layout)}), "title": layout.name, "description": layout.doc}


def fields_of(message: Any) -> dict[str, Any]:
    layout = layout_of(type(message))
    found = {field.name: value for field, value in zip(layout.fields, message, strict=False)}
    if layout.tail is not None:
        end = message[-1]
        found[layout.tail.name] = _base64(end) if isinstance(end, bytes) else [fields_of(one) for one in end]
    return found


def _of_no_message(row: Told) -> dict[str, Any]:
    if row.ok:
        return {"type": row.type, "body": _base64(row.body or b"")}
    typed = {} if row.type is None else {"type": row.type}
    return {"fault": row.fault, "size_bytes": row.size_bytes, "raw": _base64(row.raw or b""), **typed}


def _properties(layout: Layout) -> dict[str, Any]:
    found: dict[str, Any] = {field.name: {**INTEGER, "description": _said(field)} for field in layout.fields}
    if layout.tail is not None:
        item = layout.tail.item
        found[layout.tail.name] = BYTES if item is None else {"type": "array", "items": _object(_properties(item))}
    return found


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _said(field: Field) -> str:
    codes = field.codes or field.flags
    named = ", ".join(f"{value}: {name}" for name, value in codes.members) if codes is not None else ""
    return "; ".join(part for part in (field.unit, field.doc, named) if part)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
