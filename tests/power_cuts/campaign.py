"""Knows how a story is cut at all its points and which laws break at each; it knows no law itself."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.power_cuts import laws, retry
from tests.power_cuts.stories import Story
from tests.power_cuts.victim import State, Victim, points


class Point(NamedTuple):
    """A point of power loss: behind `words` words of the act that follows on `tick`, and every law that the boot broke."""

    tick: int
    words: int
    laws: tuple[str, ...]


def cut_states(story: Story, victim: Victim) -> Iterator[tuple[State, int, State]]:
    """(the state before the act, how many words were written, the state just after the cut), point by point."""
    for before in story.prepare(victim):
        yield from ((before, words, cut) for words, cut in enumerate(points(victim, before, story.act)))


def broken_laws(story: Story, victim: Victim) -> Iterator[Point]:
    """Every point of the story on a pump as `treated` leaves it."""
    start = victim.state()
    for before, words, cut in list(cut_states(story, victim)):
        booted = victim.boot(cut)
        found = list(laws.broken(before, booted, stop_asked=story.stop_asked))
        if story.fluid is not None:
            found += retry.broken(victim, start, before, booted, story.fluid)
        yield Point(before.parts["plant"].tick, words, tuple(found))
