"""The guest as tests use it: made ready once in a run, restored for each test; says nothing of USB."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache

from pumpbench.hil.guest.guest import Guest
from pumpbench.hil.guest.ready import Ready, ready
from tests.support import require


@cache
def readied() -> Ready:
    """By whichever process of the run comes first; the others find it."""
    return ready()


def await_file(guest: Guest, path: str, there: bool = True, timeout_s: float = 30) -> None:
    """In the guest itself: each look from outside would cost it a process."""
    until = f"{'until' if there else 'while'} [ -e {path} ]; do usleep 10000; done"
    assert guest.run("sh", "-c", until, timeout_s=timeout_s).code == 0, (
        f"waited in vain for {path} to {'come' if there else 'go'}"
    )


@contextmanager
def restored() -> Iterator[Guest]:
    """A guest as it was just after its start, or the test is left out where this machine has none."""
    require("guest")
    with closing(readied().restored()) as guest:
        yield guest
