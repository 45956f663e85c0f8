"""The least that a Python program on this machine takes to start, and to answer on a pty."""

import os
import subprocess
import sys
from contextlib import ExitStack

from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.starting import started, starts

ECHO = """
import os, pty, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
os.write(master, os.read(master, 64))
os.read(master, 64)
"""


def python(setting: Setting, stack: ExitStack) -> Round:
    return starts(setting, sys.executable, "-S", "-c", "pass")


def click(setting: Setting, stack: ExitStack) -> Round:
    return starts(setting, sys.executable, "-c", "import click")


def echo(setting: Setting, stack: ExitStack) -> Round:
    """A bare interpreter that opens a pty and sends back the first bytes it gets."""
    return started(_first_echo)


def _first_echo() -> None:
    process = subprocess.Popen([sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = os.open(process.stdout.readline().strip(), os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(port, b"hello")
        assert os.read(port, 64) == b"hello"
        os.write(port, b"bye")
    finally:
        os.close(port)
        process.communicate()
