"""Streams the records of a capture in bounded memory, whatever the file holds; knows the file, and judges nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pumpbench.hil.capture import blocks
from pumpbench.hil.capture.blockreader import LITTLE, ByteOrder, Interface, interface_of, options, order_of
from pumpbench.hil.capture.errors import unreadable
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.links.link import INBOUND, NEITHER, OUTBOUND, Direction

SECTION = blocks.SECTION.to_bytes(4)  # the same in either byte order
CHUNK_BYTES = 65536  # more is slower: the records of a chunk should fit the processor's cache
DIRECTIONS: tuple[Direction, ...] = (NEITHER, INBOUND, OUTBOUND, NEITHER)  # by the two low bits of epb_flags


class Record(NamedTuple):
    """What passed, or a meta record, at `t_ns` since 1970; `offset` is where its block starts in the file."""

    interface: str
    direction: Direction
    t_ns: int
    payload: bytes
    is_meta: bool
    offset: int


class Damage(NamedTuple):
    """Where a file stops being a capture: everything before `offset` was read whole, and nothing after it."""

    offset: int
    what: str
    expected: str

    def __str__(self) -> str:
        return f"damaged at byte {self.offset}: {self.what}; expected {self.expected}"


def read(path: str | Path) -> Iterator[Record | Damage]:
    """Every whole record in the order of the file, then one `Damage` unless the file ends where a block does.

    Blocks of other kinds are passed over. Raises `CaptureError` when the file cannot be opened or read, never for
    what is in it.
    """
    try:
        with open_to_read(path) as file:
            yield from read_stream(file)
    except OSError as problem:
        raise unreadable(path, problem) from problem


def read_stream(file: BinaryIO) -> Iterator[Record | Damage]:
    """The same from an open binary file. OSError passes as it is."""
    return Window(file).items()


class Window:
    """A stretch of the file: `buffer` begins `base` bytes into it, the next block begins at `at` in `buffer`."""

    chunk_bytes = CHUNK_BYTES

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.buffer = b""
        self.base = 0
        self.at = 0
        self.order: ByteOrder = LITTLE
        self.interfaces: list[Interface] = []
        self.plain: dict[int, tuple[str, bool]] = {}  # those whose times are nanoseconds as they stand

    def items(self) -> Iterator[Any]:
        """What `packets` makes of packets, a `Record` for each that it leaves, and at most one `Damage`, last."""
        self.fill(blocks.BLOCK_BYTES_MIN)
        if self.buffer[:4] != SECTION:
            yield Damage(0, f"begins with {self.buffer[:4].hex() or 'nothing'}", f"a pcapng section, {SECTION.hex()}")
            return
        while self.fill(blocks.BLOCK_BYTES_MIN):
            yield from self.packets()
            if self.fill(blocks.BLOCK_BYTES_MIN):
                found = self.block()
                if found is not None:
                    yield found
                if isinstance(found, Damage):
                    return
        left = len(self.buffer) - self.at
        if left:
            yield Damage(self.base + self.at, f"the file ends {left} bytes into a block", "a block of 12 bytes or more")

    def fill(self, size: int) -> bool:
        """Reads on until `size` bytes stand after `at`; False when the file ends before."""
        have = len(self.buffer) - self.at
        if have >= size:
            return True
        parts = [self.buffer[self.at :]]
        while have < size and (more := self.file.read(self.chunk_bytes)):
            parts.append(more)
            have += len(more)
        self.base += self.at
        self.at = 0
        self.buffer = b"".join(parts)
        return have >= size

    def fill_packet(self) -> None:
        """Reads on to the end of the packet that stands next, where one does."""
        self.fill(blocks.BLOCK_BYTES_MIN)
        head = self.buffer[self.at : self.at + 8]
        kind, length = self.order.block.unpack(head) if len(head) == 8 else (0, 0)
        if kind == blocks.PACKET and length <= blocks.BLOCK_BYTES_MAX:
            self.fill(length)

    def packets(self) -> Iterable[Any]:
        """The packets that stand next and whole, spelled as a capture spells them. Leaves the rest to `block`."""
        return self.packets_before(len(self.buffer))

    def packets_before(self, size_bytes: int) -> list[Record]:
        """Of these the ones that end in the first `size_bytes` of the buffer: the hot path."""
        buffer, at, base, declared = self.buffer, self.at, self.base, self.plain
        head, tail, flags_head = self.order.packet.unpack_from, self.order.flags_tail.unpack_from, self.order.flags_head
        new = tuple.__new__
        found: list[Record] = []
        while at + blocks.PACKET_HEAD_BYTES <= size_bytes:
            kind, length, number, high, low, size, _ = head(buffer, at)
            start = at + 28
            flags_at = start + (size + 3 & ~3)
            end = flags_at + 16
            if kind != 6 or end != at + length or end > size_bytes or number not in declared:
                break
            code, flags, last, again = tail(buffer, flags_at)
            if again != length or code != flags_head or flags > 2 or last:
                break
            name, is_meta = declared[number]
            found.append(new(Record, (name, flags, high << 32 | low, buffer[start : start + size], is_meta, base + at)))
            at = end
        self.at = at
        return found

    def block(self) -> Record | Damage | None:
        """The next block, of any kind and spelling; None for one that is no record."""
        offset = self.base + self.at
        if self.buffer[self.at : self.at + 4] == SECTION:
            order = order_of(self.buffer[self.at + 8 : self.at + 12])
            if order is None:
                return Damage(
                    offset, f"byte-order magic {self.buffer[self.at + 8 : self.at + 12].hex()}", "1a2b3c4d in either order"
                )
            self.order, self.interfaces, self.plain = order, [], {}
        kind, length = self.order.block.unpack_from(self.buffer, self.at)
        if length % 4 or not blocks.BLOCK_BYTES_MIN <= length <= blocks.BLOCK_BYTES_MAX:
            return Damage(offset, f"block length {length}", f"a multiple of 4 from 12 to {blocks.BLOCK_BYTES_MAX}")
        if not self.fill(length):
            return Damage(
                offset, f"the file ends {len(self.buffer) - self.at} bytes into a block", f"the {length} bytes it announces"
            )
        end = self.at + length
        again = self.order.word.unpack_from(self.buffer, end - 4)[0]
        if again != length:
            return Damage(offset, f"block length {length} at its start, {again} at its end", "twice the same")
        body = self.buffer[self.at + 8 : end - 4]
        self.at = end
        return self.content(kind, body, offset)

    def content(self, kind: int, body: bytes, offset: int) -> Record | Damage | None:
        if kind == blocks.PACKET:
            return self.packet(body, offset)
        if kind == blocks.INTERFACE:
            interface = interface_of(body, len(self.interfaces), self.order.sign)
            if interface is None:
                return Damage(offset, f"interface block with {len(body)} bytes in it", "8 or more")
            if interface.counts_ns:
                self.plain[len(self.interfaces)] = interface.name, interface.is_meta
            self.interfaces.append(interface)
        return None

    def packet(self, body: bytes, offset: int) -> Record | Damage:
        if len(body) < 20:
            return Damage(offset, f"packet block with {len(body)} bytes in it", "20 or more")
        number, high, low, size, _ = self.order.packet_body.unpack_from(body)
        if number >= len(self.interfaces):
            return Damage(offset, f"packet of interface {number}", f"one of the {len(self.interfaces)} declared before it")
        if size > len(body) - 20:
            return Damage(
                offset, f"packet of {size} bytes in a block with room for {len(body) - 20}", "a payload inside its block"
            )
        interface = self.interfaces[number]
        payload = body[20 : 20 + size]
        flags = dict(options(body, 20 + blocks.padded_bytes(size), self.order.sign)).get(blocks.OPTION_EPB_FLAGS, b"")
        direction = DIRECTIONS[self.order.word.unpack(flags.ljust(4, b"\0")[:4])[0] & 3]
        return Record(interface.name, direction, interface.t_ns(high << 32 | low), payload, interface.is_meta, offset)
