"""Relays that pass bytes on and keep nothing."""

import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

from pumpbench.tools.bench.contender import Absent, Round, Setting
from pumpbench.tools.bench.long_capture import from_device
from pumpbench.tools.bench.relaying import HOST, WAIT_S, ended, through

LOOP = """
import socket, sys
listeners = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:]]
programmer, pump = (listener.accept()[0] for listener in listeners)
while data := pump.recv(65536):
    programmer.sendall(data)
"""


def python(setting: Setting, stack: ExitStack) -> Round:
    return _relay(setting, stack, [sys.executable, "-c", LOOP, "{0}", "{1}"])


def socat(setting: Setting, stack: ExitStack) -> Round:
    if shutil.which("socat") is None:
        raise Absent("no socat here: apt install socat")
    return _relay(setting, stack, ["socat", "TCP-LISTEN:{0},bind=127.0.0.1", "TCP-LISTEN:{1},bind=127.0.0.1"])


def _relay(setting: Setting, stack: ExitStack, command: list[str]) -> Round:
    path, frames = from_device(setting)
    ports = [_free_port(), _free_port()]
    process = stack.enter_context(subprocess.Popen([word.format(*ports) for word in command], text=True))
    stack.callback(ended, process)
    programmer = stack.enter_context(_connected(ports[0]))
    pump = stack.enter_context(_connected(ports[1]))
    return through(path, frames, pump, programmer)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def _connected(port: int) -> socket.socket:
    """As soon as somebody listens."""
    end_s = time.monotonic() + WAIT_S
    while True:
        try:
            return socket.create_connection((HOST, port), WAIT_S)
        except ConnectionRefusedError:
            if time.monotonic() > end_s:
                raise
            time.sleep(0.01)
