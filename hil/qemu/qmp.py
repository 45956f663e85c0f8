"""QEMU's own control channel: one command, one answer, events kept; it knows no board and decides nothing."""

import array
import contextlib
import json
import socket
import time
from collections import deque
from typing import Any, Final

from pumpbench.hil.qemu.errors import QemuEnded, QemuRefused, QemuSilent

TIMEOUT_S: Final = 10.0
EVENTS_MAX: Final = 1000
REPLY_BYTES_MAX: Final = 1 << 20


class Qmp:
    """Over a socket that stays the caller's. Every call is bounded, and raises `QemuEnded`, `QemuSilent` or `QemuRefused`."""

    def __init__(self, connected: socket.socket, where: str, timeout_s: float = TIMEOUT_S) -> None:
        self.where = where
        self.timeout_s = timeout_s
        self.events: deque[dict[str, Any]] = deque(maxlen=EVENTS_MAX)
        """Every event not yet asked for, oldest first."""
        self._socket = connected
        self._buffer = bytearray()
        self.version: str = self._greeting()
        self.execute("qmp_capabilities")

    def execute(self, command: str, /, **arguments: Any) -> Any:
        """What the command returns; a `-` in an argument's name is written `_`."""
        words = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._send(json.dumps({"execute": command, "arguments": words}).encode() + b"\n")
        return self._answer(command)

    def monitor(self, line: str) -> str:
        """A line of the human monitor, for what QMP has no command for; its text."""
        return str(self.execute("human-monitor-command", command_line=line)).strip()

    def give_descriptor(self, name: str, descriptor: int) -> None:
        """Hands an open file over, to be named in a later command."""
        line = json.dumps({"execute": "getfd", "arguments": {"fdname": name}}).encode() + b"\n"
        self._send(line, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]).tobytes())])
        self._answer("getfd")

    def wait_event(self, name: str) -> dict[str, Any]:
        """The oldest event of that name not yet asked for, waited for if need be."""
        deadline = time.monotonic() + self.timeout_s
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            self._note(self._line(deadline, f"event {name}"))

    def _greeting(self) -> str:
        version = self._line(time.monotonic() + self.timeout_s, "its greeting")["QMP"]["version"]["qemu"]
        return f"{version['major']}.{version['minor']}.{version['micro']}"

    def _answer(self, command: str) -> Any:
        deadline = time.monotonic() + self.timeout_s
        while True:
            line = self._line(deadline, command)
            if "return" in line:
                return line["return"]
            if "error" in line:
                raise QemuRefused(self.where, f"QEMU refused {command} ({line['error']['desc']})", "see what it says it wants")
            self._note(line)

    def _note(self, line: dict[str, Any]) -> None:
        if "event" in line:
            self.events.append(line)

    def _line(self, deadline: float, awaited: str) -> dict[str, Any]:
        while (end := self._buffer.find(b"\n")) < 0:
            self._buffer += self._chunk(deadline, awaited)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        parsed: dict[str, Any] = json.loads(line)
        return parsed

    def _chunk(self, deadline: float, awaited: str) -> bytes:
        self._socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            chunk = self._socket.recv(REPLY_BYTES_MAX)
        except TimeoutError as problem:
            raise self._silent(awaited) from problem
        except OSError:
            chunk = b""
        if not chunk:
            raise QemuEnded(self.where, f"QEMU ended while {awaited} was awaited", "start it anew")
        return chunk

    def _send(self, line: bytes, rights: list[tuple[int, int, bytes]] | None = None) -> None:
        self._socket.settimeout(self.timeout_s)
        try:
            self._socket.sendmsg([line], rights or [])
        except TimeoutError as problem:
            raise self._silent("a command") from problem
        except OSError as problem:
            raise QemuEnded(self.where, "QEMU has ended", "start it anew") from problem

    def _silent(self, awaited: str) -> QemuSilent:
        # The answer may still come, and would be taken for that of the next command.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        return QemuSilent(self.where, f"QEMU did not answer {awaited} in {self.timeout_s:g} s", "was it stopped? start it anew")
