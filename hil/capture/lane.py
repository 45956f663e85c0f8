"""One direction of one interface as the writer sees it: what its records have in common, made once per size."""

from collections.abc import Callable

from pumpbench.hil.capture.blocks import PAYLOAD_BYTES_MAX, packet_shape
from pumpbench.hil.capture.tally import mark
from pumpbench.hil.links.link import Direction

# Sizes up to this are remembered; larger ones are rare, and a shape for each would fill the memory.
REMEMBERED_BYTES_MAX = 4096

# As packet_shape gives it, then the mark for the tally.
Shape = tuple[Callable[..., bytes], bytes, bytes, bytes, bytes]


class Lane:
    """`shapes` has how to record a payload of each size met so far; `shape` makes those it has not."""

    __slots__ = ("_direction", "_interface", "_name", "shapes")

    def __init__(self, interface: int, name: str, direction: Direction) -> None:
        self._interface = interface
        self._name = name
        self._direction = direction
        self.shapes: dict[int, Shape] = {}

    def shape(self, size: int) -> Shape:
        """Raises ValueError for a payload that no reader would take."""
        if size > PAYLOAD_BYTES_MAX:
            raise ValueError(f"{self._name}: payload of {size} bytes; at most {PAYLOAD_BYTES_MAX}, so split it")
        shape = (*packet_shape(self._interface, self._direction, size), mark(self._name, self._direction, size))
        if size <= REMEMBERED_BYTES_MAX:
            self.shapes[size] = shape
        return shape
