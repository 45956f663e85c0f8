"""Whole therapy requests to the firmware built for this machine, over its pty."""

import statistics
import time
from contextlib import ExitStack

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import Identify, Opened, ReadStatus, Status
from pumpbench.tools.bench.apart import apart
from pumpbench.tools.bench.contender import Round, Setting

REQUESTS = 500
US_PER_NS = 1e-3


def read_status(setting: Setting, stack: ExitStack) -> Round:
    """Encode, write, firmware, read, decode: the median of a round, in us."""
    target = stack.enter_context(NativeTarget())
    conversation = Conversation(target.link)
    programmer = Programmer(conversation, conversation.ask(Identify()).message.serial)
    assert isinstance(programmer.open(Role.CLINICIAN), Opened)

    def once() -> int:
        start = time.perf_counter_ns()
        reply = programmer.request(ReadStatus())
        taken = time.perf_counter_ns() - start
        assert type(reply) is Status
        return taken

    def work() -> float:
        with apart(target.pid):
            return statistics.median(once() for _ in range(setting.count(REQUESTS))) * US_PER_NS

    return work
