"""How bytes change on a bad wire, by whole bits and integers; it knows no frame and decides nothing."""

BITS_PER_BYTE_ON_LINE = 10
"""8N1: a start bit, eight data bits, a stop bit."""
IDLE = 1


def flipped(data: bytes, bit: int) -> bytes:
    """With one bit turned; `bit` counts round."""
    if not data:
        return data
    at = bit % (8 * len(data))
    changed = bytearray(data)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


def heard_at(data: bytes, percent: int) -> bytes:
    """What an 8N1 receiver makes of them whose rate is `percent` of the sender's. Law: at 100 they are the same.

    It samples each bit in its middle, waits for a falling edge to begin a byte, and keeps a byte whose stop bit is wrong.
    """
    line = [level for byte in data for level in (0, *((byte >> bit) & 1 for bit in range(8)), IDLE)]
    heard, at = bytearray(), 0
    while at < len(line):
        if line[at]:
            at += 1
            continue
        # The middle of bit n lies n + 1/2 of the receiver's bits after the edge: in sender's bits, times 100 / percent.
        bits = [_level(line, at + (100 * (2 * n + 1)) // (2 * percent)) for n in range(1, 9)]
        heard.append(sum(level << n for n, level in enumerate(bits)))
        at += max(1, (100 * (2 * 9 + 1)) // (2 * percent))
    return bytes(heard)


def _level(line: list[int], at: int) -> int:
    return line[at] if at < len(line) else IDLE
