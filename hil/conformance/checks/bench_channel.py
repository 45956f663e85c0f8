"""The bench channel: what it refuses unarmed, its ids, configuration and start, each refusal with its bound."""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.bench import CONFIG_INDEX
from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.roles import raw
from pumpbench.hil.conformance.subject import START, Subject
from pumpbench.protocol.codes import Fault, Level, Refusal, TherapyState
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import (
    Abort,
    Arm,
    Configure,
    Disarm,
    Done,
    Inject,
    LinkCounters,
    ReadLink,
    ReadSnapshot,
    ReadStatus,
    Report,
    RunTo,
)

SECTION: Final = "SEMANTICS 13"
U32_MAX: Final = 0xFFFF_FFFF
# Changes to a start that is good, the bound it breaks, and its value, in the order of the page.
STARTS: Final[tuple[tuple[dict[str, int], int, int], ...]] = (
    ({"reservoir_true_nl": 20_000_001}, 20_000_000, 20_000_001),
    ({"reservoir_estimated_nl": 20_000_001}, 20_000_000, 20_000_001),
    ({"concentration_ug_per_ml": 4_001}, 4_000, 4_001),
    ({"line_ug_per_ml": 4_001}, 4_000, 4_001),
    ({"catheter_length_mm": 1_501}, 1_500, 1_501),
    ({"tubing_nl": 1_000_001}, 1_000_000, 1_000_001),
    # 72 mm of 220 nl each: 15 840 nl, less than 32 parcels of two steps.
    ({"catheter_length_mm": 72, "tubing_nl": 0}, 16_000, 15_840),
    ({"charge_nc": 9_000_000_000_001}, U32_MAX, U32_MAX),
    ({"life_ticks": 2_209_032_000}, 2_209_031_999, 2_209_032_000),
)  # fmt: skip


@check("bench.unarmed-it-is-refused", SECTION, Level.L1)
def unarmed_is_refused(pump: Subject) -> None:
    """Unarmed, every bench request but Arm and ReadLink is refused with its type."""
    pump.start()
    pump.disarm()
    snapshot = ReadSnapshot(offset_bytes=0)
    inject = Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0)
    for message in (
        RunTo(target_tick=1, stop_mask=0),
        Disarm(),
        Abort(),
        Configure(config_index=0, value=0),
        snapshot,
        inject,
        START,
    ):
        pump.refused(message, Refusal.NOT_ARMED, 0, layout_of(type(message)).number)
    pump.expect_reply(pump.ask(ReadLink()), LinkCounters)


@check("bench.retry-repeats-the-stored-reply", SECTION, Level.L1)
def retry_repeats(pump: Subject) -> None:
    """The last bench request again, byte for byte, gets its stored reply, byte for byte."""
    pump.start()
    wire = pump.frame(RunTo(target_tick=100, stop_mask=0))
    first, again = pump.send(wire), pump.send(wire)
    pump.expect("bytes of the repeated report", again.raw.hex(" "), first.raw.hex(" "))


@check("bench.old-id-is-stale", SECTION, Level.L1)
def old_id_is_stale(pump: Subject) -> None:
    """A bench id that is lower, or the last with other bytes, is refused; therapy's ids are counted apart."""
    pump.start()
    pump.credit(10)
    last = pump.next_id(bench=True)
    pump.ask(RunTo(target_tick=20, stop_mask=0), request_id=last)
    pump.refused(RunTo(target_tick=30, stop_mask=0), Refusal.STALE_ID, last, last, request_id=last)
    pump.refused(RunTo(target_tick=30, stop_mask=0), Refusal.STALE_ID, last, last - 1, request_id=last - 1)
    pump.open()
    pump.status()
    pump.expect("Report.reached_tick", pump.credit(20).reached_tick, 20)


@check("bench.refused-requests-use-up-no-id", SECTION, Level.L1)
def refused_use_no_id(pump: Subject) -> None:
    """A body that does not parse and a type that is unknown consume no id on the bench channel."""
    pump.start()
    short = raw(pump, layout_of(RunTo).number, FLAG_BENCH, b"\0\0\0")
    pump.is_refused("a short RunTo", short.message, Refusal.MALFORMED, 0, 0)
    pump.expect_reply(pump.ask(RunTo(target_tick=0, stop_mask=0), request_id=short.head[4]), Report)


@check("bench.arm-again-keeps-everything", SECTION, Level.L1)
def arm_again(pump: Subject) -> None:
    """An armed device that is armed again answers Done: its configuration, effects and tick stay, and the ids start anew."""
    pump.start({"stopped_alarm_ticks": 600})
    before = pump.at(700)
    pump.expect_reply(pump.ask(Arm(build_id=pump.build_id), request_id=1), Done)
    pump.expect("the report under id 2", pump.ask(RunTo(target_tick=700, stop_mask=0), request_id=2), before)


@check("bench.arm-sets-the-declared-configuration", SECTION, Level.L1)
def arm_sets_configuration(pump: Subject) -> None:
    """Disarmed and armed again, the device is configured as declared, and its state and tick stand."""
    pump.start({"session_timeout_ticks": 10})
    pump.at(5)
    pump.arm()
    pump.open()
    pump.at(1_000)
    pump.status()


@check("bench.disarmed-it-goes-on-from-its-state", SECTION, Level.L1)
def disarmed_goes_on(pump: Subject) -> None:
    """Disarm gives time back and changes nothing: the age goes on from where it stood."""
    pump.start(life_ticks=5_000)
    pump.at(1_000)
    pump.disarm()
    pump.open()
    pump.expect("Status.life_ticks is at least 6000", pump.status().life_ticks >= 6_000, True)


@check("bench.configuration-has-its-fields", SECTION, Level.L1)
def configuration_fields(pump: Subject) -> None:
    """Each configuration field takes its bounds and refuses what is outside, with the bound; an index beyond is unknown."""
    pump.start()
    fields = layout_of(Config).fields
    for index, field in enumerate(fields):
        if field.name == "quirks":
            continue
        for value, bound in ((field.lo - 1, field.lo), (field.hi + 1, field.hi)):
            if 0 <= value < 1 << 64:
                pump.refused(
                    Configure(config_index=index, value=value), Refusal.CONFIG_RANGE, min(bound, U32_MAX), min(value, U32_MAX)
                )
        for value in (field.lo, field.hi, field.default or 0):
            pump.done(Configure(config_index=index, value=value))
    pump.refused(Configure(config_index=len(fields), value=0), Refusal.CONFIG_UNKNOWN, len(fields), len(fields))
    pump.refused(Configure(config_index=0xFFFF, value=0), Refusal.CONFIG_UNKNOWN, len(fields), 0xFFFF)


@check("bench.configuration-acts-at-once", SECTION, Level.L1)
def configuration_acts(pump: Subject) -> None:
    """A field that is set takes effect at once: a shorter session timeout ends a session that is open."""
    pump.start()
    pump.open()
    pump.at(100)
    pump.done(Configure(config_index=CONFIG_INDEX["session_timeout_ticks"], value=50))
    report = pump.at(101)
    pump.expect("Report.effect_count: opened, timed out, closed", report.effect_count, 3)


@check("bench.start-refuses-what-breaks-a-bound", SECTION, Level.L1)
def start_refuses(pump: Subject) -> None:
    """A start that breaks a bound is refused with it, and leaves the state that was."""
    pump.start()
    before = pump.at(50)
    for changes, limit, value in STARTS:
        pump.refused(replace(START, **changes), Refusal.RECORD_RANGE, None if "life_ticks" in changes else limit, value)
    pump.expect("the report after the refusals", pump.run_to(50), before)


@check("bench.start-is-the-state-it-names", SECTION, Level.L1)
def start_is_the_state(pump: Subject) -> None:
    """After a start, status shows what it named: tick, age, estimate, clock, and a pump that is stopped."""
    pump.start(reservoir_estimated_nl=3_000_250, clock_day=6, clock_day_ticks=863_999, life_ticks=1_234)
    pump.expect("header.tick after a start", pump.tick, 0)
    pump.open()
    shown = {"reservoir_estimated_nl": 3_000_250, "clock_day": 6, "clock_day_ticks": 863_999, "life_ticks": 1_234}
    nothing = {"step_count": 0, "owed_nl": 0, "alarms_active": 0, "stopped_ticks": 0, "held": 0, "update_stage": 0}
    state = {"therapy_state": TherapyState.STOPPED, "boot_count": 1, "reset_cause": 1, "clock_valid": 1}
    pump.expect_fields(pump.status(), **shown, **nothing, **state)


@check("bench.start-forgets-what-was", SECTION, Level.L1)
def start_forgets(pump: Subject) -> None:
    """A start ends the session and what was staged, and takes back effects and tick."""
    pump.start()
    pump.open()
    held = pump.session
    pump.at(100)
    report = pump.report(replace(START, serial=pump.serial, model=pump.identified.model))
    pump.expect_fields(report, reached_tick=0, reason=0, effect_count=0, effect_crc=0, step_commanded=0, sample_commanded=0)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, session=held, request_id=50)


@check("bench.faults-refuse-what-is-out-of-range", SECTION, Level.L3)
def faults_refuse(pump: Subject) -> None:
    """A fault that does not exist, or an argument outside its range or unused, is refused and changes nothing."""
    pump.start()
    before = pump.run_to(0)
    wrong: tuple[tuple[int, tuple[int, int, int], int, int, int], ...] = (
        (0, (0, 0, 0), Refusal.FAULT_UNKNOWN, 14, 0), (15, (0, 0, 0), Refusal.FAULT_UNKNOWN, 14, 15),
        (Fault.ROTOR, (3, 0, 0), Refusal.FAULT_RANGE, 2, 3), (Fault.ROTOR, (1, 5, 0), Refusal.FAULT_RANGE, 0, 5),
        (Fault.FIELD, (2, 0, 0), Refusal.FAULT_RANGE, 1, 2),
        (Fault.OCCLUSION, (1_000_001, 0, 0), Refusal.FAULT_RANGE, 1_000_000, 1_000_001),
        (Fault.LEAK, (0, 1, 0), Refusal.FAULT_RANGE, 0, 1), (Fault.FLOW, (0, 0, 0), Refusal.FAULT_RANGE, 1, 0),
        (Fault.BATTERY_CHARGE, (1_000_001, 0, 0), Refusal.FAULT_RANGE, 1_000_000, 1_000_001),
        (Fault.BATTERY_RESISTANCE, (100_000_001, 0, 0), Refusal.FAULT_RANGE, 100_000_000, 100_000_001),
        (Fault.POWER_CUT, (65_535, 0, 0), Refusal.FAULT_RANGE, 65_534, 65_535),
        (Fault.RESET, (1, 0, 0), Refusal.FAULT_RANGE, 0, 1),
        (Fault.EMI, (0, 0, 1), Refusal.FAULT_RANGE, 0, 1), (Fault.LINE_SET, (4_001, 0, 0), Refusal.FAULT_RANGE, 4_000, 4_001),
        (Fault.REFILL, (0, 0, 4_001), Refusal.FAULT_RANGE, 4_000, 4_001),
        (Fault.POCKET_FILL, (0, 20_000_001, 0), Refusal.FAULT_RANGE, 20_000_000, 20_000_001),
    )  # fmt: skip
    for fault, (arg_0, arg_1, arg_2), refusal, limit, value in wrong:
        pump.refused(Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=arg_2), refusal, limit, value)
    pump.expect("the report after the refusals", pump.run_to(0), before)
