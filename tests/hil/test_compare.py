"""Comparing frames: what is judged, what is only listed, what a mask excuses."""

from typing import Any

from pumpbench.hil.compare import Comparer, Mask
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import LogEntry, LogPage, Refused, Report, Status

REPORT = Report(
    reached_tick=100, reason=0, step_commanded=0, sample_commanded=0, tone_class=0, effect_count=3, effect_crc=7,
    controller_crc=1, plant_crc=2, memory_crc=3,
)  # fmt: skip
STATUS = Status(**{field.name: field.lo for field in layout_of(Status).fields})
ENTRY = LogEntry(entry_seq=1, life_ticks=2, code=3, clock_minute=4, boot_count=5, arg_0=6, arg_1=7)


def frame(message: Any, seq: int = 0, tick: int = 100) -> Frame:
    event = Decoder(from_device=True).feed(device_frame(message, seq, 9, 0, 1, tick))[0]
    assert isinstance(event, Frame)
    return event


def test_comparer_agrees_when_only_the_sequence_differs() -> None:
    comparer = Comparer()
    assert comparer.differences(frame(REPORT, seq=1), frame(REPORT, seq=2)) == []
    assert (comparer.frames, comparer.digests_compared) == (1, 3)


def test_comparer_names_every_therapy_field_that_differs() -> None:
    theirs = replace(REPORT, effect_crc=8, plant_crc=9)
    found = Comparer().differences(frame(theirs), frame(REPORT))
    assert [(d.message, d.field, d.theirs, d.ours) for d in found] == [
        ("Report", "effect_crc", 8, 7),
        ("Report", "plant_crc", 9, 2),
    ]


def test_comparer_names_the_tick_of_a_header_that_differs() -> None:
    found = Comparer().compare(frame(REPORT, tick=101), frame(REPORT, tick=100))
    assert found is not None
    assert str(found) == "tick 100: Report.header.tick is 101 tick, expected 100 tick"


def test_comparer_lists_transport_fields_without_judging_them() -> None:
    comparer = Comparer()
    assert comparer.compare(frame(replace(STATUS, bad_frame_count=4)), frame(STATUS)) is None
    assert comparer.not_compared == {"Status.bad_frame_count": 1}


def test_comparer_leaves_digests_out_when_layouts_differ() -> None:
    comparer = Comparer(digests=False)
    assert comparer.compare(frame(replace(REPORT, plant_crc=9)), frame(REPORT)) is None
    assert comparer.digests_compared == 0
    assert comparer.not_compared == {"Report.plant_crc": 1}


def test_comparer_names_the_item_of_a_tail_that_differs() -> None:
    ours = LogPage(oldest_seq=0, next_seq=2, entries=(ENTRY, ENTRY))
    theirs = replace(ours, entries=(ENTRY, replace(ENTRY, arg_1=8)))
    found = Comparer().compare(frame(theirs), frame(ours))
    assert found is not None
    assert found.field == "entries[1]"


def test_comparer_names_both_types_when_one_side_refuses() -> None:
    refused = Refused(refused_type=0x0110, refusal=3, limit=0, value=20)
    found = Comparer().differences(frame(refused), frame(STATUS))
    assert ("type", "Refused", "Status") in [(d.field, d.theirs, d.ours) for d in found]


def test_mask_excuses_up_to_its_bound_and_counts_it() -> None:
    mask = Mask("Status", "battery_mv", 5, "another battery model")
    comparer = Comparer(masks=(mask,))
    assert comparer.compare(frame(replace(STATUS, battery_mv=5)), frame(STATUS)) is None
    assert comparer.compare(frame(replace(STATUS, battery_mv=6)), frame(STATUS)) is not None
    assert mask.uses == 1
