"""`pumpbench record` between a programmer and a pump that never stops talking: every byte passed on, recorded, taken apart."""

import re
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.long_capture import from_device
from pumpbench.tools.bench.ours.starts import COMMAND
from pumpbench.tools.bench.relaying import HOST, WAIT_S, ended, through

PORT = re.compile(r"socket://[\w.]+:(\d+)")


def record(setting: Setting, stack: ExitStack) -> Round:
    path, frames = from_device(setting)
    command: list[str | Path] = [COMMAND, "record", "tcp", "tcp", "--quiet", "--force", "-o", setting.folder / "relayed.pcapng"]
    process = stack.enter_context(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=setting.folder)
    )
    stack.callback(ended, process)
    pump_port, programmer_port = _port(process.stderr), _port(process.stdout)
    programmer = stack.enter_context(socket.create_connection((HOST, programmer_port), WAIT_S))
    pump = stack.enter_context(socket.create_connection((HOST, pump_port), WAIT_S))
    return through(path, frames, pump, programmer)


def _port(told: IO[str] | None) -> int:
    """Of the first line that names one."""
    assert told is not None
    for line in told:
        found = PORT.search(line)
        if found:
            return int(found[1])
    raise RuntimeError("pumpbench record named no port")
