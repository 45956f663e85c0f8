"""One QEMU that runs the guest: its command line, its channels, its state saved and restored; says nothing to the agent."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from pumpbench.hil import child
from pumpbench.hil.guest.errors import GuestMissing, GuestSilent
from pumpbench.hil.guest.image import Image
from pumpbench.hil.qemu.errors import QemuRefused
from pumpbench.hil.qemu.qmp import Qmp

PROGRAM: Final = "qemu-system-x86_64"
INSTALL: Final = "apt install qemu-system-x86"
WHERE: Final = "guest"
MEMORY_MIB: Final = 256
# Of a machine without a clock of its own: every look at one that is not there costs seconds.
KERNEL_WORDS: Final = "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check random.trust_cpu=on mitigations=off net.ifnames=0"
STATE_S: Final = 60.0
LOOK_S: Final = 0.005
LAST_WORDS_S: Final = 5.0


class GuestProcess:
    """Runs from here on, from its first instruction, or from `state`. Ends with whoever started it; its sockets have no names.

    Always by QEMU's own translation: a processor that is lent by another hypervisor may say that it can and then cannot.
    Raises `GuestMissing` or a `RigBroken` of QEMU's.
    """

    def __init__(self, image: Image, code: Path, state: Path | None = None) -> None:
        with contextlib.ExitStack() as opened:
            self._said = opened.enter_context(tempfile.TemporaryFile())
            ours, theirs = zip(*(socket.socketpair() for _ in range(2)), strict=True)
            with contextlib.ExitStack() as passed:
                for mine, given in zip(ours, theirs, strict=True):
                    opened.enter_context(mine)
                    passed.enter_context(given)
                self._process = self._started(image, code, [end.fileno() for end in theirs], state is not None)
            opened.callback(child.end, self._process, politely=False)
            self.agent: socket.socket = ours[0]
            self.qmp: Qmp = Qmp(ours[1], WHERE)
            if state is not None:
                self._restore(state)
            self._opened = opened.pop_all()

    @property
    def pid(self) -> int:
        return self._process.pid

    def save(self, state: Path) -> None:
        """The whole machine; it stands still afterwards, and has to be ended."""
        self.qmp.execute("stop")
        # Nobody needs the machine meanwhile, so nothing is held back for it.
        self.qmp.execute("migrate-set-parameters", max_bandwidth=1 << 40)
        fresh = state.with_name(f".{state.name}.{os.getpid()}")
        with open(fresh, "wb") as file:
            self.qmp.give_descriptor("state", file.fileno())
            self.qmp.execute("migrate", uri="fd:state")
            self._await_state("completed")
        fresh.replace(state)

    def last_words(self) -> str:
        """What the console or QEMU said last; empty where neither said anything."""
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def ended(self) -> bool:
        """Also where it is about to, after its channels closed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(LAST_WORDS_S)
        return self._process.poll() is not None

    def close(self) -> None:
        """A second call does nothing."""
        self._opened.close()

    def _restore(self, state: Path) -> None:
        with open(state, "rb") as file:
            self.qmp.give_descriptor("state", file.fileno())
            self.qmp.execute("migrate-incoming", uri="fd:state")
            self._await_state("completed")
        self.qmp.execute("cont")

    def _await_state(self, wanted: str) -> None:
        deadline_s = time.monotonic() + STATE_S
        while (status := self.qmp.execute("query-migrate")).get("status") != wanted:
            if status.get("status") in ("failed", "cancelled"):
                why = status.get("error-desc", "no reason given")
                raise QemuRefused(WHERE, f"its state could not be carried over ({why})", "build it anew: make guest")
            if time.monotonic() > deadline_s:
                raise GuestSilent(WHERE, f"its state was not carried over in {STATE_S:g} s", "is the machine very busy?")
            time.sleep(LOOK_S)

    def _started(self, image: Image, code: Path, ends: list[int], waits: bool) -> subprocess.Popen[bytes]:
        agent, control = ends
        command = [
            PROGRAM, "-M", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1", "-m", str(MEMORY_MIB),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(image.kernel), "-initrd", str(image.first), "-append", KERNEL_WORDS,
            "-drive", f"if=virtio,format=raw,readonly=on,file={image.system}",
            "-drive", f"if=virtio,format=raw,readonly=on,file={code}",
            "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,fd={agent}",
            "-device", "virtserialport,chardev=agent,name=agent",
            "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "qemu-xhci,id=xhci", "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control",
            *(("-incoming", "defer") if waits else ()),
        ]  # fmt: skip
        try:
            return child.start(command, signal.SIGKILL, pass_fds=ends, stdout=self._said, stderr=self._said)
        except FileNotFoundError as problem:
            raise GuestMissing(WHERE, f"no {PROGRAM} here", INSTALL) from problem
