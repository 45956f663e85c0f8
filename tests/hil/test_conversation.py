"""Talking to a device: replies pair by id and channel, a silent device is asked again, what comes late is dropped."""

from collections.abc import Callable, Iterator

import pytest
from cobs import cobs

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer, PeerVersion
from pumpbench.hil.links import MemoryLink, memory_pair
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.messages import Done, EventNotice, ReadAlarms, ReadLink

DONE = Done(done_type=1)
Answer = Callable[[Frame, int], bytes]


class Peer:
    """A device that answers as `answer` says: the request and how many came before give the bytes."""

    def __init__(self, end: MemoryLink, answer: Answer) -> None:
        self.end = end
        self.answer = answer
        self.heard: list[bytes] = []
        self.decoder = Decoder(from_device=False)

    def work(self) -> None:
        for event in self.decoder.feed(self.end.read(0)):
            assert isinstance(event, Frame)
            self.heard.append(event.wire)
            self.end.write(self.answer(event, len(self.heard) - 1))


def reply(request: Frame, seq: int = 0) -> bytes:
    return device_frame(DONE, seq, request.head[4], 0, 1, 5, bench=request.header.bench)


@pytest.fixture
def talk() -> Iterator[Callable[[Answer], tuple[Conversation, Peer]]]:
    ends: list[MemoryLink] = []

    def make(answer: Answer) -> tuple[Conversation, Peer]:
        host, device = memory_pair()
        ends.append(host)
        peer = Peer(device, answer)
        host.pump = peer.work
        return Conversation(host, timeout_s=0.01), peer

    yield make
    for end in ends:
        end.close()


Talk = Callable[[Answer], tuple[Conversation, Peer]]


def test_request_is_sent_again_byte_for_byte_when_no_reply_comes(talk: Talk) -> None:
    conversation, peer = talk(lambda request, before: reply(request) if before == 2 else b"")
    assert conversation.ask(ReadAlarms()).message == DONE
    assert len(peer.heard) == 3
    assert len(set(peer.heard)) == 1
    assert conversation.retry_count == 2


def test_silence_is_told_in_one_line_when_retries_are_used_up(talk: Talk) -> None:
    conversation, _ = talk(lambda request, before: b"")
    with pytest.raises(NoAnswer, match=r"no reply to ReadAlarms .*nothing heard.*check that the device runs") as caught:
        conversation.ask(ReadAlarms())
    assert "\n" not in str(caught.value)


def test_second_reply_is_dropped_when_a_retry_crossed_the_first(talk: Talk) -> None:
    conversation, _ = talk(lambda request, before: reply(request, before) * 2)
    conversation.ask(ReadAlarms())
    conversation.ask(ReadAlarms())
    assert conversation.late_frame_count == 2


def test_replies_keep_to_their_channel_when_ids_are_the_same(talk: Talk) -> None:
    conversation, _ = talk(lambda request, before: reply(request, before))
    assert conversation.ask(ReadLink(), bench=True).header.bench
    assert not conversation.ask(ReadAlarms()).header.bench


def test_unasked_frames_are_kept_in_order_beside_the_reply(talk: Talk) -> None:
    notices = [EventNotice(code=code, arg_0=0, arg_1=0) for code in (1, 2)]
    sent = b"".join(device_frame(notice, seq, 0, 0, 1, 5) for seq, notice in enumerate(notices))
    conversation, _ = talk(lambda request, before: sent + reply(request, 2))
    conversation.ask(ReadAlarms())
    assert [frame.message for frame in conversation.unasked] == notices
    assert conversation.missing_frame_count == 0


def test_missing_frames_are_counted_when_the_sequence_jumps(talk: Talk) -> None:
    conversation, _ = talk(lambda request, before: reply(request, before * 4))
    conversation.ask(ReadAlarms())
    conversation.ask(ReadAlarms())
    assert conversation.missing_frame_count == 3


def test_peer_of_another_version_is_named_when_its_frames_are(talk: Talk) -> None:
    def other_version(request: Frame, before: int) -> bytes:
        data = bytearray(cobs.decode(reply(request)[1:-1])[:-4])
        data[0] = 9
        return b"\0%b\0" % cobs.encode(bytes(data) + crc32c(bytes(data)).to_bytes(4, "little"))

    conversation, _ = talk(other_version)
    with pytest.raises(PeerVersion, match="another version.*use the firmware that belongs to this build"):
        conversation.ask(ReadAlarms())


def test_request_answered_already_is_answered_again_when_asked_to(talk: Talk) -> None:
    conversation, peer = talk(lambda request, before: reply(request))
    sent = conversation.therapy.request(ReadAlarms())
    conversation.deliver(sent, "ReadAlarms", bench=False)
    assert conversation.ask_again(sent, "ReadAlarms").message == DONE
    assert peer.heard == [sent.wire, sent.wire]
