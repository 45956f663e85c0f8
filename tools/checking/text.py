"""Knows how a conformance run reads on a terminal of 80 columns; it must not run or judge one."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.conformance import LEFT_OUT, Check, Conformance, Result, all_checks, judged
from pumpbench.hil.conformance.coverage import UNPROVOKED
from pumpbench.hil.targets import served_here, served_how
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Level
from pumpbench.tools.running.summing_up import COLOURS

COLUMNS: Final = 80
VALUE_MAX: Final = 300
"""Characters of a value that are shown; JSON has all of it."""
ORDER: Final = ("pass", "fail", "error", "inconclusive", LEFT_OUT)


class Groups:
    """Collects results; a group's line comes once its last check is in, after what did not pass of it."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._left = Counter(one.group for one in checks)
        self._counts: dict[str, Counter[str]] = {group: Counter() for group in self._left}

    def take(self, result: Result) -> list[str]:
        """The lines to print now."""
        group = result.check.group
        self._left[group] -= 1
        counts = self._counts[group]
        counts[result.outcome] += 1
        lines = [] if result.verdict in (None, Verdict.PASS) or _repeated(result) else list(told(result))
        if not self._left[group]:
            lines.append(_group_line(group, counts))
        return lines


def told(result: Result) -> Iterator[str]:
    """A check that did not pass, in full."""
    assert result.verdict is not None
    yield f"{click.style(str(result.verdict).upper(), fg=COLOURS[result.verdict], bold=True)}  {result.check.id}"
    yield from _row("fact", result.check.statement)
    if result.field:
        yield from _row("field", result.field)
        yield from _row("expected", result.expected)
        yield from _row("got", result.got)
        yield from _row("at", f"tick {result.tick}; {result.check.section}")
        if result.verdict is not Verdict.FAIL:
            yield from _row("why", result.reason)
    else:
        yield from _row("why", result.reason)
        yield from _row("section", result.check.section)


def summed_up(
    suite: Conformance, results: Sequence[Result], next_command: str, capture: Path | None, interrupted: bool
) -> Iterator[str]:
    """The verdict, what stands behind it, and what to type next."""
    verdict, reason = judged(results)
    word = "INTERRUPTED" if interrupted else str(verdict).upper()
    styled = click.style(word, fg=COLOURS[verdict], bold=True)
    yield from textwrap.wrap(f"{styled}  {reason}", COLUMNS, subsequent_indent="      ", break_on_hyphens=False)
    counts, tally = Counter(one.outcome for one in results), suite.tally
    compared = sum(one.compared for one in results)
    yield from _row("checks", ", ".join(f"{counts[outcome]} {outcome}" for outcome in ORDER if counts[outcome]))
    claims = "" if suite.level == suite.claimed else f", though it claims {Level.name_of(suite.claimed)}"
    build = f"build {suite.identified.build_id:016x}"
    yield from _row("target", f"{suite.target.name}, {build}, checked at level {Level.name_of(suite.level)}{claims}")
    if served_here(suite.target.name):
        yield from _row("usb", f"{served_how(suite.target.name)} took part")
    yield from _row("passed by", f"{tally.frames:,} frames, {tally.ticks:,} ticks; {compared:,} comparisons")
    if tally.losses:
        lost = f"{tally.bad_frames} bad frames, {tally.missing_frames} missing, {tally.repeated_requests} requests sent again"
        yield from _row("link", lost)
    yield from _reasons(results)
    messages, refusals = tally.untold()
    missing = [name for name in (*messages, *refusals) if name not in UNPROVOKED]
    if len(results) == len(all_checks()) and counts[LEFT_OUT] == 0 and missing:
        yield from _row("unprovoked", ", ".join(missing))
    if capture is not None:
        yield from _row("capture", str(capture))
    yield f"  next        {next_command}"


def listed(checks: Sequence[Check]) -> Iterator[str]:
    """A line of id and level for each check, and its fact below."""
    for one in checks:
        yield f"{one.id}  ({Level.name_of(one.level)}, {one.section})"
        yield from textwrap.wrap(one.statement, COLUMNS, initial_indent="    ", subsequent_indent="    ")


def _reasons(results: Sequence[Result]) -> Iterator[str]:
    """Why checks were left out, the most frequent reasons with their counts."""
    reasons = Counter(one.reason for one in results if one.verdict is None)
    for reason, count in reasons.most_common(3):
        yield from _row(LEFT_OUT, f"{count}: {reason}")
    if len(reasons) > 3:
        yield from _row(LEFT_OUT, f"{sum(reasons.values()) - sum(n for _, n in reasons.most_common(3))} more, for other reasons")


def _group_line(group: str, counts: Counter[str]) -> str:
    words = (f"{counts[word]} {word}" for word in ORDER if counts[word])
    said = ", ".join(word if word.endswith(("pass", LEFT_OUT)) else click.style(word, fg="red") for word in words)
    return f"{group:<12}  {counts.total():>3} checks: {said}"


def _repeated(result: Result) -> bool:
    """A check that was not run because the bench broke before: the first one said why."""
    return result.reason.startswith("not run:")


def _row(name: str, value: str) -> Iterator[str]:
    shown = value if len(value) <= VALUE_MAX else f"{value[: VALUE_MAX - 4]} ..."
    return iter(
        textwrap.wrap(
            shown, COLUMNS, initial_indent=f"  {name:<12}", subsequent_indent=" " * 14, break_on_hyphens=False
        )  # fmt: skip
    )
