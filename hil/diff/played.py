"""Plays what a recording tells to a target, and records what that one answers; it compares nothing."""

import tempfile
from pathlib import Path

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun import Act, Rerun, Script
from pumpbench.hil.rig.recording import About, Recording
from pumpbench.hil.targets import Target
from pumpbench.protocol.exchange import Sent
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identified


def played_on(script: Script, target: Target) -> Recorded:
    """The target's own recording, in credits where the script has them. Raises `RigBroken`, `Refusal` or a `LinkError`."""
    with tempfile.TemporaryDirectory(prefix="pumpbench-") as folder:
        path = Path(folder) / "played.pcapng"
        recording = Recording(path, About())
        conversation = Conversation(recording.tapped(target.link))
        bench = Bench(conversation)
        identified = bench.identify()
        tick = 0
        recording.standing = lambda: (tick, conversation.last_seq)
        try:
            whole = {field.name: int(field.default or 0) for field in layout_of(Config).fields} | dict(script.config)
            recording.begin(target.name, "diff", {"target": identified}, whole, script.start)
            tick = start(bench, script, identified, recording)
            for act in script.acts:
                if act.tick > tick and not act.is_grant:
                    bench.run_to(act.tick)
                tick = tell(bench, act, recording)
            tick = bench.run_to(script.end_tick).reached_tick
        finally:
            recording.end("complete")
        return load(path)


def start(bench: Bench, script: Script, identified: Identified, recording: Recording | None = None) -> int:
    """Arms, configures and starts; the tick it starts from. Another state than the start's own is put back."""
    bench.identified = identified
    bench.arm()
    defaults = {field.name: int(field.default or 0) for field in layout_of(Config).fields}
    bench.configure({name: value for name, value in script.config.items() if value != defaults.get(name)})
    tick = bench.reset_to_start(script.start).reached_tick
    begun = Rerun(script).pump
    if script.snapshot is not None and script.snapshot != _start_state(script):
        tick = bench.restore(script.snapshot).reached_tick
    if recording is not None:
        recording.snapshot(tick, begun.snapshot())
    return tick


def tell(bench: Bench, act: Act, recording: Recording) -> int:
    """One act at its tick, to which the target has come; the tick reached. Where a reply is on record one is waited for."""
    conversation = bench.conversation
    if act.is_grant:
        return bench.run_to(act.tick).reached_tick
    if act.fault is not None:
        fault, *arguments = act.fault
        recording.inject(act.tick, fault, (arguments[0], arguments[1], arguments[2]))
        return bench.inject(fault, *arguments).reached_tick
    if act.request.frame is not None and act.request.reply is not None:
        conversation.ask_again(Sent(act.request.frame.head[4], act.wire), act.name)
    else:
        conversation.tell(act.wire)
    return act.tick


def _start_state(script: Script) -> bytes:
    """What the start alone makes."""
    return Rerun(Script(script.config, script.start, None, (), 0, script.in_credits)).pump.snapshot()
