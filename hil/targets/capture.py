"""A recording as a target: it says again what it was asked, and of anything else that it cannot; it knows no rig."""

from typing import Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.links import Link, LinkError
from pumpbench.hil.replay.recall import Recall
from pumpbench.hil.replay.replay import header_gaps, sureness_of
from pumpbench.hil.replay.turns import load_turns
from pumpbench.hil.targets.target import Target
from pumpbench.protocol.decoder import Decoder

NOT_EXACT: Final = "no snapshot opens the recording, so the state it began in is unknown"


class CaptureTarget(Target):
    """Raises `CaptureError` for a file that cannot be read or holds no session; its link raises `NotOnRecord`."""

    independent = True
    """Until its answer to `Identify` says otherwise."""
    device = None

    def __init__(self, path: str) -> None:
        self.name = f"capture:{path}"
        recorded, turns = load_turns(path)
        if not turns:
            raise CaptureError(path, "holds no request", "give a capture of this bench")
        gaps = [*recorded.gaps, *header_gaps(recorded.header)]
        self.doubt = f"the recording has gaps; the first: {gaps[0]}" if gaps else ""
        if not gaps and sureness_of(recorded) != "exact":
            self.doubt = f"{sureness_of(recorded)}: {NOT_EXACT}"
        self._recall = Recall(recorded, turns, self.name)
        self.link: Link = RecallLink(self.name, self._recall)

    def credit_end(self, tick: int) -> int | None:
        return self._recall.credit_end(tick)

    def close(self) -> None:
        self.link.close()


class RecallLink(Link):
    """Bytes of requests in, bytes of recorded answers out, at once."""

    def __init__(self, url: str, recall: Recall) -> None:
        self._url = url
        self._recall = recall
        self._decoder = Decoder(from_device=False)
        self._answers = bytearray()
        self._closed = False

    @property
    def url(self) -> str:
        return self._url

    def write(self, data: bytes) -> None:
        if self._closed:
            raise LinkError(self._url, "this link was closed here", "open a new one")
        for asked in self._decoder.feed(data):
            self._answers += self._recall.answer(asked)

    def read(self, timeout_s: float) -> bytes:
        said, self._answers = bytes(self._answers), bytearray()
        return said

    def close(self) -> None:
        self._closed = True
