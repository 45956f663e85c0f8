"""Turns the chunks of a capture into frames, each with the record that completed it; knows no message's meaning."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pumpbench.hil.capture.reader import Damage, Record
from pumpbench.hil.links.link import INBOUND, NEITHER, OUTBOUND, Direction
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame

FROM_DEVICE: dict[Direction, bool | None] = {INBOUND: True, OUTBOUND: False, NEITHER: None}


class FrameAt(NamedTuple):
    """A frame, or noise in a frame's place, and the record whose bytes completed it: its line, direction and time."""

    record: Record
    event: Frame | BadFrame


class FrameReader:
    """One decoder per line and direction, because a chunk ends anywhere and each stream is whole only for itself."""

    def __init__(self) -> None:
        self.decoders: dict[tuple[str, Direction], Decoder] = {}

    def frames(self, items: Iterable[Record | Damage]) -> Iterator[FrameAt | Record | Damage]:
        """The frames of every line record, in its place; meta records and damage come through as they are."""
        made, frame_at = tuple.__new__, FrameAt
        for item in items:
            if isinstance(item, Damage) or item.is_meta:
                yield item
                continue
            for event in self._decoder(item).feed(item.payload):
                yield made(frame_at, (item, event))

    @property
    def pending_bytes(self) -> int:
        """How many bytes the file ends with that no zero byte has made a frame."""
        return sum(decoder.pending_bytes for decoder in self.decoders.values())

    def _decoder(self, record: Record) -> Decoder:
        key = record.interface, record.direction
        decoder = self.decoders.get(key)
        if decoder is None:
            decoder = self.decoders[key] = Decoder(FROM_DEVICE[record.direction])
        return decoder
