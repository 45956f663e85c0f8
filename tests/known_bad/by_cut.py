"""Knows how power loss behind every word of a story judges a build; the laws are the campaign's own."""

from pumpbench.hil.native import NativeLibrary
from tests.known_bad.finding import Finding
from tests.power_cuts.campaign import broken_laws
from tests.power_cuts.stories import Story, treated


def judged(story: Story, library: NativeLibrary) -> Finding | None:
    """The first point at which a law breaks; the laws that break there are the fields."""
    try:
        for point in broken_laws(story, treated(library.device())):
            if point.laws:
                fields = tuple(law.split(":")[0] for law in point.laws)
                return Finding(point.tick, fields, f"{story.name}, {point.words} words: {'; '.join(point.laws)}")
    except AssertionError as problem:
        return Finding(0, ("preparation",), str(problem))
    return None
