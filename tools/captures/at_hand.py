"""Knows how firmware in this process is linked and begins to be recorded; it must not know what is said to it."""

from collections.abc import Callable, Mapping

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import Link, memory_pair
from pumpbench.hil.rig import Recording
from pumpbench.hil.rig.recording import LINE
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identified, ResetToStart


def linked(receive: Callable[[bytes], bytes]) -> Link:
    """A link to what answers bytes with bytes, and only then."""
    host, end = memory_pair(LINE)

    def work() -> None:
        if (arrived := end.read(0)) and (answer := receive(arrived)):
            end.write(answer)

    host.pump = work
    return host


def begin(recording: Recording, link: Link, topology: str, config: Mapping[str, int], start: ResetToStart) -> Identified:
    """Who answers on the link, which with the whole configuration stands in the header. From here on what passes is recorded."""
    whole = {one.name: int(one.default or 0) for one in layout_of(Config).fields} | dict(config)
    identified = Bench(Conversation(link)).identify()
    recording.begin("native", topology, {"target": identified}, whole, start)
    return identified
