"""A session of the field in which one programmer follows another: where the link shows the new one, its numbers begin anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import CaptureWriter
from pumpbench.hil.capture.canonical import canonical
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Tap
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rig.recording import CAME, CONNECTION, LEFT, LINE, session_header
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import Opened, ReadLog, ReadProgram, ReadStatus, Refused
from tests.hil.pumps import START, PlantedTarget
from tests.hil.replay.recordings import Kept, record, records, rewrite
from tests.hil.replay.test_sessions import FieldPump

ANCHORS = (ReadProgram(source=0), ReadStatus(), ReadLog(from_seq=0))
Note = Callable[[str], None]
Host = Callable[[Programmer], None]


def reads(programmer: Programmer) -> None:
    """As `send` does: who it is, a session of its own, what it wants, and leave."""
    programmer.identify()
    assert isinstance(programmer.open(Role.CLINICIAN), Opened)
    for message in (*ANCHORS, *[ReadStatus()] * 5):
        programmer.request(message)
    programmer.close()


def keeps_its_session(programmer: Programmer) -> None:
    programmer.open(Role.CLINICIAN)
    for message in ANCHORS:
        programmer.request(message)


def is_refused(programmer: Programmer) -> None:
    """The session before is open still, and the nonce is another."""
    assert isinstance(Programmer(programmer.conversation, START.serial, nonce=9).open(Role.CLINICIAN), Refused)


def session(path: Path, *hosts: Host, noted: bool) -> Path:
    """Each host anew on the line, and as `record` notes it."""
    pump = FieldPump()
    writer = CaptureWriter(path)
    writer.meta(session_header("pty", "board"))
    line = writer.sink(writer.add_line(LINE))
    last_seq = None
    for host in hosts:
        if noted:
            writer.meta({"record": CONNECTION, "programmer": CAME})
        conversation = Conversation(Tap(pump.host, line))
        host(Programmer(conversation, START.serial))
        last_seq = conversation.last_seq
        if noted:
            writer.meta({"record": CONNECTION, "programmer": LEFT})
    writer.close(last_tick=str(pump.pump.plant.tick), last_seq=str(last_seq))
    return path


def gaps(recorded: Recorded) -> list[str]:
    return [gap.what for gap in recorded.gaps]


@pytest.mark.parametrize("noted", [True, False])
def test_session_of_two_programmers_one_after_the_other_passes_as_that_of_one(noted: bool, tmp_path: Path) -> None:
    recorded = load(session(tmp_path / "s.pcapng", reads, reads, noted=noted))
    assert gaps(recorded) == []
    with PlantedTarget(Pump()) as target:
        result = replay_on(target, recorded)
    assert (result.verdict, result.sureness, result.gaps) == (Verdict.PASS, "anchored", ()), result.reason
    assert result.frames_compared > 6


def test_new_programmer_whose_session_is_refused_is_shown_by_the_record_alone(tmp_path: Path) -> None:
    hosts = (keeps_its_session, is_refused)
    assert gaps(load(session(tmp_path / "noted.pcapng", *hosts, noted=True))) == []
    assert gaps(load(session(tmp_path / "not.pcapng", *hosts, noted=False))) == ["the host's frames jump from 3 to 0"]


def goes_on(programmer: Programmer) -> None:
    """In the session of the one before, whose numbers it does not know."""
    held: Any = programmer.conversation.therapy
    held.session, held._next_id = goes_on.session, 100  # type: ignore[attr-defined]
    programmer.request(ReadStatus())


def test_programmer_that_takes_up_an_open_session_needs_the_record(tmp_path: Path) -> None:
    def first(programmer: Programmer) -> None:
        keeps_its_session(programmer)
        goes_on.session = programmer.conversation.therapy.session  # type: ignore[attr-defined]

    assert gaps(load(session(tmp_path / "noted.pcapng", first, goes_on, noted=True))) == []
    assert gaps(load(session(tmp_path / "not.pcapng", first, goes_on, noted=False))) == ["the host's frames jump from 3 to 0"]


def without(kept: list[Kept], *places: int) -> list[Kept]:
    return [one for at, one in enumerate(kept) if at not in places]


def test_frames_lost_where_no_new_programmer_is_shown_are_a_gap(tmp_path: Path) -> None:
    """Request and reply together, each pair but the first and the last: the device's numbers tell."""
    kept = records(session(tmp_path / "s.pcapng", reads, reads, noted=False))
    for at in range(3, len(kept) - 3, 2):
        found = load(rewrite(tmp_path / "cut.pcapng", without(kept, at, at + 1), last_tick=1 << 30))
        assert any("missing" in gap for gap in gaps(found)), at


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_record_of_a_programmer_that_is_told_twice_is_a_gap(at: int, tmp_path: Path) -> None:
    kept = records(session(tmp_path / "s.pcapng", reads, reads, noted=True))
    place = [place for place, one in enumerate(kept) if b'"connection"' in one.payload][at]
    found = load(rewrite(tmp_path / "twice.pcapng", [*kept[: place + 1], *kept[place:]], last_tick=1 << 30))
    assert len(gaps(found)) == 1
    assert "twice" in gaps(found)[0]


def test_record_of_a_programmer_does_not_belong_into_what_a_rig_recorded(tmp_path: Path) -> None:
    record(tmp_path / "exact.pcapng")
    kept = records(tmp_path / "exact.pcapng")
    came = canonical({"record": CONNECTION, "programmer": CAME})
    for at in range(2, len(kept), len(kept) // 7):
        noted = [*kept[:at], kept[at]._replace(is_meta=True, payload=came), *kept[at:]]
        assert f"a meta record ({CONNECTION}) that does not belong here" in gaps(load(rewrite(tmp_path / "noted.pcapng", noted)))


def test_what_a_programmer_left_unanswered_is_a_gap(tmp_path: Path) -> None:
    kept = records(session(tmp_path / "s.pcapng", reads, reads, noted=True))
    (left,) = [at for at, one in enumerate(kept) if b'"left"' in one.payload][:1]
    found = load(rewrite(tmp_path / "unanswered.pcapng", without(kept, left - 1), last_tick=1 << 30))
    assert "Close has no reply" in gaps(found)
