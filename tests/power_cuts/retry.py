"""Knows what a host does that lost power around a request that moves fluid: it asks again; and what that may bring at most."""

from collections.abc import Iterator
from typing import Any

from pumpbench.protocol.codes import FluidOutcome, Refusal
from pumpbench.protocol.limits import STEP_NL
from pumpbench.protocol.messages import AlreadyStarted, Opened, ReadStatus, Refused, Started
from tests.power_cuts.victim import State, Victim

AFTER_TICKS = 3_200
"""Longer than any bolus of the stories."""
Q_PER_NL = 864_000
# After a reset the lockout runs and the 24 h count is full.
BARRED = (Refusal.LOCKOUT, Refusal.DAILY_MAXIMUM)


def broken(victim: Victim, start: State, before: State, booted: State, fluid: Any) -> Iterator[str]:
    """Every law that the repeated request breaks. `start`: before the fluid was asked for the first time."""
    victim.put(booted)
    stale = victim.ask(ReadStatus())
    if not isinstance(stale, Refused) or stale.refusal != Refusal.SESSION_UNKNOWN:
        yield f"old session heard: {stale}"
    opened = victim.open(nonce=99)
    if not isinstance(opened, Opened):
        yield f"no new session: {opened}"
        return
    reply = victim.ask(fluid, request_id=_id_of(before))
    yield from _answer(reply, start, booted)
    victim.pass_ticks(AFTER_TICKS)
    yield from _dose(start, victim.state())


def _id_of(before: State) -> int:
    """Of the request that moves fluid: the one that runs, or the next, which is the act."""
    running = before.therapy_id in before.parts["durable"].fluid_id
    return before.therapy_id if running else before.therapy_id + 1


def _answer(reply: Any, start: State, booted: State) -> Iterator[str]:
    """A request that is remembered is told of and not carried out again."""
    known = start.parts["durable"].fluid_highest_id < booted.parts["durable"].fluid_highest_id
    if known != isinstance(reply, AlreadyStarted):
        barred = isinstance(reply, Refused) and reply.refusal in BARRED
        if known or not (barred or isinstance(reply, Started)):
            yield f"repeated request: {'remembered' if known else 'not remembered'}, and answered {reply}"
    elif known:
        told_nl, flowed_nl = reply.delivered_nl + _basal_nl(start, booted) + STEP_NL, _pumped_nl(start, booted)
        if reply.outcome == FluidOutcome.INTERRUPTED and told_nl < flowed_nl:
            yield f"delivered untold: {reply.delivered_nl} nl of the bolus are told of; {flowed_nl} nl flowed in all"


def _dose(start: State, end: State) -> Iterator[str]:
    """What left the reservoir is at most the basal rate and the bolus, once."""
    most_nl = _basal_nl(start, end) + _volume_nl(end) + STEP_NL
    if _pumped_nl(start, end) > most_nl:
        yield f"double dose: {_pumped_nl(start, end)} nl flowed, at most {most_nl} nl were asked for"


def _volume_nl(end: State) -> int:
    """Of the one bolus that any story asks for."""
    return int(max(end.parts["durable"].fluid_volume_nl))


def _basal_nl(start: State, end: State) -> int:
    program, ticks = start.parts["program"], end.parts["plant"].tick - start.parts["plant"].tick
    rate_q = program.dose_ng_per_day * 1000 // program.concentration_ug_per_ml
    return int(rate_q * ticks // Q_PER_NL)


def _pumped_nl(start: State, end: State) -> int:
    return int(end.parts["plant"].pumped_pl - start.parts["plant"].pumped_pl) // 1000
