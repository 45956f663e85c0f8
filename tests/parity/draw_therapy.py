"""Draws what a programmer does to a pump: reads, programs, boluses, refills, in the order of a visit or out of it."""

from typing import Any

from pumpbench.firmware_emu.program import Program
from pumpbench.protocol.codes import Fault, Role, TherapyState
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import (
    REGISTRY,
    Close,
    MeasureBattery,
    PatientBolus,
    ReadAccount,
    ReadAlarms,
    ReadFlex,
    ReadLog,
    ReadProgram,
    ReadRecord,
    ReadStatus,
    Refill,
    Resume,
    SetClock,
    SilenceAlarms,
    StageFlex,
    Stop,
    Subscribe,
    TestAlarm,
    WriteRecord,
)
from tests.parity.acts import Act, Ask, Bench, Commit, GiveBolus, OpenIt, PrimeLine, Run, Verify
from tests.parity.draw_faults import draw_fault
from tests.parity.draw_numbers import log_uniform, message_of, within
from tests.parity.draw_programs import draw_plan
from tests.parity.draw_setup import draw_start
from tests.parity.draws import U32_MAX, Draws

REQUESTS: list[Any] = [cls for cls in REGISTRY if layout_of(cls).kind == "request" and layout_of(cls).channel == "therapy"]
READS = (ReadStatus, ReadStatus, ReadAlarms, ReadRecord, ReadAccount, ReadLog, ReadProgram, ReadFlex)


def read(draws: Draws) -> list[Act]:
    rng = draws.rng
    cls = rng.choice(READS)
    if cls is ReadLog:
        newest = draws.pump.controller.log_next_seq
        return draws.ask(ReadLog(from_seq=rng.choice((0, max(newest - rng.randint(0, 40), 0), newest, U32_MAX))))
    return draws.ask(message_of(rng, cls))


def open_again(draws: Draws) -> list[Act]:
    rng = draws.rng
    role = rng.choice((Role.CLINICIAN, Role.PATIENT, Role.PATIENT, rng.randint(0, 255)))
    wrong = rng.choice((0, 0, 0, 1, rng.randint(0, U32_MAX)))
    opened = OpenIt(role=role, nonce=rng.randint(0, U32_MAX), serial_step=wrong)
    return [Ask(Close()), opened] if draws.odds(0.6) else [opened]


def close(draws: Draws) -> list[Act]:
    return draws.ask(Close())


def program(draws: Draws) -> list[Act]:
    """Stages, verifies and commits, then mostly waits for the update."""
    rng = draws.rng
    if draws.odds(0.5):
        return good_program(draws)
    plan = draw_plan(rng, draws.pump.config, 0.3)
    acts: list[Act] = [Ask(plan.program)]
    acts += [Ask(StageFlex(schedule=i, steps=steps)) for i, steps in enumerate((plan.flex_0, plan.flex_1)) if steps]
    wrong = draws.odds(0.08)
    acts.append(Verify(rng.choice((0, 1)), rng.choice((0, 1)), rng.choice((0, 1))) if wrong else Verify())
    if draws.odds(0.1):
        acts.insert(rng.randrange(len(acts) + 1), rng.choice(small_request(draws)))
    acts.append(Commit(int(draws.odds(0.06)), int(draws.odds(0.06)), draws.confirm()))
    acts.append(Run(rng.randint(1, update_ticks(draws))))
    if draws.odds(0.3):
        acts += [Ask(Resume()), Run(rng.randint(1, 3000))]
    return draws.in_session(*acts)


def good_program(draws: Draws) -> list[Act]:
    """A program that stands every chance, and the time its update takes."""
    plan = draw_plan(draws.rng, draws.pump.config, 0)
    flex = [Ask(StageFlex(schedule=i, steps=steps)) for i, steps in enumerate((plan.flex_0, plan.flex_1)) if steps]
    update = Run(update_ticks(draws) + draws.rng.randint(0, 3))
    return draws.in_session(Ask(plan.program), *flex, Verify(), Commit(), update)


def update_ticks(draws: Draws) -> int:
    """What an update takes, a tick more or less."""
    config = draws.pump.config
    return int(config.update_stop_ticks + config.update_verify_ticks + config.update_restart_ticks + 8)


def stage_piece(draws: Draws) -> list[Act]:
    """One step of programming out of its order."""
    rng = draws.rng
    plan = draw_plan(rng, draws.pump.config)
    flex = StageFlex(schedule=rng.randrange(2), steps=plan.flex_0 or message_of(rng, StageFlex).steps)
    return draws.in_session(rng.choice([Ask(plan.program), Ask(flex), Verify(), Commit()]))


def bolus(draws: Draws) -> list[Act]:
    if not draws.treating():
        return _to_therapy(draws)
    rng = draws.rng
    program = Program.from_bytes(bytes(draws.pump.controller.program))
    duration = rng.choice((log_uniform(rng, 10, 864_000), within(rng, 9, 864_001)))
    most_nl = rng.choice((24_000_000, 2_000_000, 100_000)) * max(duration, 10) // TICKS_PER_DAY
    dose = min(log_uniform(rng, 1, max(most_nl, 1)) * max(program.concentration_ug_per_ml, 1) // 1000, U32_MAX)
    if draws.odds(0.05):
        dose, duration = rng.randint(0, U32_MAX), rng.randint(0, U32_MAX)
    return draws.in_session(GiveBolus(dose, duration, rng.choice((0, 0, 0, 0, 0, 0, 0, 1, -1))))


def patient_bolus(draws: Draws) -> list[Act]:
    if not draws.treating():
        return _to_therapy(draws)
    pump = draws.pump
    if draws.odds(0.3) and not pump.controller.session_id:
        return [OpenIt(role=Role.PATIENT, nonce=draws.rng.randint(0, U32_MAX)), Ask(PatientBolus())]
    acts: list[Act] = [Ask(PatientBolus())]
    lockout = Program.from_bytes(bytes(pump.controller.program)).patient_lockout_ticks
    if not lockout and draws.odds(0.7):
        return bolus(draws)
    if lockout and draws.odds(0.5):
        acts += [Run(max(lockout + draws.rng.choice((-1, 0, 1)), 1)), *_reopened(draws), Ask(PatientBolus())]
    return draws.in_session(*acts)


def _to_therapy(draws: Draws) -> list[Act]:
    """What brings a pump that does not treat back to it."""
    pump = draws.pump
    if pump.durable.therapy_state == TherapyState.ENDED or pump.plant.dead:
        return [Bench(draw_start(draws.rng, pump.config, 0)), *program(draws)]
    if pump.durable.therapy_state == TherapyState.STOPPED and pump.controller.program[4] and draws.odds(0.7):
        return draws.in_session(Ask(Resume()), Run(draws.rng.randint(1, 100)))
    return program(draws)


def _reopened(draws: Draws) -> list[Act]:
    return [Ask(Close()), OpenIt(nonce=draws.rng.randint(0, U32_MAX))]


def prime(draws: Draws) -> list[Act]:
    if not draws.treating():
        return _to_therapy(draws)
    rng = draws.rng
    return draws.in_session(PrimeLine(rng.choice((1, 2, 3, 3, 0, 4)), rng.choice((0, 0, 0, 0, 1))))


def refill(draws: Draws) -> list[Act]:
    """Told to the pump, mostly after it happened."""
    rng, config = draws.rng, draws.pump.config
    capacity = config.reservoir_capacity_nl
    fill = rng.choice((capacity, within(rng, 0, capacity), capacity + 1))
    expected = draws.pump.durable.reservoir_estimated_nl
    measured = rng.choice((expected, within(rng, 0, capacity + 1), max(expected - rng.randint(0, 500_000), 0)))
    acts = draws.ask(Refill(measured_nl=min(measured, U32_MAX), fill_nl=fill))
    return [Bench(draw_fault(rng, config, Fault.REFILL)), *acts] if draws.odds(0.6) else acts


def small_request(draws: Draws) -> list[Act]:
    rng = draws.rng
    cls: Any = rng.choice((SilenceAlarms, TestAlarm, MeasureBattery, SetClock, WriteRecord, Subscribe, SetClock, Subscribe))
    if cls is SetClock:
        ticks = rng.choice((0, 863_999, 864_000, rng.randint(0, 863_999), U32_MAX))
        return draws.ask(SetClock(clock_day=rng.choice((0, 4, 65_535, rng.randint(0, 65_535))), clock_day_ticks=ticks))
    if cls is WriteRecord:
        mm, tubing = within(rng, 0, 1501), within(rng, 0, 1_000_001)
        return draws.ask(WriteRecord(drug=rng.randint(0, 3), catheter_length_mm=mm, tubing_nl=tubing))
    if cls is Subscribe:
        return draws.ask(Subscribe(period_ticks=rng.choice((0, 0, log_uniform(rng, 100, 100_000), rng.randint(1, 20)))))
    return draws.ask(cls())


def stop(draws: Draws) -> list[Act]:
    return draws.ask(Stop())


def resume(draws: Draws) -> list[Act]:
    return draws.ask(Resume())


def anything(draws: Draws) -> list[Act]:
    return draws.ask(message_of(draws.rng, draws.rng.choice(REQUESTS)))
