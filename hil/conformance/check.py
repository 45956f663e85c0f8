"""Knows what a check is and which there are: an id, a fact, the section that says so, the level it needs; it runs none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Final

from pumpbench.protocol.codes import Level

if TYPE_CHECKING:
    from pumpbench.hil.conformance.subject import Subject

MODULES: Final = (
    "identify", "free_run", "wire", "corpus", "session", "roles", "program_rules", "bench_channel", "credits", "telemetry",
    "effects", "update", "delivery", "fluid", "limits", "patient", "alarms", "tones", "resets", "log", "snapshot", "memory",
    "quirks", "timeline", "reference",
)  # fmt: skip
"""In the order in which they run: what needs the least of a device first."""


@dataclass(frozen=True, slots=True)
class Check:
    """`id`: group, dot, fact. `ticks`: about how many it lets pass. `needs`: what a target may lack beside a level.

    `clock`: that it runs by itself while nobody speaks to it. `other`: that it is not the reference.
    """

    id: str
    statement: str
    section: str
    level: int
    run: Callable[[Subject], None]
    ticks: int = 0
    needs: str = ""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


Body = Callable[["Subject"], None]
_known: dict[str, Check] = {}


def check(id: str, section: str, level: int = Level.L0, ticks: int = 0, needs: str = "") -> Callable[[Body], Body]:
    """Declares a function as a check; its docstring is the fact it states, in one line."""

    def declared(run: Body) -> Body:
        statement = " ".join((run.__doc__ or "").split())
        declare(Check(id, statement, section, level, run, ticks, needs))
        return run

    return declared


def declare(one: Check) -> None:
    """Raises ValueError for an id that is taken or no id, and for a check that states nothing."""
    group, _, fact = one.id.partition(".")
    if not (group and fact) or one.id != one.id.lower() or one.id in _known or not one.statement:
        raise ValueError(f"check {one.id!r}: expected an id of its own, as group.fact-in-words, and a statement")
    _known[one.id] = one


def all_checks() -> tuple[Check, ...]:
    """Every check there is, in the order in which they run."""
    for name in MODULES:
        import_module(f"pumpbench.hil.conformance.checks.{name}")
    return tuple(_known.values())


def select(*globs: str, among: Iterable[Check] | None = None) -> tuple[Check, ...]:
    """The checks whose id one of `globs` matches, all where none is given. Empty where nothing matched."""
    checks = all_checks() if among is None else tuple(among)
    return tuple(one for one in checks if not globs or any(fnmatchcase(one.id, glob) for glob in globs))
