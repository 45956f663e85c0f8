"""Tells where something is served: on stdout, and in a file for whoever waits for it; it must not know what is served."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pumpbench.tools.failure import Failed


@contextmanager
def announced(url: str, ready_file: Path | None) -> Iterator[None]:
    """The URL on stdout and in the file, which goes away with us: a file that is there names something that is served.

    Raises `Failed` where the file cannot be written; nothing is on stdout then.
    """
    if ready_file is not None:
        _write(ready_file, url)
    try:
        sys.stdout.write(url + "\n")
        sys.stdout.flush()
        yield
    finally:
        if ready_file is not None:
            with contextlib.suppress(OSError):
                ready_file.unlink()


def _write(ready_file: Path, url: str) -> None:
    """Whole or not at all, since somebody waits for it to appear. Raises `Failed`."""
    fresh = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    try:
        fresh.write_text(url + "\n")
        fresh.replace(ready_file)
    except OSError as problem:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise Failed(f"--ready-file {ready_file}: {problem.strerror}; name a file in a folder that you may write") from problem
