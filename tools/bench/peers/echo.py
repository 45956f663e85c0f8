"""A bare pyserial client, and a process of its own that answers so many bytes for so many, on a pty: no frame, no meaning."""

import statistics
import subprocess
import sys
import time
from contextlib import ExitStack

import serial

from pumpbench.tools.bench import payload
from pumpbench.tools.bench.apart import apart
from pumpbench.tools.bench.contender import Round, Setting

DISTRIBUTION = "pyserial"
REQUESTS = 500
US_PER_NS = 1e-3
ANSWER = """
import os, pty, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
size, reply = int(sys.argv[1]), bytes.fromhex(sys.argv[2])
while True:
    left = size
    while left:
        left -= len(os.read(master, left))
    os.write(master, reply)
"""


def request(setting: Setting, stack: ExitStack) -> Round:
    """The median of a round, in us, for the bytes of the same request and the same reply."""
    asked, reply = payload.request_and_reply()
    command = [sys.executable, "-c", ANSWER, str(len(asked)), reply.hex()]
    process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    stack.callback(process.terminate)
    assert process.stdout is not None
    port = stack.enter_context(serial.Serial(process.stdout.readline().strip(), timeout=5))

    def once() -> int:
        start = time.perf_counter_ns()
        port.write(asked)
        answer = port.read(len(reply))
        taken = time.perf_counter_ns() - start
        assert answer == reply
        return taken

    def work() -> float:
        with apart(process.pid):
            return statistics.median(once() for _ in range(setting.count(REQUESTS))) * US_PER_NS

    return work
