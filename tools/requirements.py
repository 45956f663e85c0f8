"""Knows what is required of a pump and what shows it, as `fixtures/requirements.toml` says; it must not run any of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, NamedTuple

STATUSES: Final = ("shown", "by construction", "planned", "out")
KINDS: Final = ("scenario", "timeline", "check", "test")
KEYS: Final = {"number", "area", "text", "sources", "status", "by", "transferred", "remark"}


class RequirementError(ValueError):
    """The list is not written as its head says; one line: number, key, what was expected."""


class Evidence(NamedTuple):
    """What shows a requirement: a name of one of `KINDS`; of a test its path, `::` and its function, or the path alone."""

    kind: str
    name: str


@dataclass(frozen=True)
class Requirement:
    """One requirement in words of our own. `remark` says why it is out or holds by construction, or where it ends."""

    number: int
    area: str
    text: str
    sources: tuple[str, ...]
    status: str
    by: tuple[Evidence, ...]
    transferred: bool
    """Taken over from a document on bedside pumps."""
    remark: str


def requirements(text: str | None = None) -> tuple[Requirement, ...]:
    """Of the shipped list, or of another text. Raises RequirementError."""
    if text is None:
        text = (files("pumpbench.fixtures") / "requirements.toml").read_text(encoding="utf-8")
    found = tuple(_requirement(index, row) for index, row in enumerate(tomllib.loads(text).get("requirement", []), 1))
    if not found:
        raise RequirementError("no [[requirement]]; expected one table for each")
    return found


def _requirement(number: int, row: Mapping[str, Any]) -> Requirement:
    if row.get("number") != number:
        raise RequirementError(f"number {row.get('number')} where {number} was expected: they count from 1 without a gap")
    if unknown := sorted(set(row) - KEYS):
        raise RequirementError(f"requirement {number}: unknown {unknown[0]!r}; expected {', '.join(sorted(KEYS))}")
    made = Requirement(
        number, row["area"], row["text"], tuple(row["sources"]), row["status"], tuple(map(_evidence, row.get("by", []))),
        row.get("transferred", False), row.get("remark", ""),
    )  # fmt: skip
    for problem in _problems(made):
        raise RequirementError(f"requirement {number}: {problem}")
    return made


def _evidence(text: str) -> Evidence:
    kind, _, name = text.partition(":")
    if kind not in KINDS or not name:
        raise RequirementError(f"by {text!r}; expected {', '.join(KINDS)} before a colon and a name")
    return Evidence(kind, name)


def _problems(made: Requirement) -> list[str]:
    found = [] if made.status in STATUSES else [f"status {made.status!r}; expected one of {', '.join(STATUSES)}"]
    found += ["shown by nothing; name what shows it in `by`"] if made.status == "shown" and not made.by else []
    found += ["no remark; it says why"] if made.status in ("out", "by construction") and not made.remark else []
    return found
