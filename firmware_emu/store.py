"""Knows the words of the memory image: program slots, check-points, log entries; it must not know when they are due.

Section 8 of SEMANTICS.md. A write is (word address, bytes of whole words); writes of one tick or request form a list.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import Final, NamedTuple

from pumpbench.firmware_emu.arithmetic import div_floor, mod
from pumpbench.firmware_emu.program_rules import is_sound
from pumpbench.firmware_emu.state import (
    CHECKPOINT_BODY_BYTES,
    CHECKPOINT_SLOT_ADDRESS,
    CHECKPOINT_SLOTS,
    LOG_ADDRESS,
    PROGRAM_SLOT_ADDRESS,
    Durable,
    Memory,
)
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import (
    COMMIT_MAGIC,
    ERASED,
    LOG_CAPACITY,
    LOG_ENTRY_WORDS,
    MINUTES_PER_DAY,
    NO_CUT_WORDS,
    PROGRAM_BODY_WORDS,
    PROGRAM_SLOT_WORDS,
    PROGRAM_SLOTS,
    TICKS_PER_MINUTE,
)

Write = tuple[int, bytes]

WORD_BYTES: Final = 4
ERASED_WORD: Final = b"\xff\xff\xff\xff"
PROGRAM_HEAD_WORDS: Final = PROGRAM_BODY_WORDS + 2
"""Sequence, body and CRC: what is written and read back before the commit word."""

_WORD: Final = Struct("<I")
_TWO_WORDS: Final = Struct("<II")
_ENTRY: Final = Struct("<IQIIII")
_CLOSED_ENTRY: Final = Struct("<IQIIIII")
_ENTRY_BYTES: Final = _CLOSED_ENTRY.size
_ERASED_ENTRY: Final = ERASED_WORD * LOG_ENTRY_WORDS
_BOOTS: Final = 0x1_0000
# Only these can hold a value outside their range.
_NARROW: Final = [field for field in layout_of(Durable) if (field.lo, field.hi) != field.width_range]
_CLOCK_VALID: Final = 0x8000_0000


class StoredProgram(NamedTuple):
    """A valid program slot."""

    slot: int
    store_seq: int
    body: bytes


def program_head(store_seq: int, body: bytes) -> bytes:
    """The 56 words of a slot that come before its commit word."""
    head = _WORD.pack(store_seq) + body
    return head + _WORD.pack(crc32c(head))


def commit_word(store_seq: int) -> bytes:
    return _WORD.pack(store_seq ^ COMMIT_MAGIC)


def read_words(memory: Memory, address: int, count: int) -> bytes:
    return bytes(memory.words[WORD_BYTES * address : WORD_BYTES * (address + count)])


def write_all(memory: Memory, writes: Iterable[Write], words_max: int = NO_CUT_WORDS) -> None:
    """Puts the list into memory in order; of a list longer than `words_max`, only so many words."""
    words, left_bytes = memory.words, WORD_BYTES * words_max
    for address, data in writes:
        kept = data[:left_bytes]
        start = WORD_BYTES * address
        words[start : start + len(kept)] = kept
        left_bytes -= len(kept)


def is_erased(memory: Memory, slot: int) -> bool:
    return read_words(memory, PROGRAM_SLOT_ADDRESS[slot], 1) == ERASED_WORD


def read_program(memory: Memory, slot: int) -> StoredProgram | None:
    """None unless the slot is valid."""
    return _stored(slot, read_words(memory, PROGRAM_SLOT_ADDRESS[slot], PROGRAM_SLOT_WORDS))


@lru_cache(maxsize=8)
def _stored(slot: int, words: bytes) -> StoredProgram | None:
    head, commit = words[: WORD_BYTES * PROGRAM_HEAD_WORDS], words[-WORD_BYTES:]
    (store_seq,) = _WORD.unpack_from(head)
    if store_seq == ERASED or commit != commit_word(store_seq) or program_head(store_seq, head[4:-4]) != head:
        return None
    if not is_sound(head[4:-4]):
        return None
    return StoredProgram(slot, store_seq, head[4:-4])


def newest_program(memory: Memory) -> StoredProgram | None:
    """The valid slot with the larger sequence, slot 0 of two equal ones."""
    valid = [found for slot in range(PROGRAM_SLOTS) if (found := read_program(memory, slot))]
    return max(valid, key=lambda found: found.store_seq, default=None)


def checkpoint_write(durable: Durable) -> Write:
    """The whole slot for the durable part as it stands; its `checkpoint_seq` picks the slot."""
    seq = durable.checkpoint_seq
    image = _WORD.pack(seq) + durable.to_bytes()
    return CHECKPOINT_SLOT_ADDRESS[seq & 1], image + _TWO_WORDS.pack(crc32c(image), seq ^ COMMIT_MAGIC)


def read_checkpoint(memory: Memory, slot: int) -> Durable | None:
    """The durable part that a slot holds, None unless the slot is valid."""
    start = WORD_BYTES * CHECKPOINT_SLOT_ADDRESS[slot]
    image = bytes(memory.words[start : start + WORD_BYTES + CHECKPOINT_BODY_BYTES])
    (seq,) = _WORD.unpack_from(image)
    crc, commit = _TWO_WORDS.unpack_from(memory.words, start + len(image))
    if seq == ERASED or crc != crc32c(image) or commit != seq ^ COMMIT_MAGIC:
        return None
    durable = Durable.from_bytes(image[WORD_BYTES:])
    return durable if durable.checkpoint_seq == seq and _in_range(durable) else None


def _in_range(durable: Durable) -> bool:
    return all(field.lo <= value <= field.hi for field in _NARROW for value in _values(getattr(durable, field.name)))


def _values(value: int | list[int]) -> list[int]:
    return value if isinstance(value, list) else [value]


def newest_checkpoint(memory: Memory) -> Durable | None:
    """From the valid slot with the larger sequence, slot 0 of two equal ones."""
    valid = [found for slot in range(CHECKPOINT_SLOTS) if (found := read_checkpoint(memory, slot))]
    return max(valid, key=lambda found: found.checkpoint_seq, default=None)


def has_torn_checkpoint(memory: Memory) -> bool:
    """Whether a slot is neither erased nor valid: what it held is lost."""
    return any(_is_torn(memory, slot) for slot in range(CHECKPOINT_SLOTS))


def _is_torn(memory: Memory, slot: int) -> bool:
    return read_words(memory, CHECKPOINT_SLOT_ADDRESS[slot], 1) != ERASED_WORD and read_checkpoint(memory, slot) is None


def log_write(durable: Durable, seq: int, code: int, arg_0: int, arg_1: int) -> Write:
    """A log entry with the life, clock and boot count of now."""
    clock = durable.clock_day * MINUTES_PER_DAY + div_floor(durable.clock_day_ticks, TICKS_PER_MINUTE)
    clock |= _CLOCK_VALID if durable.clock_valid else 0
    stamp = code | mod(durable.boot_count, _BOOTS) << 16
    entry = _ENTRY.pack(seq, durable.life_ticks, stamp, clock, arg_0, arg_1)
    return LOG_ADDRESS + LOG_ENTRY_WORDS * mod(seq, LOG_CAPACITY), entry + _WORD.pack(crc32c(entry))


class StoredEntry(NamedTuple):
    """A valid log entry; `boot_count` modulo 65536."""

    entry_seq: int
    life_ticks: int
    code: int
    clock_minute: int
    boot_count: int
    arg_0: int
    arg_1: int


def read_entry(memory: Memory, place: int) -> StoredEntry | None:
    """The entry at a place of the ring, None unless its words are valid."""
    return _entry(read_words(memory, LOG_ADDRESS + LOG_ENTRY_WORDS * place, LOG_ENTRY_WORDS))


@lru_cache(maxsize=2 * LOG_CAPACITY)
def _entry(words: bytes) -> StoredEntry | None:
    seq, life, stamp, clock, arg_0, arg_1, crc = _CLOSED_ENTRY.unpack(words)
    if seq == ERASED or crc != crc32c(words[:-WORD_BYTES]):
        return None
    return StoredEntry(seq, life, mod(stamp, _BOOTS), clock, stamp >> 16, arg_0, arg_1)


def faulty_entries(memory: Memory) -> int:
    """Places of the ring that were written, in any of their words, and are not valid."""
    log = read_words(memory, LOG_ADDRESS, LOG_CAPACITY * LOG_ENTRY_WORDS)
    entries = [log[at : at + _ENTRY_BYTES] for at in range(0, len(log), _ENTRY_BYTES)]
    return sum(entry != _ERASED_ENTRY and _entry(entry) is None for entry in entries)
