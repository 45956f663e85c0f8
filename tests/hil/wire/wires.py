"""Strategies of wires; asserts nothing."""

from hypothesis import strategies as st

from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.wire import KINDS, Fault, Wire

FRAMES = 60


def faults(frames: int = FRAMES) -> st.SearchStrategy[Fault]:
    return st.builds(
        Fault,
        kind=st.sampled_from(KINDS),
        direction=st.sampled_from((OUTBOUND, INBOUND)),
        frame_index=st.integers(0, frames - 1),
        copies=st.integers(1, 3),
        frames=st.integers(0, 8),
        byte=st.integers(0, 70),
        bit=st.integers(0, 2047),
        percent=st.integers(10, 1000),
    )


def wires(frames: int = FRAMES, most: int = 12) -> st.SearchStrategy[Wire]:
    return st.lists(faults(frames), max_size=most).map(lambda found: Wire(tuple(found)))
