"""The twin: what it compares, what it calls a difference, and that it finds the tick and the fields."""

from collections.abc import Callable

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.divergence import Divergence
from pumpbench.hil.errors import Refusal, TargetUnknown
from pumpbench.hil.links import Link
from pumpbench.hil.rig import Diverged, RigResult, TwinRig, open_rig
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Event, Fault, Role, ToneClass
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import SEQ_SPAN
from pumpbench.protocol.frame import BadFrame, Frame, device_frame
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import Bolus, Opened, ReadStatus, Refused, Started, Status, Subscribe, Telemetry
from tests.hil.pumps import PATIENT, START, PlantedPump, PlantedTarget, SpoiltBolusPump, one_unit, treat
from tests.support import SEED

BOLUS = Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600)


class Independent(EmulatorTarget):
    """The reference itself, passed off as another implementation, so that agreement reads as a pass."""

    independent = True


def twin(target: EmulatorTarget | None = None) -> TwinRig:
    rig = TwinRig(target or Independent(), SEED)
    rig.start({}, START)
    return rig


def planted(at: int, last_tick: int, plant: Callable[[Pump], None] = one_unit) -> RigResult:
    """A day and more of therapy against a pump that goes wrong at one tick."""
    rig = twin(PlantedTarget(PlantedPump(at, plant)))
    with pytest.raises(Diverged):
        rig.run_to(last_tick)
    return rig.finish()


def test_twin_passes_when_both_sides_agree() -> None:
    rig = twin()
    treat(rig)
    rig.run_to(2 * TICKS_PER_DAY)
    result = rig.finish()
    assert result.verdict is Verdict.PASS
    assert result.ticks == 2 * TICKS_PER_DAY
    assert result.credits > 2
    assert result.digests_compared >= 3 * result.credits
    assert result.effects_compared == len(rig.events) > 0


def test_twin_is_inconclusive_when_the_emulator_meets_itself() -> None:
    rig = twin(EmulatorTarget())
    rig.run_to(1000)
    verdict, reason = rig.finish().judged
    assert verdict is Verdict.INCONCLUSIVE
    assert "with itself" in reason


def test_twin_is_inconclusive_when_no_digest_was_compared() -> None:
    compared = RigResult(target="board", topology="twin", independent=True, compares=True, frames_compared=5)
    assert compared.judged == (
        Verdict.INCONCLUSIVE,
        "no digest was compared: the target's state layout or level does not allow it",
    )


def test_twin_is_inconclusive_when_nothing_was_compared() -> None:
    rig = TwinRig(Independent(), SEED)
    assert rig.target.independent
    rig.close()
    empty = RigResult("x", "twin", independent=True, compares=True)
    assert empty.judged == (Verdict.INCONCLUSIVE, "nothing was compared")


@pytest.mark.parametrize("at", [1, 2, 777, 40_000, 60_000])
def test_twin_finds_the_tick_and_field_of_a_planted_unit(at: int) -> None:
    result = planted(at, 60_000)
    assert result.verdict is Verdict.FAIL
    found = result.divergence
    assert isinstance(found, Divergence)
    assert found.place is not None
    assert (found.place.tick, found.place.act) == (at, None)
    assert found.moments == (f"tick {at - 1}", f"tick {at}", f"tick {at + 1}")
    (field,) = [field for field in found.fields if field.name == "durable.acc_q"]
    assert [one - other for one, other in zip(field.theirs, field.ours, strict=True)] == [0, 1, 1]  # type: ignore[operator]
    assert field.unit == "q"


def test_twin_finds_a_difference_that_heals_again() -> None:
    def late_effect(pump: Pump) -> None:
        pump.emit(Event.TONE_PLAN, ToneClass.NONE, 0)

    result = planted(30_000, 60_000, late_effect)
    assert result.first_difference is not None
    assert result.first_difference.field == "effect_count"
    assert result.divergence.place.tick == 30_000


def test_twin_finds_the_request_that_only_one_side_handles_well() -> None:
    rig = twin(PlantedTarget(SpoiltBolusPump()))
    treat(rig)
    rig.run_to(5_000)
    rig.therapy(ReadStatus(), role=Role.CLINICIAN)
    with pytest.raises(Diverged):
        rig.therapy(BOLUS, role=Role.CLINICIAN)
    found = rig.finish().divergence
    assert found.place.tick == 5_000
    assert found.place.act.name == "Bolus"
    assert "durable.cancelled_q" in [field.name for field in found.fields]


def test_twin_calls_it_hidden_state_when_a_second_run_agrees() -> None:
    spoilt: list[int] = []

    def once(pump: Pump) -> None:
        if not spoilt:
            spoilt.append(1)
            pump.durable.acc_q += 1

    found = planted(30_000, 60_000, once).divergence
    assert found.hidden_state
    assert str(found).startswith("hidden state")


def test_twin_starts_alike_when_the_target_has_run_before() -> None:
    target = Independent()
    target.device.advance(700)
    rig = twin(target)
    rig.run_to(100)
    assert rig.finish().verdict is Verdict.PASS


class LossyLink(Link):
    """Loses every telemetry frame of one tick on its way to the host."""

    def __init__(self, link: Link, tick: int) -> None:
        self.link, self.tick = link, tick

    @property
    def url(self) -> str:
        return self.link.url

    def write(self, data: bytes) -> None:
        self.link.write(data)

    def read(self, timeout_s: float) -> bytes:
        events = Decoder(from_device=True).feed(self.link.read(timeout_s))
        return b"".join(event.wire for event in events if not self._is_lost(event))

    def close(self) -> None:
        self.link.close()

    def _is_lost(self, event: Frame | BadFrame) -> bool:
        return isinstance(event, Frame) and isinstance(event.message, Telemetry) and event.head[7] == self.tick


def test_twin_never_blames_the_pump_for_what_the_link_lost() -> None:
    target = Independent()
    target.link = LossyLink(target.link, 300)
    rig = twin(target)
    rig.therapy(Subscribe(period_ticks=100), role=Role.CLINICIAN)
    with pytest.raises(Diverged):
        rig.run_to(1_000)
    verdict, reason = rig.finish().judged
    assert verdict is Verdict.INCONCLUSIVE
    assert "lossy" in reason


class SaysTwice(Link):
    """Hands on each reply of one type twice, the second under a sequence number of its own or, as an echo, under the same."""

    def __init__(self, link: Link, said: type, echo: bool) -> None:
        self.link, self.said, self.echo = link, said, echo
        self.more = 0

    @property
    def url(self) -> str:
        return self.link.url

    def write(self, data: bytes) -> None:
        self.link.write(data)

    def read(self, timeout_s: float) -> bytes:
        return b"".join(map(self._twice, Decoder(from_device=True).feed(self.link.read(timeout_s))))

    def close(self) -> None:
        self.link.close()

    def _twice(self, event: Frame | BadFrame) -> bytes:
        assert isinstance(event, Frame)
        wire = self._counted(event)
        if not isinstance(event.message, self.said):
            return wire
        self.more += not self.echo
        return wire + (wire if self.echo else self._counted(event))

    def _counted(self, frame: Frame) -> bytes:
        _, flags, _, seq, request_id, session, boot, tick = frame.head
        bench = bool(flags & FLAG_BENCH)
        return device_frame(frame.message, (seq + self.more) % SEQ_SPAN, request_id, session, boot, tick, bench=bench)


@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("said", [Opened, Status])
def test_twin_fails_when_the_target_says_a_thing_twice(said: type, echo: bool) -> None:
    target = Independent()
    target.link = SaysTwice(target.link, said, echo)
    rig = twin(target)
    with pytest.raises(Diverged):
        rig.therapy(ReadStatus(), role=Role.CLINICIAN)
    assert rig.finish().verdict is Verdict.FAIL


class LateLink(Link):
    """Withholds the first reply to a therapy request until the retry brings it once more."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.held: bytes | None = None

    @property
    def url(self) -> str:
        return self.link.url

    def write(self, data: bytes) -> None:
        self.link.write(data)

    def read(self, timeout_s: float) -> bytes:
        data = self.link.read(timeout_s)
        if self.held is None and any(map(_is_start, Decoder(from_device=True).feed(data))):
            self.held = data
            return b""
        late = self.held or b""
        self.held = self.held and b""
        return late + data

    def close(self) -> None:
        self.link.close()


def _is_start(event: Frame | BadFrame) -> bool:
    return isinstance(event, Frame) and isinstance(event.message, Started)


def test_twin_passes_when_a_reply_comes_late_and_again_after_a_retry() -> None:
    target = Independent()
    target.link = LateLink(target.link)
    rig = twin(target)
    treat(rig)
    assert isinstance(rig.therapy(BOLUS, role=Role.CLINICIAN), Started)
    rig.run_to(1_000)
    result = rig.finish()
    assert (result.verdict, result.retries) == (Verdict.PASS, 1)


def test_twin_ends_at_the_first_difference() -> None:
    rig = twin(PlantedTarget(PlantedPump(500, one_unit)))
    for _ in range(2):
        with pytest.raises(Diverged, match="tick"):
            rig.run_to(1000)
    rig.finish()


def test_twin_compares_telemetry_sent_inside_credits() -> None:
    rig = twin()
    assert not isinstance(rig.therapy(Subscribe(period_ticks=100), role=Role.CLINICIAN), Refused)
    before = rig.comparer.frames
    rig.run_to(2_000)
    rig.finish()
    assert rig.comparer.frames - before >= 2_000 // 100


def test_rig_opens_a_session_anew_when_the_old_one_timed_out() -> None:
    rig = twin()
    assert isinstance(rig.therapy(ReadStatus(), role=Role.CLINICIAN), Status)
    rig.run_to(10_000)
    assert isinstance(rig.therapy(ReadStatus(), role=Role.PATIENT), Status)
    rig.finish()


def test_rig_loses_therapy_but_not_time_while_the_link_is_cut() -> None:
    rig = twin()
    rig.cut_link()
    assert rig.therapy(ReadStatus(), role=Role.CLINICIAN) is None
    assert rig.open_session(Role.CLINICIAN) is None
    rig.run_to(100)
    rig.restore_link()
    assert isinstance(rig.therapy(ReadStatus(), role=Role.CLINICIAN), Status)
    assert rig.finish().verdict is Verdict.PASS


def test_repeated_request_moves_no_fluid_twice() -> None:
    rig = twin()
    treat(rig, PATIENT)
    first = rig.therapy(BOLUS, role=Role.CLINICIAN)
    assert isinstance(first, Started)
    assert rig.repeat() == first
    rig.run_to(rig.tick + 1000)
    started = [event for event in rig.events if event.code == Event.BOLUS_STARTED]
    assert len(started) == 1
    assert rig.finish().verdict is Verdict.PASS


def test_inject_is_refused_by_name_when_its_argument_is_out_of_range() -> None:
    rig = twin()
    with pytest.raises(Refusal, match=r"Inject refused: fault_range \(limit 1, value 7\)"):
        rig.inject(Fault.FIELD, 7)
    rig.inject(Fault.FIELD, 1, 100)
    assert rig.truth().plant.magnetic_field == 1
    rig.finish()


def test_local_rig_compares_nothing_and_says_so() -> None:
    rig = open_rig("emulator", "local")
    rig.start({"boot_ticks": 30}, START)
    treat(rig)
    rig.run_to(TICKS_PER_DAY)
    assert rig.truth().config.boot_ticks == 30
    result = rig.finish()
    assert (result.compares, result.verdict) == (False, Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(("target", "topology"), [("native", "local"), ("emulator", "triplet"), ("emulater", "twin")])
def test_rig_is_refused_by_name_when_there_is_none_such(target: str, topology: str) -> None:
    with pytest.raises(TargetUnknown):
        open_rig(target, topology)
