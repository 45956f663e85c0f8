"""Every kind of damage that a capture can come to, as functions from its bytes to broken ones; it judges none."""

import random
import struct
from collections.abc import Callable, Iterator

Damaging = Callable[[bytes, random.Random], bytes]


def flip(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]


def cut_end(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(1, len(data))]


def cut_start(data: bytes, draw: random.Random) -> bytes:
    return data[draw.randrange(1, len(data) // 2) :]


def take_out(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) - 1)
    return data[:at] + data[at + draw.randrange(1, 300) :]


def put_in(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + draw.randbytes(draw.randrange(1, 300)) + data[at:]


def zero(data: bytes, draw: random.Random) -> bytes:
    at, size = draw.randrange(len(data) - 600), draw.randrange(1, 600)
    return data[:at] + bytes(size) + data[at + size :]


def drop_block(data: bytes, draw: random.Random) -> bytes:
    blocks = list(blocks_of(data))
    del blocks[draw.randrange(len(blocks))]
    return b"".join(blocks)


def double_block(data: bytes, draw: random.Random) -> bytes:
    blocks = list(blocks_of(data))
    at = draw.randrange(len(blocks))
    return b"".join([*blocks[: at + 1], *blocks[at:]])


def swap_blocks(data: bytes, draw: random.Random) -> bytes:
    blocks = list(blocks_of(data))
    at = draw.randrange(len(blocks) - 1)
    return b"".join([*blocks[:at], blocks[at + 1], blocks[at], *blocks[at + 2 :]])


def no_trailer(data: bytes, draw: random.Random) -> bytes:
    return b"".join(list(blocks_of(data))[:-1])


def blocks_of(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        yield data[at : at + size]
        at += size


KINDS: dict[str, Damaging] = {
    one.__name__: one
    for one in (flip, cut_end, cut_start, take_out, put_in, zero, drop_block, double_block, swap_blocks, no_trailer)
}
