"""The parser that QEMU itself reads usb-redir with, as a guest's end: a judge of our packets that is not ours."""

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_uint8, c_uint32, c_uint64, c_void_p
from ctypes.util import find_library
from typing import Any, Final

from pumpbench.hil.usb import usbredir
from pumpbench.hil.usb.usbredir import Packet

READ = CFUNCTYPE(c_int, c_void_p, POINTER(c_uint8), c_int)
LOG = CFUNCTYPE(None, c_void_p, c_int, c_char_p)
BARE = CFUNCTYPE(None, c_void_p)
TOLD = CFUNCTYPE(None, c_void_p, c_void_p)
WITH_ID = CFUNCTYPE(None, c_void_p, c_uint64, c_void_p)
WITH_DATA = CFUNCTYPE(None, c_void_p, c_uint64, c_void_p, POINTER(c_uint8), c_int)

# In the order of the library's public structure, from its own header. What no test needs stays a null pointer.
FIELDS: Final = (
    "device_connect device_disconnect reset interface_info ep_info set_configuration get_configuration configuration_status"
    " set_alt_setting get_alt_setting alt_setting_status start_iso_stream stop_iso_stream iso_stream_status"
    " start_interrupt_receiving stop_interrupt_receiving interrupt_receiving_status alloc_bulk_streams free_bulk_streams"
    " bulk_streams_status cancel_data_packet control_packet bulk_packet iso_packet interrupt_packet alloc_lock lock unlock"
    " free_lock hello filter_reject filter_filter device_disconnect_ack start_bulk_receiving stop_bulk_receiving"
    " bulk_receiving_status buffered_bulk_packet"
).split()
# Callback -> kind of its arguments, and how many bytes its header has.
HEARD: Final[dict[str, tuple[Any, int]]] = {
    "device_connect": (TOLD, usbredir.CONNECT.size),
    "device_disconnect": (BARE, 0),
    "interface_info": (TOLD, usbredir.INTERFACE_INFO.size),
    "ep_info": (TOLD, usbredir.EP_INFO.size),
    "configuration_status": (WITH_ID, usbredir.CONFIGURATION_STATUS.size),
    "alt_setting_status": (WITH_ID, usbredir.ALT_STATUS.size),
    "iso_stream_status": (WITH_ID, usbredir.RECEIVING_STATUS.size),
    "interrupt_receiving_status": (WITH_ID, usbredir.RECEIVING_STATUS.size),
    "control_packet": (WITH_DATA, usbredir.CONTROL.size),
    "bulk_packet": (WITH_DATA, usbredir.BULK.size),
    "interrupt_packet": (WITH_DATA, usbredir.INTERRUPT.size),
    "hello": (TOLD, usbredir.VERSION_BYTES),
}
CAPS: Final = sum(1 << cap for cap in usbredir.OURS)


class _Parser(ctypes.Structure):
    _fields_ = [("priv", c_void_p), ("log", LOG), ("read", READ), ("write", READ), *((name, c_void_p) for name in FIELDS)]


class LibraryGuest:
    """`heard`: each packet's name, id, header and data as the library understood them. `complaints`: what it did not like."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int, bytes, bytes]] = []
        self.complaints: list[str] = []
        self._incoming = bytearray()
        self._said = bytearray()
        library = ctypes.CDLL(find_library("usbredirparser") or "")
        library.usbredirparser_create.restype = POINTER(_Parser)
        self._library: Any = library
        self._parser = library.usbredirparser_create()
        self._kept = [LOG(self._log), READ(self._read), READ(self._write)]
        fields = self._parser.contents
        fields.log, fields.read, fields.write = self._kept
        for name, (kind, size) in HEARD.items():
            callback = kind(self._hears(name, kind, size))
            self._kept.append(callback)
            setattr(fields, name, ctypes.cast(callback, c_void_p))
        library.usbredirparser_init(self._parser, b"a library", (c_uint32 * 1)(CAPS), 1, 0)

    def close(self) -> None:
        self._library.usbredirparser_destroy(self._parser)

    def hear(self, data: bytes) -> None:
        self._incoming += data
        while self._incoming:
            assert self._library.usbredirparser_do_read(self._parser) == 0, self.complaints

    def say(self, kind: Packet | None = None, number: int = 0, header: bytes = b"", data: bytes = b"") -> bytes:
        """The bytes of one packet; None: of what it had to say by itself."""
        if kind is not None:
            send = getattr(self._library, f"usbredirparser_send_{kind.name.lower()}")
            block = ctypes.create_string_buffer(header, max(1, len(header)))
            if kind in usbredir.WITH_DATA:
                send(self._parser, c_uint64(number), block, data or None, len(data))
            elif header:
                send(self._parser, c_uint64(number), block)
            elif kind is Packet.RESET:
                send(self._parser)
            else:
                send(self._parser, c_uint64(number))
        while self._library.usbredirparser_has_data_to_write(self._parser):
            assert self._library.usbredirparser_do_write(self._parser) == 0
        said = bytes(self._said)
        self._said.clear()
        return said

    def _hears(self, name: str, kind: Any, size: int) -> Callable[..., None]:
        def hears(_: Any, *told: Any) -> None:
            number = int(told[0]) if kind in (WITH_ID, WITH_DATA) else 0
            pointer = {BARE: None, TOLD: told[:1], WITH_ID: told[1:2], WITH_DATA: told[1:2]}[kind]
            header = ctypes.string_at(pointer[0], size) if pointer else b""
            data = ctypes.string_at(told[2], told[3]) if kind is WITH_DATA and told[3] else b""
            self.heard.append((name, number, header, data))

        return hears

    def _log(self, _: Any, level: int, words: bytes) -> None:
        if level <= 2:  # errors and warnings
            self.complaints.append(words.decode())

    def _read(self, _: Any, into: Any, count: int) -> int:
        taken = bytes(self._incoming[:count])
        del self._incoming[: len(taken)]
        ctypes.memmove(into, taken, len(taken))
        return len(taken)

    def _write(self, _: Any, data: Any, count: int) -> int:
        self._said += ctypes.string_at(data, count)
        return count
