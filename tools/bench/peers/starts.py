"""The least that a Python program on this machine takes to start, and to answer on a pty."""

import os
import subprocess
import sys
from contextlib import ExitStack

from pumpbench.tools.bench.contender import Round, Setting, seconds

ECHO = """
import os, pty, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
os.write(master, os.read(master, 64))
os.read(master, 64)
"""


def python(setting: Setting, stack: ExitStack) -> Round:
    return _starts("-S", "-c", "pass")


def click(setting: Setting, stack: ExitStack) -> Round:
    return _starts("-c", "import click")


def _starts(*arguments: str) -> Round:
    return seconds(lambda: subprocess.run([sys.executable, *arguments], check=True))


def echo(setting: Setting, stack: ExitStack) -> Round:
    """A bare interpreter that opens a pty and sends back the first bytes it gets."""
    return seconds(_first_echo)


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
