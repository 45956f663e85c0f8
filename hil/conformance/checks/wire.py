"""The wire: what noise does, how frames are numbered and stamped, which bodies are taken; nothing is answered by guessing."""

from __future__ import annotations

import random
from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.roles import raw
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Level, Refusal
from pumpbench.protocol.frame import Frame, Unknown, encode_frame
from pumpbench.protocol.header import FLAG_BENCH, FLAG_FROM_DEVICE, Header
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identify, ReadStatus, SetClock, Status, Stop, Subscribe

SECTION: Final = "SPEC Frames"
FLIPS: Final = 200
IDENTIFY: Final = layout_of(Identify).number


def _identify(request_id: int, version: int = 1, flags: int = 0) -> bytes:
    header = Header(version, flags, IDENTIFY, 7, request_id, 0)
    return encode_frame(header, Unknown(header, b""))


def _heard(pump: Subject, *chunks: bytes) -> list[int]:
    """Ids of the replies."""
    return [one.head[4] for one in pump.exchange(*chunks) if isinstance(one, Frame)]


@check("wire.zero-bytes-are-no-frame", SECTION)
def zero_bytes(pump: Subject) -> None:
    """Zero bytes without anything between them are neither answered nor counted."""
    pump.start()
    before = pump.link_counters()
    pump.expect("replies to a thousand zero bytes", _heard(pump, bytes(1_000)), [])
    after = pump.link_counters()
    pump.expect("bad_frame_count", after.bad_frame_count, before.bad_frame_count)
    pump.expect("good_frame_count", after.good_frame_count, before.good_frame_count + 2)


@check("wire.one-zero-byte-between-frames-is-enough", SECTION)
def one_zero_byte(pump: Subject) -> None:
    """Two frames that share one zero byte are both answered, in order; so are many in one piece."""
    pump.start()
    two = _identify(1)[:-1] + _identify(2)
    pump.expect("ids of the replies", _heard(pump, two), [1, 2])
    pump.expect("ids of the replies to five", _heard(pump, b"".join(_identify(n) for n in range(1, 6))), [1, 2, 3, 4, 5])


@check("wire.noise-does-not-hide-the-next-frame", SECTION)
def noise(pump: Subject) -> None:
    """After noise of any length, and after half a frame, the next frame that begins with a zero byte is answered."""
    pump.start()
    draw = random.Random(f"noise {pump.seed}")
    for size in (1, 5, 100, 254, 255, 256, 257, 300, 1_000):
        run = bytes(draw.randrange(1, 256) for _ in range(size))
        pump.expect(f"replies after {size} bytes of noise", _heard(pump, run + _identify(9)), [9])
    half = pump.frame(Stop())[:-6]
    pump.expect("replies after half a frame", _heard(pump, half + _identify(9)), [9])


@check("wire.run-too-long-is-one-fault", SECTION)
def too_long(pump: Subject) -> None:
    """A run of bytes without end is one bad frame, however long, and no reply."""
    pump.start()
    for size in (255, 256, 511, 1_000):
        before = pump.link_counters()
        pump.expect(f"replies to {size} bytes", _heard(pump, b"\0" + b"\x01" * size + b"\0"), [])
        pump.expect(f"bad frames of {size} bytes", pump.link_counters().bad_frame_count - before.bad_frame_count, 1)


@check("wire.flipped-bit-is-never-answered", "SPEC What the CRC promises")
def flipped_bit(pump: Subject) -> None:
    """A frame with any one bit flipped, delimiters included, is not answered; seeded where there are many."""
    pump.start()
    pump.disarm()
    wire = _identify(0x1234_5678)
    places = [(at, bit) for at in range(len(wire)) for bit in range(8)]
    for at, bit in random.Random(f"flips {pump.seed}").sample(places, min(FLIPS, len(places))):
        flipped = bytearray(wire)
        flipped[at] ^= 1 << bit
        pump.expect(f"replies with bit {bit} of byte {at} flipped", _heard(pump, bytes(flipped)), [])


@check("wire.other-versions-and-flags-are-bad", "SPEC Faults")
def versions_and_flags(pump: Subject) -> None:
    """Another version, a flag that is not defined, an authentication tag, a frame from the wrong side: unanswered, counted."""
    pump.start()
    for what, version, flags in (("version 0", 0, 0), ("version 2", 2, 0), ("a tag", 1, 4), ("flag 3", 1, 8), ("flag 7", 1, 128)):
        before = pump.link_counters()
        pump.expect(f"replies to {what}", _heard(pump, _identify(5, version, flags)), [])
        pump.expect(f"bad frames of {what}", pump.link_counters().bad_frame_count - before.bad_frame_count, 1)
    pump.expect("replies to a frame from a device", _heard(pump, _identify(5, 1, FLAG_FROM_DEVICE)), [])


@check("wire.frames-are-numbered-one-by-one", "SPEC Sequence")
def numbered(pump: Subject) -> None:
    """The sequence number of the device's frames rises by one with each, replies and refusals alike."""
    pump.start()
    pump.open()
    last = pump.send(pump.frame(Identify())).header.seq
    for message in (ReadStatus(), Identify(), ReadStatus(), SetClock(clock_day=0, clock_day_ticks=864_000)):
        seq = pump.send(pump.frame(message)).header.seq
        pump.expect(f"header.seq of the reply to {type(message).__name__}", seq, (last + 1) & 0xFFFF)
        last = seq


@check("wire.replies-come-on-the-requests-channel", "SPEC Channels")
def on_the_same_channel(pump: Subject) -> None:
    """A reply has the bit of its request's channel, and the one of the device; boot count and tick are in its header."""
    pump.start()
    for bench in (False, True):
        header = pump.send(pump.frame(Identify(), bench=bench)).header
        pump.expect("header.flags", header.flags, FLAG_FROM_DEVICE | FLAG_BENCH * bench)
    pump.open()
    frame = pump.send(pump.frame(ReadStatus()))
    pump.expect_reply(frame.message, Status)
    pump.expect("header.boot_seq", frame.header.boot_seq, frame.message.boot_count)


@check("wire.longer-body-is-taken", "SPEC Bodies")
def longer_body(pump: Subject) -> None:
    """What follows the fields that a device knows is ignored: a longer request is carried out."""
    pump.start()
    pump.open()
    longer = raw(pump, layout_of(Subscribe).number, body=bytes(4) + b"\x01\x02\x03\x04\x05")
    pump.expect("the reply to a longer Subscribe", type(longer.message).__name__, "Done")
    status = raw(pump, layout_of(ReadStatus).number, body=b"more")
    pump.expect_reply(status.message, Status)


@check("wire.short-body-is-malformed", "SPEC Bodies, SEMANTICS 7.1 step 7")
def short_body(pump: Subject) -> None:
    """A body that is too short or holds a value out of its range is malformed, takes no id, and counts as refused."""
    pump.start()
    pump.open()
    before = pump.status().refused_frame_count
    short = raw(pump, layout_of(Subscribe).number, body=b"\1\0\0")
    pump.is_refused("Subscribe of three bytes", short.message, Refusal.MALFORMED, 0, 0)
    wide = raw(pump, layout_of(ReadStatus).number + 2, body=b"\2")  # ReadProgram: source 2 of 0..1
    pump.is_refused("ReadProgram of source 2", wide.message, Refusal.MALFORMED, 0, 0)
    reply = pump.ask(ReadStatus(), request_id=wide.head[4])
    pump.expect_reply(reply, Status)
    pump.expect("Status.refused_frame_count", reply.refused_frame_count, before + 2)


@check("wire.unknown-types-are-counted", "SEMANTICS 7.1 step 4")
def unknown_types_are_counted(pump: Subject) -> None:
    """A type that no message has is counted as one, and as refused; it is no bad frame."""
    pump.start()
    pump.open()
    before = pump.link_counters()
    raw(pump, 0x7FFF)
    after = pump.link_counters()
    for name, rise in (("unknown_type_count", 1), ("refused_frame_count", 1), ("bad_frame_count", 0), ("good_frame_count", 2)):
        pump.expect(f"LinkCounters.{name}", getattr(after, name) - getattr(before, name), rise)


@check("wire.retries-are-counted", "SEMANTICS 7.1 step 6", Level.L1)
def retries_are_counted(pump: Subject) -> None:
    """A retry on either channel is counted as one, and a refused frame as refused; neither as bad."""
    pump.start()
    pump.open()
    before = pump.link_counters()
    wire = pump.frame(ReadStatus())
    pump.send(wire)
    pump.send(wire)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, session=pump.session ^ 1)
    after = pump.link_counters()
    for name, rise in (("retried_frame_count", 1), ("refused_frame_count", 1), ("bad_frame_count", 0), ("unknown_type_count", 0)):
        pump.expect(f"LinkCounters.{name}", getattr(after, name) - getattr(before, name), rise)
