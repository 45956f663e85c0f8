"""Knows how two processes that talk are kept on processors of their own, as a host and a device always are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def apart(other_pid: int) -> Iterator[None]:
    """Ourselves on one processor, the other process on another; a pair that happens to share one answers many times faster.

    Does nothing on a machine with one processor. Threads of ours that are not the caller stay where they are.
    """
    allowed = os.sched_getaffinity(0)
    if len(allowed) < 2:
        yield
        return
    here, there, *_ = sorted(allowed)
    os.sched_setaffinity(0, {here})
    os.sched_setaffinity(other_pid, {there})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
        os.sched_setaffinity(other_pid, allowed)
