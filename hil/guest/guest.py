"""A guest that answers: commands run in it, files go in and come out, each within its time; knows not what they are for."""

import base64
import itertools
import json
import select
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pumpbench.hil.guest.errors import GuestRefused, GuestSilent
from pumpbench.hil.guest.image import Image
from pumpbench.hil.guest.process import WHERE, GuestProcess
from pumpbench.hil.qemu.errors import QemuEnded

READY_S: Final = 90.0
ANSWER_S: Final = 15.0
COMMAND_S: Final = 60.0
CHUNK_BYTES: Final = 1 << 20
COMMAND: Final = "pumpbench.tools.main:main"
"""What stands behind the command `pumpbench`; a name and no import, because this room does not see that one."""


class Done(NamedTuple):
    """How a command ended: its code is -9 where it was killed, as at its time."""

    code: int
    out: str
    err: str
    late: bool


class Guest:
    """From its first instruction, or from `state`. Raises what `GuestProcess` does, `GuestSilent`, `QemuEnded`."""

    def __init__(self, image: Image, code: Path, state: Path | None = None) -> None:
        self.process = GuestProcess(image, code, state)
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._deadlines_s: dict[int, float] = {}
        self._buffer = bytearray()
        try:
            if state is None:
                self._awaited(0, time.monotonic() + READY_S)
            else:
                self._ask("clock", time.time_ns())
        except BaseException:
            self.close()
            raise

    def run(self, *command: str, timeout_s: float = COMMAND_S) -> Done:
        """A program with its arguments; a pipe takes `sh -c`."""
        return self.wait(self.begin("run", command, timeout_s))

    def python(self, source: str, timeout_s: float = COMMAND_S) -> Done:
        """As a script, in a fresh child of the agent, which has its modules loaded already."""
        return self.wait(self.begin("python", source, timeout_s))

    def pumpbench(self, *arguments: str, timeout_s: float = COMMAND_S) -> Done:
        """The command of that name, in a fresh child."""
        return self.wait(self.begin("call", (COMMAND, *arguments), timeout_s))

    def begin(self, what: str, given: str | Sequence[str], timeout_s: float = COMMAND_S) -> int:
        """`run`, `python` or `call` without waiting; gives the number to `wait` for."""
        number = self._tell(what, given, timeout_s=timeout_s)
        self._deadlines_s[number] = time.monotonic() + timeout_s + ANSWER_S
        return number

    def wait(self, number: int) -> Done:
        """Its end, which the agent brings about at the command's own time."""
        told = self._awaited(number, self._deadlines_s.pop(number))
        return Done(told["code"], told["out"], told["err"], told["late"])

    def end(self, number: int, how: signal.Signals = signal.SIGINT) -> None:
        """A signal to a command that was begun and to its children; without another, as control-C does."""
        self._ask("end", (number, int(how)))

    def push(self, path: str, data: bytes) -> None:
        self._ask("push", (path, base64.b64encode(data).decode()))

    def pull(self, path: str) -> bytes:
        """Raises `GuestRefused` where there is no such file."""
        return base64.b64decode(self._ask("pull", path)["data"])

    def load(self, modules: Sequence[str]) -> None:
        """So that commands to come need not; what is saved then has them."""
        self._ask("load", modules, READY_S)

    def close(self) -> None:
        self.process.close()

    def _ask(self, what: str, given: Any, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        return self._awaited(self._tell(what, given), time.monotonic() + timeout_s)

    def _tell(self, what: str, given: Any, **more: Any) -> int:
        number = next(self._numbers)
        line = json.dumps({"number": number, "do": what, "given": given, **more}).encode() + b"\n"
        self.process.agent.settimeout(ANSWER_S)
        try:
            self.process.agent.sendall(line)
        except TimeoutError as problem:
            raise self._silent(f"it took no command for {ANSWER_S:g} s") from problem
        except OSError as problem:
            raise self._over() from problem
        return number

    def _awaited(self, number: int, deadline_s: float) -> dict[str, Any]:
        while number not in self._answers:
            self._hear(deadline_s)
        told = self._answers.pop(number)
        if "problem" in told:
            raise GuestRefused(WHERE, f"its agent could not ({told['problem']})", "see what was asked of it")
        return told

    def _hear(self, deadline_s: float) -> None:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not select.select([self.process.agent], [], [], left_s)[0]:
            raise self._silent("it did not answer in time")
        try:
            chunk = self.process.agent.recv(CHUNK_BYTES)
        except OSError:
            chunk = b""
        if not chunk:
            raise self._over()
        self._buffer += chunk
        while (end := self._buffer.find(b"\n")) >= 0:
            told = json.loads(self._buffer[:end])
            del self._buffer[: end + 1]
            self._answers[told.get("number", 0)] = told

    def _silent(self, what: str) -> GuestSilent:
        return GuestSilent(WHERE, f"{what} (its console: {self.process.last_words() or 'nothing'})", "start it anew")

    def _over(self) -> QemuEnded:
        still = "" if self.process.ended() else ", and QEMU still runs"
        return QemuEnded(WHERE, f"it closed its line{still} ({self.process.last_words() or 'without a word'})", "start it anew")
