"""QEMU's test channel: reads and writes memory and registers, and drives interrupt lines, while the firmware runs."""

import socket
from typing import Final

from pumpbench.hil.qemu.errors import QemuEnded, QemuRefused, QemuSilent

TIMEOUT_S: Final = 10.0
WIDTHS: Final = {1: "b", 2: "w", 4: "l"}


class Qtest:
    """Over a socket that stays the caller's. No privilege or alignment counts here. Every call is bounded, its error named."""

    def __init__(self, connected: socket.socket, where: str, timeout_s: float = TIMEOUT_S) -> None:
        self.where = where
        self._socket = connected
        self.timeout_s = timeout_s
        self._buffer = bytearray()

    def read(self, address: int, width_bytes: int = 4) -> int:
        """A register or a word of memory, 1, 2 or 4 bytes wide."""
        return int(self._ask(f"read{WIDTHS[width_bytes]} {address:#x}"), 16)

    def write(self, address: int, value: int, width_bytes: int = 4) -> None:
        """As `read`; writing to a peripheral does what the firmware's own write would do."""
        self._ask(f"write{WIDTHS[width_bytes]} {address:#x} {value:#x}")

    def flip(self, address: int, bit: int) -> int:
        """Turns one bit of the word at `address`, as a stray particle would; gives the word it left."""
        word = self.read(address) ^ (1 << bit)
        self.write(address, word)
        return word

    def set_line(self, device: str, name: str, number: int, level: int) -> None:
        """An input of a device by its path, such as /machine/nrf51 unnamed-gpio-in 5."""
        self._ask(f"set_irq_in {device} {name} {number} {level}")

    def _ask(self, line: str) -> str:
        """What follows OK."""
        self._socket.settimeout(self.timeout_s)
        try:
            self._socket.sendall(line.encode() + b"\n")
            reply = self._line()
        except TimeoutError as problem:
            raise QemuSilent(self.where, f"QEMU did not answer {line!r} in {self.timeout_s:g} s", "start it anew") from problem
        except OSError as problem:
            raise QemuEnded(self.where, f"QEMU ended before it answered {line!r}", "start it anew") from problem
        if not reply.startswith("OK"):
            raise QemuRefused(self.where, f"qtest answered {line!r} with {reply!r}", "expected OK: check address and name")
        return reply.removeprefix("OK").strip() or "0"

    def _line(self) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            chunk = self._socket.recv(4096)
            if not chunk:
                raise ConnectionResetError
            self._buffer += chunk
        line = self._buffer[:end].decode()
        del self._buffer[: end + 1]
        return line
