"""The laws of a recorder: bytes pass unchanged, each is in one record, what was asked stands before its answer."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.between import Recorder
from pumpbench.hil.between.journal import Journal
from pumpbench.hil.capture import Record, read, verify
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction, Link, LinkLost, LinkStalled, SerialLink, TcpLink, memory_pair
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.replay import load
from pumpbench.hil.replay.replay import header_gaps, sureness_of
from pumpbench.hil.rig.recording import CONNECTION
from pumpbench.hil.serve import Server
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import ReadLog, ReadProgram, ReadStatus
from tests.support import effort, wait_until

ENDS = ("pty", "emulator")
Said = list[tuple[Direction, bytes]]


def recorded(path: Path, direction: Direction) -> bytes:
    """Every byte on record that passed in one direction."""
    items = [item for item in read(path) if isinstance(item, Record) and not item.is_meta]
    return b"".join(item.payload for item in items if item.direction == direction)


def taken(link: Link, count: int) -> bytes:
    """As many bytes as that from a link, waiting for them."""
    got = bytearray()

    def whole() -> bool:
        got.extend(link.read(0.01))
        return len(got) >= count

    wait_until(whole, f"{count} bytes")
    return bytes(got)


@settings(max_examples=effort(10, 200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.tuples(st.sampled_from([INBOUND, OUTBOUND]), st.binary(min_size=1, max_size=300)), max_size=20))
def test_recorder_passes_and_records_every_byte_once(said: Said, tmp_path: Path) -> None:
    programmer, at_programmer = memory_pair("programmer")
    at_pump, pump = memory_pair("pump")
    path = tmp_path / "session.pcapng"
    with Recorder(at_programmer, at_pump, path, ENDS, force=True) as recorder:
        recorder.start()
        for direction, data in said:
            (programmer if direction == OUTBOUND else pump).write(data)
        sent = {way: b"".join(data for direction, data in said if direction == way) for way in (INBOUND, OUTBOUND)}
        assert taken(pump, len(sent[OUTBOUND])) == sent[OUTBOUND]
        assert taken(programmer, len(sent[INBOUND])) == sent[INBOUND]
    assert {way: recorded(path, way) for way in (INBOUND, OUTBOUND)} == sent
    assert verify(path).whole


def session(tmp_path: Path, *asked: object) -> Path:
    """What a programmer asked of a pump that runs by its own clock, recorded in between."""
    programmer, at_programmer = memory_pair("programmer")
    at_pump, pump = memory_pair("pump")
    server = Server(Device(), pump, speed=100)  # type: ignore[arg-type]
    serving = threading.Thread(target=server.run)
    serving.start()
    path = tmp_path / "session.pcapng"
    with Recorder(at_programmer, at_pump, path, ENDS) as recorder:
        recorder.start()
        talk = Programmer(Conversation(programmer), 1)
        talk.open(Role.CLINICIAN)
        for message in asked:
            talk.request(message)
        server.stop()
        serving.join()
    return path


@pytest.mark.parametrize(
    ("asked", "sureness"),
    [
        ((ReadProgram(source=0), ReadStatus(), ReadLog(from_seq=0)), "anchored"),
        ((ReadStatus(), ReadStatus()), "observed"),
    ],
)
def test_session_is_as_sure_as_what_its_programmer_read_first(asked: tuple[object, ...], sureness: str, tmp_path: Path) -> None:
    found = load(session(tmp_path, *asked))
    assert (sureness_of(found), found.gaps, header_gaps(found.header)) == (sureness, [], [])
    assert [request.reply is not None for request in found.requests] == [True] * (len(asked) + 1)


def test_answer_that_overtakes_the_end_of_its_question_stands_behind_it() -> None:
    """The pump may answer before the write that asked it has returned."""
    kept: Said = []
    ticks = iter(range(100))
    journal = Journal(lambda direction, t_ns, data: kept.append((direction, data)), lambda: next(ticks))
    place = journal.telling()
    journal.heard(b"answer")
    assert kept == []
    journal.told(place, b"question")
    assert kept == [(OUTBOUND, b"question"), (INBOUND, b"answer")]


class HalfLink(Link):
    """Takes three bytes of a write, then is gone."""

    url = "half"

    def read(self, timeout_s: float) -> bytes:
        threading.Event().wait(timeout_s)
        return b""

    def write(self, data: bytes) -> None:
        raise LinkLost(self.url, "gone", "plug it in", 3)

    def close(self) -> None: ...


def test_recorder_records_the_part_that_passed_when_the_pump_goes(tmp_path: Path) -> None:
    programmer, at_programmer = memory_pair("programmer")
    path = tmp_path / "half.pcapng"
    with Recorder(at_programmer, HalfLink(), path, ENDS) as recorder:
        recorder.start()
        programmer.write(b"whole")
        with pytest.raises(LinkLost, match="gone"):
            list(recorder.passing())
    assert recorded(path, OUTBOUND) == b"who"
    assert verify(path).whole


class DeafLink(Link):
    """A programmer that never reads."""

    url = "deaf"
    read = HalfLink.read

    def write(self, data: bytes) -> None:
        raise LinkStalled(self.url, "took no byte", "read", 2)

    def close(self) -> None: ...


def test_recorder_goes_on_when_the_programmer_does_not_read(tmp_path: Path) -> None:
    at_pump, pump = memory_pair("pump")
    path = tmp_path / "deaf.pcapng"
    with Recorder(DeafLink(), at_pump, path, ENDS) as recorder:
        recorder.start()
        for chunk in (b"first", b"second"):
            pump.write(chunk)
            wait_until(lambda: recorder.undelivered_bytes > 0, "the stall")
        wait_until(lambda: recorder.byte_count == len(b"firstsecond"), "both chunks")
    assert recorded(path, INBOUND) == b"firstsecond"
    assert recorder.undelivered_bytes in (len(b"rstcond"), len(b"rstsecond") - 2)


def connections(path: Path) -> list[str]:
    """The words of a recording on who was there, and `asked` for what each told in between."""
    told = []
    for item in read(path):
        found = parse_meta(item) if isinstance(item, Record) and item.is_meta else None
        if isinstance(found, dict) and found.get("record") == CONNECTION:
            told.append(str(found["programmer"]))
        elif isinstance(item, Record) and not item.is_meta and item.direction == OUTBOUND and told[-1:] != ["asked"]:
            told.append("asked")
    return told


def test_recorder_notes_each_programmer_that_comes_and_leaves(tmp_path: Path) -> None:
    """Two as `send` makes them, with numbers of their own; between them the first has been seen off."""
    at_pump, pump = memory_pair("pump")
    server = Server(Device(), pump, speed=100)  # type: ignore[arg-type]
    serving = threading.Thread(target=server.run)
    serving.start()
    path = tmp_path / "session.pcapng"
    with TcpLink() as at_programmer, Recorder(at_programmer, at_pump, path, ENDS) as recorder:
        recorder.start()
        for count in (2, 4):
            with SerialLink(at_programmer.url) as line:
                talk = Programmer(Conversation(line), 1)
                talk.identify()
                talk.open(Role.CLINICIAN)
                for message in (ReadProgram(source=0), ReadStatus(), ReadLog(from_seq=0)):
                    talk.request(message)
                talk.close()
            wait_until(lambda: recorder.connection_count == count, "the programmer's leave")  # noqa: B023
        server.stop()
        serving.join()
    assert connections(path) == ["came", "asked", "left"] * 2
    found = load(path)
    assert (sureness_of(found), found.gaps, header_gaps(found.header)) == ("anchored", [], [])
