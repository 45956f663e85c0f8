"""One emulated board as a process: starts it halted, lets it run, resets, halts, breaks and ends it; knows no protocol."""

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pumpbench.hil import child
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.qemu.boards import Board, capable
from pumpbench.hil.qemu.disk import add_disk
from pumpbench.hil.qemu.drained import DrainedLink
from pumpbench.hil.qemu.errors import NotModelled, QemuEnded, QemuMissing, QemuRefused, QemuSilent
from pumpbench.hil.qemu.gdb import Gdb
from pumpbench.hil.qemu.qmp import Qmp
from pumpbench.hil.qemu.qtest import Qtest

PROGRAM: Final = "qemu-system-arm"
INSTALL: Final = "apt install qemu-system-arm"
LAST_WORDS_S: Final = 10.0
STILL_RUNS: Final = "QEMU closed its line and still runs"
FATAL: Final = "fatal:"
LOCKUP: Final = "Lockup"
LISTEN_S: Final = 5.0
LOOK_S: Final = 0.001
SAVED: Final = "saved"


class Machine:
    """Runs from here on. Its sockets have no names, so nothing of it is left behind however it ends.

    Raises `QemuMissing`, `QemuEnded` or `QemuSilent`, as any method may.
    """

    def __init__(self, board: Board, image: Path) -> None:
        self.board = board
        self.where = f"qemu:{board.machine}"
        self._gdb_count = 0
        self._has_disk = False
        with contextlib.ExitStack() as opened:
            self._said = opened.enter_context(tempfile.TemporaryFile())
            ours, theirs = zip(*(socket.socketpair() for _ in range(3)), strict=True)
            with contextlib.ExitStack() as passed:
                for mine, given in zip(ours, theirs, strict=True):
                    opened.enter_context(mine)
                    passed.enter_context(given)
                self._process = self._started(image, [end.fileno() for end in theirs])
            opened.callback(child.end, self._process, politely=False)
            self.link: DrainedLink = opened.enter_context(DrainedLink(ours[0], self.where, self.epitaph))
            self._control(ours[1], ours[2])
            self._opened = opened.pop_all()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        """False while it is halted, by `pause` or by a debugger."""
        return bool(self.qmp.execute("query-status")["running"])

    def pause(self) -> None:
        """The firmware stands still and its time too; bytes sent to it wait."""
        self.qmp.execute("stop")

    def resume(self) -> None:
        self.qmp.execute("cont")

    def reset(self) -> None:
        """The reset line: RAM keeps its bytes, and the firmware starts over; returns, running, once it listens again."""
        self.pause()
        self.qmp.events.clear()
        self.qmp.execute("system_reset")
        self.qmp.wait_event("RESET")
        self.resume()
        self.await_listening()

    def await_listening(self) -> None:
        """Until the firmware has switched its UART on. Raises `QemuSilent` where it does not in `LISTEN_S`."""
        address, mask = self.board.uart_address + self.board.uart_on_offset, self.board.uart_on_mask
        deadline = time.monotonic() + LISTEN_S
        while self.qtest.read(address) & mask != mask:
            if time.monotonic() > deadline:
                what = f"the firmware did not switch its UART on in {LISTEN_S:g} s"
                raise QemuSilent(self.where, what, "see that the image is one for this board")
            time.sleep(LOOK_S)

    @contextlib.contextmanager
    def debugger(self) -> Iterator[Gdb]:
        """Halts it for as long as the block lasts; afterwards it is as it was, running or halted."""
        running = self.is_running()
        name = f"gdb{self._gdb_count}"
        self._gdb_count += 1
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self.qmp.give_descriptor(name, theirs.fileno())
            address = {"type": "fd", "data": {"str": name}}
            backend = {"type": "socket", "data": {"addr": address, "server": False}}
            self.qmp.execute("chardev-add", id=name, backend=backend)
            self.qmp.monitor(f"gdbserver chardev:{name}")
            debugger = Gdb(ours, self.where)
            try:
                yield debugger
            finally:
                debugger.detach()
                self.qmp.monitor("gdbserver none")
                (self.resume if running else self.pause)()

    def save(self) -> None:
        """The whole board, in place of what was saved before. Raises `NotModelled` by the board's name."""
        if self.board.no_snapshot:
            raise NotModelled(self.where, f"cannot be saved: {self.board.no_snapshot}", f"choose one of {capable('no_snapshot')}")
        if not self._has_disk:
            add_disk(self.qmp)
            self._has_disk = True
        self._monitor(f"savevm {SAVED}")

    def load(self) -> None:
        """Back to what `save` kept; bytes it sent since then are dropped."""
        self._monitor(f"loadvm {SAVED}")
        self.link.forget()

    def epitaph(self) -> str:
        """How it ended, in its own last words."""
        try:
            code = self._process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            return STILL_RUNS
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
        words = self._last_words()
        return f"QEMU ended {how}" + (f" ({words})" if words else "")

    def lockup(self) -> str:
        """QEMU's words where it ended because the firmware had left the CPU no way on: a fault within a fault. Else empty."""
        words = "" if self.epitaph() == STILL_RUNS else self._last_words()
        return words if LOCKUP in words else ""

    def alive(self) -> str:
        """That it is there and what it does, in words; empty where it has ended."""
        doing = child.doing(self._process)
        with contextlib.suppress(RigBroken):
            doing += f", its CPU {'runs' if self.is_running() else 'is halted'}" if doing else ""
        return f"QEMU is alive (process {self.pid}, {doing})" if doing else ""

    def close(self) -> None:
        """Ends it; a second call does nothing."""
        self._opened.close()

    def _control(self, control: socket.socket, test: socket.socket) -> None:
        try:
            self.qmp: Qmp = Qmp(control, self.where)
            self.qtest: Qtest = Qtest(test, self.where)
            self.resume()
            self.await_listening()
        except QemuEnded as problem:
            raise QemuEnded(self.where, self.epitaph(), "see that the image is one for this board") from problem

    def _last_words(self) -> str:
        """The line that calls itself fatal, before a dump of registers; else the last."""
        self._said.seek(0)
        lines = [line for line in self._said.read().decode(errors="replace").splitlines() if "warning:" not in line]
        return next((line for line in lines if FATAL in line), lines[-1] if lines else "")

    def _monitor(self, line: str) -> None:
        """A command that says something only where it fails."""
        if said := self.qmp.monitor(line):
            raise QemuRefused(self.where, f"QEMU refused {line!r} ({said})", "save before you load")

    def _started(self, image: Path, ends: list[int]) -> subprocess.Popen[bytes]:
        uart, control, test = ends
        lines = ["-serial", "null"] * self.board.uart_index
        command = [
            PROGRAM, "-M", self.board.machine, "-nographic", "-nodefaults", "-monitor", "none", "-S", "-kernel", str(image),
            *lines, "-chardev", f"socket,id=uart,fd={uart}", "-serial", "chardev:uart",
            "-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control",
            "-chardev", f"socket,id=test,fd={test}", "-object", "qtest,id=qtest,chardev=test,log=/dev/null",
        ]  # fmt: skip
        try:
            return child.start(command, signal.SIGKILL, pass_fds=ends, stdout=self._said, stderr=self._said)
        except FileNotFoundError as problem:
            raise QemuMissing(self.where, f"no {PROGRAM} here", INSTALL) from problem
