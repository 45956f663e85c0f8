"""Knows how one golden frame is put together and written down; it must not know which there are."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from cobs import cobs

from pumpbench.protocol import reference
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.layout import Field, Layout

Case = dict[str, Any]

DEVICE_HEAD = {"seq": 0x0201, "request_id": 0x06050403, "session": 0x0A090807, "boot_seq": 0x0E0D0C0B, "tick": 0x161514131211100F}
HOST_HEAD = {"seq": 0x0201, "request_id": 0x06050403, "session": 0x0A090807}
WIDTHS = {"seq": 2, "request_id": 4, "session": 4, "boot_seq": 4, "tick": 8}


def good_case(layout: Layout, how: str) -> Case:
    values = values_for(layout, how)
    device = layout.kind != "request"
    plain = plain_of(layout.number, device, reference.encode(layout, values), layout.channel == "bench")
    return case(f"{layout.name}: {how}", device, wire_of(plain), [good(layout, values, plain)])


def values_for(layout: Layout, how: str) -> dict[str, Any]:
    """`rising bytes`: bytes 0x21, 0x22, ... through the whole body, so that order and width can be read off the hex."""
    rising = count(0x21)
    values: dict[str, Any] = {field.name: _value(field, how, rising) for field in layout.fields}
    if layout.tail:
        size = {"rising bytes": min(2, layout.tail.count_max), "zeros": 0, "largest": layout.tail.count_max}[how]
        item = layout.tail.item
        if item is None:
            values[layout.tail.name] = bytes(next(rising) if how == "rising bytes" else 0xFF for _ in range(size))
        else:
            values[layout.tail.name] = [{f.name: _value(f, how, rising) for f in item.fields} for _ in range(size)]
    return values


def _value(field: Field, how: str, rising: Iterator[int]) -> int:
    bytes_ = bytes(next(rising) & 0xFF for _ in range(field.width_bytes))
    if how == "rising bytes":
        return field.lo + (int.from_bytes(bytes_, "little") - field.lo) % (field.hi - field.lo + 1)
    return field.lo if how == "zeros" else field.hi


def plain_of(number: int, device: bool, body: bytes, bench: bool = False, version: int = 1, flags: int | None = None) -> bytes:
    """Header, body, CRC, before COBS."""
    bits = (2 if device else 0) | (1 if bench else 0) if flags is None else flags
    head = bytes([version, bits]) + number.to_bytes(2, "little")
    for name, value in (DEVICE_HEAD if device else HOST_HEAD).items():
        head += value.to_bytes(WIDTHS[name], "little")
    return head + body + crc32c(head + body).to_bytes(4, "little")


def wire_of(plain: bytes) -> bytes:
    encoded: bytes = cobs.encode(plain)
    return b"\0" + encoded + b"\0"


def case(name: str, device: bool | None, wire: bytes, expect: list[dict[str, Any]]) -> Case:
    """`from_device` null: a receiver that hears both directions."""
    return {"name": name, "from_device": device, "wire": wire.hex(), "expect": expect}


def good(layout: Layout, values: dict[str, Any], plain: bytes) -> dict[str, Any]:
    """An expected frame. `plain`: header, body and CRC apart, to be read by eye; 64-bit values are text."""
    size = 26 if plain[1] & 2 else 14
    shown: dict[str, Any] = {field.name: _shown(field, values[field.name]) for field in layout.fields}
    if layout.tail:
        item, held = layout.tail.item, values[layout.tail.name]
        shown[layout.tail.name] = (
            held.hex() if item is None else [{f.name: _shown(f, v[f.name]) for f in item.fields} for v in held]
        )
    return {"message": layout.name, "header": head_of(plain), "plain": spaced(plain, size), "fields": shown}


def head_of(plain: bytes) -> dict[str, Any]:
    head = DEVICE_HEAD if plain[1] & 2 else HOST_HEAD | {"boot_seq": 0, "tick": 0}
    first = {"version": plain[0], "flags": plain[1], "type": int.from_bytes(plain[2:4], "little")}
    return {**first, **head, "tick": str(head["tick"])}


def spaced(plain: bytes, size: int) -> str:
    return f"{plain[:size].hex()} {plain[size:-4].hex()} {plain[-4:].hex()}"


def bad(fault: int, size_bytes: int) -> dict[str, Any]:
    return {"fault": WireFault.name_of(fault), "size_bytes": size_bytes}


def _shown(field: Field, value: int) -> int | str:
    return str(value) if field.width_bytes == 8 else value
