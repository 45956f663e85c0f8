"""Two emulated pumps that live through a recorded session, one as it was and one under another identity; knows no file.

What depends on the serial number beyond the fields that hold it (digests over frames that carried it) is then not guessed: it
is what the second pump says where the first says what was recorded.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.replay.player import start_of
from pumpbench.hil.replay.recorded import SILENCE_TICKS_MAX
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import replace
from pumpbench.protocol.messages import RunTo

KEPT_MAX: Final = 4096
Key = tuple[bool, int, int, int]


class Pair(NamedTuple):
    """The same frame as the pump said it and as the other one did."""

    own: Frame
    other: Frame


class Mirror:
    """`lost` once the two cannot follow the recording any more; then nothing is paired."""

    def __init__(self, header: dict[str, Any], alias: Callable[[str, int], int | None]) -> None:
        build = int(header["builds"]["target"]["build_id"])
        self.in_credits = header.get("time_mode") == "credit"
        self.lost = False
        self._own, self._other = Device(build_id=build), Device(build_id=build)
        self._read = Decoder(from_device=True), Decoder(from_device=True)
        self._said: dict[Key, deque[Pair]] = {}
        self._said_count = 0
        self._waiting: deque[tuple[int, bytes, bytes]] = deque(maxlen=KEPT_MAX)
        if not self.in_credits:
            self._start(header, alias)

    def told(self, frame: Frame | None, own: bytes, other: bytes) -> None:
        """Bytes from the host, as they were and as they will be; in free run they wait for the tick of their reply."""
        if self.lost:
            return
        if not self.in_credits:
            self._waiting.append((0 if frame is None else frame.head[4], own, other))
        elif frame is not None and isinstance(frame.message, RunTo) and self._is_too_far(frame.message.target_tick):
            self.lost = True
        else:
            self._deliver(own, other)

    def heard(self, frame: Frame) -> Pair | None:
        """The pair of a recorded frame of the device, once."""
        if self.lost:
            return None
        if not self.in_credits:
            self._catch_up(frame)
        key = _key(frame)
        return self._taken(key) if key in self._said else None

    def snapshot(self, recorded: bytes) -> bytes:
        """Of the other pump. Where the first is not what was recorded, both become that."""
        if not self.lost and self._own.pump.snapshot() == recorded:
            return self._other.pump.snapshot()
        self._both(lambda device: self._restored(device, recorded))
        return recorded

    def _restored(self, device: Device, snapshot: bytes) -> bytes:
        device.pump.restore(snapshot)
        return b""

    def _start(self, header: dict[str, Any], alias: Callable[[str, int], int | None]) -> None:
        start = start_of(header)
        changed = {name: made for name in ("serial", "implant_day", "calendar_origin_day")
                   if (made := alias(name, getattr(start, name))) is not None}  # fmt: skip
        for device, message in ((self._own, start), (self._other, replace(start, **changed))):
            for name, value in header["config"].items():
                setattr(device.pump.config, name, int(value))
            self.lost = self.lost or device.pump.reset_to_start(message) is not None

    def _catch_up(self, frame: Frame) -> None:
        """Runs to the tick of a frame; what was asked before the request that it answers is delivered on the way."""
        ids = [request_id for request_id, _, _ in self._waiting]
        due = ids.index(frame.head[4]) + 1 if frame.head[4] and frame.head[4] in ids else 0
        ticks = frame.head[7] - self._own.pump.plant.tick
        if ticks > SILENCE_TICKS_MAX:
            self.lost = True
            return
        if ticks > 0:
            self._both(lambda device: device.advance(ticks))
        for _ in range(due):
            self._deliver(*self._waiting.popleft()[1:])

    def _deliver(self, own: bytes, other: bytes) -> None:
        self._both(lambda device: device.receive(own if device is self._own else other))

    def _both(self, work: Callable[[Device], bytes]) -> None:
        """Whatever the recording's damage makes of an emulator ends only the pairing."""
        if self.lost:
            return
        try:
            said = [
                [event for event in decoder.feed(work(device)) if isinstance(event, Frame)]
                for device, decoder in zip((self._own, self._other), self._read, strict=True)
            ]
        except Exception:
            self.lost = True
            return
        self.lost = len(said[0]) != len(said[1])
        if self.lost:
            return
        for pair in map(Pair, *said):
            self._said.setdefault(_key(pair.own), deque()).append(pair)
        self._said_count += len(said[0])
        # What a long credit says at once is all still to come in the recording.
        while self._said_count > max(KEPT_MAX, len(said[0])):
            self._taken(next(iter(self._said)))

    def _taken(self, key: Key) -> Pair:
        """The first of those that are alike."""
        pairs = self._said[key]
        pair = pairs.popleft()
        if not pairs:
            del self._said[key]
        self._said_count -= 1
        return pair

    def _is_too_far(self, tick: int) -> bool:
        return tick - self._own.pump.plant.tick > SILENCE_TICKS_MAX


def _key(frame: Frame) -> Key:
    """Replies by id; the unasked by type, boot and tick."""
    head = frame.head
    bench = bool(head[1] & FLAG_BENCH)
    return (bench, head[4], 0, 0) if head[4] else (bench, 0, head[2], head[7])
