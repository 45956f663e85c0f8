"""What stands for each serial number and date that is taken out, the same wherever it is met; knows no file and no frame."""

import random
from typing import Final

from pumpbench.protocol.crc import crc32c

DAYS_PER_WEEK: Final = 7
WEEKS_MIN, WEEKS_MAX = 52, 520
NS_PER_WEEK: Final = 7 * 86_400 * 1_000_000_000
U32_MAX: Final = 0xFFFF_FFFF
T_NS_MAX: Final = 2**64 - 1
_TELLING_MIN: Final = 0x1_0000
"""Smaller numbers stand in any file by chance, so that finding one tells nothing."""


class Aliases:
    """Drawn from `draw`, which has to be one that nobody can draw again unless a test wants to.

    `earliest_ns` and `earliest_day` are the oldest times met, which the shift must not put before their beginning.
    """

    def __init__(self, draw: random.Random, earliest_ns: int, earliest_day: int | None) -> None:
        self._salt = draw.randbytes(8)
        self._draw = draw
        self._serials: dict[int, int] = {}
        weeks = draw.randint(WEEKS_MIN, WEEKS_MAX)
        room = min(earliest_ns // NS_PER_WEEK, WEEKS_MAX if earliest_day is None else earliest_day // DAYS_PER_WEEK)
        # Back where there is room: a date in the future looks like damage.
        self.weeks = -min(weeks, room) if room >= WEEKS_MIN else weeks

    @property
    def originals(self) -> list[bytes]:
        """Each number that must not be found again, in both byte orders, in decimal and in hex."""
        found: list[bytes] = []
        for serial in self._serials:
            if serial >= _TELLING_MIN:
                found += [serial.to_bytes(4, "little"), serial.to_bytes(4, "big"), str(serial).encode()]
                found += [f"{serial:08x}".encode(), f"{serial:08X}".encode()]
        return found

    def serial(self, serial: int) -> int:
        if serial not in self._serials:
            alias = self._draw.randint(_TELLING_MIN, U32_MAX)
            while alias in self._serials or alias in self._serials.values():
                alias = self._draw.randint(_TELLING_MIN, U32_MAX)
            self._serials[serial] = alias
        return self._serials[serial]

    def day(self, day: int) -> int:
        """Of the pump's calendar; a date that is no date wraps."""
        return (day + self.weeks * DAYS_PER_WEEK) & U32_MAX

    def t_ns(self, t_ns: int) -> int:
        return min(max(t_ns + self.weeks * NS_PER_WEEK, 0), T_NS_MAX)

    def crc(self, crc: int) -> int:
        """Of an identity that is not known: whoever kept it could try out the serial numbers."""
        return crc32c(self._salt + crc.to_bytes(4, "little"))

    def field(self, name: str, value: int) -> int | None:
        """What stands for a field that names a device or a date; None for any other."""
        match name:
            case "serial":
                return self.serial(value)
            case "implant_day" | "calendar_origin_day":
                return self.day(value)
            case "identity_crc":
                return self.crc(value)
            case _:
                return None

    def replaced(self, data: bytes) -> bytes:
        """Bytes of unknown meaning with every serial number that is known by now replaced."""
        for serial, alias in self._serials.items():
            if serial >= _TELLING_MIN:
                data = data.replace(serial.to_bytes(4, "little"), alias.to_bytes(4, "little"))
                data = data.replace(serial.to_bytes(4, "big"), alias.to_bytes(4, "big"))
        return data
