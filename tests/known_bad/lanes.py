"""Knows how slow work is done two at a time while tests wait for their own piece of it; it knows no work."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

import pytest

LANES: Final = 2
"""Of compilers and of judges at work."""

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")


@contextmanager
def begun(batches: Iterable[Sequence[Item]], work: Callable[[Sequence[Item]], Result]) -> Iterator[dict[Item, Future[Result]]]:
    """Of each item the future of its batch; what nobody waits for any more is dropped at the end."""
    pool = ThreadPoolExecutor(LANES)
    try:
        pairs = [(batch, pool.submit(work, batch)) for batch in batches]
        yield {item: future for batch, future in pairs for item in batch}
    finally:
        pool.shutdown(cancel_futures=True)


def selected(request: pytest.FixtureRequest, name: str, among: Sequence[Item]) -> list[Item]:
    """The items that the tests of this run have as their parameter `name`."""
    wanted = {item.callspec.params.get(name) for item in request.session.items if hasattr(item, "callspec")}
    return [one for one in among if one in wanted]


def batched(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[at : at + size] for at in range(0, len(items), size)]
