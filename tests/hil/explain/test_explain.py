"""Why alarms sounded: for every kind, what the guard read, and a change that keeps it silent where one step less does not."""

from pathlib import Path

import pytest

from pumpbench.firmware_emu.alarms import ALARMS
from pumpbench.firmware_emu.guards import GUARDS, read
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.explain import Explained, Explainer, Sounding, shown_in
from pumpbench.hil.explain.knobs import knobs_of, without_grants
from pumpbench.hil.explain.search import Outcome, outcome_of
from pumpbench.hil.links import INBOUND
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.loader import load
from pumpbench.hil.rerun import Script, script_of
from pumpbench.hil.rig import About, LocalRig
from pumpbench.hil.rig.recording import SNAPSHOT, Recording
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Alarm, Event, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.messages import ReadStatus, Report, SilenceAlarms, Subscribe, Telemetry
from tests.hil.ledger.recordings import HOUR, record_scenario
from tests.hil.pumps import START, PlantedPump, PlantedTarget, treat
from tests.hil.replay.recordings import Kept, records, rewrite
from tests.support import effort, require, rng

# Alarm -> the scenario that sounds it, and the levers by which it could have been kept silent there.
CASES = {
    Alarm.LOW_RESERVOIR: ("low_alarm_at_4_ml", {"low_reservoir_nl"}),
    Alarm.ELECTIVE_REPLACEMENT: ("eri_to_eos", {"life_limit_ticks", "life_ticks"}),
    Alarm.MEMORY_ERROR: ("memory_flip", {"arg_0", "arg_1", "tick"}),
    Alarm.EMPTY_RESERVOIR: ("empty_reservoir", {"reservoir_estimated_nl", "tick"}),
    Alarm.END_OF_SERVICE: ("end", {"life_limit_ticks", "life_ticks"}),
    Alarm.MOTOR_STALL: ("intermittent_stall", {"stall_steps_count", "arg_2", "tick"}),
    Alarm.STOPPED_TOO_LONG: ("update_link_lost_quirk", {"stopped_alarm_ticks", "tick"}),
    Alarm.CRITICAL_MEMORY_ERROR: ("memory_flip", {"arg_0", "arg_1", "tick"}),
    Alarm.LOW_BATTERY_RESET: ("battery_film", {"arg_1", "charge_nc", "brownout_nc_per_mohm"}),
}  # fmt: skip


QUARTER = HOUR // 4
LAST_DAY = """
title = "the last day of eighty-four months"
sources = ["M02"]
until = "2d"

[start]
age = "2555d 18h"

[[step]]
at = "1h"
program = { mode = "simple_continuous", dose_ng_per_day = 300_000 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    for name in {name for name, _ in CASES.values()}:
        record_scenario(folder / f"{name}.pcapng", read_scenario(LAST_DAY, "end.toml") if name == "end" else name)
    return folder


def explainer_of(path: Path) -> tuple[Explainer, Script]:
    recorded = load(path)
    return Explainer(recorded), script_of(recorded)


_SEARCHED: dict[tuple[str, int], Explained] = {}


def searched(explainer: Explainer, sounding: Sounding, name: str) -> Explained:
    """Each search once: it takes many re-runs."""
    key = name, sounding.raised_tick
    if key not in _SEARCHED:
        _SEARCHED[key] = explainer.explain(sounding)
    return _SEARCHED[key]


def first_of(explainer: Explainer, alarm: int) -> Sounding:
    return next(one for one in explainer.soundings if one.alarm == alarm)


def test_every_alarm_has_a_guard_and_a_case() -> None:
    assert [guard.alarm for guard in GUARDS] == [row.number for row in ALARMS] == sorted(CASES)
    pump = Pump()
    assert all(
        read(pump, name).value >= 0 for guard in GUARDS for name in (*guard.inputs, *guard.thresholds, *guard.debounced_by)
    )


@pytest.mark.parametrize("alarm", CASES, ids=Alarm.name_of)
def test_counterfactual_silences_the_alarm_and_one_step_back_sounds_it(alarm: int, folder: Path) -> None:
    name, levers = CASES[alarm]
    explainer, script = explainer_of(folder / f"{name}.pcapng")
    sounding = first_of(explainer, alarm)
    assert explainer.doubt(sounding) == ""
    assert outcome_of(without_grants(script), sounding) is Outcome.SOUNDS, "as recorded"
    explained = searched(explainer, sounding, name)
    assert {one.lever.field for one in explained.nearest} == levers
    made = {knob.lever: knob.made for knob in knobs_of(GUARDS[alarm], script, sounding)}
    for found in explained.nearest:
        assert found.needed is not None
        assert found.step_back is not None
        assert abs(found.needed - found.step_back) == 1
        assert outcome_of(made[found.lever](found.needed), sounding) is Outcome.SILENT, found
        assert outcome_of(made[found.lever](found.step_back), sounding) is Outcome.SOUNDS, found


def test_guard_reads_its_threshold_at_the_very_tick_and_not_before(folder: Path) -> None:
    explainer, _ = explainer_of(folder / "low_alarm_at_4_ml.pcapng")
    explained = explainer.explain(first_of(explainer, Alarm.LOW_RESERVOIR), search=False)
    before, at = (dict(readings) for readings in (explained.before, explained.at))
    assert before["durable.reservoir_estimated_nl"] > before["program.low_reservoir_nl"] == 4_000_000
    assert at["durable.reservoir_estimated_nl"] <= at["program.low_reservoir_nl"]


def test_debounce_of_a_stall_is_the_steps_that_the_configuration_asks_for(folder: Path) -> None:
    explainer, script = explainer_of(folder / "intermittent_stall.pcapng")
    explained = explainer.explain(first_of(explainer, Alarm.MOTOR_STALL), search=False)
    before, at = (dict(readings) for readings in (explained.before, explained.at))
    assert (
        before["controller.stall_missed_count"] + 1 == at["controller.stall_missed_count"] == script.config["stall_steps_count"]
    )
    assert explained.latched == "until the rotor is seen to turn"


def test_silencing_is_told_with_tick_and_role_and_does_not_end_the_alarm(folder: Path) -> None:
    explainer, _ = explainer_of(folder / "empty_reservoir.pcapng")
    (low,) = [one for one in explainer.soundings if one.alarm == Alarm.LOW_RESERVOIR]
    (silenced,) = low.silenced
    assert silenced.role == Role.CLINICIAN
    assert low.raised_tick < silenced.tick < low.ended_tick
    assert low.ended == "cleared"


def test_alarm_that_is_on_at_the_end_says_why_it_still_is(folder: Path) -> None:
    explainer, _ = explainer_of(folder / "eri_to_eos.pcapng")
    explained = explainer.explain(first_of(explainer, Alarm.ELECTIVE_REPLACEMENT), search=False)
    assert (explained.sounding.ended, explained.latched) == ("still on", "never clears")


def none_in_range(explained: Explained) -> set[str]:
    return {one.lever.field for one in explained.counterfactuals if one.needed is None}


def test_none_in_range_is_an_answer(folder: Path) -> None:
    """The estimate started at 18 mL: even a full pump is low before the end, and no threshold of a voltage matters to age."""
    for alarm, fields in (
        (Alarm.LOW_RESERVOIR, {"reservoir_estimated_nl"}),
        (Alarm.ELECTIVE_REPLACEMENT, {"eri_mv", "eri_to_eos_ticks"}),
    ):
        name = CASES[alarm][0]
        explainer, _ = explainer_of(folder / f"{name}.pcapng")
        assert fields <= none_in_range(searched(explainer, first_of(explainer, alarm), name))


def test_recording_without_a_snapshot_cannot_be_explained(folder: Path, tmp_path: Path) -> None:
    kept = [
        one for one in records(folder / "empty_reservoir.pcapng") if not (one.is_meta and f'"{SNAPSHOT}"'.encode() in one.payload)
    ]
    explainer = Explainer(load(rewrite(tmp_path / "observed.pcapng", kept)))
    assert explainer.why_not.startswith("observed: ")
    assert explainer.soundings == []


@pytest.mark.parametrize("subscribed", [False, True])
def test_frames_alone_bound_an_alarm_or_tell_its_tick(subscribed: bool, tmp_path: Path) -> None:
    path = tmp_path / "field.pcapng"
    with LocalRig(EmulatorTarget(), 1, Recording(path, About())) as rig:
        rig.start({}, START._replace(reservoir_estimated_nl=2_010_000))  # type: ignore[attr-defined]
        treat(rig)
        rig.therapy(Subscribe(period_ticks=700 if subscribed else 0), role=Role.CLINICIAN)
        for tick in range(1_000, 30_001, 1_000):
            rig.run_to(tick)
            rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.finish()
    (raised,) = [one.tick for one in rig.events if one.code == Event.ALARM_RAISED]
    (shown,) = shown_in(load(path))
    assert (shown.alarm, shown.off_tick, shown.is_exact) == (Alarm.LOW_RESERVOIR, None, subscribed)
    assert shown.after_tick <= raised <= shown.by_tick <= shown.after_tick + 1_000


@pytest.mark.parametrize("case", range(effort(4, 300)))
def test_damaged_recording_is_explained_or_doubted_and_never_breaks(case: int, folder: Path, tmp_path: Path) -> None:
    kept, draw = records(folder / "empty_reservoir.pcapng"), rng(f"explain damage {case}")
    on_the_line = False
    for _ in range(draw.choice([1, 1, 3])):
        at = draw.randrange(len(kept))
        on_the_line = on_the_line or not kept[at].is_meta
        payload = bytearray(kept[at].payload)
        payload[draw.randrange(len(payload))] ^= 1 << draw.randrange(8)
        kept[at] = kept[at]._replace(payload=bytes(payload))
    explainer = Explainer(load(rewrite(tmp_path / "damaged.pcapng", kept)))
    for sounding in explainer.soundings:
        assert explainer.explain(sounding, search=False).sounding == sounding
    # Of the header not everything decides what a pump does.
    assert explainer.why_not or explainer.gaps or explainer.first_difference is not None or not on_the_line


def test_pump_that_left_the_reference_before_its_alarm_is_in_doubt(tmp_path: Path) -> None:
    def spoil(pump: Pump) -> None:
        pump.durable.residual_more_nl += 1

    target = PlantedTarget(PlantedPump(1_000_000, spoil))
    explainer, _ = explainer_of(record_scenario(tmp_path / "planted.pcapng", "empty_reservoir", target))
    sounding = first_of(explainer, Alarm.LOW_RESERVOIR)
    assert "not the re-run's any more" in explainer.doubt(sounding)


def record_low(path: Path, telemetry_ticks: int) -> Path:
    """A low alarm in the first quarter of an hour, silenced at its end; two more of them, and a look at the status."""
    with LocalRig(EmulatorTarget(), 1, Recording(path, About())) as rig:
        rig.start({"session_timeout_ticks": HOUR}, START._replace(reservoir_estimated_nl=2_000_250))  # type: ignore[attr-defined]
        treat(rig)
        rig.therapy(Subscribe(period_ticks=telemetry_ticks), role=Role.CLINICIAN)
        rig.run_to(QUARTER)
        rig.therapy(SilenceAlarms(), role=Role.CLINICIAN)
        rig.run_to(3 * QUARTER)
        rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.finish()
    return path


def lying(kept: Kept, of_tick: int) -> Kept:
    """The same record; telemetry of that tick tells of no alarm, its CRC mended."""
    for wire in kept.payload.split(b"\0") if kept.direction == INBOUND and not kept.is_meta else ():
        for event in Decoder(from_device=True).feed(b"\0" + wire + b"\0"):
            if isinstance(event, Frame) and isinstance(event.message, Telemetry) and event.head[7] == of_tick:
                told = event.message._replace(alarms_active=0)  # type: ignore[attr-defined]
                made = device_frame(told, event.head[3], event.head[4], event.head[5], event.head[6], event.head[7])
                return kept._replace(payload=kept.payload.replace(wire, made.strip(b"\0")))
    return kept


def low_of(path: Path, library: NativeLibrary | None = None) -> tuple[Explainer, Sounding]:
    explainer = Explainer(load(path, library))
    return explainer, first_of(explainer, Alarm.LOW_RESERVOIR)


@pytest.mark.parametrize("by_rows", [False, True])
def test_telemetry_that_tells_of_no_alarm_puts_it_in_doubt(by_rows: bool, tmp_path: Path) -> None:
    if by_rows:
        require("cc")
        require("make")
    library = NativeLibrary() if by_rows else None
    whole = record_low(tmp_path / "low.pcapng", telemetry_ticks=700)
    explainer, low = low_of(whole, library)
    assert (explainer.first_difference, explainer.doubt(low)) == (None, "")
    tick = max(frame.head[7] for frame in load(whole).unasked if isinstance(frame.message, Telemetry))
    kept = [lying(one, tick) for one in records(whole)]
    explainer, low = low_of(rewrite(tmp_path / "lies.pcapng", kept, last_tick=3 * QUARTER), library)
    assert explainer.gaps == []
    assert f"tick {tick}: Telemetry.alarms_active is 1, recorded 0" in explainer.doubt(low)


@pytest.mark.parametrize(("reports_after", "sure"), [(0, False), (1, True)])
def test_silencing_is_sure_once_something_after_it_agrees(reports_after: int, sure: bool, tmp_path: Path) -> None:
    kept = records(record_low(tmp_path / "low.pcapng", telemetry_ticks=0))
    silenced = next(at for at, one in enumerate(kept) if one.direction != INBOUND and is_a(one, SilenceAlarms))
    reports = [at for at, one in enumerate(kept) if at > silenced and one.direction == INBOUND and is_a(one, Report)]
    end = reports[reports_after - 1] if reports_after else silenced + 1
    path = rewrite(tmp_path / "cut.pcapng", kept[: end + 1], last_tick=3 * QUARTER)
    explainer, low = low_of(path)
    assert [one.tick for one in low.silenced] == [QUARTER]
    assert explainer.first_difference is None
    assert (explainer.doubt(low) == "") is sure


def is_a(kept: Kept, kind: type) -> bool:
    events = [] if kept.is_meta else Decoder(from_device=kept.direction == INBOUND).feed(kept.payload)
    return any(isinstance(one, Frame) and isinstance(one.message, kind) for one in events)
