"""Random walks over a pump: start states, programs, requests, faults and time, all from one generator."""

import random
from collections.abc import Callable
from typing import Any

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import MEMORY_WORDS
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, Mode
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_HOUR
from tests.firmware_emu import build

Act = Callable[[Pump], object]
"""Something between ticks, the same whichever pump it is done to."""

# Near the edges that a short walk would not reach by chance.
TIGHT = {
    "quirks": (0, 15, 5),
    "boot_ticks": (1, 20, 300),
    "session_timeout_ticks": (10, 3_000),
    "update_stop_ticks": (1, 10),
    "stall_steps_count": (1, 3, 7),
    "reservoir_empty_nl": (0, 500_000),
    "rate_min_nl_per_day": (1, 48_000, 1_000_000),
    "tone_non_critical_period_ticks": (100, 36_000),
    "stopped_alarm_ticks": (600, 600, 5_000, 1_728_000),
    "alarm_test_ticks": (1, 40),
    "idle_nc": (0, 2_000, 1_000_000),
    "step_nc": (0, 600_000, 100_000_000),
    "tone_nc": (0, 500_000, 100_000_000),
    "brownout_nc_per_mohm": (2_000_000, 20_000_000),
    "eri_mv": (2_500, 2_900),
    "eos_mv": (2_200, 2_800),
    "mix_basal_ppm": (0, 20_000, 1_000_000),
    "dose_confirm_above_ng": (4_294_967_295,),
}


def draw_config(rng: random.Random) -> dict[str, int]:
    names = rng.sample(sorted(TIGHT), rng.randrange(6))
    config = {name: rng.choice(TIGHT[name]) for name in names}
    assert all(layout_of(Config).field(name).lo <= value <= layout_of(Config).field(name).hi for name, value in config.items())
    return config


def draw_start(rng: random.Random, config: dict[str, int]) -> dict[str, int]:
    near_end = rng.choice((2_131_272_000, 2_209_032_000)) - 1 - rng.randrange(20_000)
    estimate = rng.choice((20_000_000, 2_000_000 + rng.randrange(20_000), config.get("reservoir_empty_nl", 500_000) + 9_000))
    return {
        "life_ticks": rng.choice((0, 0, 0, 5, near_end)),
        "reservoir_estimated_nl": estimate,
        "reservoir_true_nl": rng.choice((20_000_000, 20_000_000, rng.randrange(30_000), 0)),
        "concentration_ug_per_ml": rng.choice((500, 2_000, 4_000)),
        "line_ug_per_ml": rng.choice((0, 2_000)),
        "catheter_length_mm": rng.choice((0, 400, 1_500)),
        "tubing_nl": rng.choice((16_000, 20_000, 100_000)),
        "clock_day": rng.choice((0, 5, 65_535)),
        "clock_day_ticks": rng.choice((0, rng.randrange(TICKS_PER_DAY), TICKS_PER_DAY - 1 - rng.randrange(5_000))),
        "charge_nc": rng.choice((0, 0, 0, rng.randrange(1, 50_000_000_000), 40_000_000_000 + rng.randrange(1, 100_000_000))),
    }


def draw_program(rng: random.Random) -> tuple[dict[str, int], tuple[build.Steps, build.Steps]]:
    """Nearly always a sound one; doses follow from volumes, so that rates reach both ends of their range."""
    concentration = rng.choice((500, 2_000, 4_000, 37))
    mode = rng.choice((1, 1, 1, 2, 2, 3, 3, 4, 5, 0))
    program: dict[str, int] = {
        "program_id": rng.randrange(1 << 32),
        "mode": mode,
        "concentration_ug_per_ml": concentration,
        "dose_ng_per_day": 0,
        "low_reservoir_nl": rng.choice((2_000_000, 500_000, 4_000_000)),
        "dose_limit_ng": rng.choice((48_000_000, 48_000_000, 48_000_000, 100_000)),
        "critical_interval_ticks": rng.choice((300, 6_000)),
    }
    flex: tuple[build.Steps, build.Steps] = ([], [])
    if mode == Mode.SIMPLE_CONTINUOUS:
        program["dose_ng_per_day"] = concentration * rng.choice((120, 5_000, 11_000, 24_000)) - rng.randrange(2)
    if mode == Mode.FLEX:
        flex = (_draw_steps(rng, concentration), _draw_steps(rng, concentration))
        program |= {"dose_ng_per_day": sum(dose for _, dose in flex[0]), "schedule_days": rng.choice((0, 127, 85))}
    if mode == Mode.INTERVAL_BOLUS:
        program |= {
            "interval_unit": 1,
            "interval_count": rng.choice((15, 17, 60)),
            "dose_ng_per_day": rng.choice((0, concentration * 2_000)),
        }
        program["interval_dose_ng"], program["interval_duration_ticks"] = _draw_bolus(rng, concentration)
    if mode == Mode.SINGLE_BOLUS:
        program["single_dose_ng"], program["single_duration_ticks"] = _draw_bolus(rng, concentration)
    if mode in (Mode.SIMPLE_CONTINUOUS, Mode.FLEX, Mode.INTERVAL_BOLUS) and rng.random() < 0.7:
        program |= {"patient_lockout_ticks": rng.choice((600, 5_000)), "patient_count": rng.randrange(1, 9)}
        program["patient_dose_ng"], program["patient_duration_ticks"] = _draw_bolus(rng, concentration)
    if mode in (Mode.SIMPLE_CONTINUOUS, Mode.FLEX):
        program["bridge"] = rng.randrange(2)
    return program, flex


def _draw_bolus(rng: random.Random, concentration: int) -> tuple[int, int]:
    """(dose, duration) of a volume that its rate allows."""
    volume_nl, duration_ticks = rng.choice(((1, 10), (270, 10), (5_000, 600), (90_000, 8_000), (3_000, 9_000)))
    return max(1, concentration * volume_nl // 1000), duration_ticks


def _draw_steps(rng: random.Random, concentration: int) -> build.Steps:
    minutes = [0, *sorted(rng.sample(range(1, 1440), rng.randrange(13)))]
    if rng.random() < 0.5:
        minutes = sorted({minute - minute % 60 for minute in minutes})
    ends = [*minutes[1:], 1440]
    rates = [rng.choice((0, 1_000, 9_000)) for _ in minutes]
    return [(m, concentration * rate * (end - m) // 1440) for m, end, rate in zip(minutes, ends, rates, strict=True)]


def committing(program: dict[str, int], flex: tuple[build.Steps, build.Steps]) -> Act:
    return lambda pump: build.commit(pump, flex, **program) if hears(pump) else None


def asking(message: Any, request_id: int) -> Act:
    return lambda pump: pump.handle(message, request_id, request_id * 7) if hears(pump) else None


def hears(pump: Pump) -> bool:
    """A device keeps requests from a controller that is booting or dead."""
    return not (pump.plant.dead or pump.controller.boot_remaining_ticks)


def injecting(fault: int, *arguments: int) -> Act:
    return lambda pump: pump.inject(fault, *arguments)


def draw_fault(rng: random.Random) -> Act:
    ppm = rng.choice((0, 1, 500_000, 1_000_000, rng.randrange(1_000_001)))
    frequent = (
        (Fault.ROTOR, 0), (Fault.ROTOR, 1), (Fault.ROTOR, 2, rng.randrange(1, 9), rng.randrange(1, 9)),
        (Fault.FIELD, 1, rng.choice((0, 5, 3_000))), (Fault.FIELD, 0), (Fault.OCCLUSION, ppm), (Fault.LEAK, ppm),
        (Fault.FLOW, max(ppm, 1), rng.choice((0, 1_000))), (Fault.FLOW, 2_000_000), (Fault.FLOW, 1_000_000),
        (Fault.EMI,), (Fault.EMI,), (Fault.LINE_SET, rng.choice((0, 2_000))), (Fault.POCKET_FILL, 1_000_000, 100),
        (Fault.REFILL, rng.randrange(20_000_000), rng.randrange(20_000_000), rng.choice((500, 2_000))),
        (Fault.MEMORY_FLIP, rng.randrange(MEMORY_WORDS), rng.choice((1, 0x80000000))),
    )  # fmt: skip
    grave = (
        (Fault.BATTERY_CHARGE, rng.choice((0, 1, 50, 1_000_000))), (Fault.POWER_CUT, rng.randrange(120)), (Fault.RESET,),
        (Fault.BATTERY_RESISTANCE, rng.choice((20_000, 1_000_000)), rng.choice((0, 10_000))),
    )  # fmt: skip
    return injecting(*rng.choice(frequent if rng.random() < 0.8 else grave))


def draw_request(rng: random.Random, request_id: int) -> Act:
    if rng.random() < 0.3:
        return _bolus(rng, request_id)
    return asking(rng.choice((
        messages.Open(serial=7, role=rng.choice((1, 2)), nonce=request_id), messages.Close(), messages.ReadStatus(),
        messages.ReadStatus(), messages.Stop(), messages.Resume(), messages.Resume(), messages.SilenceAlarms(),
        messages.TestAlarm(), messages.MeasureBattery(),
        messages.SetClock(clock_day=rng.randrange(9), clock_day_ticks=rng.randrange(864_000)),
        messages.Refill(measured_nl=rng.randrange(20_000_000), fill_nl=rng.choice((20_000_000, 600_000))),
        messages.WriteRecord(drug=1, catheter_length_mm=rng.randrange(1_501), tubing_nl=rng.randrange(30_000)),
    )), request_id)  # fmt: skip


def _bolus(rng: random.Random, request_id: int) -> Act:
    """A bolus that suits the program and the line of the pump it is asked of."""
    kind, volume_nl = rng.randrange(3), rng.choice((250, 5_000, 30_000))

    def act(pump: Pump) -> object:
        dose_ng = max(1, volume_nl * pump.plan.concentration // 1000)
        volume = pump.plan.concentration and (2_000 * dose_ng + pump.plan.concentration) // (2 * pump.plan.concentration)
        message = (
            messages.PatientBolus(),
            messages.Bolus(dose_ng=dose_ng, volume_nl=volume, duration_ticks=3_000),
            messages.Prime(scope=1, volume_nl=pump.durable.tubing_nl),
        )[kind]
        return asking(message, request_id)(pump)

    return act


def waiting(ticks: int) -> Act:
    return lambda pump: pump.run(ticks, dense=True)


def configuring(name: str, value: int) -> Act:
    return lambda pump: setattr(pump.config, name, value)


def draw_story(rng: random.Random, request_id: int) -> list[Act]:
    """Acts that only together, and with time between them, lead somewhere."""
    pause = waiting(rng.randrange(1, 900))
    return rng.choice((
        [injecting(Fault.FIELD, 1, rng.choice((3, 40, 2_000))), pause, injecting(Fault.FIELD, 0)],
        [injecting(Fault.ROTOR, 1), pause, injecting(Fault.ROTOR, 0)],
        [injecting(Fault.ROTOR, 1), waiting(1_000), asking(messages.ReadStatus(), request_id), injecting(Fault.ROTOR, 0), pause,
         asking(messages.ReadStatus(), request_id)],
        [asking(messages.Stop(), request_id), waiting(rng.choice((599, 600, 601, 900))), asking(messages.Resume(), request_id)],
        [asking(messages.TestAlarm(), request_id), waiting(rng.randrange(30, 50))],
        [asking(messages.Open(serial=7, role=1, nonce=1), request_id), waiting(rng.choice((1, 9, 2_990)))],
        [asking(messages.Refill(measured_nl=0, fill_nl=501_000), request_id), pause, injecting(Fault.EMI), waiting(2)],
        [injecting(Fault.LINE_SET, 0), injecting(Fault.FLOW, 2_000_000), pause],
        [injecting(Fault.REFILL, 20_000_000, rng.randrange(4), 700), pause],
        [configuring("stopped_alarm_ticks", 600), asking(messages.Stop(), request_id), waiting(700),
         committing(*draw_program(rng))],
        [_bolus(rng, request_id), injecting(Fault.RESET), waiting(rng.randrange(25))],
    ))  # fmt: skip


def draw_acts(rng: random.Random, request_id: int) -> list[Act]:
    """What happens between two stretches of time; after a commit mostly time enough for its update."""
    if rng.random() < 0.2:
        return draw_story(rng, request_id)
    acts: list[Act] = []
    for i in range(rng.randrange(3)):
        kind = rng.random()
        if kind < 0.2:
            acts.append(committing(*draw_program(rng)))
            if rng.random() < 0.8:
                acts.append(waiting(60))
        elif kind < 0.55:
            acts.append(draw_fault(rng))
        else:
            acts.append(draw_request(rng, request_id + i))
    return acts


def draw_ticks(rng: random.Random) -> int:
    return rng.choice((1, 2, rng.randrange(1, 40), rng.randrange(1, 700), rng.randrange(1, 6_000)))


def draw_pump(rng: random.Random) -> Pump:
    """A started pump that has often a program in force, and stands anywhere in its hour and day."""
    config = draw_config(rng)
    pump = build.started(config, **draw_start(rng, config))
    pump.plant.tick = rng.choice((0, TICKS_PER_HOUR - rng.randrange(1, 2_000), TICKS_PER_DAY - rng.randrange(1, 2_000)))
    if rng.random() < 0.9:
        build.commit(pump, **_program_arguments(rng))
        pump.run(60, dense=True)
    return pump


def _program_arguments(rng: random.Random) -> dict[str, Any]:
    program, flex = draw_program(rng)
    return {"flex": flex, **program}
