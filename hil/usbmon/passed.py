"""What really passed in the bulk transfers that usbmon saw, by device, and which device says it is the pump; knows no frame."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pumpbench.hil.links.link import INBOUND, OUTBOUND, Direction
from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.setup import Setup
from pumpbench.hil.usbmon.events import BULK, CONTROL, ENDED, IN, SUBMITTED, Event

UNDER_WAY_MAX: Final = 65_536
"""Transfers whose end is waited for; a file that has more of them is no recording of a bus."""
GET_DEVICE: Final = (setup.TO_HOST, setup.GET_DESCRIPTOR, layouts.DEVICE.number << 8)


class Chunk(NamedTuple):
    """Bytes of one transfer, at the time that it ended. `lost_bytes`: passed, and not in the recording."""

    where: tuple[int, int]
    endpoint: int
    direction: Direction
    t_ns: int
    data: bytes
    lost_bytes: int
    offset: int


class Watched:
    """`names`: vendor and product of each device that was asked for them. Counts are of bulk transfers."""

    def __init__(self) -> None:
        self.names: dict[tuple[int, int], tuple[int, int]] = {}
        self.transfer_counts: dict[tuple[int, int], int] = {}
        self.unbegun_count = 0
        """To a device, and begun before the recording, so that nobody knows what was in them."""
        self._under_way: dict[int, Event] = {}

    @property
    def unended_count(self) -> int:
        """To a device, and still under way at the end of the recording: nobody knows what of them passed."""
        return sum(one.transfer == BULK for one in self._under_way.values())

    def chunks(self, events: Iterable[Event]) -> Iterator[Chunk]:
        """In order of the ends of their transfers."""
        for event in events:
            if event.kind == SUBMITTED:
                if event.transfer == CONTROL or (event.transfer == BULK and not event.inbound):
                    self._begin(event)
                continue
            begun = self._under_way.pop(event.urb, None)
            if event.kind != ENDED:
                continue  # it was refused by the host itself, and never reached the bus
            if event.transfer == CONTROL and begun is not None:
                self._name(begun, event)
            elif event.transfer == BULK:
                self.transfer_counts[event.where] = self.transfer_counts.get(event.where, 0) + 1
                if event.size_bytes:
                    yield from self._passed(begun, event)

    def _begin(self, event: Event) -> None:
        if len(self._under_way) >= UNDER_WAY_MAX:
            self._under_way.pop(next(iter(self._under_way)))
        self._under_way[event.urb] = event

    def _passed(self, begun: Event | None, end: Event) -> Iterator[Chunk]:
        """To the device went what was submitted, as far as the end says; from it came what the end has."""
        data, lost = end.data, end.lost_bytes
        if not end.inbound:
            if begun is None or begun.transfer != BULK:
                self.unbegun_count += 1
                return
            data = begun.data[: end.size_bytes]
            lost = end.size_bytes - len(data)
        yield Chunk(end.where, end.endpoint, INBOUND if end.inbound else OUTBOUND, end.t_ns, data, lost, end.offset)

    def _name(self, begun: Event, end: Event) -> None:
        if not begun.setup or not begun.endpoint & IN:
            return
        asked = Setup.unpack(begun.setup)
        if (asked.request_type, asked.request, asked.w_value) == GET_DEVICE and len(end.data) >= layouts.DEVICE.packed.size:
            found = layouts.DEVICE.unpack(end.data)
            self.names[end.where] = found["idVendor"], found["idProduct"]
