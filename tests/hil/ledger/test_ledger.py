"""The dose account of recordings whole, damaged and planted: what is accounted for, what came twice, what is missing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pumpbench.firmware_emu.account import STEP_PL
from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.ledger import Ledger, ledger_of
from pumpbench.hil.replay.loader import load
from pumpbench.hil.rig import About, LocalRig, TwinRig
from pumpbench.hil.rig.recording import SNAPSHOT, Recording
from pumpbench.hil.scenario.shipped import load as load_scenario
from pumpbench.hil.verdict import Verdict
from pumpbench.hil.wire import generate
from pumpbench.protocol.codes import FluidKind, Role
from pumpbench.protocol.limits import PATIENT_BOLUSES, Q_PER_NL, STEP_Q
from pumpbench.protocol.messages import Bolus, PatientBolus, ReadAccount, Started
from tests.hil.ledger.recordings import HOUR, LOOKS, record_scenario, record_treatment
from tests.hil.pumps import PATIENT, START, PlantedPump, PlantedTarget, SpoiltBolusPump, one_unit, treat
from tests.hil.replay.recordings import Kept, record_free_run, records, rewrite
from tests.hil.wire.clients import InProcess
from tests.hil.wire.test_known_bad import forget
from tests.support import ROOT, effort, rng

# What each shipped failure does to the truth beside the account: over, under, or neither.
TRUTHS = {
    "over_infusion": 1, "catheter_leak": -1, "catheter_occlusion": -1, "pocket_fill": -1, "mri_stall_recovery": -1,
    "intermittent_stall": -1, "double_request": 0, "patient_limits": 0, "bridge_and_concentration": 0,
    "priming_dilution": 0, "empty_reservoir": 0, "single_bolus": 0, "update_power_cut": 0, "low_alarm_at_4_ml": 0,
}  # fmt: skip


def ledger(path: Path) -> Ledger:
    return ledger_of(load(path))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_treatment(tmp_path_factory.mktemp("ledger") / "whole.pcapng")


@pytest.mark.parametrize("name", TRUTHS)
def test_shipped_failure_is_accounted_and_its_truth_shows_beside_it(name: str, tmp_path: Path) -> None:
    found = ledger(record_scenario(tmp_path / "run.pcapng", name))
    assert (found.word, found.verdict, found.findings) == ("accounted", Verdict.PASS, ())
    assert found.closed is not None
    assert found.closed.surplus_q == 0
    assert found.over_pl is not None
    assert (found.over_pl > 0) - (found.over_pl < 0) == TRUTHS[name]
    assert all(limit.kept is not False for limit in found.limits)


def test_over_infusion_is_all_that_was_there_above_what_the_steps_brought(tmp_path: Path) -> None:
    found = ledger(record_scenario(tmp_path / "run.pcapng", "over_infusion"))
    assert found.truth is not None
    assert found.steps is not None
    # 18 mL were there, and 1 050 000 nl more of those filled in on day 25.
    assert found.over_pl == found.truth.tip_pl - found.steps * STEP_PL > 3_000_000_000


def test_ledger_of_a_whole_treatment_names_its_readings_boluses_and_limits(whole: Path) -> None:
    found = ledger(whole)
    assert found.readings.by_message["Account"] == LOOKS
    assert found.readings.by_message["Telemetry"] > 0
    assert found.readings.digests_agreed > LOOKS
    assert [bolus.kind for bolus in found.boluses] == [FluidKind.CLINICIAN, FluidKind.PATIENT, FluidKind.PATIENT]
    lockout, count = (limit for limit in found.limits if "patient" in limit.name)
    assert (lockout.bound, lockout.most, lockout.kept) == (36_000, 3 * HOUR, True)
    assert (count.bound, count.most, count.kept) == (4, 2, True)


def more_steps(count: int) -> Callable[[Pump], None]:
    """A dose that the motor gave and nobody asked for; below 0: one that was asked for and forgotten."""

    def plant(pump: Pump) -> None:
        pump.durable.step_count += count

    return plant


@pytest.mark.parametrize("case", range(effort(6, 60)))
def test_steps_too_many_or_too_few_fail_between_the_frames_around_them(case: int, tmp_path: Path) -> None:
    draw = rng(f"ledger steps {case}")
    at, count = draw.randrange(HOUR, 10 * HOUR), draw.choice([-3, -1, 1, 40, 1_000_000])
    found = ledger(record_treatment(tmp_path / "planted.pcapng", PlantedPump(at, more_steps(count))))
    assert (found.verdict, found.word) == (Verdict.FAIL, "duplicate" if count > 0 else "loss")
    first = found.findings[0]
    assert first.before.tick <= at <= first.after.tick
    assert {one.amount_q for one in found.findings if str(one.kind) == found.word} == {abs(count) * STEP_Q}
    assert any(str(one.kind) == "limit" for one in found.findings) == (count == 1_000_000)


def test_one_q_too_many_is_found_at_the_first_account_after_it(tmp_path: Path) -> None:
    found = ledger(record_treatment(tmp_path / "planted.pcapng", PlantedPump(2 * HOUR + 5, one_unit)))
    assert (found.verdict, found.word) == (Verdict.FAIL, "duplicate")
    assert (found.findings[0].amount_q, found.findings[0].after.message, found.findings[0].after.tick) == (1, "Account", 3 * HOUR)


def test_account_that_does_not_add_up_by_itself_fails_without_a_re_run(tmp_path: Path) -> None:
    path = record_treatment(tmp_path / "spoilt.pcapng", SpoiltBolusPump())
    observed = rewrite(tmp_path / "observed.pcapng", [one for one in records(path) if not is_snapshot(one)])
    found = ledger(observed)
    assert found.sureness == "observed"
    assert (found.verdict, found.findings[0].amount_q) == (Verdict.FAIL, 1)


def test_state_that_differs_where_no_frame_tells_of_the_account_is_inconclusive(tmp_path: Path) -> None:
    """What is planted is no part of the account."""
    path = record_treatment(tmp_path / "late.pcapng", PlantedPump(LOOKS * HOUR - 10, flag))
    found = ledger(path)
    assert (found.verdict, found.word) == (Verdict.INCONCLUSIVE, "inconclusive")
    assert "its state is not the re-run's" in found.reason


def test_bridge_counts_with_the_drug_that_the_line_still_holds(tmp_path: Path) -> None:
    """Both programs of the scenario give the same dose a day, and the bridge goes on with it; one step is an ng at most."""
    found = ledger(record_scenario(tmp_path / "run.pcapng", "bridge_and_concentration"))
    (dose,) = (limit for limit in found.limits if limit.name.startswith("dose"))
    assert dose.most == pytest.approx(200_000, abs=1_000)


def shipped(name: str) -> Path:
    return ROOT / "fixtures" / "captures" / f"{name}.pcapng.gz"


def test_plant_that_differs_puts_its_truth_in_doubt_though_the_account_adds_up() -> None:
    """One digest of the plant is another; that is all that is wrong with this recording."""
    found = ledger(shipped("damaged_value"))
    assert (found.verdict, found.truth, found.over_pl) == (Verdict.INCONCLUSIVE, None, None)
    assert found.readings.first_plant_differing is not None
    assert (found.readings.plant_differing, found.readings.first_plant_differing.tick) == (1, 680_636)
    assert found.reason.startswith("the plant is not the re-run's: Report, frame 64 at tick 680636; by the device, every q")
    assert found.closed is not None
    assert found.closed.surplus_q == 0


def test_leak_that_the_rerun_does_not_have_is_not_accounted(tmp_path: Path) -> None:
    def leak(pump: Pump) -> None:
        pump.plant.delivered_pl -= 1

    found = ledger(record_treatment(tmp_path / "leak.pcapng", PlantedPump(3 * HOUR + 7, leak)))
    assert (found.verdict, found.findings, found.truth) == (Verdict.INCONCLUSIVE, (), None)
    assert found.readings.plant_differing > 0
    assert found.readings.digests_differing == 0


def test_device_without_its_plant_is_accounted_by_what_it_tells_of_itself() -> None:
    found = ledger(shipped("native_controller"))
    assert (found.verdict, found.truth) == (Verdict.PASS, None)
    assert (found.readings.plant_agreed, found.readings.plant_differing) == (0, 0)


def flag(pump: Pump) -> None:
    pump.durable.residual_more_nl += 1


class Eager(Pump):
    """Forgets when its patient had the last bolus."""

    __slots__ = ()

    def handle(self, message: object, request_id: int = 0, body_crc: int = 0) -> object:
        self.controller.patient_start_life_ticks = [0] * PATIENT_BOLUSES
        return super().handle(message, request_id, body_crc)


def test_patient_bolus_inside_the_lockout_is_a_limit_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "eager.pcapng"
    with LocalRig(PlantedTarget(Eager()), 1, Recording(path, About())) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        for tick in (HOUR, HOUR + 1_000):
            rig.run_to(tick)
            assert isinstance(rig.therapy(PatientBolus(), role=Role.PATIENT), Started)
        rig.therapy(ReadAccount(), role=Role.CLINICIAN)
        rig.finish()
    found = ledger(path)
    assert found.verdict is Verdict.FAIL
    assert {str(one.kind) for one in found.findings} == {"limit", "duplicate"}
    (lockout,) = [limit for limit in found.limits if limit.name.startswith("lockout")]
    assert (lockout.kept, lockout.most) == (False, 1_000)


def is_snapshot(one: Kept) -> bool:
    return one.is_meta and f'"record":"{SNAPSHOT}"'.encode() in one.payload.replace(b" ", b"")


def test_recording_that_does_not_open_with_a_snapshot_is_inconclusive(whole: Path, tmp_path: Path) -> None:
    kept = [one for one in records(whole) if not is_snapshot(one)]
    found = ledger(rewrite(tmp_path / "observed.pcapng", kept))
    assert (found.sureness, found.verdict, found.truth) == ("observed", Verdict.INCONCLUSIVE, None)
    assert found.own_words
    assert found.closed is not None
    assert found.closed.surplus_q == 0


@pytest.mark.parametrize("damage", ["delete", "double", "swap", "torn"])
def test_damaged_recording_is_never_accounted(damage: str, whole: Path, tmp_path: Path) -> None:
    originals, draw = records(whole), rng(f"ledger {damage}")
    accounted = []
    for _ in range(effort(15, 2_000)):
        at = draw.randrange(len(originals) - 2)
        kept = {
            "delete": originals[:at] + originals[at + 1 :],
            "double": originals[: at + 1] + originals[at:],
            "swap": [*originals[:at], originals[at + 1], originals[at], *originals[at + 2 :]],
            "torn": originals,
        }[damage]
        path = rewrite(tmp_path / "damaged.pcapng", kept)
        if damage == "torn":
            path.write_bytes(path.read_bytes()[: draw.randrange(1_000, path.stat().st_size - 1)])
        found = ledger(path)
        if found.verdict is Verdict.PASS:
            accounted.append((at, originals[at].payload[:40]))
    assert not accounted


@pytest.mark.parametrize("case", range(effort(3, 200)))
def test_bad_wire_changes_no_account(case: int, tmp_path: Path) -> None:
    """What the pump heard twice it did once, and what it never heard nobody counts on."""
    draw = rng(f"ledger wire {case}")
    scenario = replace(load_scenario("patient_limits"), wire=generate(draw.randrange(1 << 32), frames=60, one_in=3))
    found = ledger(record_scenario(tmp_path / "wire.pcapng", scenario))
    assert (found.word, found.findings, found.gaps) == ("accounted", (), ())


def test_free_running_recording_is_accounted_by_its_readings(tmp_path: Path) -> None:
    record_free_run(tmp_path / "free.pcapng")
    found = ledger(tmp_path / "free.pcapng")
    assert (found.word, found.readings.by_message["Status"]) == ("accounted", 101)
    assert found.over_pl == 0


@pytest.mark.parametrize("forgetful_too", [False, True])
def test_dose_given_twice_for_one_request_is_a_duplicate(
    forgetful_too: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the re-run forgets alike: one request was started twice, whatever the sums say."""
    bolus = Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600)
    with monkeypatch.context() as forgetting:
        forget(forgetting)
        path = tmp_path / "twice.pcapng"
        with TwinRig(InProcess(Device()), 1, Recording(path, About())) as rig:
            rig.start({}, START)
            treat(rig, PATIENT)
            assert isinstance(rig.therapy(bolus, role=Role.CLINICIAN), Started)
            rig.run_to(rig.tick + 700)
            assert isinstance(rig.repeat(), Started)
            rig.finish()
        recorded = load(path)
        if forgetful_too:
            found = ledger_of(recorded)
    if not forgetful_too:
        found = ledger_of(recorded)
    assert (found.verdict, found.word) == (Verdict.FAIL, "duplicate")
    twice = next(one for one in found.findings if "started twice" in one.what or "started again" in one.what)
    assert twice.amount_q == 10_000 * Q_PER_NL
    assert twice.before.tick < twice.after.tick
