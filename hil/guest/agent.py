"""Runs inside the guest as its only service: takes commands as lines of JSON and tells how each ended; knows no USB, no pump."""

import base64
import contextlib
import glob
import importlib
import json
import os
import selectors
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

PORT: Final = "/dev/vport*p1"
PORT_S: Final = 10.0
OUTPUT_BYTES_MAX: Final = 1 << 20
"""Of each of the two streams of a command, its end."""
CHUNK_BYTES: Final = 1 << 16
FAILED: Final = 70


class Running(NamedTuple):
    """A command that has not ended; at `deadline_s` it is killed with all its children."""

    number: int
    pid: int
    out: BinaryIO
    err: BinaryIO
    deadline_s: float


class Agent:
    """One command after another is begun at once; each ends in its own time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._buffer = bytearray()
        self._running: dict[int, Running] = {}
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(port, selectors.EVENT_READ)

    def serve(self) -> None:
        """Without end: a guest ends with its QEMU."""
        self.tell(ready=True)
        while True:
            for key, _ in self._waiting.select(self._wait_s()):
                if key.fd == self._port:
                    self._hear()
                else:
                    self._ended(key.fd)
            self._end_the_late()

    def tell(self, **words: Any) -> None:
        line = json.dumps(words).encode() + b"\n"
        while line:
            line = line[os.write(self._port, line) :]

    def _hear(self) -> None:
        self._buffer += os.read(self._port, CHUNK_BYTES)
        while (end := self._buffer.find(b"\n")) >= 0:
            asked = json.loads(self._buffer[:end])
            del self._buffer[: end + 1]
            try:
                self._do(asked)
            except Exception as problem:
                self.tell(number=asked["number"], problem=f"{type(problem).__name__}: {problem}")

    def _do(self, asked: dict[str, Any]) -> None:
        number, what, given = asked["number"], asked["do"], asked.get("given")
        if what in ("run", "call", "python"):
            self._begin(number, what, given, asked["timeout_s"])
            return
        self.tell(number=number, **getattr(self, f"_{what}")(given))

    def _load(self, names: list[str]) -> dict[str, Any]:
        """Modules that commands to come will find loaded."""
        for name in names:
            importlib.import_module(name)
        return {}

    def _clock(self, now_ns: int) -> dict[str, Any]:
        time.clock_settime_ns(time.CLOCK_REALTIME, now_ns)
        return {}

    def _push(self, given: list[str]) -> dict[str, Any]:
        path, data = given
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(data))
        return {}

    def _pull(self, path: str) -> dict[str, Any]:
        return {"data": base64.b64encode(Path(path).read_bytes()).decode()}

    def _end(self, given: list[int]) -> dict[str, Any]:
        """A command that still runs gets this signal, its children too."""
        for one in self._running.values():
            if one.number == given[0]:
                os.killpg(one.pid, given[1])
        return {}

    def _begin(self, number: int, what: str, given: Any, timeout_s: float) -> None:
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        pid = os.fork()
        if not pid:
            _become(what, given, out.fileno(), err.fileno())
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # it may have done so itself, or be past that
        watched = os.pidfd_open(pid)
        self._running[watched] = Running(number, pid, out, err, time.monotonic() + timeout_s)
        self._waiting.register(watched, selectors.EVENT_READ)

    def _ended(self, watched: int, late: bool = False) -> None:
        self._waiting.unregister(watched)
        os.close(watched)
        one = self._running.pop(watched)
        _, status = os.waitpid(one.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self.tell(number=one.number, code=code, late=late, out=_tail(one.out), err=_tail(one.err))

    def _end_the_late(self) -> None:
        now_s = time.monotonic()
        for watched, one in list(self._running.items()):
            if one.deadline_s <= now_s:
                os.killpg(one.pid, signal.SIGKILL)
                self._ended(watched, late=True)

    def _wait_s(self) -> float | None:
        if not self._running:
            return None
        return max(0.0, min(one.deadline_s for one in self._running.values()) - time.monotonic())


def _tail(stream: BinaryIO) -> str:
    with stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - OUTPUT_BYTES_MAX))
        return stream.read().decode(errors="replace")


def _become(what: str, given: Any, out: int, err: int) -> None:
    """In the child: never returns. A program, or Python that finds loaded what the agent has loaded."""
    try:
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, sink in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(source, sink)
        if what == "run":
            # A program expects of its starter that a reader who leaves ends it, which Python has switched off.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.execvp(given[0], given)
        if what == "call":
            _call(*given)
        exec(compile(given, "<pushed>", "exec"), {"__name__": "__main__"})
        sys.exit(0)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else FAILED
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = FAILED
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


def _call(where: str, *arguments: str) -> None:
    """`module:function`, which reads `sys.argv` and ends the process as a command does."""
    module, _, function = where.partition(":")
    sys.argv = [function, *arguments]
    sys.exit(getattr(importlib.import_module(module), function)())


def _ports() -> Iterator[str]:
    deadline_s = time.monotonic() + PORT_S
    while time.monotonic() < deadline_s:
        yield from glob.glob(PORT)
        time.sleep(0.05)


def main() -> None:
    """Takes the first port there is; a guest without one cannot be spoken to, and ends."""
    port = next(_ports(), None)
    if port is None:
        sys.exit(f"no {PORT} in {PORT_S:g} s")
    Agent(os.open(port, os.O_RDWR)).serve()


if __name__ == "__main__":
    main()
