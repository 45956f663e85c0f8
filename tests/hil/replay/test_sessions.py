"""Sessions of the field, which no snapshot opens: anchored ones are judged by what was read, observed ones by nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.bench import Bench
from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Tap, memory_pair
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.programming import Plan
from pumpbench.hil.replay import ReplayResult, load, replay_on
from pumpbench.hil.rig.recording import LINE, session_header
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import (
    Bolus,
    Identify,
    ProgramRead,
    ReadLog,
    ReadProgram,
    ReadStatus,
    Refused,
    Subscribe,
)
from tests.hil.pumps import PATIENT, SIMPLE, START, PlantedPump, PlantedTarget

ANCHORS = (Identify(), ReadProgram(source=0), ReadStatus(), ReadLog(from_seq=0))
HARMLESS = (Subscribe(period_ticks=50), *[ReadStatus()] * 20, ReadProgram(source=0))
Acts = Callable[[Programmer], None]


class FieldPump(Device):
    """A pump with a life before the session: programmed, a bolus given, an hour of therapy."""

    def __init__(self) -> None:
        super().__init__()
        self.pump.reset_to_start(START)
        host, end = memory_pair()
        host.pump = lambda: end.write(self.advance(7) + self.receive(end.read(0)))
        self.host = host
        before = Programmer(Conversation(host), START.serial, nonce=70)
        before.open(Role.CLINICIAN)
        before.program(Plan(PATIENT, confirm_second=True))
        self.advance(3_000)
        before.request(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600))
        before.close()
        self.advance(36_000)


def recorded(path: Path, asked: Sequence[Any], then: Acts | None = None) -> Path:
    """A clinician's session at that pump, as a recorder in between sees it."""
    pump = FieldPump()
    writer = CaptureWriter(path)
    writer.meta(session_header("pty", "board"))
    conversation = Conversation(Tap(pump.host, writer.sink(writer.add_line(LINE))))
    programmer = Programmer(conversation, START.serial)
    programmer.open(Role.CLINICIAN)
    for message in asked:
        programmer.request(message)
    if then is not None:
        then(programmer)
    writer.close(last_tick=str(pump.pump.plant.tick), last_seq=str(conversation.last_seq))
    return path


def on(path: Path, pump: Pump | None = None) -> ReplayResult:
    with PlantedTarget(pump or Pump()) as target:
        return replay_on(target, load(path))


def reprograms(programmer: Programmer) -> None:
    made = programmer.program(Plan(SIMPLE, confirm_second=True))
    assert made.committed, made
    for _ in range(100):
        programmer.request(ReadStatus())
    assert isinstance(programmer.request(ReadProgram(source=0)), ProgramRead)


@pytest.mark.parametrize("acts", [None, reprograms])
def test_anchored_session_passes_in_what_was_read(tmp_path: Path, acts: Acts | None) -> None:
    result = on(recorded(tmp_path / "s.pcapng", (*ANCHORS, *HARMLESS), acts))
    assert (result.verdict, result.sureness, result.gaps) == (Verdict.PASS, "anchored", ()), result.reason
    assert "nothing else is judged" in result.reason
    assert result.frames_compared > 20
    assert result.digests_compared == 0


def test_anchored_session_does_not_judge_what_nobody_read(tmp_path: Path) -> None:
    result = on(recorded(tmp_path / "s.pcapng", (*ANCHORS, *HARMLESS)))
    assert result.not_compared["Status.controller_crc"] > 0
    assert result.not_compared["Status.plant_crc"] > 0


def doubles_the_clock(pump: Pump) -> None:
    pump.durable.clock_day_ticks += 1


def test_anchored_session_fails_in_a_field_that_was_read(tmp_path: Path) -> None:
    path = recorded(tmp_path / "s.pcapng", (*ANCHORS, *HARMLESS))
    middle = load(path).requests[15].reply
    assert middle is not None
    result = on(path, PlantedPump(middle.head[7], doubles_the_clock))
    assert result.verdict is Verdict.FAIL, result.reason
    assert result.first_difference is not None
    assert result.first_difference.field == "clock_day_ticks"


def test_anchored_session_is_inconclusive_where_what_nobody_read_decides(tmp_path: Path) -> None:
    """The pump refuses a bolus for doses that were given before anybody listened."""

    def asks_much(programmer: Programmer) -> None:
        assert isinstance(programmer.request(Bolus(dose_ng=700_000, volume_nl=1_400_000, duration_ticks=864_000)), Refused)

    result = on(recorded(tmp_path / "s.pcapng", ANCHORS, asks_much))
    assert (result.verdict, result.differences) == (Verdict.INCONCLUSIVE, ())
    assert "what nobody read decides" in result.reason
    assert "Refused where we got Started" in result.reason


def test_session_is_not_anchored_when_only_a_part_of_the_log_was_read(tmp_path: Path) -> None:
    path = recorded(tmp_path / "s.pcapng", (*ANCHORS[:-1], ReadLog(from_seq=2), *HARMLESS))
    assert on(path).sureness == "observed"


@pytest.mark.parametrize("asked", [(ReadStatus(), *HARMLESS), (ReadProgram(source=0),)])
def test_observed_session_is_played_and_inconclusive(tmp_path: Path, asked: tuple[Any, ...]) -> None:
    result = on(recorded(tmp_path / "s.pcapng", asked))
    assert (result.verdict, result.sureness, result.gaps) == (Verdict.INCONCLUSIVE, "observed", ())
    assert result.reason.startswith("observed: no snapshot opens the recording")


def test_session_that_a_bench_started_is_played_from_that_start(tmp_path: Path) -> None:
    path = tmp_path / "bench.pcapng"
    device = Device()
    host, end = memory_pair()
    host.pump = lambda: end.write(device.receive(end.read(0)))
    writer = CaptureWriter(path)
    writer.meta(session_header("pty", "board"))
    conversation = Conversation(Tap(host, writer.sink(writer.add_line(LINE))))
    bench = Bench(conversation)
    bench.arm()
    bench.configure({"session_timeout_ticks": 5_000})
    bench.reset_to_start(START)
    programmer = Programmer(conversation, START.serial)
    programmer.open(Role.CLINICIAN)
    for tick in (100, 200, 300):
        bench.run_to(tick)
        programmer.request(ReadStatus())
    writer.close(last_tick="300", last_seq=str(conversation.last_seq))
    result = on(path)
    assert (result.verdict, result.sureness, result.gaps, result.ticks) == (Verdict.INCONCLUSIVE, "observed", (), 300)
    assert result.frames_compared > 6
    spoilt = on(path, PlantedPump(150, doubles_the_clock))
    assert spoilt.verdict is Verdict.INCONCLUSIVE
    assert "they differ: tick 200: Status.clock_day_ticks" in spoilt.reason or "Report.controller_crc" in spoilt.reason
