"""Finds the levers of a guard in a script: which act or field each is here, and what script a turn of it makes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.guards import UP, Guard, Lever
from pumpbench.hil.explain.book import Sounding
from pumpbench.hil.rerun import Act, Rerun, Script
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Refused, ResetToStart
from pumpbench.protocol.units import unit_of

ARGUMENT_MAX: Final = 0xFFFF_FFFF
FAULT_UNITS: Final = {
    ("battery_charge", "arg_0"): "ppm", ("battery_resistance", "arg_0"): "mohm", ("battery_resistance", "arg_1"): "mohm/day",
    ("memory_flip", "arg_0"): "word", ("memory_flip", "arg_1"): "mask", ("power_cut", "arg_0"): "words",
    ("rotor", "arg_2"): "steps", ("field", "arg_1"): "ticks",
}  # fmt: skip


class Knob(NamedTuple):
    """A lever at hand. `made(value)` is the whole script with that one value; `end` is as far as it can be turned."""

    lever: Lever
    what: str
    unit: str
    recorded: int
    end: int
    made: Callable[[int], Script]
    landmarks: tuple[int, ...] = ()
    """Values worth trying on the way, where what prevents may lie in a narrow stretch."""


def knobs_of(guard: Guard, script: Script, sounding: Sounding) -> Iterator[Knob]:
    """Those levers that this run has."""
    plain = without_grants(script)
    for lever in guard.levers:
        found = _FINDERS[lever.source](lever, plain, sounding)
        if found is not None:
            yield found


def without_grants(script: Script) -> Script:
    """The same run: time is granted up to each act. A snapshot that the start makes by itself is left to the start."""
    begun = Script(script.config, script.start, None, (), 0, script.in_credits)
    own = script.snapshot is None or script.snapshot == Rerun(begun).pump.snapshot()
    acts = tuple(act for act in script.acts if not act.is_grant)
    return replace(script, acts=acts, snapshot=None if own else script.snapshot)


def _config(lever: Lever, script: Script, _: Sounding) -> Knob | None:
    declared = next(field for field in layout_of(Config).fields if field.name == lever.field)
    recorded = script.config.get(lever.field, declared.default or 0)

    def made(value: int) -> Script:
        snapshot = script.snapshot
        if snapshot is not None:
            size = layout_of(Config).size
            config = Config.from_bytes(snapshot[:size])
            setattr(config, lever.field, value)
            snapshot = config.to_bytes() + snapshot[size:]
        return replace(script, config={**script.config, lever.field: value}, snapshot=snapshot)

    end = declared.hi if lever.towards == UP else declared.lo
    return Knob(lever, f"configuration {lever.field}", unit_of(lever.field), recorded, end, made)


def _start(lever: Lever, script: Script, _: Sounding) -> Knob | None:
    """Of a recording that begins in mid-life the start is a snapshot, which has no such field to turn."""
    if script.snapshot is not None:
        return None
    declared = next(field for field in layout_of(ResetToStart).fields if field.name == lever.field)
    recorded = getattr(script.start, lever.field)
    if lever.field == "charge_nc" and recorded == 0:
        return None  # full already

    def made(value: int) -> Script:
        return replace(script, start=script.start._replace(**{lever.field: value}))  # type: ignore[attr-defined]

    end = declared.hi if lever.towards == UP else declared.lo
    return Knob(lever, f"start {lever.field}", unit_of(lever.field), recorded, end, made)


def _request(lever: Lever, script: Script, sounding: Sounding) -> Knob | None:
    at = _last_before(script, lever.of, sounding.raised_tick)
    if at is None:
        return None
    act = script.acts[at]
    declared = next(field for field in layout_of(type(act.message)).fields if field.name == lever.field)

    def made(value: int) -> Script:
        return _with(script, at, replace(act, instead=act.message._replace(**{lever.field: value})))

    end = declared.hi if lever.towards == UP else declared.lo
    what = f"{lever.of}.{lever.field} at tick {act.tick}"
    return Knob(lever, what, unit_of(lever.field), getattr(act.message, lever.field), end, made)


def _fault(lever: Lever, script: Script, sounding: Sounding) -> Knob | None:
    at = _last_before(script, f"inject {lever.of}", sounding.raised_tick)
    if at is None:
        return None
    act, place = script.acts[at], 1 + int(lever.field.removeprefix("arg_"))
    assert act.fault is not None
    recorded = act.fault[place]

    def made(value: int) -> Script:
        assert act.fault is not None
        fault, arg_0, arg_1, arg_2 = (value if index == place else one for index, one in enumerate(act.fault))
        return _with(script, at, replace(act, fault=(fault, arg_0, arg_1, arg_2)))

    unit = FAULT_UNITS.get((lever.of, lever.field), "")
    what = f"fault {lever.of}, {unit or lever.field}, at tick {act.tick}"
    return Knob(lever, what, unit, recorded, ARGUMENT_MAX if lever.towards == UP else 0, made)


def _earlier(lever: Lever, script: Script, sounding: Sounding) -> Knob | None:
    """What ended it, or might have, sooner: with everything that was done at that tick."""
    after = (at for at, act in enumerate(script.acts) if act.tick >= sounding.raised_tick and _is(act, lever.of))
    at = next(after, None)
    if at is None or script.acts[at].tick > sounding.ended_tick:
        return None
    # After what brought it about, and before it sounded.
    cause = _last_before(script, lever.of, sounding.raised_tick)
    end = 0 if cause is None else script.acts[cause].tick
    return _moved(lever, script, at, end, "sooner")._replace(landmarks=(sounding.raised_tick - 1,))


def _later(lever: Lever, script: Script, sounding: Sounding) -> Knob | None:
    at = _last_before(script, lever.of, sounding.raised_tick)
    return None if at is None else _moved(lever, script, at, sounding.span[1], "later")


def _moved(lever: Lever, script: Script, at: int, end: int, word: str) -> Knob:
    tick = script.acts[at].tick
    group = [act for act in script.acts if act.tick == tick]

    def made(value: int) -> Script:
        if value == tick:
            return script
        others = [act for act in script.acts if act.tick != tick]
        # Behind what is done there already, since sorting keeps the order of equals.
        acts = sorted([*others, *(replace(act, tick=value) for act in group)], key=lambda act: act.tick)
        return replace(script, acts=tuple(acts))

    return Knob(lever, f"{script.acts[at].name} of tick {tick}, {word}", "tick", tick, end, made)


def _last_before(script: Script, name: str, tick: int) -> int | None:
    """The last act of that name before a tick that the pump took."""
    before = [at for at, act in enumerate(script.acts) if act.tick < tick and _is(act, name) and _was_taken(act)]
    return before[-1] if before else None


def _is(act: Act, name: str) -> bool:
    return act.name in (name, f"inject {name}")


def _was_taken(act: Act) -> bool:
    return act.request.reply is None or not isinstance(act.request.reply.message, Refused)


def _with(script: Script, at: int, act: Act) -> Script:
    return replace(script, acts=(*script.acts[:at], act, *script.acts[at + 1 :]))


_FINDERS: Final[dict[str, Callable[[Lever, Script, Sounding], Knob | None]]] = {
    "config": _config, "start": _start, "request": _request, "fault": _fault, "earlier": _earlier, "later": _later,
}  # fmt: skip
