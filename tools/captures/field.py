"""Plays a clinician at firmware that runs by its own clock, in this process: the same frames each time; it judges nothing."""

from pathlib import Path
from typing import Any, Final

from pumpbench.hil.bench import Bench
from pumpbench.hil.capture import CaptureWriter, wide
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Link, Tap, memory_pair
from pumpbench.hil.native import NativeDevice, NativeLibrary
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.programming import Plan
from pumpbench.hil.rig import About, Recording
from pumpbench.hil.rig.recording import LINE, session_header
from pumpbench.hil.scenario.shipped import DEFAULT, load
from pumpbench.protocol.codes import Mode, ProgramSource, Role
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import (
    Bolus,
    Identify,
    ReadAlarms,
    ReadProgram,
    ReadStatus,
    StageProgram,
    Subscribe,
)

PERIOD_TICKS: Final = 7
"""That pass between two looks at the link."""
LOOKS: Final = 100
PROGRAM: Final = StageProgram(
    **{one.name: 0 for one in layout_of(StageProgram).fields}
    | {
        "program_id": 1,
        "mode": Mode.SIMPLE_CONTINUOUS,
        "concentration_ug_per_ml": 500,
        "dose_ng_per_day": 300_000,
        "low_reservoir_nl": 2_000_000,
        "dose_limit_ng": 1_000_000,
        "critical_interval_ticks": 6_000,
    }
)
OTHER: Final = PROGRAM._replace(program_id=2, dose_ng_per_day=240_000)  # type: ignore[attr-defined]
LEADS: Final = (Identify(), ReadProgram(source=ProgramSource.IN_FORCE), ReadStatus())


class FieldPump:
    """Armed and started, then let go: from `disarm` on it runs by the looks at its link."""

    def __init__(self) -> None:
        self.device: NativeDevice = NativeLibrary().device()
        self.free = False
        host, end = memory_pair(LINE)

        def work() -> None:
            sent = self.device.advance(PERIOD_TICKS) if self.free else b""
            if answer := sent + self.device.receive(end.read(0)):
                end.write(answer)

        host.pump = work
        self.link: Link = host
        self.start = load(DEFAULT).start
        self.bench = Bench(Conversation(host))
        self.identified = self.bench.identify()
        self.bench.arm()
        self.bench.reset_to_start(self.start)
        self.bench.disarm()
        self.free = True


def record_free_run(path: Path) -> None:
    """Exact: its start is on record."""
    pump = FieldPump()
    recording = Recording(path, About())
    conversation = Conversation(recording.tapped(pump.link))
    recording.standing = lambda: (0, conversation.last_seq)
    recording.begin("native", "free", {"target": pump.identified}, {}, pump.start, time_mode="free")
    snapshot = pump.device.snapshot()
    recording.snapshot(0, snapshot)
    programmer = _opened(conversation, pump)
    programmer.program(Plan(PROGRAM, confirm_second=True))
    _follow(programmer)
    recording.end("complete")


def record_session(path: Path, anchored: bool) -> None:
    """As from in between, of a pump with a life before."""
    pump = FieldPump()
    before = _opened(Conversation(pump.link), pump, nonce=70)
    before.program(Plan(PROGRAM, confirm_second=True))
    pump.device.advance(3_000)
    before.request(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600))
    before.close()
    pump.device.advance(36_000)
    writer = CaptureWriter(path)
    writer.meta(session_header("pty", "native"))
    conversation = Conversation(Tap(pump.link, writer.sink(writer.add_line(LINE))))
    programmer = _opened(conversation, pump)
    if anchored:
        for message in LEADS:
            programmer.request(message)
        programmer.read_log()
    programmer.program(Plan(OTHER, confirm_second=True))
    last = _follow(programmer)
    told = {"last_tick": wide(last), "last_seq": wide(conversation.last_seq or 0)}
    writer.close(**told)


def _opened(conversation: Conversation, pump: FieldPump, nonce: int = 1) -> Programmer:
    programmer = Programmer(conversation, pump.start.serial, nonce)
    programmer.open(Role.CLINICIAN)
    return programmer


def _follow(programmer: Programmer) -> int:
    """Watches status and telemetry for a while; the tick of the last answer."""
    programmer.request(Subscribe(period_ticks=50))
    for _ in range(LOOKS):
        programmer.request(ReadStatus())
    for message in (ReadProgram(source=ProgramSource.IN_FORCE), ReadAlarms()):
        programmer.request(message)
    reply: Any = programmer.conversation.ask(ReadStatus())
    return int(reply.head[7])
