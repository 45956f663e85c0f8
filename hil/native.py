"""The host-built firmware as a library: dense ticks, state and bulk decoding without a link; it starts no process."""

import ctypes
import itertools
import json
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.firmware import LIBRARY, built

OUT_BYTES: Final = 1 << 20
OUT_SLACK_BYTES: Final = 4096
SNAPSHOT_BYTES_MAX: Final = 1 << 16
TABLES_BYTES: Final = 1 << 16


class Effect(ctypes.Structure):
    """One effect of the firmware's trace, as `pb_effect_t` declares it."""

    _fields_ = (
        ("tick", ctypes.c_uint64),
        ("arg_0", ctypes.c_uint32),
        ("arg_1", ctypes.c_uint32),
        ("code", ctypes.c_uint16),
    )


class BulkCounts(ctypes.Structure):
    """What a bulk decode met, as `pb_bulk_t` declares it; `bad` by `WireFault`."""

    _fields_ = (
        ("frames", ctypes.c_uint64),
        ("others", ctypes.c_uint64),
        ("bad", ctypes.c_uint64 * 8),
        ("consumed", ctypes.c_uint64),
    )


class CaptureLane(ctypes.Structure):
    """One direction of one line of a capture and what is asked of it, as `pb_lane_t` declares it."""

    _fields_ = (
        ("interface", ctypes.c_uint32),
        ("direction", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("from_device", ctypes.c_uint32),
        ("interface_count", ctypes.c_uint32),
        ("pending_bytes", ctypes.c_uint32),
        ("pending", ctypes.c_uint8 * 256),
    )


_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "pb_device_bytes": (ctypes.c_size_t, ()),
    "pb_device_init": (None, (ctypes.c_void_p,)),
    "pb_device_receive": (
        ctypes.c_size_t,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t),
    ),
    "pb_device_advance": (ctypes.c_size_t, (ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t)),
    "pb_device_tick": (None, (ctypes.c_void_p, ctypes.c_uint64)),
    "pb_snapshot": (ctypes.c_size_t, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)),
    "pb_restore": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)),
    "pb_digests": (None, (ctypes.c_void_p, ctypes.c_uint32 * 3)),
    "pb_effect_trace": (None, (ctypes.c_void_p, ctypes.POINTER(Effect), ctypes.c_size_t)),
    "pb_effect_traced": (ctypes.c_uint64, (ctypes.c_void_p,)),
    "pb_bulk_decode": (
        ctypes.c_size_t,
        (
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint32,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.POINTER(BulkCounts),
        ),
    ),
    "pb_capture_decode": (
        ctypes.c_size_t,
        (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.POINTER(CaptureLane),
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.POINTER(BulkCounts),
        ),
    ),
    "pb_capture_payload": (
        ctypes.c_size_t,
        (
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.POINTER(CaptureLane),
            ctypes.c_uint64,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.POINTER(BulkCounts),
        ),
    ),
    "pb_build_id": (ctypes.c_uint64, ()),
    "pb_tables_json": (ctypes.c_size_t, (ctypes.c_void_p, ctypes.c_size_t)),
}


class NativeLibrary:
    """The library itself; one is enough for any number of devices. Raises `FirmwareMissing` where none can be built."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or built(LIBRARY)
        self.lib = ctypes.CDLL(str(self.path))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments

    @property
    def build_id(self) -> int:
        return int(self.lib.pb_build_id())

    def tables(self) -> Any:
        """The alarm and transition tables the firmware's authors wrote, as JSON-able data."""
        text = ctypes.create_string_buffer(TABLES_BYTES)
        size = self.lib.pb_tables_json(text, TABLES_BYTES)
        return json.loads(text.raw[:size].rstrip(b"\0"))

    def device(self) -> "NativeDevice":
        return NativeDevice(self)


class NativeDevice:
    """One device in memory of this process, with the face of the reference's `Device` where both have it."""

    def __init__(self, library: NativeLibrary) -> None:
        self.library = library
        self._lib = library.lib
        self._memory = ctypes.create_string_buffer(self._lib.pb_device_bytes())
        self._out = ctypes.create_string_buffer(OUT_BYTES)
        self._trace: ctypes.Array[Effect] | None = None
        self._lib.pb_device_init(self._memory)

    def receive(self, data: bytes) -> bytes:
        """Feeds bytes, runs what they grant to its end, and gives the bytes the device sends."""
        size = self._lib.pb_device_receive(self._memory, data, len(data), self._out, OUT_BYTES)
        sent = ctypes.string_at(self._out, size)
        while size > OUT_BYTES - OUT_SLACK_BYTES:  # full: what is left waits for a call that brings nothing
            size = self._lib.pb_device_receive(self._memory, b"", 0, self._out, OUT_BYTES)
            sent += ctypes.string_at(self._out, size)
        return sent

    def advance(self, ticks: int) -> bytes:
        """Free run; the bytes the device sends meanwhile."""
        size = self._lib.pb_device_advance(self._memory, ticks, self._out, OUT_BYTES)
        return ctypes.string_at(self._out, size)

    def tick(self, ticks: int = 1) -> None:
        """Dense ticks, armed or not."""
        self._lib.pb_device_tick(self._memory, ticks)

    def snapshot(self) -> bytes:
        buffer = ctypes.create_string_buffer(SNAPSHOT_BYTES_MAX)
        size = self._lib.pb_snapshot(self._memory, buffer, SNAPSHOT_BYTES_MAX)
        return ctypes.string_at(buffer, size)

    def restore(self, snapshot: bytes) -> None:
        """Raises ValueError, and changes nothing, where it is no snapshot of this firmware's layout and ranges."""
        problem = self._lib.pb_restore(self._memory, snapshot, len(snapshot))
        if problem:
            raise ValueError(f"native: snapshot of {len(snapshot)} bytes refused ({problem}); expected one of its own layout")

    def digests(self) -> tuple[int, int, int]:
        """CRCs of (controller, plant, memory)."""
        found = (ctypes.c_uint32 * 3)()
        self._lib.pb_digests(self._memory, found)
        return found[0], found[1], found[2]

    def trace_effects(self, count_max: int) -> None:
        """From here on keeps effects, at most so many between two calls of `take_effects`."""
        self._trace = (Effect * count_max)()
        self._lib.pb_effect_trace(self._memory, self._trace, count_max)

    def take_effects(self) -> list[tuple[int, int, int, int]]:
        """(tick, code, arg_0, arg_1) of every effect since the last call; raises OverflowError where some were lost."""
        ring = self._trace
        assert ring is not None, "trace_effects comes first"
        count = self._lib.pb_effect_traced(self._memory)
        if count > len(ring):
            raise OverflowError(f"{count} effects since the last look, {len(ring)} kept; trace more, or look more often")
        taken = [(e.tick, e.code, e.arg_0, e.arg_1) for e in itertools.islice(ring, count)]
        # The same ring again: making a large one anew costs more than most requests.
        self._lib.pb_effect_trace(self._memory, ring, len(ring))
        return taken
