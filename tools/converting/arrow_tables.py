"""Writes frames as Arrow or Parquet with a type for each column; the one module here that knows pyarrow."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pumpbench.hil.bulk import row_of
from pumpbench.hil.capture.columns import Stretch
from pumpbench.protocol.header import FLAG_FROM_DEVICE
from pumpbench.protocol.layout import Field, Layout, layout_of
from pumpbench.tools.converting.told import BATCH_FRAMES, KINDS, Told, frames_of, message_of, occurring, told
from pumpbench.tools.decoding.frames_in import FramesIn

_TYPES = {"B": pa.uint8(), "H": pa.uint16(), "I": pa.uint32(), "Q": pa.uint64(),
          "b": pa.int8(), "h": pa.int16(), "i": pa.int32(), "q": pa.int64()}  # fmt: skip
_KINDS = {"text": pa.string(), "flag": pa.bool_(), "bytes": pa.binary(), 16: pa.uint16(), 32: pa.uint32(), 64: pa.uint64()}
HEADER_NAMES = ("header_version", "header_flags", "header_type", "header_seq", "header_request_id", "header_session")
DEVICE_NAMES = ("header_boot_seq", "header_tick")


def write_all(source: FramesIn, out: Path, parquet: bool) -> int:
    """A row a frame: what `Told` names, then a struct a message, null where the frame is another."""
    # Parquet knows no struct without a field; the column `type` tells those apart.
    messages = tuple(cls for cls in occurring(source.path) if _fields(layout_of(cls)))
    fixed = [pa.field(name, _KINDS[kind]) for name, kind in zip(Told._fields, KINDS, strict=True)]
    schema = pa.schema([*fixed, *(_struct_field(cls) for cls in messages)])
    return _written(out, parquet, schema, _batches(source, messages, schema))


def write_stretches(stretches: Iterator[Stretch], message: type, from_device: bool, out: Path, parquet: bool) -> int:
    """A row a frame of one message, header and fields as columns, as the bulk codec gives them."""
    schema = narrow_schema(message, from_device)
    return _written(out, parquet, schema, (_narrow(stretch, schema) for stretch in _gathered(stretches)))


def write_one(source: FramesIn, message: type, from_device: bool, out: Path, parquet: bool) -> int:
    """The same columns frame by frame, with the tail where the message has one: for what the bulk codec does not read."""
    schema = narrow_schema(message, from_device)
    return _written(out, parquet, schema, _narrow_batches(source, message, schema))


def narrow_schema(message: type, from_device: bool) -> pa.Schema:
    layout = layout_of(message)
    names = HEADER_NAMES + (DEVICE_NAMES if from_device else ())
    header = [pa.field(name, pa.from_numpy_dtype(row_of(message, from_device)[name])) for name in names]
    return pa.schema([pa.field("t_ns", pa.uint64()), *header, *_fields(layout)])


def _written(out: Path, parquet: bool, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    count = 0
    with pq.ParquetWriter(out, schema, compression="zstd") if parquet else pa.ipc.new_file(str(out), schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _batches(source: FramesIn, messages: tuple[type, ...], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    items = frames_of(source)
    while part := list(islice(items, BATCH_FRAMES)):
        rows = [told(item, source.is_capture) for item in part]
        arrays = [pa.array(column, schema.field(at).type) for at, column in enumerate(zip(*rows, strict=True))]
        found = [message_of(item) for item in part]
        arrays += [_struct_array(found, cls) for cls in messages]
        yield pa.record_batch(arrays, schema)


def _struct_array(found: list[Any], cls: type) -> Any:
    """The messages of one class in their rows, null in all others."""
    rows = [at for at, message in enumerate(found) if type(message) is cls]
    if not rows:
        return pa.nulls(len(found), pa.struct(_fields(layout_of(cls))))
    own = _arrays([found[at] for at in rows], layout_of(cls))
    places = np.zeros(len(found), np.int64)
    absent = np.ones(len(found), bool)
    places[rows], absent[rows] = np.arange(len(rows)), False
    return pa.StructArray.from_arrays(own, fields=_fields(layout_of(cls))).take(pa.array(places, mask=absent))


def _arrays(messages: list[Any], layout: Layout) -> list[Any]:
    columns = list(zip(*messages, strict=True)) or [()] * len(_fields(layout))
    return [pa.array(_plain(column), field.type) for column, field in zip(columns, _fields(layout), strict=True)]


def _plain(column: Any) -> Any:
    """Items as dicts, since Arrow knows no other row."""
    if column and isinstance(column[0], tuple):
        return [[dict(zip((f.name for f in layout_of(type(one)).fields), one, strict=True)) for one in tail] for tail in column]
    return column


def _gathered(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """Longer ones: what a reader of the table skips or loads is a batch."""
    held: list[Stretch] = []
    for stretch in stretches:
        held.append(stretch)
        if sum(len(one.rows) for one in held) >= BATCH_FRAMES:
            yield _one(held)
            held = []
    if held:
        yield _one(held)


def _one(held: list[Stretch]) -> Stretch:
    return Stretch(np.concatenate([one.t_ns for one in held]), np.concatenate([one.rows for one in held]))


def _narrow(stretch: Stretch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [stretch.t_ns, *(np.ascontiguousarray(stretch.rows[name]) for name in schema.names[1:])]
    return pa.record_batch([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema)


def _narrow_batches(source: FramesIn, message: type, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    items = frames_of(source, message)
    layout = layout_of(message)
    while part := list(islice(items, BATCH_FRAMES)):
        frames: list[Any] = [item.event for item in part]
        heads = [frame.head[: 8 if frame.head[1] & FLAG_FROM_DEVICE else 6] for frame in frames]
        times = [item.record.t_ns if source.is_capture else None for item in part]
        columns = [times, *zip(*heads, strict=True)]
        arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=False)]
        yield pa.record_batch([*arrays, *_arrays([frame.message for frame in frames], layout)], schema)


def _struct_field(cls: type) -> pa.Field:
    layout = layout_of(cls)
    return pa.field(layout.name, pa.struct(_fields(layout)), metadata={"doc": layout.doc})


def _fields(layout: Layout) -> list[pa.Field]:
    made = [_field(one) for one in layout.fields]
    if layout.tail is not None:
        item = layout.tail.item
        kind = pa.binary() if item is None else pa.list_(pa.struct(_fields(item)))
        made.append(pa.field(layout.tail.name, kind, metadata={"doc": layout.tail.doc}))
    return made


def _field(declared: Field) -> pa.Field:
    known = {"unit": declared.unit, "doc": declared.doc, "class": declared.klass}
    codes = declared.codes or declared.flags
    if codes is not None:
        known["codes"] = " ".join(f"{value}={name}" for name, value in codes.members)
    return pa.field(declared.name, _TYPES[declared.code], metadata={key: text for key, text in known.items() if text})
