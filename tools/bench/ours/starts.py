"""How long a person waits: for help, and for the first frame of an emulated pump."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import SerialLink
from pumpbench.hil.programmer import Programmer
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import Identify, Opened, Subscribe, Telemetry
from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.starting import environment, started, starts

COMMAND = Path(sys.executable).with_name("pumpbench")
PERIOD_TICKS = 1


def help_text(setting: Setting, stack: ExitStack) -> Round:
    return starts(setting, COMMAND, "--help")


def first_telemetry(setting: Setting, stack: ExitStack) -> Round:
    """From the start of `pumpbench emulate` to the first telemetry that a programmer reads: start, open, subscribe, one tick."""
    settled = environment(setting)
    return started(lambda: _first_telemetry(settled))


def _first_telemetry(settled: dict[str, str]) -> None:
    process = subprocess.Popen(
        [COMMAND, "emulate"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=settled
    )  # fmt: skip
    try:
        assert process.stdout is not None
        conversation = Conversation(SerialLink(process.stdout.readline().strip()))
        _subscribe(conversation)
        while not any(type(frame.message) is Telemetry for frame in conversation.unasked):
            conversation.collect(1)
        conversation.close()
    finally:
        process.terminate()
        process.communicate()


def _subscribe(conversation: Conversation) -> None:
    programmer = Programmer(conversation, conversation.ask(Identify()).message.serial)
    opened = programmer.open(Role.CLINICIAN)
    assert isinstance(opened, Opened), opened
    programmer.request(Subscribe(period_ticks=PERIOD_TICKS))
