"""Serves an emulated pump from a thread while a test lasts; it judges nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pumpbench.hil.serve import Server


@contextmanager
def served(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
