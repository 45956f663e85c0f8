"""Knows how the body of a message becomes bytes and back, fast; it must not know frames, and never raises on bytes.

Each layout gets its own straight-line functions over one precompiled `struct`. `reference.py` reads the same layouts
independently and judges them.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

from .declare import item_class_of, layout_of
from .faults import WireFault
from .flat import Field, Layout

LENGTH: Final = WireFault.LENGTH
RANGE: Final = WireFault.RANGE

BodyDecoder = Callable[[bytes, int, int], Any]
"""decode(data, start, end) -> message, or LENGTH or RANGE as an int."""
BodyEncoder = Callable[[Any], bytes]

_encoders: dict[type, BodyEncoder] = {}
_decoders: dict[type, BodyDecoder] = {}


def encode_body(message: Any) -> bytes:
    """Bytes of a message's body. Law: decode_body(type(m), encode_body(m)) == m."""
    cls = type(message)
    encoder = _encoders.get(cls)
    return (encoder or body_encoder(cls))(message)


def decode_body(cls: type, body: bytes) -> Any:
    """A message of `cls`, or the fault LENGTH or RANGE as an int.

    A longer body's rest is ignored, a historic length is zero-filled, any other short length is LENGTH.
    """
    return body_decoder(cls)(body, 0, len(body))


def body_encoder(cls: type) -> BodyEncoder:
    if cls not in _encoders:
        layout = layout_of(cls)
        names: dict[str, Any] = {"_pack": Struct(encoded_format(layout)).pack, **item_names(cls, layout)}
        exec(f"def encode(m):\n    return {packing(layout)}\n", names)
        _encoders[cls] = names["encode"]
    return _encoders[cls]


def encoded_format(layout: Layout) -> str:
    """`struct` format of the fixed fields and the tail's prefix."""
    return layout.format + ("HB" if layout.tail else "")


def packing(layout: Layout, before: str = "") -> str:
    """The expression that packs message `m`, with `before` (text ending in a comma) packed ahead of it."""
    # A sum of tuples is a plain tuple, which a call takes as it is; the message itself it would copy, value by value.
    if layout.tail is None:
        return f"_pack(*(({before}) + m))"
    prefix = f"_pack(*(({before}) + m[:-1] + (len(m[-1]), {layout.tail.item_bytes})))"
    return f"{prefix} + m[-1]" if layout.tail.item is None else f"{prefix} + b''.join([_item(*i) for i in m[-1]])"


def item_names(cls: type, layout: Layout) -> dict[str, Any]:
    """What the text of `packing` refers to."""
    if layout.tail is None or layout.tail.item is None:
        return {}
    return {"_item": Struct(layout.tail.item.format).pack}


def plain_size(layout: Layout) -> int:
    """Bytes of a body that unpacking alone decodes; -1 where a tail or a range asks for more than that."""
    return -1 if layout.tail or _checks(layout.fields, "v") else layout.size


def body_decoder(cls: type) -> BodyDecoder:
    if cls not in _decoders:
        layout = layout_of(cls)
        _decoders[cls] = _fixed_decoder(cls, layout) if layout.tail is None else _tail_decoder(cls, layout)
    return _decoders[cls]


def _fixed_decoder(cls: type, layout: Layout) -> BodyDecoder:
    struct = Struct(layout.format)
    short = f"        v = _unpack(data[start:end] + bytes({struct.size} - size))\n"
    source = (
        f"def decode(data, start, end):\n"
        f"    size = end - start\n"
        f"    if size >= {struct.size}:\n"
        f"        v = _unpack_from(data, start)\n"
        f"    elif size in {_historic(layout)}:\n{short}"
        f"    else:\n"
        f"        return {LENGTH}\n"
        f"{_refuse_range(layout, 'v')}"
        f"    return _new(_cls, v)\n"
    )
    names: dict[str, Any] = {
        "_unpack": struct.unpack, "_unpack_from": struct.unpack_from, "_new": tuple.__new__, "_cls": cls
    }  # fmt: skip
    exec(source, names)
    decode: BodyDecoder = names["decode"]
    return decode


def _historic(layout: Layout) -> tuple[int, ...]:
    """Sizes at earlier revisions."""
    return tuple(size for size in map(layout.size_at, layout.revisions) if size < layout.size)


def _refuse_range(layout: Layout, values: str) -> str:
    checks = _checks(layout.fields, values)
    return f"    if not ({checks}):\n        return {RANGE}\n" if checks else ""


def _checks(fields: tuple[Field, ...], values: str) -> str:
    """Only ranges narrower than their width need a check: `struct` cannot give anything wider."""
    narrow = [(i, f) for i, f in enumerate(fields) if (f.lo, f.hi) != f.width_range]
    return " and ".join(f"{f.lo} <= {values}[{i}] <= {f.hi}" for i, f in narrow)


def _tail_decoder(cls: type, layout: Layout) -> BodyDecoder:
    struct = Struct(encoded_format(layout))
    assert layout.tail is not None
    read_items = _bytes_reader() if layout.tail.item is None else _items_reader(item_class_of(cls), layout.tail.item)
    source = (
        f"def decode(data, start, end):\n"
        f"    if end - start < {struct.size}:\n"
        f"        return {LENGTH}\n"
        f"    *v, count, item_bytes = _unpack_from(data, start)\n"
        f"    start += {struct.size}\n"
        f"    stop = start + count * item_bytes\n"
        f"    if stop > end or item_bytes < {layout.tail.item_bytes} and item_bytes not in _historic_items:\n"
        f"        return {LENGTH}\n"
        f"    if count > {layout.tail.count_max}:\n"
        f"        return {RANGE}\n"
        f"{_refuse_range(layout, 'v')}"
        f"    items = _read_items(data[start:stop], item_bytes)\n"
        f"    if items is None:\n"
        f"        return {RANGE}\n"
        f"    v.append(items)\n"
        f"    return _new(_cls, v)\n"
    )
    names: dict[str, Any] = {
        "_unpack_from": struct.unpack_from, "_new": tuple.__new__, "_cls": cls, "_read_items": read_items,
        "_historic_items": _historic(layout.tail.item) if layout.tail.item else (),
    }  # fmt: skip
    exec(source, names)
    decode: BodyDecoder = names["decode"]
    return decode


def _bytes_reader() -> Callable[[bytes, int], bytes]:
    """Of items grown past a byte, the first byte of each."""
    return lambda data, item_bytes: data[::item_bytes]


def _items_reader(cls: type, item: Layout) -> Callable[[bytes, int], tuple[Any, ...] | None]:
    """None when an item is out of range."""
    struct = Struct(item.format)
    checks = _checks(item.fields, "v")
    names: dict[str, Any] = {"_new": tuple.__new__, "_cls": cls}
    exec(f"def make(v):\n    return _new(_cls, v) if {checks or 'True'} else None\n", names)
    make: Callable[[tuple[int, ...]], Any] = names["make"]

    def read(data: bytes, item_bytes: int) -> tuple[Any, ...] | None:
        items = tuple(map(make, struct.iter_unpack(_fitted(data, item_bytes, struct.size))))
        return None if None in items else items

    return read


def _fitted(data: bytes, item_bytes: int, size: int) -> bytes:
    """Items of `item_bytes` cut or zero-filled to `size`."""
    if item_bytes == size:
        return data
    fill = bytes(max(0, size - item_bytes))
    return b"".join(data[at : at + min(item_bytes, size)] + fill for at in range(0, len(data), item_bytes))
