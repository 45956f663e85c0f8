"""A state that one side wrote, the other takes up and goes on with; what one refuses as a state, the other refuses."""

from collections.abc import Iterator

import pytest

from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.protocol.codes import Fault, Mode
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import Field, layout_of
from pumpbench.protocol.limits import COMMIT_MAGIC
from pumpbench.protocol.messages import Inject
from tests.parity.acts import ArmIt, Bench, Run, restore
from tests.parity.desk import Desk, twin
from tests.parity.sides import Firmware, Reference, library
from tests.parity.topics import TOPICS
from tests.parity.walks import play, walk
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
    for i, take_up in enumerate((pump.restore, firmware.device.restore)):
        try:
            take_up(snapshot)
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


def unsound_images() -> Iterator[tuple[str, bytes]]:
    """Program images of which one number is at or past an edge, sound or not."""
    flex = Program(
        mode=Mode.FLEX, concentration_ug_per_ml=2000, flex_0_count=2, dose_ng_per_day=500_000, dose_limit_ng=48_000_000
    )
    flex.flex_start_minute[1], flex.flex_dose_ng[:2] = 720, [200_000, 300_000]
    interval = Program(mode=Mode.INTERVAL_BOLUS, concentration_ug_per_ml=500, interval_unit=1, interval_count=60,
                       interval_dose_ng=5000, interval_duration_ticks=600, dose_limit_ng=48_000_000)  # fmt: skip
    simple = Program(mode=Mode.SIMPLE_CONTINUOUS, concentration_ug_per_ml=500, dose_ng_per_day=200_000, dose_limit_ng=48_000_000)
    for base_name, base in (("flex", flex), ("interval", interval), ("simple", simple)):
        yield base_name, base.to_bytes()
        for name, values in EDGES.items():
            for value in values:
                image = base.clone()
                if isinstance(getattr(image, name), list):
                    getattr(image, name)[1] = value
                else:
                    setattr(image, name, value)
                yield f"{base_name}, {name} {value}", image.to_bytes()


EDGES = {
    "mode": (0, 1, 2, 3, 4, 5, 6, 255), "schedule_days": (1, 127, 128, 255),
    "concentration_ug_per_ml": (0, 1, 4000, 4001, 65_535),
    "flex_0_count": (0, 1, 3, 13, 14, 255), "flex_1_count": (0, 1, 13, 14, 255), "bridge": (0, 1, 2), "reserved": (0, 1),
    "flex_start_minute": (0, 1, 1439, 1440, 65_535), "interval_unit": (0, 1, 2, 3), "interval_count": (0, 14, 15, 10_080, 10_081),
    "patient_count": (8, 255), "critical_interval_ticks": (0, 1, 0xFFFF_FFFF), "dose_limit_ng": (0, 1, 0xFFFF_FFFF),
    "low_reservoir_nl": (0, 0xFFFF_FFFF),
}  # fmt: skip


@pytest.mark.parametrize("place", ["program", "staged"])
def test_program_image_is_refused_by_both_or_taken_by_both(place: str) -> None:
    good = walked("anything", "image").reference.snapshot()
    at = layout_of(STATE_PARTS[0]).size + layout_of(STATE_PARTS[1]).field(place).offset
    judged = set()
    for name, image in unsound_images():
        ours, theirs = refused_by(good[:at] + image + good[at + len(image) :])
        assert ours == theirs, f"{name}: Python {'refuses' if ours else 'takes'} it, C does not agree"
        judged.add(ours)
    assert judged == {False, True}


def test_slot_with_any_image_boots_alike_on_both_sides() -> None:
    desk = walked("therapy", "slot")
    snapshot = bytearray(desk.reference.snapshot())
    memory = sum(layout_of(part).size for part in STATE_PARTS[:-1])
    states = set()
    for name, image in unsound_images():
        head = (1_000_000).to_bytes(4, "little") + image
        slot = head + crc32c(head).to_bytes(4, "little") + (1_000_000 ^ COMMIT_MAGIC).to_bytes(4, "little")
        snapshot[memory : memory + len(slot)] = slot
        one = library()
        desk = twin(Firmware(one), one.build_id)
        ArmIt().play(desk)
        restore(desk, bytes(snapshot))
        try:
            play([Bench(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0)), Run(6_001), Run(90_000)], desk)
        except AssertionError as failure:
            raise AssertionError(f"{name}: {failure}") from failure
        states.add(bytes(desk.pump.controller.program) == image)
    assert states == {False, True}
