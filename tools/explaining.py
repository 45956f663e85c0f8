"""Prints why an alarm of a capture sounded and what would have kept it silent; it must not find out anything itself."""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from pumpbench.firmware_emu.alarms import ALARMS
from pumpbench.firmware_emu.guards import Reading
from pumpbench.hil.capture import plain
from pumpbench.hil.explain import Counterfactual, Explained, Explainer, Shown, Sounding, shown_in
from pumpbench.hil.replay.player import start_of
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Alarm, Event, Flag, Role
from pumpbench.protocol.units import unit_of
from pumpbench.tools.called import called
from pumpbench.tools.captured import load_capture
from pumpbench.tools.failure import Failed
from pumpbench.tools.running.event_log import said
from pumpbench.tools.text_table import text_table
from pumpbench.tools.when import Calendar, format_duration

SCHEMA: Final = "pumpbench.explain/2"
LISTED_MAX: Final = 40
ASK: Final = "put it to `replay` or `diff`"


def explain_file(path: Path, which: str | None, in_json: bool) -> int:
    """Findings to stdout, what they come to on stderr. Raises `Failed`."""
    recorded = load_capture(path)
    explainer = Explainer(recorded)
    chosen = _chosen(explainer, which) if not explainer.why_not else []
    on_knob = _tell if sys.stderr.isatty() else None
    explained = [explainer.explain(one, on_knob=on_knob) for one in chosen]
    shown = shown_in(recorded) if explainer.why_not else []
    if in_json:
        click.echo(json.dumps(as_json(path, explainer, explained, shown)))
    else:
        for line in text_table(("alarm", "raised", "off"), [_shown_row(one) for one in shown]):
            click.echo(line)
        for line in _lines(explainer, explained, _calendar(recorded)):
            click.echo(line)
    verdict, reason = _judged(explainer, chosen)
    word, colour = ("EXPLAINED", "green") if verdict is Verdict.PASS else ("INCONCLUSIVE", "yellow")
    click.echo(f"{click.style(word, fg=colour, bold=True)}  {reason}", err=True)
    click.echo(f"  next        {_next(path, explainer, chosen)}", err=True)
    return verdict.exit_code


def _tell(what: str) -> None:
    """A year of therapy takes a second for each value that is tried."""
    click.echo(f"  trying {what}", err=True)


def _chosen(explainer: Explainer, which: str | None) -> list[Sounding]:
    """By number in the list, or by name; the first where nobody says."""
    soundings = explainer.soundings
    if which is None:
        return soundings[:1]
    if which.isdecimal():
        if not soundings:
            raise Failed(f"--alarm {which}: no alarm sounded in this recording; leave --alarm out")
        if not 1 <= int(which) <= len(soundings):
            raise Failed(f"--alarm {which}: the recording has alarms 1 to {len(soundings)}; give one of these, or a name")
        return [soundings[int(which) - 1]]
    names = dict(Alarm.items())
    if which.lower() not in names:
        raise Failed(f"--alarm {which!r}: no alarm of that name; expected a number or one of {', '.join(names)}")
    found = [one for one in soundings if one.alarm == names[which.lower()]]
    if not found:
        raise Failed(f"--alarm {which}: it did not sound; leave --alarm out to see which did")
    return found


def _judged(explainer: Explainer, chosen: list[Sounding]) -> tuple[Verdict, str]:
    if explainer.why_not:
        return Verdict.INCONCLUSIVE, explainer.why_not
    if not chosen:
        if explainer.gaps:
            return Verdict.INCONCLUSIVE, f"no alarm in what is shown, but there are gaps; the first: {explainer.gaps[0]}"
        if explainer.first_difference is not None:
            difference = explainer.first_difference.replayed
            return Verdict.INCONCLUSIVE, f"no alarm in the re-run, which is not the recorded pump: {difference}; {ASK}"
        return Verdict.PASS, "no alarm sounded"
    doubt = next((doubt for one in chosen if (doubt := explainer.doubt(one))), "")
    if doubt:
        return Verdict.INCONCLUSIVE, f"what is said holds for the re-run alone: {doubt}; {ASK}"
    one = chosen[0]
    agreeing = f" ({explainer.digests_agreed:,} digests)" if explainer.digests_agreed else ""
    return Verdict.PASS, f"{Alarm.name_of(one.alarm)} at tick {one.raised_tick}; all that is shown of it agrees{agreeing}"


def as_json(path: Path, explainer: Explainer, explained: list[Explained], shown: list[Shown]) -> dict[str, Any]:
    """`shown`: what the device's own frames show, where nothing can be run again.

    Ticks and values are numbers, but for one beyond 53 bits, which is text.
    """
    verdict, reason = _judged(explainer, [one.sounding for one in explained])
    return {
        "schema": SCHEMA,
        "capture": str(path),
        "verdict": str(verdict),
        "reason": reason,
        "sureness": explainer.sureness,
        "alarms": [_sounding_json(one) for one in explainer.soundings],
        "explained": [_explained_json(one, explainer) for one in explained],
        "shown": [_shown_json(one) for one in shown],
        "gaps": [str(gap) for gap in explainer.gaps],
    }


def _shown_json(one: Shown) -> dict[str, Any]:
    off = None if one.off_tick is None else plain(one.off_tick)
    return {
        "alarm": Alarm.name_of(one.alarm),
        "after_tick": plain(one.after_tick),
        "by_tick": plain(one.by_tick),
        "off_tick": off,
    }


def _shown_row(one: Shown) -> tuple[str, str, str]:
    raised = f"at tick {one.by_tick}" if one.is_exact else f"after tick {one.after_tick}, by tick {one.by_tick}"
    return Alarm.name_of(one.alarm), raised, "not shown" if one.off_tick is None else f"by tick {one.off_tick}"


def _sounding_json(one: Sounding) -> dict[str, Any]:
    return {
        "alarm": Alarm.name_of(one.alarm),
        "raised_tick": plain(one.raised_tick),
        "ended": one.ended,
        "ended_tick": plain(one.ended_tick),
        "silenced": [{"tick": plain(silenced.tick), "by": Role.name_of(silenced.role)} for silenced in one.silenced],
    }


def _explained_json(one: Explained, explainer: Explainer) -> dict[str, Any]:
    def values(readings: tuple[Reading, ...]) -> dict[str, int | str]:
        return {reading.name: plain(reading.value) for reading in readings}

    return _sounding_json(one.sounding) | {
        "class": ALARMS[one.sounding.alarm].alarm_class,
        "condition": one.guard.holds,
        "inputs": list(one.guard.inputs),
        "thresholds": list(one.guard.thresholds),
        "before": values(one.before),
        "at": values(one.at),
        "at_end": values(one.at_end),
        "debounce": one.guard.debounce,
        "latched": one.latched,
        "doubt": explainer.doubt(one.sounding),
        "counterfactuals": [_counterfactual_json(found) for found in one.counterfactuals],
    }


def _counterfactual_json(one: Counterfactual) -> dict[str, Any]:
    return {
        "what": one.what,
        "unit": one.unit,
        "recorded": plain(one.recorded),
        "needed": None if one.needed is None else plain(one.needed),
        "still_sounds": None if one.step_back is None else plain(one.step_back),
        "tried_to": plain(one.tried_to),
    }


def _lines(explainer: Explainer, explained: list[Explained], calendar: Calendar | None) -> Iterator[str]:
    rows = [_row(number, one) for number, one in enumerate(explainer.soundings[:LISTED_MAX], start=1)]
    yield from text_table(("no", "alarm", "raised at tick", "after", "then"), rows, frozenset({0, 2}))
    if len(explainer.soundings) > LISTED_MAX:
        yield f"... and {len(explainer.soundings) - LISTED_MAX} more"
    for one in explained:
        yield ""
        yield from _explanation(one, explainer, calendar)


def _row(number: int, one: Sounding) -> tuple[str, str, str, str, str]:
    then = "still on at the end" if one.ended == "still on" else f"{one.ended} at tick {one.ended_tick}"
    return str(number), Alarm.name_of(one.alarm), str(one.raised_tick), format_duration(one.raised_tick), then


def _explanation(one: Explained, explainer: Explainer, calendar: Calendar | None) -> Iterator[str]:
    sounding, row = one.sounding, ALARMS[one.sounding.alarm]
    date = f", {calendar.said(sounding.raised_tick)} by the bench's count" if calendar else ""
    yield f"{Alarm.name_of(sounding.alarm)} ({row.alarm_class.replace('_', '-')}) at tick {sounding.raised_tick}{date}"
    doubt = explainer.doubt(sounding)
    if doubt:
        yield f"  in doubt    {doubt}"
        yield "              so what follows is of the re-run, not of the recorded pump"
    yield f"  condition   {one.guard.holds}"
    yield from (f"  {line}" for line in _inputs(one))
    yield f"  debounce    {_debounce(one)}"
    led = [f"{Event.name_of(effect.code)} {said(effect)}".rstrip() for effect in one.led_to]
    if led:
        yield f"  same tick   {'; '.join(led)}"
    if one.told_before:
        yield f"  told before {', '.join(f'{name} at {tick}' for tick, name in one.told_before)}"
    yield f"  latch       {one.latched or 'none: it clears with its condition'}"
    kept_on = "" if doubt else ", which does not clear it"
    for silenced in sounding.silenced:
        yield f"  silenced    by the {Role.name_of(silenced.role)} at tick {silenced.tick}{kept_on}"
    if not sounding.silenced:
        yield "  silenced    by nobody"
    yield f"  ended       {_ending(one)}"
    yield from _counterfactuals(one)


def _inputs(one: Explained) -> list[str]:
    rows = []
    for before, at in zip(one.before, one.at, strict=True):
        what = "threshold" if before.name in one.guard.thresholds else "input"
        rows.append((what, before.name, _valued(before), _valued(at), unit_of(before.name)))
    return text_table(("", "what was read", "tick before", "that tick", "unit"), rows, frozenset({2, 3}))


def _valued(reading: Reading) -> str:
    if reading.name == "durable.fault_flags":
        return "+".join(Flag.names_in(reading.value)) or "none"
    return f"{reading.value:,}"


def _debounce(one: Explained) -> str:
    values = {reading.name: reading.value for reading in one.at}
    told = ", ".join(f"{values[name]:,}" for name in one.guard.debounced_by)
    return f"{told} {one.guard.debounce}" if told else one.guard.debounce


def _ending(one: Explained) -> str:
    sounding = one.sounding
    if sounding.ended == "cleared":
        return f"cleared at tick {sounding.ended_tick}, after {format_duration(sounding.ended_tick - sounding.raised_tick)}"
    if sounding.ended == "lost at a reset":
        return f"lost at a reset before tick {sounding.ended_tick}, whose check-point was from before it"
    values = ", ".join(f"{reading.name} {_valued(reading)}" for reading in one.at_end)
    return f"it is still on at the end of the recording: {one.latched or 'its condition holds'} ({values})"


def _counterfactuals(one: Explained) -> Iterator[str]:
    yield "  it would have stayed silent with just one of these otherwise"
    rows = [_counterfactual(found) for found in one.counterfactuals]
    heading = ("what", "recorded", "needed", "still sounds", "unit")
    yield from (f"    {line}" for line in text_table(heading, rows, frozenset({1, 2, 3})))
    if not one.nearest:
        yield "    none in range"


def _counterfactual(one: Counterfactual) -> tuple[str, str, str, str, str]:
    if one.needed is None:
        return one.what, f"{one.recorded:,}", "none in range", f"to {one.tried_to:,}", one.unit
    return one.what, f"{one.recorded:,}", f"{one.needed:,}", f"{one.step_back:,}", one.unit


def _calendar(recorded: Recorded) -> Calendar | None:
    try:
        return Calendar.of(start_of(recorded.header))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _next(path: Path, explainer: Explainer, chosen: list[Sounding]) -> str:
    file = shlex.quote(str(path))
    if explainer.why_not or (chosen and explainer.doubt(chosen[0])):
        return f"{called()} replay {file} --against emulator"
    if not chosen:
        return f"{called()} ledger {file}"
    if len(chosen) < len(explainer.soundings):
        number = explainer.soundings.index(chosen[-1]) + 2
        if number <= len(explainer.soundings):
            return f"{called()} explain {file} --alarm {number}"
    return f"{called()} step {file} --at {chosen[0].raised_tick - 1}t"
