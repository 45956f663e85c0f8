"""The very tick in which two sides part, where the emulator can stand for one and a live target for the other."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.bench import Bench
from pumpbench.hil.compare import Comparer
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.diff.book import Cause
from pumpbench.hil.diff.played import start
from pumpbench.hil.divergence import Agreed, Divergence, find
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun import Rerun, Script, script_of
from pumpbench.hil.targets import Target
from pumpbench.hil.twin import Diverged, TwinConversation
from pumpbench.protocol.codes import CrcBuild, Level
from pumpbench.protocol.exchange import Sent
from pumpbench.protocol.messages import Report, Status

EMULATOR = "emulator"
NATIVE = "native"


class Exact(NamedTuple):
    """A divergence, its values first A's and then B's as `names` says; or why there is none."""

    divergence: Divergence | None = None
    names: tuple[str, str] = ("", "")
    why_not: str = ""


def exact_of(a: Recorded, b: Recorded, cause: Cause, opener: Callable[[str], Target], live: Target | None) -> Exact:
    """Runs whoever is not the emulator in lockstep with it, along A's script. A finding outside the cause's bounds is none."""
    one, other = _engine(a), _engine(b)
    if live is not None:
        other = live.name if live.independent else EMULATOR
    if one is None or other is None or EMULATOR not in (one, other) or one == other:
        why = f"A can be run again on {one or 'nothing here'}, B on {other or 'nothing here'}; it takes the emulator and another"
        return Exact(why_not=why)
    name = other if one == EMULATOR else one
    try:
        script = script_of(a)
        recorded = a if one == EMULATOR else b if live is None else None
        if recorded is not None and not _repeats(recorded, cause.agreed_tick):
            return Exact(why_not="the emulator of this build does not repeat what was recorded of one")
        if live is not None and name == live.name:
            found = _lockstep(script, live)
        else:
            with opener(name) as target:
                if name == NATIVE and not _is_build(a if one == NATIVE else b, target):
                    return Exact(why_not="the firmware that was recorded is not the one that is built here")
                found = _lockstep(script, target)
    except (RigBroken, LinkError, ValueError) as problem:
        return Exact(why_not=f"it could not be run again ({problem})")
    if found is None or found.place is None:
        return Exact(why_not="run again, the two agree: what differed does not come about a second time")
    if not cause.agreed_tick <= found.place.tick <= cause.first.tick:
        return Exact(why_not=f"run again, they part at tick {found.place.tick}, which is not what was recorded")
    if one == EMULATOR:
        found = _turned(found)
    return Exact(found, (one, other))


def _engine(recorded: Recorded) -> str | None:
    """Who can stand for what was recorded, by what the recording says of its builds."""
    try:
        told = (recorded.header or {})["builds"]["target"]
        if told["crc_build"] in (CrcBuild.PYTHON, CrcBuild.EXTENSION):
            # A planted emulator is the reference no more: it calls itself otherwise.
            return EMULATOR if (recorded.header or {}).get("target") == EMULATOR else None
        return NATIVE
    except (KeyError, TypeError, IndexError):
        return None


def _repeats(recorded: Recorded, until_tick: int) -> bool:
    """Whether every digest on record up to a tick is that of a re-run."""
    run = Rerun(script_of(recorded))
    for act in run.script.acts:
        if act.tick > until_tick:
            break
        run.tell(act)
        said = None if act.request.reply is None else act.request.reply.message
        if isinstance(said, Report | Status):
            controller_crc, plant_crc, memory_crc = run.pump.digests()
            due = controller_crc, 0 if recorded.plant_outside else plant_crc, memory_crc
            if (said.controller_crc, said.plant_crc, said.memory_crc) != due:
                return False
    return True


def _is_build(recorded: Recorded, target: Target) -> bool:
    told = (recorded.header or {})["builds"]["target"]["build_id"]
    return str(Bench(Conversation(target.link)).identify().build_id) == str(told)


def _lockstep(script: Script, target: Target) -> Divergence | None:
    """In the twin's own words `theirs` is the target. None where both agree to the end, or digests cannot be compared."""
    identified = Bench(Conversation(target.link)).identify()
    if identified.level < Level.L3:
        return None
    twin = TwinConversation(target.link, Device(build_id=identified.build_id), Comparer())
    bench = Bench(twin)
    agreed: Agreed | None = None
    with contextlib.suppress(Diverged):
        start(bench, script, identified)
        twin.alike = True
        for act in (*script.acts, None):
            bench.run_to(script.end_tick if act is None else act.tick)
            agreed = Agreed(twin.reference.pump.plant.tick, twin.reference.pump.snapshot())
            twin.told.clear()
            if act is None or act.is_grant:
                continue
            if act.fault is not None:
                bench.inject(*act.fault)
            elif act.request.frame is None:
                twin.tell(act.wire)
            else:
                twin.ask_again(Sent(act.request.frame.head[4], act.wire), act.name)
            bench.run_to(act.tick)
        twin.settle()
    if twin.difference is None or agreed is None:
        return None
    return find(twin, agreed, list(twin.told), twin.reference.pump.plant.tick)


def _turned(found: Divergence) -> Divergence:
    """The same with the emulator's values first."""
    return replace(found, fields=tuple(one._replace(theirs=one.ours, ours=one.theirs) for one in found.fields))
