"""Runs in a guest, as a programmer there: a change of program over another while the cable may be pulled; it judges nothing."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import must
from pumpbench.hil.links import LinkError, ReconnectingLink
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.rig import TwinRig
from pumpbench.hil.targets import Access, open_target
from pumpbench.protocol.codes import ProgramSource, Role
from pumpbench.protocol.messages import Identify, ReadProgram, ReadStatus
from tests.hil.pumps import PATIENT, SIMPLE, START, treat

READY, GO = Path("/tmp/ready"), Path("/tmp/go")
PATIENCE_S = 30.0


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            sys.exit("waited in vain")
        time.sleep(0.002)


def main() -> None:
    """Its arguments: `through`, `lost` or `look`, and the target. Prints one line of JSON."""
    what, target = sys.argv[1:]
    print(json.dumps({"through": through, "lost": lost, "look": look}[what](target)))


def through(target: str) -> dict[str, Any]:
    """A pump that is put back in time: how both twins came through, and how often the link came back."""
    with TwinRig(open_target(target), 1) as rig:
        begin(rig)
        treat(rig, PATIENT)
        program = rig.therapy(ReadProgram(source=ProgramSource.IN_FORCE), role=Role.CLINICIAN)
        rig.run_to(rig.tick + 10_000)
        link = rig.target.link
        assert isinstance(link, ReconnectingLink)
        result = rig.finish()
        return {
            "verdict": result.verdict.name, "judged": result.judged[1], "patient_count": program.patient_count,
            "reconnected": link.reconnected_count,
        }  # fmt: skip


def lost(target: str) -> dict[str, Any]:
    """A pump that may not come back: by what name the run ended."""
    try:
        with TwinRig(open_target(target, access=Access(reconnect=False)), 1) as rig:
            begin(rig)
            treat(rig, PATIENT)
    except LinkError as problem:
        return {"error": type(problem).__name__, "line": str(problem)}
    return {"error": ""}


def begin(rig: TwinRig) -> None:
    """As far as where the cable may be pulled, and on from there when whoever pulls it is ready."""
    rig.start({}, START)
    treat(rig, SIMPLE)
    READY.touch()
    wait_until(GO.exists)


def look(target: str) -> dict[str, Any]:
    """What became of the pump, once its update ended one way or the other."""
    with open_target(target) as opened:
        conversation = Conversation(opened.link)
        bench = Bench(conversation)
        bench.arm()
        # By then the session of who was cut off has ended, as has every stage of an update.
        bench.run_to(conversation.ask(Identify()).header.tick + Config().session_timeout_ticks)
        programmer = Programmer(conversation, START.serial, nonce=1000)
        must(programmer.open(Role.CLINICIAN))
        status = programmer.request(ReadStatus())
        program = programmer.request(ReadProgram(source=ProgramSource.IN_FORCE))
        return {"therapy_state": status.therapy_state, "stage": status.update_stage, "patient_count": program.patient_count}
