"""One host talking to one device over a link: requests out, replies paired, the unasked kept; it knows no pump and no rig."""

import time
from collections import deque
from typing import Any, Final

from pumpbench.hil.errors import NoAnswer, PeerVersion
from pumpbench.hil.links import Link
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Continuity, Exchange, Sent
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame
from pumpbench.protocol.header import FLAG_BENCH

TIMEOUT_S: Final = 5.0
RETRIES: Final = 2
UNASKED_MAX: Final = 100_000
KEPT_MAX: Final = 1000
"""Of frames nobody collects only the newest are kept."""


class Conversation:
    """Both channels of one link. Ids and sessions are the channel's own; sequence is the device's.

    `timeout_s` is how long a reply may take before the same bytes are sent again, `retries` how often that is done.
    """

    def __init__(self, link: Link, timeout_s: float = TIMEOUT_S, retries: int = RETRIES) -> None:
        self.link = link
        self.timeout_s = timeout_s
        self.retries = retries
        self.bench = Exchange()
        self.therapy = Exchange()
        self.unasked: deque[Frame] = deque(maxlen=UNASKED_MAX)
        self.bad_frames: deque[BadFrame] = deque(maxlen=KEPT_MAX)
        self.late: deque[Frame] = deque(maxlen=KEPT_MAX)
        self.bad_frame_count = self.late_frame_count = self.missing_frame_count = self.retry_count = 0
        self._decoder = Decoder(from_device=True)
        self._replies: dict[tuple[bool, int], Frame] = {}
        self._again: set[int] = set()
        self._continuity = Continuity()

    @property
    def last_seq(self) -> int | None:
        """Of the device's last frame; None before the first."""
        last = self._continuity.last
        return None if last is None else last[1]

    def ask(self, message: Any, *, bench: bool = False, timeout_s: float | None = None) -> Frame:
        """The reply to `message`, `Refused` included. Raises `NoAnswer`, `PeerVersion` or a `LinkError`."""
        exchange = self.bench if bench else self.therapy
        return self.deliver(exchange.request(message, bench), type(message).__name__, bench, timeout_s)

    def deliver(self, sent: Sent, name: str, bench: bool, timeout_s: float | None = None) -> Frame:
        """Sends what an exchange made and waits for its reply."""
        self.link.write(sent.wire)
        return self.await_reply(sent, name, bench, timeout_s)

    def await_reply(self, sent: Sent, name: str, bench: bool, timeout_s: float | None = None) -> Frame:
        """Waits for the reply to bytes already sent, sending them again where it stays away."""
        wait_s = self.timeout_s if timeout_s is None else timeout_s
        for attempt in range(self.retries + 1):
            if attempt:
                self.retry_count += 1
                self.link.write(sent.wire)
            reply = self._wait(bench, sent.request_id, wait_s)
            if reply is not None:
                return reply
        (self.bench if bench else self.therapy).give_up(sent.request_id)
        raise self._no_answer(name)

    def ask_again(self, sent: Sent, name: str) -> Frame:
        """Sends a therapy request that was answered already once more, byte for byte, and waits for its reply."""
        self.expect_again(sent)
        return self.deliver(sent, name, bench=False)

    def expect_again(self, sent: Sent) -> None:
        """Takes the next reply to `sent` as awaited, though one came before."""
        self._again.add(sent.request_id)

    def tell(self, noise: bytes) -> None:
        """Sends bytes that are no frame, to which no reply can come."""
        self.link.write(noise)

    def collect(self, timeout_s: float = 0) -> None:
        """Takes in what has arrived, waiting at most `timeout_s` for the first of it."""
        self._take(self.link.read(timeout_s))

    def close(self) -> None:
        self.link.close()

    def _wait(self, bench: bool, request_id: int, wait_s: float) -> Frame | None:
        key = bench, request_id
        deadline, left_s = 0.0, wait_s
        while chunk := self.link.read(left_s):
            self._take(chunk)
            if key in self._replies:
                return self._replies.pop(key)
            # The clock is asked only where the first chunk does not settle it: that is rare, and this path is hot.
            now_s = time.monotonic()
            deadline = deadline or now_s + wait_s
            left_s = max(0.0, deadline - now_s)
        return None

    def _take(self, chunk: bytes) -> None:
        for event in self._decoder.feed(chunk):
            if isinstance(event, BadFrame):
                self.bad_frame_count += 1
                self.bad_frames.append(event)
            else:
                self._sort(event)

    def _sort(self, frame: Frame) -> None:
        self.missing_frame_count += self._continuity.follow(frame.head[6], frame.head[3]).missing_count
        bench = bool(frame.head[1] & FLAG_BENCH)
        received = (self.bench if bench else self.therapy).receive(frame)
        if received.role == "reply":
            self._replies[bench, received.request_id] = frame
        elif received.role == "late" and not bench and received.request_id in self._again:
            self._again.discard(received.request_id)
            self._replies[bench, received.request_id] = frame
        elif received.role == "late":
            self.late_frame_count += 1
            self.late.append(frame)
        else:
            self.unasked.append(frame)

    def _no_answer(self, name: str) -> Exception:
        """What to raise where all asking was in vain."""
        seconds = self.timeout_s * (self.retries + 1)
        if any(bad.fault == WireFault.VERSION for bad in self.bad_frames):
            return PeerVersion(self.link.url, "its frames are of another version", "use the firmware that belongs to this build")
        heard = f"{self.bad_frame_count} bad frames" if self.bad_frame_count else "nothing"
        return NoAnswer(
            self.link.url,
            f"no reply to {name} in {seconds:g} s ({heard} heard)",
            "check that the device runs and speaks this protocol at this baud rate",
        )
