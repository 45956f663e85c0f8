"""Knows which reply belongs to which request and whether a device's frames follow on; it must not know a clock.

How long to wait, and when to ask again, is the caller's to decide.
"""

from typing import Any, Final, Literal, NamedTuple

from .frame import Frame, host_frame

ID_MAX: Final = 0xFFFF_FFFF
SEQ_SPAN: Final = 0x1_0000


class Sent(NamedTuple):
    """A request on its way. A retry is the same `wire`, byte for byte."""

    request_id: int
    wire: bytes


class Received(NamedTuple):
    """What a frame from the device is to this side.

    `reply`: to the outstanding request `request_id`; `late`: to one given up, answered already or never made: drop it;
    `event`: unasked for.
    """

    role: Literal["reply", "late", "event"]
    request_id: int
    frame: Frame


class Step(NamedTuple):
    """How a frame follows on: frames missing before it, whether it repeats or falls back, whether the device restarted."""

    missing_count: int
    repeated: bool
    rebooted: bool


_NEXT: Final = Step(0, False, False)


class Continuity:
    """The sequence of one device's frames. It counts from one boot to the next; across a boot nothing can be said."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None

    @property
    def last(self) -> tuple[int, int] | None:
        """(boot, sequence number) of the last frame that stood in its turn."""
        return self._last

    def follow(self, boot_seq: int, seq: int) -> Step:
        """A jump of half the span or more is taken as a fall, not as 32768 lost frames."""
        before, self._last = self._last, (boot_seq, seq)
        if before is None:
            return _NEXT
        if before[0] != boot_seq:
            return Step(0, False, True)
        ahead = (seq - before[1]) % SEQ_SPAN
        if ahead == 1:
            return _NEXT
        if 1 < ahead < SEQ_SPAN // 2:
            return Step(ahead - 1, False, False)
        self._last = before
        return Step(0, True, False)


def is_later(seq: int, than: int) -> bool:
    """By less than half the span."""
    return 0 < (seq - than) % SEQ_SPAN < SEQ_SPAN // 2


class Exchange:
    """The host's side of one link: request ids rise, replies pair by id, a late reply is never mispaired.

    `next_id` starts above the highest id the device has seen, which its answer to `open` tells: see `rise_above`.
    """

    def __init__(self, next_id: int = 1) -> None:
        self.session = 0
        self._next_id = next_id
        self._next_seq = 0
        self._outstanding: dict[int, bytes] = {}
        self.continuity = Continuity()

    @property
    def outstanding(self) -> tuple[int, ...]:
        """Ids that wait for a reply, in the order they were asked."""
        return tuple(self._outstanding)

    def rise_above(self, request_id: int) -> None:
        """Later requests get ids above this one; ids never fall."""
        self._next_id = max(self._next_id, request_id + 1)

    def request(self, message: Any, bench: bool | None = None, same_id: int | None = None) -> Sent:
        """Makes the frame and waits for its reply. Raises OverflowError when ids run out: they rise for a pump's life.

        `same_id`: the id of a request whose session was lost; the device knows by it whether the request was carried out.
        """
        request_id = self._next_id if same_id is None else same_id
        if request_id > ID_MAX:
            raise OverflowError(f"request id {request_id} is past {ID_MAX}: this device's ids are used up")
        wire = host_frame(message, self._next_seq, request_id, self.session, bench)
        self._next_id = max(self._next_id, request_id + 1)
        self._next_seq = (self._next_seq + 1) % SEQ_SPAN
        self._outstanding[request_id] = wire
        return Sent(request_id, wire)

    def retry(self, request_id: int) -> bytes:
        """The same bytes again. Raises KeyError when no reply to it is awaited."""
        if request_id not in self._outstanding:
            raise KeyError(f"request {request_id} awaits no reply; awaited: {self.outstanding}")
        return self._outstanding[request_id]

    def give_up(self, request_id: int) -> None:
        """A reply that still comes is late."""
        self._outstanding.pop(request_id, None)

    def receive(self, frame: Frame) -> Received:
        """Pairs a frame from the device. Ids of unsolicited frames are 0."""
        request_id = frame.head[4]
        if request_id == 0:
            return Received("event", 0, frame)
        known = self._outstanding.pop(request_id, None)
        return Received("reply" if known is not None else "late", request_id, frame)
