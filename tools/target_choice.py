"""Knows which target a name means, by itself or through a settings file, and how it is to be opened; it opens none."""

from dataclasses import dataclass
from typing import Final

from pumpbench.hil.targets import Access, check_name
from pumpbench.tools.settings import Settings
from pumpbench.tools.wall_time import parse_wait

TARGET_DEFAULT: Final = "native"


@dataclass(frozen=True, slots=True)
class Choice:
    """A target by the name that opens it; `chosen`: somebody asked for it, so nothing else may stand in."""

    name: str
    access: Access
    chosen: bool


def choose_target(flag: str | None, settings: Settings, default: str) -> Choice:
    """A target of its own name, or one that a settings file names."""
    name, place = settings.choose("target", flag, default)
    wait_s = parse_wait(*settings.choose("wait", None, "0s"))
    if name in settings.targets:
        named = settings.targets[name]
        return Choice(check_name(named.target), named.access(wait_s), True)
    return Choice(check_name(name), Access(wait_s=wait_s), not place.startswith("the default"))
