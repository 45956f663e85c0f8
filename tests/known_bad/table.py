"""Knows the table of known-bad builds: which defect, what it models, which check must catch it, where; it builds nothing."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.known_bad.finding import Finding
from tests.support import ROOT

FOLDER: Final = ROOT / "fixtures" / "known_bad"
TABLE: Final = FOLDER / "table.toml"


@dataclass(frozen=True)
class Defect:
    """One patch against the firmware. `sections` are of SEMANTICS.md, `sources` of SOURCES.md (none: our own rules).

    `caught_by` and `capture`: the check of the suite, and the shipped recording, that must catch it, each where.
    """

    name: str
    models: str
    sections: tuple[str, ...]
    sources: tuple[str, ...]
    caught_by: str
    tick: int
    field: str
    capture: str
    capture_tick: int
    capture_field: str

    @property
    def patch(self) -> Path:
        return FOLDER / f"{self.name}.patch"

    def is_shown_by(self, finding: Finding | None) -> bool:
        """Whether the finding is the stated one: this tick, and this field among those that are wrong there."""
        return finding is not None and finding.tick == self.tick and self.field in finding.fields

    def is_failed_by(self, finding: Finding | None) -> bool:
        """The same of the replay."""
        return finding is not None and finding.tick == self.capture_tick and self.capture_field in finding.fields


def read_table(path: Path = TABLE) -> tuple[Defect, ...]:
    """Raises TypeError where an entry has too much or too little."""
    entries = tomllib.loads(path.read_text())["defect"]
    return tuple(Defect(**{**one, "sections": tuple(one["sections"]), "sources": tuple(one["sources"])}) for one in entries)
