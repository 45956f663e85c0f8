"""Prints in what two recordings differ first and what follows from it; it must not compare anything itself."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.hil.capture import wide
from pumpbench.hil.compare import Difference
from pumpbench.hil.diff import Cause, Diff, Moment, diff_of, diff_with
from pumpbench.hil.divergence import Divergence
from pumpbench.hil.errors import Refusal, RigBroken, TargetUnknown
from pumpbench.hil.rerun import NoStart
from pumpbench.hil.targets import open_target, served_here, served_how
from pumpbench.tools.called import called
from pumpbench.tools.captured import load_capture
from pumpbench.tools.failure import Failed
from pumpbench.tools.running.plan import parse_span
from pumpbench.tools.settings import Settings
from pumpbench.tools.target_choice import Choice, choose_target
from pumpbench.tools.text_table import text_table

SCHEMA: Final = "pumpbench.diff/1"
COLOURS: Final = {"same": "green", "different": "red", "lossy": "yellow"}
LINES_MAX: Final = 30
CAUSES_MAX: Final = 5


def diff_files(a: Path, b: str, in_json: bool, until: str | None, settings: Settings) -> int:
    """Findings to stdout, what they come to on stderr. `until`: a time as typed.

    Raises `Failed`, `TargetUnknown`, `RigBroken` or a `LinkError`."""
    diff = _diff(a, b, None if until is None else parse_span(until, "--until"), settings)
    if in_json:
        click.echo(json.dumps(as_json(diff)))
    else:
        for line in _lines(diff):
            click.echo(line)
    for line in _summed_up(diff):
        click.echo(line, err=True)
    return diff.exit_code


def _diff(a: Path, b: str, until_tick: int | None, settings: Settings) -> Diff:
    recorded = load_capture(a)
    if Path(b).exists():
        return diff_of(recorded, load_capture(Path(b)), (str(a), b), open_target, until_tick=until_tick)
    target = _target(b, settings)
    with open_target(target.name, access=target.access) as opened:
        try:
            return diff_with(recorded, opened, str(a), open_target, until_tick)
        except NoStart as problem:
            raise Failed(f"{a}: {problem}; only a capture that tells its start can be played to a target") from problem
        except Refusal as refused:
            if not opened.link.reconnected_count:
                raise
            what = f"it went away while {a} was played to it and came back, so it may have started anew ({refused})"
            raise RigBroken(target.name, what, "see what reset it or took its power, then try again") from refused


def _target(b: str, settings: Settings) -> Choice:
    try:
        return choose_target(b, settings, b)
    except TargetUnknown as problem:
        if ":" in b:
            raise
        hint = (
            str(problem).partition("; ")[2]
            if Path(b).name == b and "." not in b
            else "give a capture, or a target such as emulator"
        )
        raise Failed(f"{b}: neither a file nor a target of that name exists; {hint}") from None


def as_json(diff: Diff) -> dict[str, Any]:
    """Ticks are text, because they are 64 bits wide; values are as declared."""
    return {
        "schema": SCHEMA,
        "a": diff.names[0],
        "b": diff.names[1],
        "result": diff.word,
        "reason": diff.reason,
        "sureness": diff.sureness,
        "ticks": {side: wide(tick) for side, tick in zip("ab", diff.ticks, strict=True)},
        "frames": diff.frames_compared,
        "digests": diff.digests_compared,
        "told": diff.told_compared,
        "unpaired_reports": diff.unpaired_reports,
        "not_judged": dict(diff.not_judged),
        "causes": [_cause_json(cause) for cause in diff.causes],
        "exact": None if diff.exact is None else _exact_json(diff.exact, diff.exact_names),
        "not_exact": diff.not_exact,
        "gaps": {side: [str(gap) for gap in gaps] for side, gaps in zip("ab", diff.gaps, strict=True)},
    }


def _cause_json(cause: Cause) -> dict[str, Any]:
    return {
        "after_tick": wide(cause.agreed_tick),
        "tick": wide(cause.first.tick),
        "healed_tick": None if cause.healed_tick is None else wide(cause.healed_tick),
        "differences": [_moment_json(moment) for moment in cause.moments],
        "follows": [
            {"field": name, "count": one.count, "first_tick": wide(one.first.tick), "last_tick": wide(one.last_tick)}
            for name, one in cause.follows.items()
        ],
    }


def _moment_json(moment: Moment) -> dict[str, Any]:
    fields = [
        {"field": one.field, "unit": one.unit, "a": _plain(one.theirs), "b": _plain(one.ours)} for one in moment.differences
    ]
    return {
        "tick": wide(moment.tick), "side": moment.side, "message": moment.message, "seq_a": moment.seqs[0],
        "seq_b": moment.seqs[1], "fields": fields,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | None) else str(value)


def _exact_json(found: Divergence, names: tuple[str, str]) -> dict[str, Any]:
    assert found.place is not None
    fields = [{"field": one.name, "unit": one.unit, "a": list(one.theirs), "b": list(one.ours)} for one in found.fields]
    act = None if found.place.act is None else found.place.act.name
    return {
        "tick": wide(found.place.tick),
        "after": act,
        "run_again": list(names),
        "moments": list(found.moments),
        "fields": fields,
    }


def _lines(diff: Diff) -> Iterator[str]:
    for number, cause in enumerate(diff.causes[:CAUSES_MAX]):
        yield from _cause_lines(cause, diff.exact if number == 0 else None, number)
    if len(diff.causes) > CAUSES_MAX:
        yield f"and {len(diff.causes) - CAUSES_MAX} more differences, each after the states had agreed again"
    for name, gaps in zip("AB", diff.gaps, strict=True):
        if gaps:
            yield f"gaps of {name}"
            yield from (f"  {gap}" for gap in gaps[:LINES_MAX])


def _cause_lines(cause: Cause, exact: Divergence | None, number: int) -> Iterator[str]:
    yield "first difference" if number == 0 else "another, after the states had agreed again"
    yield f"  when   {_when(cause, exact)}"
    for moment in cause.moments[:LINES_MAX]:
        yield f"  {_where(moment)}"
        yield from (f"    {line}" for line in text_table(("field", "A", "B", "unit"), _rows(moment.differences)))
    if len(cause.moments) > LINES_MAX:
        yield f"  ... and {len(cause.moments) - LINES_MAX} more that they were told otherwise"
    if exact is not None:
        rows = [(one.name, *_pairs(one.theirs, one.ours), one.unit) for one in exact.fields[:LINES_MAX]]
        yield "  state, A / B, run again"
        yield from (f"    {line}" for line in text_table(("field", *exact.moments, "unit"), rows))
    if cause.follows:
        yield f"  what follows: {cause.follows_count:,} differences"
        names = list(cause.follows.items())
        follow_rows = [(name, f"{one.count:,}", str(one.first.tick), str(one.last_tick)) for name, one in names[:LINES_MAX]]
        heading = ("field", "times", "first tick", "last tick")
        yield from (f"    {line}" for line in text_table(heading, follow_rows, frozenset({1, 2, 3})))
        if len(names) > LINES_MAX:
            yield f"    ... and {len(names) - LINES_MAX} more fields"
    if cause.healed_tick is not None:
        yield f"  digests of the whole state agree again at tick {cause.healed_tick}"


def _when(cause: Cause, exact: Divergence | None) -> str:
    if exact is not None and exact.place is not None:
        act = exact.place.act
        return f"in tick {exact.place.tick}" if act is None else f"in {act.name} after tick {exact.place.tick}"
    if cause.first.side == "told":
        return f"at tick {cause.first.tick}"
    return f"after tick {cause.agreed_tick}, at tick {cause.first.tick} at the latest"


def _where(moment: Moment) -> str:
    who = "told" if moment.side == "told" else "said"
    seqs = [f"frame {seq} of {name}" for name, seq in zip("AB", moment.seqs, strict=True) if seq is not None]
    return f"{who}   tick {moment.tick}: {moment.message}{_in_brackets(seqs)}"


def _in_brackets(words: list[str]) -> str:
    return f" ({', '.join(words)})" if words else ""


def _rows(differences: tuple[Difference, ...]) -> list[tuple[str, str, str, str]]:
    return [(one.field, str(one.theirs), str(one.ours), one.unit) for one in differences[:LINES_MAX]]


def _pairs(theirs: tuple[Any, ...], ours: tuple[Any, ...]) -> Iterator[str]:
    return (f"{one} / {other}" for one, other in zip(theirs, ours, strict=True))


def _summed_up(diff: Diff) -> Iterator[str]:
    yield f"{click.style(diff.word.upper(), fg=COLOURS[diff.word], bold=True)}  {diff.reason}"
    if served_here(diff.names[1]):
        yield f"  usb         {served_how(diff.names[1])} took part"
    yield f"  compared    {diff.told_compared:,} acts, {diff.frames_compared:,} frames, {diff.digests_compared:,} digests"
    if diff.ticks[0] != diff.ticks[1]:
        ends = ", ".join(f"{name} at tick {tick}" for name, tick in zip("AB", diff.ticks, strict=True))
        yield f"  ends        {ends}; nothing was compared beyond tick {min(diff.ticks)}"
    if diff.unpaired_reports:
        yield f"  unpaired    {diff.unpaired_reports:,} reports of credits that only one side was granted"
    yield from _not_judged(diff)
    if diff.causes and diff.exact is None:
        yield f"  tick        bounded only: {diff.not_exact}"
    if diff.exact is not None:
        yield f"  tick        exact: run again on {diff.exact_names[0]} (A) and {diff.exact_names[1]} (B)"
    yield f"  next        {_next(diff)}"


def _not_judged(diff: Diff) -> Iterator[str]:
    if not diff.not_judged:
        return
    listed = ", ".join(f"{name} ({count:,})" for name, count in sorted(diff.not_judged.items()))
    plant = f"the plant of {diff.plantless} was its bench's; else " if diff.plantless else ""
    why = "these name a device, its link or its bench"
    if diff.sureness != "exact":
        why += ", or depend on what nobody read"
    yield f"  not judged  {listed}: {plant}{why}"


def _next(diff: Diff) -> str:
    file = shlex.quote(diff.names[0])
    if diff.causes and diff.sureness == "exact":
        place = None if diff.exact is None else diff.exact.place
        tick = diff.causes[0].agreed_tick if place is None else place.tick - (place.act is None)
        return f"{called()} step {file} --at {max(0, tick)}t"
    if diff.is_short:
        return f"{called()} diff {file} {shlex.quote(diff.names[1])} --until {min(diff.ticks)}t"
    return f"{called()} ledger {file}" if diff.word == "same" else f"{called()} decode {file} --format ndjson"
