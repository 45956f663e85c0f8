"""Sends a pump's frames through a relay that runs as a process of its own, as fast as it takes them; it judges nothing."""

import socket
import subprocess
import threading
import time
from pathlib import Path

from pumpbench.tools.bench.contender import Round

HOST = "127.0.0.1"
TAKEN_BYTES = 1 << 18
WAIT_S = 30.0


def relayed(data: bytes, frames: int, at_pump: socket.socket, at_programmer: socket.socket) -> int:
    """How many frames came through; returns when the last byte is there. Raises OSError where the relay ended."""
    sender = threading.Thread(target=at_pump.sendall, args=(data,), daemon=True)
    sender.start()
    left = len(data)
    while left:
        got = at_programmer.recv(TAKEN_BYTES)
        if not got:
            raise ConnectionResetError(f"the relay ended with {left} bytes to go")
        left -= len(got)
    sender.join()
    return frames


def through(path: Path, frames: int, at_pump: socket.socket, at_programmer: socket.socket) -> Round:
    """Frames a second by the clock on the wall, because a relay waits for both its ends."""
    data = path.read_bytes()

    def once() -> float:
        start = time.perf_counter()
        done = relayed(data, frames, at_pump, at_programmer)
        return done / (time.perf_counter() - start)

    return once


def ended(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate()
