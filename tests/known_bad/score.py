"""Knows how a suite scores against the table of known-bad builds, and the table it prints; it runs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.known_bad.judge import Findings
from tests.known_bad.table import Defect


@dataclass(frozen=True)
class Score:
    """Which defects were caught as the table says, and what was found of each."""

    defects: tuple[Defect, ...]
    found: Mapping[str, Findings]

    @property
    def missed(self) -> tuple[Defect, ...]:
        return tuple(one for one in self.defects if not one.is_shown_by(self.found.get(one.name, {}).get(one.caught_by)))

    @property
    def passed(self) -> bool:
        """A score over nothing is no pass."""
        return bool(self.defects) and not self.missed

    def __str__(self) -> str:
        caught = len(self.defects) - len(self.missed)
        return "\n".join([*map(self._line, self.defects), f"{caught} of {len(self.defects)} known-bad builds caught"])

    def _line(self, defect: Defect) -> str:
        findings = self.found.get(defect.name, {})
        stated = findings.get(defect.caught_by)
        said = f"tick {stated.tick}: {', '.join(stated.fields[:3])}" if stated else "nothing"
        mark = "caught" if defect.is_shown_by(stated) else "MISSED"
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        return f"{mark}  {defect.name:<40} {defect.caught_by:<40} {defect.field} at {defect.tick}; found {said}{more}"


def scored(defects: Sequence[Defect], found: Mapping[str, Findings]) -> Score:
    """`found`: by the name of the defect; a defect that is not in it was not judged, and so not caught."""
    return Score(tuple(defects), found)
