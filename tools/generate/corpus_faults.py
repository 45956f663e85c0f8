"""Knows the golden frames that are not plain messages: every fault, growth, streams; it must not know how they are stored."""

from collections.abc import Iterator
from typing import Any

from pumpbench.protocol import reference
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.layout import Layout, layout_of
from pumpbench.protocol.messages import REGISTRY

from .corpus_case import Case, bad, case, good, head_of, plain_of, spaced, values_for, wire_of

UNKNOWN_TYPE = 0x7A7A


def fault_cases() -> Iterator[Case]:
    """Faults in priority order, then what is no fault though it looks like one, then streams."""
    yield from _framing()
    yield from _versions()
    yield from _lengths()
    yield from _ranges()
    yield from _growth()
    yield from _streams()


def _body(name: str, how: str = "rising bytes") -> tuple[Layout, dict[str, Any], bytes]:
    layout = layout_of(REGISTRY.named(name))
    values = values_for(layout, how)
    return layout, values, reference.encode(layout, values)


def _one_bad(name: str, device: bool | None, plain: bytes, fault: int) -> Case:
    wire = wire_of(plain)
    return case(name, device, wire, [bad(fault, len(wire) - 2)])


def _framing() -> Iterator[Case]:
    run = bytes(range(1, 256))
    yield case("fault OVERSIZE: 255 bytes between zero bytes", False, b"\0" + run + b"\0", [bad(WireFault.OVERSIZE, 255)])
    yield case("fault OVERSIZE: 600 bytes between zero bytes", True, b"\0" + b"\1" * 600 + b"\0", [bad(WireFault.OVERSIZE, 600)])
    yield case("fault COBS: the code byte points past the end", False, bytes.fromhex("00051122330000"), [bad(WireFault.COBS, 4)])
    yield _one_bad("fault SHORT: 17 bytes from the host", False, bytes(range(1, 18)), WireFault.SHORT)
    yield _one_bad("fault SHORT: 29 bytes from the device", True, bytes(range(1, 30)), WireFault.SHORT)
    yield _one_bad("fault SHORT: no byte", None, b"", WireFault.SHORT)
    _, _, body = _body("Open")
    plain = plain_of(0x0101, False, body)
    yield _one_bad("fault CRC: one bit of the body", False, plain[:15] + bytes([plain[15] ^ 1]) + plain[16:], WireFault.CRC)
    yield _one_bad("fault CRC: big-endian", False, plain[:-4] + plain[:-5:-1], WireFault.CRC)


def _versions() -> Iterator[Case]:
    _, _, body = _body("Open")
    yield _one_bad("fault VERSION: version 2", False, plain_of(0x0101, False, body, version=2), WireFault.VERSION)
    yield _one_bad("fault VERSION: version 0", False, plain_of(0x0101, False, body, version=0), WireFault.VERSION)
    yield _one_bad("fault VERSION: authentication tag", False, plain_of(0x0101, False, body, flags=4), WireFault.VERSION)
    yield _one_bad("fault VERSION: undefined flag", False, plain_of(0x0101, False, body, flags=0x80), WireFault.VERSION)
    yield _one_bad("fault VERSION: from the wrong side, host", True, plain_of(0x0101, False, bytes(16)), WireFault.VERSION)
    yield _one_bad("fault VERSION: from the wrong side, device", False, plain_of(0x8002, True, bytes(2)), WireFault.VERSION)


def _lengths() -> Iterator[Case]:
    _, _, body = _body("Open")
    yield _one_bad("fault LENGTH: body one byte short", False, plain_of(0x0101, False, body[:-1]), WireFault.LENGTH)
    yield _one_bad("fault LENGTH: no body", False, plain_of(0x0101, False, b""), WireFault.LENGTH)
    _, _, flex = _body("StageFlex")
    yield _one_bad("fault LENGTH: tail without its item size", False, plain_of(0x0121, False, flex[:3]), WireFault.LENGTH)
    yield _one_bad("fault LENGTH: last item cut", False, plain_of(0x0121, False, flex[:-1]), WireFault.LENGTH)
    items = b"\0" + b"\1\0" + b"\5" + bytes(5)
    yield _one_bad("fault LENGTH: items of five bytes, six declared", False, plain_of(0x0121, False, items), WireFault.LENGTH)
    empty = b"\0" + b"\0\0" + b"\0"
    yield _one_bad("fault LENGTH: items of no byte", False, plain_of(0x0121, False, empty), WireFault.LENGTH)
    both = b"\7" + b"\1\0" + b"\6" + bytes(5)
    yield _one_bad("fault LENGTH: comes before RANGE", False, plain_of(0x0121, False, both), WireFault.LENGTH)


def _ranges() -> Iterator[Case]:
    yield _one_bad("fault RANGE: schedule 2 of 0..1", False, plain_of(0x0113, False, b"\0\2"), WireFault.RANGE)
    yield _one_bad("fault RANGE: 17 items of 16", False, plain_of(0x0121, False, b"\0\x11\0\6" + bytes(102)), WireFault.RANGE)
    late = b"\0\1\0\6" + (1440).to_bytes(2, "little") + bytes(4)
    yield _one_bad("fault RANGE: minute 1440 in an item", False, plain_of(0x0121, False, late), WireFault.RANGE)
    day = plain_of(0x0204, False, bytes(36) + (864_000).to_bytes(4, "little") + bytes(16), bench=True)
    yield _one_bad("fault RANGE: clock_day_ticks 864000", False, day, WireFault.RANGE)


def _growth() -> Iterator[Case]:
    layout, values, body = _body("Open")
    plain = plain_of(0x0101, False, body + b"\xaa\xbb")
    yield case("no fault: a longer body, its rest ignored", False, wire_of(plain), [good(layout, values, plain)])
    layout, _, _ = _body("StageFlex")
    grown = b"\1" + b"\2\0" + b"\7" + b"\1\0\2\0\0\0\xee" + b"\3\0\4\0\0\0\xee" + b"\xdd"
    values = {"schedule": 1, "steps": [{"start_minute": 1, "dose_ng": 2}, {"start_minute": 3, "dose_ng": 4}]}
    plain = plain_of(0x0121, False, grown)
    yield case("no fault: longer items, their rest ignored", False, wire_of(plain), [good(layout, values, plain)])
    layout, _, _ = _body("WriteSnapshot")
    plain = plain_of(0x0209, False, b"\x80\0\0\0" + b"\2\0" + b"\3" + b"\x11\xee\xee\x22\xee\xee", bench=True)
    values = {"offset_bytes": 128, "data": b"\x11\x22"}
    yield case("no fault: bytes of a tail that grew to three", False, wire_of(plain), [good(layout, values, plain)])
    layout, _, _ = _body("Open")
    values = {"serial": 1, "role": 200, "nonce": 3}
    plain = plain_of(0x0101, False, reference.encode(layout, values))
    yield case("no fault: a code that is not in its list", False, wire_of(plain), [good(layout, values, plain)])
    for device in (False, True):
        plain = plain_of(UNKNOWN_TYPE, device, b"\1\2\3")
        yield case(f"no fault: unknown type, from {'device' if device else 'host'}", device, wire_of(plain), [_unknown(plain)])


def _unknown(plain: bytes) -> dict[str, Any]:
    size = 26 if plain[1] & 2 else 14
    return {"message": "Unknown", "header": head_of(plain), "plain": spaced(plain, size), "body": plain[size:-4].hex()}


def _streams() -> Iterator[Case]:
    layout, values, body = _body("Open")
    plain = plain_of(0x0101, False, body)
    wire, expected = wire_of(plain), good(layout, values, plain)
    yield case("stream: nothing but zero bytes", False, bytes(5), [])
    yield case("stream: two frames share a zero byte", False, wire + wire[1:], [expected, expected])
    yield case("stream: no zero byte before the first frame", False, wire[1:], [expected])
    yield case("stream: begins inside a frame", False, wire[9:] + wire, [bad(WireFault.COBS, len(wire) - 10), expected])
    yield case("stream: a frame after noise without end", False, b"\x05" * 300 + wire, [bad(WireFault.OVERSIZE, 300), expected])
    yield case("stream: the last frame is not ended", False, wire + wire[:-1], [expected])
    reply, done, body = _body("Done")
    answer = plain_of(0x8002, True, body)
    both = [expected, good(reply, done, answer)]
    yield case("stream: both directions, as each frame says", None, wire + wire_of(answer), both)
