"""Tells where something is served: on stdout, and in a file for whoever waits for it; it must not know what is served."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def announced(url: str, ready_file: Path | None) -> Iterator[None]:
    """The URL on stdout and in the file, which goes away with us: a file that is there names something that is served."""
    sys.stdout.write(url + "\n")
    sys.stdout.flush()
    if ready_file is None:
        yield
        return
    # Whole or not at all, since somebody waits for it to appear.
    fresh = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    fresh.write_text(url + "\n")
    fresh.replace(ready_file)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            ready_file.unlink()
