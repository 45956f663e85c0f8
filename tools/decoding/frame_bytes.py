"""Knows how a frame is shown byte by byte, as construct, the second reading of the layouts, understands it; it judges nothing."""

from collections.abc import Iterator
from typing import Final

from cobs import cobs

from pumpbench.protocol import header as wire
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.header import CRC_BYTES, Header
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY
from pumpbench.protocol.reference import Span, annotate

DATA_WIDTH: Final = 24
HEADER_BYTES: Final = (1, 1, 2, 2, 4, 4, 4, 8)


def annotated(event: Frame | BadFrame) -> Iterator[str]:
    """Lines of `offset: bytes  name = value unit (meaning)`; offsets count in the decoded frame."""
    try:
        plain = cobs.decode(event.raw)
    except cobs.DecodeError:
        yield from (_line(0, event.raw, "no COBS, as it passed", ""),)
        return
    if event.header is None:
        yield _line(0, plain, "not trusted", "")
        return
    start = wire.DEVICE_BYTES if event.header.from_device else wire.HOST_BYTES
    yield from _header(plain[:start], event.header)
    yield from _body(event.header.type, plain[start:-CRC_BYTES], start)
    yield _line(len(plain) - CRC_BYTES, plain[-CRC_BYTES:], "crc", f"{int.from_bytes(plain[-CRC_BYTES:], 'little'):#010x}")


def _header(data: bytes, header: Header) -> Iterator[str]:
    at = 0
    for name, value, size in zip(Header._fields, header, HEADER_BYTES, strict=True):
        if at < len(data):
            known = REGISTRY.get(value) if name == "type" else None
            yield _line(at, data[at : at + size], name, f"{value} ({known.__name__})" if known else str(value))
        at += size


def _body(number: int, body: bytes, start: int) -> Iterator[str]:
    known = REGISTRY.get(number)
    spans = [Span(0, body, "", None, "", "unknown type")] if known is None else annotate(layout_of(known), body)
    for span in spans:
        if span.data:
            value = "" if span.value is None else f"{span.value} {span.unit}".rstrip()
            yield _line(start + span.offset, span.data, span.name or "-", value + (f" ({span.meaning})" if span.meaning else ""))


def _line(at: int, data: bytes, name: str, value: str) -> str:
    text = data.hex(" ")
    said = f"{name} = {value}" if value else name
    return f"    {at:>3}: {text:<{DATA_WIDTH}} {said}" if len(text) <= DATA_WIDTH else f"    {at:>3}: {text}  {said}"
