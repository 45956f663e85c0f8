"""Knows how to read frames out of a file, be it a capture, a recording of USB or bare bytes; it must not print them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pumpbench.hil.capture import Damage, Record, Verification, Verifier, read
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.links import INBOUND, NEITHER, OUTBOUND, Direction
from pumpbench.hil.usbmon.packets import MAGICS, is_packets, packets
from pumpbench.hil.usbmon.pump import UsbmonFile, is_usbmon
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.tools.failure import Failed

PCAPNG: Final = bytes.fromhex("0a0d0d0a")
CHUNK_BYTES: Final = 65536
BARE: Final = "bytes"
"""Interface name given to bytes that come from no capture."""


class FramesIn:
    """The frames of one file, in order, and afterwards what there is to say about the file as a whole.

    Raises `Failed` when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frame_count = self.bad_count = self.pending_bytes = 0
        self.damage: Damage | None = None
        self.verification: Verification | None = None
        opening = _opening(path)
        self.usbmon = UsbmonFile(path) if is_packets(opening) and is_usbmon(path) else None
        self.is_capture = self.usbmon is None and opening == PCAPNG
        if self.usbmon is None and opening in MAGICS:
            raise Failed(f"{path}: a pcap file without USB: {_held(path)}; record the bus with tcpdump -i usbmon1 -s 0 -w FILE")

    @property
    def timed(self) -> bool:
        """Each frame has the time at which it passed."""
        return self.is_capture or self.usbmon is not None

    def items(self) -> Iterator[FrameAt | Record]:
        """Frames, bad ones too, each with the record that completed it; meta records of a capture in their place."""
        for item in self._captured() if self.is_capture else self._watched(self.usbmon) if self.usbmon else self._bare():
            if isinstance(item, FrameAt):
                self.frame_count += 1
                self.bad_count += isinstance(item.event, BadFrame)
            yield item

    def losses(self) -> list[str]:
        """What is wrong with the file, a line each; [] when every byte became a frame and a capture is whole."""
        found = [f"{self.bad_count} of {self.frame_count} frames are bad"] if self.bad_count else []
        found += [f"the last {self.pending_bytes} bytes belong to no frame"] if self.pending_bytes else []
        found += self.usbmon.losses() if self.usbmon is not None else []
        return found + (faults_of(self.verification) if self.verification is not None else [])

    def _captured(self) -> Iterator[FrameAt | Record]:
        reader, verifier = FrameReader(), Verifier()

        def seen() -> Iterator[Record | Damage]:
            for item in read(self.path):
                verifier.see(item)
                yield item

        for item in reader.frames(seen()):
            if not isinstance(item, Damage):
                yield item
        self.pending_bytes, self.verification = reader.pending_bytes, verifier.result()

    def _watched(self, usbmon: UsbmonFile) -> Iterator[FrameAt | Record]:
        reader = FrameReader()
        for item in reader.frames(usbmon.records()):
            assert not isinstance(item, Damage), "told among the losses"
            yield item
        self.pending_bytes = reader.pending_bytes

    def _bare(self) -> Iterator[FrameAt]:
        decoder, offset = Decoder(), 0
        with open_to_read(self.path) as file:
            while chunk := file.read(CHUNK_BYTES):
                for event in decoder.feed(chunk):
                    yield FrameAt(Record(BARE, _direction(event), 0, event.wire, False, offset), event)
                offset += len(chunk)
        self.pending_bytes = decoder.pending_bytes


def _opening(path: Path) -> bytes:
    try:
        with open_to_read(path) as file:
            return file.read(len(PCAPNG))
    except OSError as problem:
        remedy = "give a capture, or a file of bytes as they passed"
        raise Failed(f"{path}: cannot be read ({problem.strerror}); {remedy}") from problem


def _held(path: Path) -> str:
    """What a pcap file begins with, where that is no USB."""
    with open_to_read(path) as file:
        first = next(packets(file), None)
    if first is None:
        return "it holds no packet"
    return str(first) if isinstance(first, Damage) else f"its packets are of link type {first.link_type}"


def _direction(event: Frame | BadFrame) -> Direction:
    """Bare bytes say who sent them only in a header that can be trusted."""
    header = event.header
    if header is None:
        return NEITHER
    return INBOUND if header.from_device else OUTBOUND


def faults_of(found: Verification) -> list[str]:
    """What keeps a capture from being whole, a line each."""
    said = [str(found.damage)] if found.damage is not None else []
    said += ["its checksums do not agree with what it holds"] if found.checksum_ok is False else []
    said += [f"{found.lost} records are missing"] if found.lost else []
    said += [] if found.trailer or found.damage else ["it has no trailer: the recording did not end knowingly"]
    return said
