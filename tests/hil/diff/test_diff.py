"""Two recordings, or a recording and a target: the first difference, its bounds or its tick, and what follows from it."""

from pathlib import Path

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.diff import Diff, diff_of, diff_with
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rig import About, LocalRig
from pumpbench.hil.rig.recording import Recording
from pumpbench.hil.targets import open_target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Fault, Role
from pumpbench.protocol.messages import Bolus, ReadStatus, Subscribe
from tests.hil.ledger.recordings import HOUR, record_scenario, record_treatment
from tests.hil.pumps import PATIENT, START, PlantedPump, PlantedTarget, one_unit, treat
from tests.hil.replay.recordings import record_free_run, records, rewrite
from tests.support import effort, require, rng


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diff")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Recorded:
    return load(record_treatment(folder / "whole.pcapng"))


def diff(a: Recorded, b: Recorded) -> Diff:
    return diff_of(a, b, ("a", "b"), open_target)


def test_recording_is_the_same_as_itself_and_as_another_of_the_same_run(whole: Recorded, tmp_path: Path) -> None:
    again = load(record_treatment(tmp_path / "again.pcapng"))
    for other in (whole, again):
        found = diff(whole, other)
        assert (found.word, found.exit_code, found.causes) == ("same", 0, ())
        assert found.frames_compared > 200
        assert found.unpaired_reports == 0


def test_credits_of_other_lengths_are_no_difference(whole: Recorded, tmp_path: Path) -> None:
    found = diff(whole, load(record_treatment(tmp_path / "credits.pcapng", seed=99)))
    assert found.word == "same"
    assert found.unpaired_reports > 0
    assert found.digests_compared > 100


@pytest.mark.parametrize("case", range(effort(4, 40)))
def test_planted_q_is_bounded_between_two_ticks_of_dead_recordings(case: int, whole: Recorded, tmp_path: Path) -> None:
    at = rng(f"diff {case}").randrange(100, 11 * HOUR)
    found = diff(whole, load(record_treatment(tmp_path / "planted.pcapng", PlantedPump(at, one_unit))))
    assert (found.word, found.exit_code, found.exact) == ("different", 1, None)
    (cause,) = found.causes
    assert cause.agreed_tick < at <= cause.first.tick
    assert cause.first.differences[0].field == "controller_crc"
    assert cause.follows_count > 0
    assert "B on nothing here" in found.not_exact


def test_planted_q_of_a_target_is_found_at_its_very_tick_and_field(whole: Recorded) -> None:
    at = 5 * HOUR + 123
    with PlantedTarget(PlantedPump(at, one_unit)) as target:
        found = diff_with(whole, target, "a", open_target)
    assert (found.word, found.exact_names) == ("different", ("emulator", "planted"))
    assert found.exact is not None
    assert found.exact.place is not None
    assert (found.exact.place.tick, found.exact.place.act) == (at, None)
    (field,) = found.exact.fields
    assert (field.name, field.unit) == ("durable.acc_q", "q")
    assert [(b or 0) - (a or 0) for a, b in zip(field.theirs, field.ours, strict=True)] == [0, 1, 1]


def test_recording_that_calls_itself_the_emulator_and_is_not_gives_no_exact_tick(tmp_path: Path) -> None:
    """It was another build's: what this emulator would do at that time is no evidence."""

    class Elder(PlantedTarget):
        name = "emulator"

    path = tmp_path / "elder.pcapng"
    with LocalRig(Elder(PlantedPump(HOUR, one_unit)), 1, Recording(path, About())) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        for tick in range(HOUR // 2, 4 * HOUR + 1, HOUR // 2):
            rig.run_to(tick)
        rig.finish()

    def twice(pump: Pump) -> None:
        """Errs as the elder does, and once more by itself."""
        assert isinstance(pump, PlantedPump)
        one_unit(pump)
        pump.at = 3 * HOUR

    with PlantedTarget(PlantedPump(HOUR, twice)) as target:
        found = diff_with(load(path), target, "elder", open_target)
    assert (found.word, found.exact) == ("different", None)
    assert found.causes[0].agreed_tick >= 2 * HOUR
    assert "does not repeat" in found.not_exact


@pytest.mark.parametrize("name", ["double_request", "update_power_cut", "telemetry_hold_quirk", "over_infusion"])
def test_shipped_scenario_is_the_same_on_the_firmware(name: str, tmp_path: Path) -> None:
    require("cc")
    require("make")
    recorded = load(record_scenario(tmp_path / "run.pcapng", name))
    with open_target("native") as target:
        found = diff_with(recorded, target, name, open_target)
    assert (found.word, found.causes) == ("same", ())
    assert found.digests_compared > 100


def test_free_running_recording_is_the_same_on_the_emulator(tmp_path: Path) -> None:
    record_free_run(tmp_path / "free.pcapng")
    with open_target("emulator") as target:
        found = diff_with(load(tmp_path / "free.pcapng"), target, "free", open_target)
    assert (found.word, found.gaps[0]) == ("same", ())
    assert found.frames_compared > 100


def told(path: Path, dose_ng: int, extra: bool = False, flow_ppm: int = 0) -> Recorded:
    """A short treatment with one bolus, and at will a look more, or a pump that gives another volume."""
    with LocalRig(EmulatorTarget(), 1, Recording(path, About())) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        rig.therapy(Subscribe(period_ticks=500), role=Role.CLINICIAN)
        rig.run_to(1_000)
        if extra:
            rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.run_to(2_000)
        rig.therapy(Bolus(dose_ng=dose_ng, volume_nl=2 * dose_ng, duration_ticks=600), role=Role.CLINICIAN)
        if flow_ppm:
            rig.inject(Fault.FLOW, flow_ppm, 0)
        rig.run_to(4_000)
        rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.finish()
    return load(path)


def test_other_dose_is_the_cause_and_what_the_pump_says_of_it_follows(tmp_path: Path) -> None:
    found = diff(told(tmp_path / "a.pcapng", 5_000), told(tmp_path / "b.pcapng", 6_000))
    (cause,) = found.causes
    assert (cause.first.side, cause.first.message, cause.first.tick) == ("told", "Bolus", 2_000)
    values = {one.field: (one.theirs, one.ours, one.unit) for one in cause.first.differences}
    assert values == {"dose_ng": (5_000, 6_000, "ng"), "volume_nl": (10_000, 12_000, "nl")}
    assert {"Started.volume_nl", "Telemetry.owed_nl", "Report.controller_crc"} <= cause.follows.keys()


def test_request_that_only_one_was_told_is_named_and_later_ones_still_pair(tmp_path: Path) -> None:
    a, b = told(tmp_path / "a.pcapng", 5_000), told(tmp_path / "b.pcapng", 5_000, extra=True)
    for one, other, sides in ((a, b, ("nothing", "ReadStatus")), (b, a, ("ReadStatus", "nothing"))):
        found = diff(one, other)
        (cause,) = found.causes
        assert cause.first.tick == 1_000
        assert [(d.field, d.theirs, d.ours) for d in cause.first.differences] == [("frame", *sides)]
        name, other_name = ("B", "A") if one is a else ("A", "B")
        assert found.reason == f"{name} was told ReadStatus at tick 1000, {other_name} was not"
        assert len(cause.moments) == 1


def test_fault_that_only_one_was_given_is_the_cause(tmp_path: Path) -> None:
    found = diff(told(tmp_path / "a.pcapng", 5_000), told(tmp_path / "b.pcapng", 5_000, flow_ppm=1_200_000))
    (cause,) = found.causes
    assert (cause.first.side, cause.first.message, cause.first.tick) == ("told", "inject flow", 2_000)
    assert {"Report.plant_crc"} <= cause.follows.keys()


def test_difference_after_states_agreed_again_has_a_cause_of_its_own(whole: Recorded, tmp_path: Path) -> None:
    ats = [HOUR + 10, 3 * HOUR + 10, 6 * HOUR + 10]

    def there_and_back(pump: Pump) -> None:
        assert isinstance(pump, PlantedPump)
        pump.durable.residual_more_nl ^= 1
        pump.at = ats.pop(0) if ats else 0

    found = diff(whole, load(record_treatment(tmp_path / "healing.pcapng", PlantedPump(ats.pop(0), there_and_back))))
    first, second = found.causes
    assert first.healed_tick is not None
    assert first.agreed_tick < HOUR + 10 <= first.first.tick < 3 * HOUR + 10 <= first.healed_tick
    assert second.agreed_tick < 6 * HOUR + 10 <= second.first.tick
    assert second.healed_tick is None


@pytest.mark.parametrize("damage", ["delete", "double", "torn"])
def test_damaged_recording_is_never_the_same(damage: str, whole: Recorded, folder: Path, tmp_path: Path) -> None:
    originals, draw = records(folder / "whole.pcapng"), rng(f"diff {damage}")
    same = []
    for _ in range(effort(12, 1_000)):
        at = draw.randrange(len(originals) - 2)
        kept = {"delete": originals[:at] + originals[at + 1 :], "double": originals[: at + 1] + originals[at:]}.get(
            damage, originals
        )
        path = rewrite(tmp_path / "damaged.pcapng", kept)
        if damage == "torn":
            path.write_bytes(path.read_bytes()[: draw.randrange(1_000, path.stat().st_size - 1)])
        for pair in ((whole, load(path)), (load(path), whole)):
            found = diff(*pair)
            if found.exit_code == 0:
                same.append((at, originals[at].payload[:40]))
    assert not same


def days(path: Path, count: int, fault: bool = False, last_look: bool = False) -> Recorded:
    """Half-days of therapy; `fault`: in the end, `last_look`: at the tick where a shorter run of the same ends."""
    with LocalRig(EmulatorTarget(), 1, Recording(path, About())) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        rig.therapy(Subscribe(period_ticks=6_000), role=Role.CLINICIAN)
        for half_day in range(1, count + 1):
            rig.run_to(half_day * 12 * HOUR)
            if last_look and half_day == 1:
                rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        if fault:
            rig.inject(Fault.FLOW, 1_200_000, 0)
            rig.run_to((count + 1) * 12 * HOUR)
        rig.finish()
    return load(path)


@pytest.mark.parametrize("last", [{}, {"fault": True}, {"last_look": True}])
def test_recordings_of_two_lengths_are_no_more_than_lossy(last: dict[str, bool], tmp_path: Path) -> None:
    """Nor different, where the shorter one ends before the other is told more."""
    short, long = days(tmp_path / "short.pcapng", 1), days(tmp_path / "long.pcapng", 2, **last)
    end = 12 * HOUR
    for one, other, goes_on in ((short, long, "where A ends; B goes on"), (long, short, "where B ends; A goes on")):
        found = diff(one, other)
        assert (found.word, found.exit_code, found.causes, found.is_short) == ("lossy", 3, (), True), found.reason
        assert f"up to tick {end}, {goes_on} to tick {max(one.last_tick, other.last_tick)}" in found.reason
        asked = diff_of(one, other, ("a", "b"), until_tick=end - HOUR)
        assert (asked.word, asked.exit_code, asked.ticks) == ("same", 0, (end - HOUR, end - HOUR))
        assert asked.frames_compared > 30
    assert diff_of(short, long, ("a", "b"), until_tick=end + HOUR).exit_code == 3


def test_difference_before_the_shorter_one_ends_is_one_and_later_ones_can_be_left_out(tmp_path: Path) -> None:
    short = days(tmp_path / "short.pcapng", 2)
    other = days(tmp_path / "other.pcapng", 1, fault=True)
    longer = days(tmp_path / "longer.pcapng", 4)
    for one in (short, longer):
        found = diff(one, other)
        assert (found.word, found.exit_code) == ("different", 1)
        assert (found.causes[0].first.message, found.causes[0].first.tick) == ("inject flow", 12 * HOUR)
        assert diff_of(one, other, ("a", "b"), until_tick=12 * HOUR - 1).word == "same"


def test_target_is_played_no_further_than_asked(tmp_path: Path) -> None:
    with PlantedTarget(PlantedPump(11 * HOUR, one_unit)) as target:
        found = diff_with(days(tmp_path / "a.pcapng", 1), target, "a", open_target, until_tick=10 * HOUR)
    assert (found.word, found.ticks) == ("same", (10 * HOUR, 10 * HOUR))
