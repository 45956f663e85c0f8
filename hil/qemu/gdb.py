"""The debugger's side of gdb's remote protocol, as little as a fault needs: memory, registers, breakpoints, single steps."""

import socket
import time
from typing import Final

from pumpbench.hil.qemu.errors import QemuEnded, QemuRefused, QemuSilent

TIMEOUT_S: Final = 10.0
CHUNK_BYTES: Final = 1024
PC: Final = 15


class Gdb:
    """Attached, with the firmware halted. `detach` lets it run on. The stub's own notation stays in here."""

    def __init__(self, connected: socket.socket, where: str, timeout_s: float = TIMEOUT_S) -> None:
        self.where = where
        self._socket = connected
        self.timeout_s = timeout_s
        self._buffer = bytearray()
        # Asked first: it makes the stub choose a CPU, and what it says of why it halted is of no use.
        self._ask("?")
        # The stub gives single registers only to who has read their description.
        self._ask("qXfer:features:read:target.xml:0,fff")

    def read(self, address: int, count_bytes: int) -> bytes:
        """Memory as the CPU sees it."""
        chunks = range(0, count_bytes, CHUNK_BYTES)
        return b"".join(bytes.fromhex(self._ask(f"m{address + at:x},{min(CHUNK_BYTES, count_bytes - at):x}")) for at in chunks)

    def write(self, address: int, data: bytes) -> None:
        """Also where the CPU itself could not write, such as code in flash."""
        for at in range(0, len(data), CHUNK_BYTES):
            chunk = data[at : at + CHUNK_BYTES]
            self._expect_ok(f"M{address + at:x},{len(chunk):x}:{chunk.hex()}")

    def register(self, number: int) -> int:
        """r0 to r15 of the core, 25 its status word."""
        return int.from_bytes(bytes.fromhex(self._ask(f"p{number:x}")), "little")

    def set_register(self, number: int, value: int) -> None:
        self._expect_ok(f"P{number:x}={value.to_bytes(4, 'little').hex()}")

    def step(self) -> int:
        """One instruction; the address of the next."""
        self._ask("s")
        return self.register(PC)

    def run_to(self, address: int) -> None:
        """Lets it run until it is about to execute `address`. Raises `QemuSilent` where it does not come there."""
        self._expect_ok(f"Z1,{address:x},2")
        try:
            self._ask("c")
        finally:
            self._expect_ok(f"z1,{address:x},2")

    def run_until_written(self, address: int, width_bytes: int = 4) -> None:
        """Lets it run until it has written there: what a cut in mid-write needs."""
        self._expect_ok(f"Z2,{address:x},{width_bytes:x}")
        try:
            self._ask("c")
        finally:
            self._expect_ok(f"z2,{address:x},{width_bytes:x}")

    def detach(self) -> None:
        """The firmware runs on from where it is."""
        self._ask("D")
        self._socket.close()

    def _expect_ok(self, packet: str) -> None:
        reply = self._ask(packet)
        if reply != "OK":
            raise QemuRefused(self.where, f"gdb's stub answered {packet[:40]!r} with {reply!r}", "expected OK: check the address")

    def _ask(self, packet: str) -> str:
        body = packet.encode()
        self._send(b"$%s#%02x" % (body, sum(body) & 0xFF))
        reply = self._packet(packet, time.monotonic() + self.timeout_s)
        if len(reply) == 3 and reply.startswith("E"):
            raise QemuRefused(self.where, f"gdb's stub answered {packet[:40]!r} with {reply}", "check that the address exists")
        return reply

    def _packet(self, asked: str, deadline: float) -> str:
        """The next one, acknowledged. The channel is a socket, so its checksum has nothing to find."""
        while (end := self._buffer.find(b"#")) < 0 or len(self._buffer) < end + 3:
            self._buffer += self._chunk(asked, deadline)
        body = bytes(self._buffer[self._buffer.find(b"$") + 1 : end])
        del self._buffer[: end + 3]
        self._send(b"+")
        return body.decode()

    def _chunk(self, asked: str, deadline: float) -> bytes:
        self._socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            chunk = self._socket.recv(1 << 16)
        except TimeoutError as problem:
            if asked == "c":
                self._halt()
            raise QemuSilent(
                self.where, f"gdb's stub did not answer {asked[:40]!r} in {self.timeout_s:g} s", "does the firmware come there?"
            ) from problem
        except OSError:
            chunk = b""
        if not chunk:
            raise QemuEnded(self.where, f"QEMU ended while {asked[:40]!r} was awaited", "start it anew")
        return chunk

    def _halt(self) -> None:
        """As control-C in gdb does; what it answers is taken here, so that the next reply is the next request's."""
        self._send(b"\x03")
        self._packet("halt", time.monotonic() + self.timeout_s)

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise QemuEnded(self.where, "QEMU has ended", "start it anew") from problem
