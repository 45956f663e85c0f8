"""Prints the dose account of one capture and what is wrong with it; it must not add anything up itself."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.firmware_emu.account import STEP_PL, DoseAccount
from pumpbench.hil.capture import plain, wide
from pumpbench.hil.ledger import Finding, Ledger, Limit, Place, Readings, ledger_of
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import FluidKind
from pumpbench.protocol.limits import PL_PER_NL, Q_PER_NL
from pumpbench.tools.called import called
from pumpbench.tools.captured import load_capture
from pumpbench.tools.running.summing_up import COLOURS
from pumpbench.tools.text_table import text_table
from pumpbench.tools.when import format_duration

SCHEMA: Final = "pumpbench.ledger/2"
LINES_MAX: Final = 30
PARTS: Final = ("commanded", "delivered", "pending", "cancelled")


def ledger_file(path: Path, in_json: bool) -> int:
    """The account to stdout, the verdict to stderr. Raises `Failed`."""
    ledger = ledger_of(load_capture(path))
    if in_json:
        click.echo(json.dumps(as_json(path, ledger)))
    else:
        for line in _lines(ledger):
            click.echo(line)
    for line in _summed_up(path, ledger):
        click.echo(line, err=True)
    return ledger.verdict.exit_code


def as_json(path: Path, ledger: Ledger) -> dict[str, Any]:
    """Ticks are numbers; amounts in q and pl are text, because they are 64 bits wide."""
    return {
        "schema": SCHEMA,
        "capture": str(path),
        "verdict": str(ledger.verdict),
        "account": ledger.word,
        "reason": ledger.reason,
        "sureness": ledger.sureness,
        "first_tick": plain(ledger.first_tick),
        "last_tick": plain(ledger.last_tick),
        "ticks": plain(ledger.ticks),
        "device": {
            "opened": _account_json(ledger.opened),
            "closed": _account_json(ledger.closed),
            "own_words": ledger.own_words,
            "readings": ledger.readings.by_message,
            "digests_agreed": ledger.readings.digests_agreed,
            "digests_differing": ledger.readings.digests_differing,
            "plant_digests_agreed": ledger.readings.plant_agreed,
            "plant_digests_differing": ledger.readings.plant_differing,
            "steps": ledger.steps,
            "steps_forgotten": ledger.steps_forgotten,
        },
        "plant": _plant_json(ledger),
        "boluses": [
            {
                "tick": plain(one.tick),
                "request_id": one.request_id,
                "kind": FluidKind.name_of(one.kind),
                "volume_nl": one.volume_nl,
            }
            for one in ledger.boluses
        ],
        "limits": [one._asdict() for one in ledger.limits],
        "findings": [_finding_json(one) for one in ledger.findings],
        "gaps": [str(gap) for gap in ledger.gaps],
        "from_emulator": ledger.from_emulator,
    }


def _account_json(account: DoseAccount | None) -> dict[str, str] | None:
    if account is None:
        return None
    return {f"{part}_q": wide(getattr(account, f"{part}_q")) for part in (*PARTS, "acc", "owed")} | {
        "surplus_q": str(account.surplus_q)
    }


def _plant_json(ledger: Ledger) -> dict[str, str] | None:
    now, then, over_pl = ledger.truth, ledger.truth_opened, ledger.over_pl
    if now is None or then is None or over_pl is None:
        return None
    return {
        "pumped_pl": wide(now.pumped_pl - then.pumped_pl),
        "leaked_pl": wide(now.leaked_pl - then.leaked_pl),
        "tip_pl": wide(now.tip_pl - then.tip_pl),
        "over_pl": str(over_pl),
        "reservoir_pl": wide(now.reservoir_pl),
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    def place(one: Place) -> dict[str, Any]:
        return {"tick": plain(one.tick), "seq": one.seq if one.seq >= 0 else None, "message": one.message}

    return {
        "kind": str(finding.kind),
        "amount_q": wide(finding.amount_q),
        "before": place(finding.before),
        "after": place(finding.after),
        "what": finding.what,
    }


def _lines(ledger: Ledger) -> Iterator[str]:
    yield from _account_lines(ledger)
    yield from _plant_lines(ledger)
    rows = [_limit_row(one) for one in ledger.limits]
    yield from text_table(("limit", "most", "bound", "unit", "kept"), rows, frozenset({1, 2}))
    for title, found in (("findings", [_finding_line(one) for one in ledger.findings]), ("gaps", list(map(str, ledger.gaps)))):
        if found:
            yield title
            yield from (f"  {line}" for line in found[:LINES_MAX])
            if len(found) > LINES_MAX:
                yield f"  ... and {len(found) - LINES_MAX} more"


def _account_lines(ledger: Ledger) -> Iterator[str]:
    opened, closed = ledger.opened, ledger.closed
    if opened is None or closed is None:
        yield "device: no frame tells of its account; a programmer's ReadAccount does"
        return
    rows = [_part_row(part, opened, closed) for part in PARTS]
    rows.append(
        ("not accounted for", f"{opened.surplus_q:,}", f"{closed.surplus_q:,}", _in_nl(closed.surplus_q - opened.surplus_q))
    )
    yield from text_table(("device's account, q", "at first", "at last", "meanwhile, nl"), rows, frozenset({1, 2, 3}))
    if ledger.steps_forgotten:
        yield f"  at resets it went back to check-points and forgot {ledger.steps_forgotten:,} steps, which are counted here"


def _part_row(part: str, opened: DoseAccount, closed: DoseAccount) -> tuple[str, str, str, str]:
    first, last = getattr(opened, f"{part}_q"), getattr(closed, f"{part}_q")
    return part, f"{first:,}", f"{last:,}", _in_nl(last - first)


def _plant_lines(ledger: Ledger) -> Iterator[str]:
    now, then, over_pl, steps = ledger.truth, ledger.truth_opened, ledger.over_pl, ledger.steps
    if now is None or then is None or over_pl is None or steps is None:
        yield f"plant: {why_no_truth(ledger)}"
        return
    rows = [
        ("by the steps", _pl_in_nl(steps * STEP_PL)),
        ("left the reservoir", _pl_in_nl(now.pumped_pl - then.pumped_pl)),
        ("leaked on the way", _pl_in_nl(now.leaked_pl - then.leaked_pl)),
        ("left the tip", _pl_in_nl(now.tip_pl - then.tip_pl)),
        (_over_word(over_pl), f"{_pl_in_nl(over_pl)}{_percent(over_pl, steps)}"),
    ]
    yield from text_table(("plant's truth", "nl"), rows, frozenset({1}))


def why_no_truth(ledger: Ledger) -> str:
    """In words, where there is none."""
    found = ledger.readings
    if found.first_plant_differing is None:
        return "not known; only an exact recording whose digests agree with its re-run shows it"
    count = found.plant_agreed + found.plant_differing
    differing = f"{found.plant_differing:,} of {count:,} digests of it differ from the re-run's"
    return f"in doubt; {differing}, the first at tick {found.first_plant_differing.tick}"


def _over_word(over_pl: int) -> str:
    return "OVER-INFUSED" if over_pl > 0 else "UNDER-INFUSED" if over_pl < 0 else "over or under"


def _percent(over_pl: int, steps: int) -> str:
    return f" ({100 * over_pl / (steps * STEP_PL):+.1f} %)" if steps and over_pl else ""


def _limit_row(limit: Limit) -> tuple[str, str, str, str, str]:
    kept = {True: "kept", False: "NOT KEPT", None: "not shown"}[limit.kept]
    return limit.name, f"{limit.most:,}", f"{limit.bound:,}", limit.unit, f"{kept}; {limit.remark}" if limit.remark else kept


def _finding_line(finding: Finding) -> str:
    return f"{finding.kind}: {finding.what}; between {finding.before} and {finding.after}"


def _in_nl(amount_q: int) -> str:
    return f"{amount_q / Q_PER_NL:,.3f}"


def _pl_in_nl(amount_pl: int) -> str:
    return f"{amount_pl / PL_PER_NL:,.3f}"


def _summed_up(path: Path, ledger: Ledger) -> Iterator[str]:
    """The verdict, what stands behind it, and what to type next."""
    yield f"{click.style(ledger.word.upper(), fg=COLOURS[ledger.verdict], bold=True)}  {ledger.reason}"
    readings = ledger.readings
    told = ", ".join(f"{name} {count:,}" for name, count in readings.by_message.items()) or "none"
    digests = f"digests {readings.digests_agreed:,} agree, {readings.digests_differing:,} differ"
    yield f"  readings    {told}; {digests}{_of_plant(readings)}"
    since = f" from tick {ledger.first_tick} on" if ledger.first_tick else ""
    yield f"  covers      {format_duration(ledger.ticks)} ({ledger.ticks:,} ticks){since}; sureness: {ledger.sureness}"
    if ledger.from_emulator:
        yield "  recorded    from the emulator: the re-run repeats it, so only the account itself is a witness"
    yield f"  next        {_next(path, ledger)}"


def _of_plant(readings: Readings) -> str:
    """Nothing where the device did not tell of its plant, or told of all as it is."""
    if not readings.plant_differing:
        return ""
    return f"; the plant's {readings.plant_agreed:,} agree, {readings.plant_differing:,} differ"


def _next(path: Path, ledger: Ledger) -> str:
    file = shlex.quote(str(path))
    if ledger.findings:
        return f"{called()} step {file} --at {ledger.findings[0].before.tick}t"
    if ledger.readings.digests_differing or ledger.readings.plant_differing:
        return f"{called()} replay {file} --against emulator"
    if ledger.verdict is Verdict.PASS:
        return f"{called()} decode {file}"
    return f"{called()} decode {file} --format ndjson"
