"""Knows how a verdict is told: what was compared, where the recording lies, what to type next; it must not make one."""

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pumpbench.hil.compare import Difference
from pumpbench.hil.divergence import Divergence
from pumpbench.hil.rig import RigResult, Stamped
from pumpbench.hil.scenario.check import Outcome as Judged
from pumpbench.hil.scenario.shipped import shipped_names
from pumpbench.hil.targets import served_here, served_how
from pumpbench.hil.verdict import Verdict
from pumpbench.hil.wire.text import wire_toml
from pumpbench.protocol.codes import Event
from pumpbench.tools import doctor
from pumpbench.tools.called import called
from pumpbench.tools.running.event_log import said
from pumpbench.tools.running.outcome import Outcome
from pumpbench.tools.text_table import text_table
from pumpbench.tools.when import format_duration

COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow", Verdict.ERROR: "red"}
RESENT, WAITED = "resent", "waited"
NO_WIRE = "it fails on a good wire, too"
LINES_MAX = 30
"""Differing fields and requests that are shown; the recording has them all."""


def summed_up(outcome: Outcome) -> Iterator[str]:
    """The verdict and everything a reader needs to trust it or go on, a line each."""
    verdict, reason = outcome.judged
    word = "INTERRUPTED" if outcome.interrupted else str(verdict).upper()
    yield f"{click.style(word, fg=COLOURS[verdict], bold=True)}  {reason}"
    if outcome.fallback:
        yield _row("instead", f"{outcome.fallback}; so the emulator stood in, which proves the link only")
    if served_here(outcome.target):
        yield _row("usb", f"{served_how(outcome.target)} took part")
    yield from _compared(outcome)
    if outcome.rig is not None and outcome.rig.first_difference is not None:
        yield from _difference(outcome.rig.first_difference, outcome.rig.divergence)
        yield from _effects(outcome.events, outcome.rig.divergence)
    yield from _reduced(outcome)
    if outcome.capture is not None:
        yield _row("capture", str(outcome.capture))
        yield _row("events", str(outcome.event_log))
    yield _row("next", next_command(outcome))


def next_command(outcome: Outcome) -> str:
    """What to type now."""
    if outcome.crash or (outcome.hangs and outcome.capture is not None):
        return f"{called()} step {_file(outcome)} --at {outcome.ticks}t"
    if outcome.not_on_record:
        return f"{called()} decode {shlex.quote(outcome.target.partition(':')[2])}"
    if outcome.problem:
        return f"{called()} doctor {shlex.quote(outcome.target)}"
    if outcome.interrupted and outcome.capture is None:
        return f"{called()} run {_file(outcome)}"
    rig = outcome.rig
    if rig is not None and rig.first_difference is not None:
        return f"{called()} step {_file(outcome)} --at {_place(rig)}t"
    if outcome.result is not None and outcome.result.verdict is Verdict.FAIL:
        return f"{called()} step {_file(outcome)} --at {format_duration(_missed_tick(outcome)).replace(' ', '')}"
    if outcome.fallback:
        return _cure()
    if rig is not None and rig.compares and rig.independent and outcome.verdict is Verdict.PASS:
        return f"{called()} replay {_file(outcome)} --against emulator"
    return f"{called()} decode {_file(outcome)}"


def _reduced(outcome: Outcome) -> Iterator[str]:
    """The shortest wire that still fails, and what brings it back."""
    if outcome.wire is None or outcome.shortest is None or outcome.wire_file is None:
        return
    left, whole = len(outcome.shortest.faults), "" if outcome.reduced_whole else "; time ran out, it may go on"
    yield _row("reduced", f"{len(outcome.wire.faults)} faults of the wire to {left}{whole}" if left else NO_WIRE)
    yield from (f"    {line}" for line in _at_most(wire_toml(outcome.shortest).splitlines()))
    flags = f"--target {outcome.target} --topology {outcome.topology} --seed {outcome.seed}"
    flags += "" if outcome.rotor_follow else " --no-rotor-follow"
    again = (
        f"run {shlex.quote(outcome.scenario.source.removesuffix('.toml'))} {flags} --wire {shlex.quote(str(outcome.wire_file))}"
    )
    yield _row("again", f"{called()} {again}")


def _missed_tick(outcome: Outcome) -> int:
    """Where the miss shows that the verdict names."""
    missed = outcome.result.of(Judged.MISSED) if outcome.result is not None else []
    return outcome.ticks if not missed or missed[0].tick is None else missed[0].tick


def _cure() -> str:
    """What lets the firmware be built here."""
    looked_at = (doctor.program(os.environ.get("CC", "cc"), doctor.COMPILER_CURE), doctor.program("make", "apt install make"))
    return next((finding.cure for finding in looked_at if finding.cure), f"{called()} doctor")


def _file(outcome: Outcome) -> str:
    return shlex.quote(str(outcome.capture or _scenario(outcome.scenario.source)))


def _scenario(source: str) -> str:
    """As it is typed: what comes with pumpbench goes by its name, without the ending."""
    name = source.removesuffix(".toml")
    return name if name in shipped_names() and not Path(source).exists() else source


def _place(rig: RigResult) -> int:
    """The tick before which nothing differs."""
    found = rig.divergence
    if isinstance(found, Divergence) and found.place is not None:
        return max(0, found.place.tick - (found.place.act is None))
    return rig.first_difference.tick if rig.first_difference is not None else 0


def _compared(outcome: Outcome) -> Iterator[str]:
    rig, result = outcome.rig, outcome.result
    if rig is None or result is None:
        if outcome.ticks:
            yield _row("ran", f"{format_duration(outcome.ticks)} ({outcome.ticks:,} ticks)")
        return
    ran = f"{format_duration(rig.ticks)} ({rig.ticks:,} ticks) in {outcome.wall_s:.1f} s, {outcome.speedup:,.0f} x real time"
    yield _row("ran", ran)
    if rig.compares:
        who = "two implementations" if rig.independent else "the link only"
        what = f"{rig.digests_compared:,} digests, {rig.effects_compared:,} effects, {rig.frames_compared:,} frames"
        what += ", no difference" if rig.first_difference is None else ""
        yield _row("compared", f"{who}: {what}")
    yield _row("ticked", f"{rig.dense_ticks:,} one by one in {rig.credits:,} credits; the reference leapt {rig.leaps:,} times")
    yield _row("expected", result.reason)
    yield from (_row("masked", f"{name} {count} times") for name, count in rig.masked.items())
    listed = ", ".join(f"{name} ({count})" for name, count in rig.fields_not_compared.items())
    if listed:
        yield _row("not judged", f"{listed}: these name a device or its link")
    if rig.measured is not None:
        seen = rig.measured
        trips = f"round trip {seen.rtt_p50_us / 1000:.2f} ms (p50), {seen.rtt_p99_us / 1000:.2f} ms (p99)"
        late = f", up to {seen.late_ms} ms behind the speed asked for" if seen.late_ms else ""
        if seen.reconnected_count:
            yield _row("link", f"it went away and came back, {seen.reconnected_count} times")
        yield _row("rig", f"{trips}, longest wait {seen.stall_ms} ms, {seen.resent_count} sent again{late}")
    if rig.wire:
        acted = ", ".join(f"{count} {kind}" for kind, count in rig.wire.items() if kind not in (RESENT, WAITED))
        waited = f", waited {rig.wire[WAITED]} times for a session of nobody's" if rig.wire[WAITED] else ""
        yield _row("wire", f"{acted or 'no fault acted'}; the programmer asked {rig.wire[RESENT]} times again{waited}")
    if rig.retries or rig.bad_frames:
        yield _row("link", f"{rig.retries} requests sent again, {rig.bad_frames} bad frames")


def _difference(first: Difference, found: object) -> Iterator[str]:
    yield _row("noticed", str(first))
    if not isinstance(found, Divergence):
        yield _row("search", "not possible: the target cannot be put back into a state (level l3)")
        return
    yield _row("agreed", f"last at tick {found.agreed_tick} ({format_duration(found.agreed_tick)})")
    yield _row("found", str(found))
    if found.difference is not None:
        yield _row("there", str(found.difference))
    yield from _fields(found)
    acts = [f"{act.tick:>12}  {act.name}" for act in found.requests]
    if acts:
        yield "  told since:"
        yield from (f"    {line}" for line in _at_most(acts))


def _fields(found: Divergence) -> Iterator[str]:
    if not found.fields:
        return
    rows = [
        (field.name, *(f"{one} | {other}" for one, other in zip(field.theirs, field.ours, strict=True)), field.unit)
        for field in found.fields
    ]
    yield "  fields that differ, target | reference:"
    yield from (f"    {line}" for line in _at_most(text_table(("", *found.moments, ""), rows)))


def _effects(events: Sequence[Stamped], found: object) -> Iterator[str]:
    """Effects are no state: where one side alone has one, no field tells, so the reference's own are shown."""
    since = found.agreed_tick if isinstance(found, Divergence) else 0
    lines = [f"{one.tick:>12}  {Event.name_of(one.code)} {said(one)}".rstrip() for one in events if one.tick > since]
    if lines:
        yield "  effects of the reference since:"
        yield from (f"    {line}" for line in _at_most(lines))


def _at_most(lines: list[str]) -> list[str]:
    left = len(lines) - LINES_MAX
    return lines if left <= 0 else [*lines[:LINES_MAX], f"... and {left} more"]


def _row(name: str, text: str) -> str:
    return f"  {name:<11} {text}"
