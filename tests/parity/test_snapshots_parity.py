"""A state that one side wrote, the other takes up and goes on with; what one refuses as a state, the other refuses."""

from collections.abc import Iterator

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.protocol.layout import Field, layout_of
from tests.parity.desk import Desk, twin
from tests.parity.sides import Firmware, Reference, library
from tests.parity.topics import TOPICS
from tests.parity.walks import walk
from tests.support import SEED, effort

GO_ON_TICKS = 40_000


def walked(topic: str, name: str) -> Desk:
    """Both sides after a short walk."""
    desks: list[Desk] = []

    def make() -> Desk:
        one = library()
        desks.append(twin(Firmware(one), one.build_id))
        return desks[-1]

    walk(topic, f"{SEED}:snapshot:{topic}:{name}", 25, make)
    return desks[0]


@pytest.mark.parametrize("topic", TOPICS)
def test_snapshot_of_either_side_goes_on_alike_in_the_other(topic: str) -> None:
    for n in range(effort(5, 100)):
        desk = walked(topic, str(n))
        assert desk.other is not None
        firmware, reference = Firmware(library()), Reference()
        firmware.device.restore(desk.reference.snapshot())
        reference.pump.restore(desk.other.snapshot())
        firmware.device.tick(GO_ON_TICKS)
        reference.pump.leap(GO_ON_TICKS)
        assert firmware.snapshot() == reference.snapshot(), f"{topic}, walk {n}"
        assert firmware.take_effects() == reference.take_effects(), f"{topic}, walk {n}"
        assert firmware.digests() == reference.digests()


def narrow_places() -> Iterator[tuple[str, int, Field]]:
    """(name, offset in the snapshot, field) of every number whose range is narrower than its width."""
    start = 0
    for part in STATE_PARTS:
        layout = layout_of(part)
        for field in layout.fields:
            if (field.lo, field.hi) != field.width_range and field.shape != "blob":
                for i in range(field.count):
                    yield f"{layout.name}.{field.name}[{i}]", start + field.offset + i * field.width_bytes, field
        start += layout.size


def refused_by(snapshot: bytes) -> tuple[bool, bool]:
    """Whether Python and C refuse to restore it, each unchanged if so."""
    pump, firmware = Pump(), Firmware(library())
    before = pump.snapshot(), firmware.snapshot()
    refused = [False, False]
    for i, restore in enumerate((pump.restore, firmware.device.restore)):
        try:
            restore(snapshot)
        except ValueError:
            refused[i] = True
            assert (pump, firmware)[i].snapshot() == before[i]
    return refused[0], refused[1]


def test_number_outside_its_range_is_refused_by_both_at_every_place() -> None:
    good = walked("anything", "range").reference.snapshot()
    assert refused_by(good) == (False, False)
    tried = 0
    for name, at, field in narrow_places():
        for value in (field.lo - 1, field.hi + 1, field.width_range[1]):
            if not field.width_range[0] <= value <= field.width_range[1] or field.lo <= value <= field.hi:
                continue
            crafted = good[:at] + value.to_bytes(field.width_bytes, "little") + good[at + field.width_bytes :]
            assert refused_by(crafted) == (True, True), f"{name} = {value}"
            tried += 1
    assert tried > 100
