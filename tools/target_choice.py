"""Knows which target a name means, by itself or through a settings file; it opens none."""

from dataclasses import dataclass
from typing import Final

from pumpbench.hil.links import BAUD_DEFAULT
from pumpbench.hil.targets import check_name
from pumpbench.tools.settings import Settings

TARGET_DEFAULT: Final = "native"


@dataclass(frozen=True, slots=True)
class Choice:
    """A target by the name that opens it; `chosen`: somebody asked for it, so nothing else may stand in."""

    name: str
    baud: int
    chosen: bool


def choose_target(flag: str | None, settings: Settings, default: str) -> Choice:
    """A target of its own name, or one that a settings file names."""
    name, place = settings.choose("target", flag, default)
    if name in settings.targets:
        named = settings.targets[name]
        return Choice(f"serial:{named.url}", named.baud, True)
    return Choice(check_name(name), BAUD_DEFAULT, not place.startswith("the default"))
