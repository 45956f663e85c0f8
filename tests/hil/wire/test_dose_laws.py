"""Whatever the wire does: no double dose, no dose nobody asked for, and a programmer that knows in the end what happened."""

from typing import Any

import pytest
from hypothesis import example, given

from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.verdict import Verdict
from pumpbench.hil.wire import Fault, Wire
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import AlreadyStarted, Bolus, ReadStatus, Status
from tests.hil.pumps import START
from tests.hil.wire.clients import ASKED, OUTLASTS, PLANS, WIRES, boluses_begun, carry_out, heard_once, twin_over
from tests.hil.wire.wires import FRAMES
from tests.support import effort, require, rng

BOLUS = ASKED[1]
Plan = list[tuple[Any, int, int]]
# Seventeen frames each way program the pump; the ones after carry the plan.
LOST_REPLIES = Wire(tuple(Fault(kind="drop", direction=INBOUND, frame_index=index) for index in range(10, FRAMES)))
LATE_REQUESTS = Wire(tuple(Fault(kind="delay", direction=OUTBOUND, frame_index=index, frames=3) for index in range(FRAMES)))


@pytest.fixture(scope="module")
def library() -> NativeLibrary:
    require("cc")
    require("make")
    return NativeLibrary()


@given(WIRES, PLANS)
@example(LOST_REPLIES, [(BOLUS, 0, 700), (BOLUS, 0, 700)])
@example(LOST_REPLIES, [(BOLUS, 0, OUTLASTS), (BOLUS, 0, 700)])
@example(LATE_REQUESTS, [(BOLUS, 0, 700), (BOLUS, 700, 1)])
def test_each_dose_is_given_once_to_whoever_was_told_so(library: NativeLibrary, wire: Wire, plan: Plan) -> None:
    rig, target = twin_over(wire, library)
    with rig:
        book = carry_out(rig, plan, retries=0)
        rig.run_to(rig.tick + 5_000)
        # One that began and whose programmer was told otherwise, or a second one, would stand out in either.
        assert boluses_begun(rig) == len(book.started)
        assert rig.finish().judged[0] is Verdict.PASS, rig.finish().judged
        assert heard_once(rig, target.heard, library.build_id) == rig.truth().snapshot()


def test_unknown_becomes_known_when_it_is_asked_again(library: NativeLibrary) -> None:
    rig, _ = twin_over(LOST_REPLIES, library)
    with rig:
        book = carry_out(rig, [(BOLUS, 0, 700), (BOLUS, 0, 700)], retries=0)
    assert book.unknown > 0
    assert len(book.started) == 2


def test_unknown_becomes_known_in_a_later_session(library: NativeLibrary) -> None:
    rig, _ = twin_over(LOST_REPLIES, library)
    with rig:
        book = carry_out(rig, [(BOLUS, 0, OUTLASTS)], retries=0)
    assert book.unknown > 0
    assert [type(reply) for reply in book.started] == [AlreadyStarted]


def test_session_that_a_late_open_left_behind_is_waited_out(library: NativeLibrary) -> None:
    late_open = Wire((Fault(kind="delay", direction=OUTBOUND, frame_index=0, frames=3),))
    rig, _ = twin_over(late_open, library)
    with rig:
        rig.start({}, START)
        rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.close_session()
        assert isinstance(rig.therapy(ReadStatus(), role=Role.PATIENT), Status)
        assert rig.wire_counts["waited"] == 1
        assert rig.tick > rig.truth().config.session_timeout_ticks
        assert rig.finish().judged[0] is Verdict.PASS


def test_twin_agrees_at_every_credit_when_every_frame_meets_a_fault(library: NativeLibrary) -> None:
    chance = rng("dense wire")
    for _ in range(effort(5, 200)):
        dense = Wire(tuple(one_fault(chance, index) for index in range(200)))
        rig, _ = twin_over(dense, library)
        with rig:
            carry_out(rig, [(message, chance.choice((0, 1, 700)), 1) for message in ASKED], retries=2)
            result = rig.finish()
        assert result.judged[0] is Verdict.PASS, result.judged
        assert result.digests_compared >= 3 * result.credits
        assert result.bad_frames == result.missing_frames == result.retries == 0, "the bench's own channel is exact"


def one_fault(chance: Any, index: int) -> Fault:
    direction = chance.choice((OUTBOUND, INBOUND))
    kind = chance.choice(("duplicate", "delay", "flip"))
    return Fault(kind=kind, direction=direction, frame_index=index, frames=chance.randint(0, 3), bit=chance.randrange(999))


def test_wire_and_device_count_the_same_frames(library: NativeLibrary) -> None:
    flips = Wire(tuple(Fault(kind="flip", direction=OUTBOUND, frame_index=index, bit=300) for index in range(0, FRAMES, 3)))
    rig, _ = twin_over(flips, library)
    with rig:
        carry_out(rig, [(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600), 0, 1)], retries=2)
        counted = rig.bench.read_link()
        acted = rig.wire_counts
        rig.finish()
    assert counted.bad_frame_count == acted["flip"] > 3
    assert counted.overrun_bytes == 0
