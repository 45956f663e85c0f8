"""Knows how the findings of one capture read as HTML; every text that is not ours is escaped here, and nothing is judged."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from pumpbench.firmware_emu.account import STEP_PL
from pumpbench.hil.ledger import Ledger
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Event
from pumpbench.protocol.limits import PL_PER_NL, Q_PER_NL, STEP_NL
from pumpbench.tools.called import called
from pumpbench.tools.ledgering import PARTS, why_no_truth
from pumpbench.tools.reporting.accuracy import Accuracy, Window
from pumpbench.tools.reporting.gathered import Gathered
from pumpbench.tools.requirements import Requirement
from pumpbench.tools.running.event_log import said
from pumpbench.tools.when import format_duration

EVENTS_MAX: Final = 400
DIFFERENCES_MAX: Final = 40
SOURCE_TEXT: Final = {
    True: "as re-run; the device's own digests agree with it",
    False: "as the device's own frames tell",
}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Of plain text: every cell is escaped."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def badge(verdict: Verdict, word: str = "") -> str:
    return f'<strong class="verdict {verdict}">{escape(word or str(verdict))}</strong>'


def verdict_section(one: Gathered) -> Iterator[str]:
    """Each verdict with its reason, then what stands behind it."""
    for name, (verdict, reason) in one.verdicts.items():
        word = one.ledger.word if name == "ledger" else ""
        yield f"<p>{badge(verdict, word)} <b>{name}</b>: {escape(reason)}</p>"
    yield table(("what", "is"), _compared(one))


def _compared(one: Gathered) -> Iterator[tuple[str, str]]:
    yield "covers", f"{format_duration(one.recorded.last_tick)} ({one.recorded.last_tick:,} ticks)"
    yield "sureness", one.ledger.sureness
    found = one.replayed
    if found is None:
        return
    sides = "two implementations" if found.independent else "one build with itself" if found.same_build else "one implementation"
    yield "played to", f"{found.target}: {found.requests:,} requests"
    yield "compared", f"{sides}: {found.frames_compared:,} frames, {found.digests_compared:,} digests of the whole state"
    yield "missing, extra frames", f"{found.missing:,}, {found.extra:,}"
    listed = ", ".join(f"{name} ({count})" for name, count in found.not_compared.items())
    yield "differs, not judged", listed or "nothing"
    yield "gaps", "; ".join(map(str, found.gaps[:5])) + (" ..." if len(found.gaps) > 5 else "") if found.gaps else "none"


def origin_section(one: Gathered) -> Iterator[str]:
    """What made it, and what makes it again."""
    header, builds = one.header, one.header.get("builds")
    rows = [("file", str(one.path)), ("scenario", one.scenario or "not one that is shipped")]
    rows += [(name.replace("_", " "), str(header.get(name, "not said"))) for name in ("target", "topology", "time_mode", "seed")]
    rows += [(f"revision of {name}", str(text)) for name, text in _items(header.get("revisions"))]
    for side, build in _items(builds):
        told = ", ".join(
            f"{name} {_build(name, value)}" for name, value in _items(build) if name in ("build_id", "schema_id", "level")
        )
        rows.append((f"build of the {side}", told))
    yield table(("origin", "is"), rows)
    if isinstance(header.get("scenario"), str) and header["scenario"]:
        yield f"<details><summary>the scenario as it was run</summary><pre>{escape(header['scenario'])}</pre></details>"
    target = one.replayed.target if one.replayed else "emulator"
    yield f"<p>To see the same again: {_command('replay', one, '--against', target)}, {_command('ledger', one)}.</p>"


def _build(name: str, value: object) -> str:
    """The build as `info` and the firmware's own tools spell it."""
    text = str(value)
    return f"{int(text):016x}" if name == "build_id" and text.isdecimal() else text


def _command(verb: str, one: Gathered, *words: str) -> str:
    """What to type."""
    return f"<code>{escape(' '.join((called(), *map(shlex.quote, (verb, str(one.path), *words)))))}</code>"


def _items(found: object) -> list[tuple[str, object]]:
    return [(str(key), value) for key, value in sorted(found.items())] if isinstance(found, dict) else []


def difference_section(one: Gathered) -> Iterator[str]:
    """The first frame that differs, every field of it, with both values."""
    found = one.replayed.differences if one.replayed else ()
    if not found:
        yield f"<p>{'No frame differs.' if one.replayed else 'Nothing could be compared.'}</p>"
        return
    rows = [(f"{each.tick:,}", f"{each.message}.{each.field}", str(each.theirs), str(each.ours), each.unit) for each in found]
    yield table(("tick", "field", "recorded", "now", "unit"), rows[:DIFFERENCES_MAX])
    yield f"<p>To stand there: {_command('step', one, '--at', f'{max(0, found[0].tick - 1)}t')}.</p>"


def ledger_section(ledger: Ledger) -> Iterator[str]:
    """The device's own account, the plant's truth beside it, limits and findings."""
    opened, closed = ledger.opened, ledger.closed
    if opened is not None and closed is not None:
        pairs = [(part, getattr(opened, f"{part}_q"), getattr(closed, f"{part}_q")) for part in PARTS]
        pairs.append(("not accounted for", opened.surplus_q, closed.surplus_q))
        rows = [(name, f"{first:,}", f"{last:,}", f"{(last - first) / Q_PER_NL:,.3f}") for name, first, last in pairs]
        yield table(("device's account, q", "at first", "at last", "meanwhile, nl"), rows)
    else:
        yield "<p>No frame tells of the device's account.</p>"
    yield from _plant(ledger)
    kept = {True: "kept", False: "NOT KEPT", None: "not shown"}
    limits = [(one.name, f"{one.most:,}", f"{one.bound:,}", one.unit, kept[one.kept], one.remark) for one in ledger.limits]
    yield table(("limit", "most", "bound", "unit", "kept", ""), limits)
    if ledger.findings:
        found = [(str(one.kind), one.what, str(one.before), str(one.after)) for one in ledger.findings]
        yield table(("finding", "what", "after", "before"), found)


def _plant(ledger: Ledger) -> Iterator[str]:
    now, then, over_pl, steps = ledger.truth, ledger.truth_opened, ledger.over_pl, ledger.steps
    if now is None or then is None or over_pl is None or steps is None:
        yield f"<p>The plant's truth is {why_no_truth(ledger)}.</p>"
        return
    percent = f" ({100 * over_pl / (steps * STEP_PL):+.2f} %)" if steps else ""
    amounts = {
        "by the steps": steps * STEP_PL, "left the reservoir": now.pumped_pl - then.pumped_pl,
        "leaked on the way": now.leaked_pl - then.leaked_pl, "left the tip": now.tip_pl - then.tip_pl,
    }  # fmt: skip
    rows = [(name, f"{amount / PL_PER_NL:,.3f}") for name, amount in amounts.items()]
    word = "over-infused" if over_pl > 0 else "under-infused" if over_pl < 0 else "over or under"
    yield table(("plant's truth", "nl"), [*rows, (word, f"{over_pl / PL_PER_NL:+,.3f}{percent}")])


def accuracy_section(found: Accuracy | None) -> Iterator[str]:
    """The figures of the curve, with what one step alone can do to each."""
    if found is None:
        yield "<p>Not known: it takes an exact recording whose digests agree with its re-run, in which something was asked.</p>"
        return
    span = f"{format_duration(found.first_tick)} to {format_duration(found.last_tick)}"
    yield f"<p>What left the tip, against what the rates in force asked of the motor, from {span}. One step is {STEP_NL} nl. "
    yield f"Over the whole span: {found.overall_percent:+z.3f} %.</p>"
    heads = ("window, min", "highest error, %", "lowest error, %", f"one step of {STEP_NL} nl, % of a mean window", "windows")
    yield table(heads, (_window_row(one) for one in found.windows))
    yield "<p>The form of the curve is that of IEC 60601-2-24; the windows are chosen for the rates of implants. "
    yield "No conformity is claimed.</p>"


def _window_row(one: Window) -> tuple[str, ...]:
    errors = f"{one.highest_percent:+z.3f}", f"{one.lowest_percent:+z.3f}", f"{one.step_percent:.3f}"
    return f"{one.minutes:,}", *errors, f"{one.samples:,}"


def event_section(one: Gathered) -> Iterator[str]:
    """What a device keeps in its log, in order."""
    rows = [
        (f"{each.tick:,}", format_duration(each.tick), Event.name_of(each.code).replace("_", " "), said(each))
        for each in one.notable
    ]
    yield f"<p>{len(rows):,} events, {SOURCE_TEXT[one.vouched]}.</p>"
    yield f"<details><summary>event log</summary>{table(('tick', 'when', 'what', 'detail'), rows[:EVENTS_MAX])}"
    left = len(rows) - EVENTS_MAX
    yield f"{f'<p>... and {left:,} more, all in the capture.</p>' if left > 0 else ''}</details>"


def _spoken(name: str) -> str:
    """Of a test its function in words; any other name as it stands."""
    path, _, function = name.rpartition("::")
    return function.removeprefix("test_").replace("_", " ") if path else name


def coverage_section(listed: Sequence[Requirement], scenarios: set[str]) -> Iterator[str]:
    """What the project shows of each requirement, and which of it these recordings are."""
    rows = []
    for one in listed:
        here = [each.name for each in one.by if each.kind == "scenario" and each.name in scenarios]
        by = "; ".join(f"{each.kind}: {_spoken(each.name)}" for each in one.by)
        status = f"{one.status}; taken over from a document on bedside pumps" if one.transferred else one.status
        rows.append((str(one.number), one.text, status, by or one.remark, one.remark if by else "", ", ".join(here)))
    yield table(("", "requirement", "status", "by", "remark", "recorded here"), rows)
