"""Wireshark's own programs for captures, each a process; by the time that it had the processor."""

import datetime
import resource
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Absent, Round, Setting
from pumpbench.tools.bench.long_capture import long_capture


def capinfos(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting, "peer-look")
    return _rate(count, "capinfos", "-c", "-s", "-u", str(path))


def editcap(setting: Setting, stack: ExitStack) -> Round:
    """A copy, block by block."""
    path, count = long_capture(setting, "peer-copy")
    return _rate(count, "editcap", str(path), _out(setting))


def editcap_time(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting, "peer-time")
    until = datetime.datetime.fromtimestamp((payload.START_NS + count // 2 * payload.STEP_NS) / 1e9, datetime.UTC)
    return _rate(count, "editcap", "-B", until.strftime("%Y-%m-%dT%H:%M:%SZ"), str(path), _out(setting))


def mergecap(setting: Setting, stack: ExitStack) -> Round:
    one, count = long_capture(setting, "peer-one", parts=2)
    other, more = long_capture(setting, "peer-other", first=count, parts=2)
    return _rate(count + more, "mergecap", "-a", "-w", _out(setting), str(one), str(other))


def _out(setting: Setting) -> str:
    return str(Path(setting.folder) / "peer.out.pcapng")


def _rate(count: int, *command: str) -> Round:
    if shutil.which(command[0]) is None:
        raise Absent(f"no {command[0]} here: apt install tshark")

    def once() -> float:
        before = _children_s()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return count / max(_children_s() - before, 1e-6)

    return once


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
