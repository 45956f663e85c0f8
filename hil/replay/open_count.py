"""Works out from the id of a session how many a pump had opened by then, so that its next ids are known; it opens none."""

from typing import Final

from pumpbench.firmware_emu.sessions import session_id_of

BITS: Final = 32


def open_count_of(session_id: int, boot_count: int, nonce: int) -> int:
    """The one count below 2^32 that gives this id: a CRC of all three, in which each bit of the count turns bits of its own."""
    left = session_id ^ session_id_of(boot_count, 0, nonce)
    rows: dict[int, tuple[int, int]] = {}
    for bit in range(BITS):
        turned, counts = session_id_of(boot_count, 1 << bit, nonce) ^ session_id_of(boot_count, 0, nonce), 1 << bit
        while turned and (known := rows.get(turned.bit_length())) is not None:
            turned, counts = turned ^ known[0], counts ^ known[1]
        if turned:
            rows[turned.bit_length()] = turned, counts
    count = 0
    while left and (known := rows.get(left.bit_length())) is not None:
        left, count = left ^ known[0], count ^ known[1]
    return count
