"""Reads on behind damage: every record that still stands whole, and each stretch that was lost; it judges no record."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from pumpbench.hil.capture import blocks
from pumpbench.hil.capture.blockreader import BIG, LITTLE, NS_PER_S, Interface, order_of
from pumpbench.hil.capture.errors import unreadable
from pumpbench.hil.capture.opening import open_to_read
from pumpbench.hil.capture.reader import SECTION, Damage, Record, Window
from pumpbench.hil.capture.tally import META_NAME

# Where a block may begin, in either byte order: section, interface, packet.
_OPENINGS: Final = re.compile(rb"\x0a\x0d\x0d\x0a|[\x01\x06]\0\0\0|\0\0\0[\x01\x06]")
# Longer ones are not believed behind damage: nothing a writer makes is.
_BLOCK_BYTES_MAX: Final = blocks.PAYLOAD_BYTES_MAX + 4096
_INTERFACES_MAX: Final = 64
_OPENING_BYTES: Final = 4


class Lost(NamedTuple):
    """A stretch that holds no record which could be read; of no bytes where only a declaration is missing."""

    offset: int
    size_bytes: int
    what: str

    def __str__(self) -> str:
        return f"byte {self.offset}: {self.what}"


def salvage(path: str | Path) -> Iterator[Record | Lost]:
    """In the order of the file, in bounded memory. Law: without a `Lost`, the records are those of `read`.

    Raises `CaptureError` when the file cannot be opened or read, never for what is in it.
    """
    try:
        with open_to_read(path) as file:
            yield from Salvage(file).items()
    except OSError as problem:
        raise unreadable(path, problem) from problem


class Salvage(Window):
    """A window that looks for the next block where one does not stand."""

    damaged = False

    def items(self) -> Iterator[Any]:
        self._supposed: list[Lost] = []
        if self.fill(blocks.BLOCK_BYTES_MIN) and self.buffer[:4] != SECTION:
            yield self._skip(f"begins with {self.buffer[:4].hex()}, and not with a pcapng section")
        while self.fill(blocks.BLOCK_BYTES_MIN):
            yield from self.packets()
            if not self.fill(blocks.BLOCK_BYTES_MIN):
                break
            start = self.base + self.at
            found = self.block()
            if isinstance(found, Damage):
                self.damaged = True
                what = f"{found.what}, expected {found.expected}"
                yield Lost(start, self.base + self.at - start, what) if self.base + self.at > start else self._skip(what)
            else:
                yield from self._supposed
                self._supposed.clear()
                if found is not None:
                    yield found
        left = len(self.buffer) - self.at
        if left:
            yield Lost(self.base + self.at, left, f"the file ends {left} bytes into a block")

    def content(self, kind: int, body: bytes, offset: int) -> Record | Damage | None:
        is_meta = kind == blocks.INTERFACE and int.from_bytes(body[:2], _endian(self.order.sign)) == blocks.LINKTYPE_META
        if kind == blocks.INTERFACE and not self.interfaces and self.damaged and not is_meta:
            self._suppose(0, offset)  # every capture declares it first
        return super().content(kind, body, offset)

    def packet(self, body: bytes, offset: int) -> Record | Damage:
        number = self.order.word.unpack(body[:4].ljust(4, b"\0"))[0]
        if len(self.interfaces) <= number < _INTERFACES_MAX:
            self._suppose(number, offset)
        return super().packet(body, offset)

    def _suppose(self, number: int, offset: int) -> None:
        """Declares what is missing up to interface `number`: meta is the first, the others are lines."""
        for each in range(len(self.interfaces), number + 1):
            name, kind = (f"line{each}", blocks.LINKTYPE_LINE) if each else (META_NAME, blocks.LINKTYPE_META)
            self.interfaces.append(Interface(name, kind, NS_PER_S, NS_PER_S, 0))
            self.plain[each] = name, not each
            self._supposed.append(Lost(offset, 0, f"interface {each} is not declared before its first packet; taken as {name}"))

    def _skip(self, what: str) -> Lost:
        """Moves on to the next place where a block stands, or to the end."""
        self.damaged = True
        start = self.base + self.at
        if self.order.word.unpack_from(self.buffer, self.at)[0] == blocks.INTERFACE and len(self.interfaces) < _INTERFACES_MAX:
            self._suppose(len(self.interfaces), start)
        self.at += 1
        while not self._found():
            left = len(self.buffer) - self.at
            self.at = max(self.at, len(self.buffer) - _OPENING_BYTES + 1)
            if not self.fill(len(self.buffer) - self.at + 1):
                self.at += min(left, len(self.buffer) - self.at)
                break
        return Lost(start, self.base + self.at - start, what)

    def _found(self) -> bool:
        """Whether a whole block stands in the buffer from `at` on, which then is its place."""
        while match := _OPENINGS.search(self.buffer, self.at):
            self.at = match.start()
            if self._stands():
                return True
            self.at += 1
        return False

    def _stands(self) -> bool:
        if not self.fill(blocks.BLOCK_BYTES_MIN):
            return False
        opening = self.buffer[self.at : self.at + 12]
        order = order_of(opening[8:]) if opening[:4] == SECTION else self.order
        if order is None:
            return False
        if opening[:4] != SECTION and not self.interfaces and opening[:1] == b"\0" and not (self.base + self.at) % 4:
            order = BIG  # no section has told it, and three bytes before each little block there seems to stand a big one
        length = order.block.unpack_from(opening)[1]
        if length % 4 or not blocks.BLOCK_BYTES_MIN <= length <= _BLOCK_BYTES_MAX or not self.fill(length):
            return False
        if order.word.unpack_from(self.buffer, self.at + length - 4)[0] != length:
            return False
        self.order = order
        return True


def _endian(sign: str) -> Any:
    return "little" if sign == LITTLE.sign else "big"
