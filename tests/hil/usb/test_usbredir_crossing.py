"""What a usb-redir guest gives up just as it comes: QEMU drops such an answer unread, so nothing may be lost with it."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.usb import usbredir
from pumpbench.hil.usb.composite import FRAMES, OPEN
from pumpbench.hil.usb.usbredir import Packet, Status
from tests.hil.usb.redir_talk import IN_FRAMES, Talking, Told, bulk


def brought(number: int, data: bytes, status: Status = Status.SUCCESS) -> Told:
    return (Packet.BULK_PACKET, number, usbredir.BULK.pack(IN_FRAMES, status, len(data), 0, 0) + data)


def asked(talking: Talking, number: int, length: int = 512) -> list[Told]:
    return talking.say(Packet.BULK_PACKET, number, bulk(IN_FRAMES, length))


def test_answer_that_crosses_its_cancelling_comes_again_to_who_asks_next() -> None:
    talking = Talking()
    talking.open()
    assert asked(talking, 1) == []
    talking.device.end.write(b"first")
    assert talking.say(Packet.CANCEL_DATA_PACKET, 1) == [brought(1, b"first")]  # which is dropped there
    talking.device.end.write(b"second")
    assert asked(talking, 2) == [brought(2, b"first")]
    assert asked(talking, 3) == [brought(3, b"second")]


def test_answer_that_was_sent_before_its_cancelling_came_is_kept_too() -> None:
    talking = Talking()
    talking.open()
    asked(talking, 1)
    talking.device.end.write(b"first")
    assert talking.heard() == [brought(1, b"first")]
    assert talking.say(Packet.CANCEL_DATA_PACKET, 1) == []
    assert asked(talking, 2, 3) == [brought(2, b"fir")]
    assert talking.say(Packet.CANCEL_DATA_PACKET, 2) == []
    assert asked(talking, 3, 4) == [brought(3, b"firs")]
    assert asked(talking, 4) == [brought(4, b"t")]
    assert asked(talking, 5) == []


def test_answer_kept_for_one_session_is_not_told_to_the_next() -> None:
    talking = Talking()
    talking.open()
    asked(talking, 1)
    talking.device.end.write(b"first")
    talking.say(Packet.CANCEL_DATA_PACKET, 1)
    talking.say(Packet.SET_ALT_SETTING, 2, bytes([FRAMES, 0]))
    talking.say(Packet.SET_ALT_SETTING, 3, bytes([FRAMES, OPEN]))
    assert asked(talking, 4) == []


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=200), st.booleans(), st.sampled_from([64, 128, 512])), max_size=20))
def test_guest_hears_every_byte_in_order_whatever_it_gives_up(writes: list[tuple[bytes, bool, int]]) -> None:
    talking = Talking()
    talking.open()
    heard = b""
    for number, (data, gives_up, length) in enumerate([*writes, *[(b"", False, 512)] * 12]):
        told = asked(talking, number, length)
        if data:
            talking.device.end.write(data)
        if gives_up or not (told := told or talking.heard()):
            talking.say(Packet.CANCEL_DATA_PACKET, number)
        else:
            heard += told[0][2][usbredir.BULK.size :]
    assert heard == b"".join(data for data, _, _ in writes)
