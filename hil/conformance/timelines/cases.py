"""Knows how a hand-worked timeline is written down and reads it; it must not know what plays one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

# On disk, as every room: an installed copy is never inside an archive.
FOLDER: Final = Path(str(files("pumpbench.fixtures"))) / "timelines"
DEFAULTS: Final = "defaults.toml"

Table = Mapping[str, Any]

CASE_KEYS: Final = {"title", "sections", "sources", "end", "config", "start", "program", "moment", "event", "wrong"}
# The first key of a moment says what it is; the others may stand beside it.
MOMENTS: Final = {
    "program": {"verified", "refused_by", "replied", "second_confirmation_ng"},
    "stage": set[str](),
    "verify": {"verified", "refused_by", "replied"},
    "send": {"fields", "role", "reply", "replied", "request_id", "keep_session", "times"},
    "bench": {"fields", "reply", "replied"},
    "inject": {"args"},
    "state": set[str](),
}
EVENT_KEYS: Final = {"event", "args", "ticks", "arithmetic"}


class CaseError(ValueError):
    """A timeline is not written as README.md says: file, place, what was expected."""


@dataclass(frozen=True)
class Moment:
    """One thing that is done or looked at once `tick` ticks are completed. `kind`: a key of `MOMENTS`."""

    tick: int
    kind: str
    body: Table

    @property
    def arithmetic(self) -> str:
        return str(self.body.get("arithmetic", ""))


@dataclass(frozen=True)
class Expected:
    """Every tick of the run at which an event with these first arguments happens."""

    event: str
    args: tuple[int | str, ...]
    ticks: tuple[int, ...]
    arithmetic: str


@dataclass(frozen=True)
class Case:
    """A timeline. `start` and `programs` have the defaults filled in."""

    name: str
    title: str
    sections: tuple[str, ...]
    sources: tuple[str, ...]
    end_tick: int
    config: Table
    start: Table
    programs: Mapping[str, Table]
    moments: tuple[Moment, ...]
    events: tuple[Expected, ...]
    wrong: Table


def paths() -> list[Path]:
    """The files of all cases, by name."""
    return sorted(path for path in FOLDER.glob("*.toml") if path.name != DEFAULTS)


def read_case(path: Path) -> Case:
    """Raises CaseError where the file does not follow README.md."""
    table = tomllib.loads(path.read_text())
    defaults = tomllib.loads((FOLDER / DEFAULTS).read_text())
    _refuse_unknown(path.name, table, CASE_KEYS)
    program = {"rate_check_nl_per_day": 0, "volume_check_nl": 0, **defaults["program"]}
    moments = tuple(_moment(f"{path.name}: moment {i}", one, program) for i, one in enumerate(table.get("moment", ()), 1))
    late = [b.tick for a, b in zip(moments, moments[1:], strict=False) if b.tick < a.tick]
    if late or any(moment.tick > table["end"] for moment in moments):
        raise CaseError(f"{path.name}: moments out of order {late}, or after the end {table['end']}; ticks may not fall")
    events = tuple(_event(f"{path.name}: event {i}", one) for i, one in enumerate(table.get("event", ()), 1))
    programs = {name: program | one for name, one in table.get("program", {}).items()}
    return Case(
        name=path.stem, title=table["title"], sections=tuple(table["sections"]), sources=tuple(table["sources"]),
        end_tick=table["end"], config=table.get("config", {}), start=defaults["start"] | table.get("start", {}),
        programs=programs, moments=moments, events=events, wrong=table.get("wrong", {}),
    )  # fmt: skip


def _moment(where: str, table: Table, program: Table) -> Moment:
    kinds = [kind for kind in MOMENTS if kind in table]
    if len(kinds) != 1:
        raise CaseError(f"{where}: has {kinds}; expected exactly one of {', '.join(MOMENTS)}")
    _refuse_unknown(where, table, {"tick", "arithmetic", kinds[0], *MOMENTS[kinds[0]]})
    filled = {"verify": {**program, **table["verify"]}} if "verify" in table else {}
    return Moment(table["tick"], kinds[0], {**table, **filled})


def _event(where: str, table: Table) -> Expected:
    _refuse_unknown(where, table, EVENT_KEYS)
    return Expected(table["event"], tuple(table.get("args", ())), tuple(table["ticks"]), table.get("arithmetic", ""))


def _refuse_unknown(where: str, table: Table, known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise CaseError(f"{where}: unknown {', '.join(unknown)}; expected {', '.join(sorted(known))}")
