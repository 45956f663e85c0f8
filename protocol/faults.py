"""Knows the names of what can be wrong with a frame; it must not know how it is found."""

from .codelist import Codes


class WireFault(Codes):
    """Faults of a frame, in priority order: a frame has the first that applies."""

    OVERSIZE = 1
    COBS = 2
    SHORT = 3
    CRC = 4
    VERSION = 5
    LENGTH = 6
    RANGE = 7
