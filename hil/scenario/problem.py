"""Knows how a fault in a scenario file is said: file, line, what, what was expected. It must not find any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One line for the reader. `line` counts from 1; 0: the file as a whole."""

    source: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.what}" if self.line else f"{self.source}: {self.what}"


class ScenarioError(Exception):
    """A scenario that cannot run; `problems` has every fault found, at least one. Its text is the first one's line."""

    def __init__(self, problems: list[Problem]) -> None:
        assert problems, "an error needs a reason"
        more = f" (and {len(problems) - 1} more; lint lists them)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = problems


@dataclass(slots=True)
class Findings:
    """Collects problems while a file is read. `lines` maps a key's path to its line."""

    source: str
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of the longest part of `path` that the file has; 0 where it has none."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)

    def say(self, path: Path, what: str) -> None:
        """Notes a problem at the line of `path`, named by the path."""
        self.problems.append(Problem(self.source, self.line_of(path), f"{name_of(path)}: {what}" if path else what))


def name_of(path: Path) -> str:
    """`step 3 bolus.dose_ng` for ("step", 2, "bolus", "dose_ng"): people count from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f" {part + 1}"
        else:
            text += (" " if text[-1:].isdigit() else "." if text else "") + part
    return text
