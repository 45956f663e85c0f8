"""Time passed by leap and by dense ticks, in Python and in C; see performance.md, "Time"."""

from contextlib import ExitStack

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.scenario.shipped import load
from pumpbench.protocol.codes import Role
from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import Open, Subscribe
from pumpbench.tools.bench.contender import Round, Setting, per_second, processor_seconds
from pumpbench.tools.bench.long_capture import SESSION_TICKS, START
from pumpbench.tools.bench.ours.bare_pump import SEVEN_YEARS, seven_years

C_TICKS = 5_000_000
PYTHON_TICKS = 50_000
TOLD_TICKS = 20_000
IN_THERAPY_TICK = 3 * TICKS_PER_DAY
"""Two days into the flex program of the standard seven years."""


def leap(setting: Setting, stack: ExitStack) -> Round:
    """The whole standard seven years, every request, alarm and log entry in it; less of them at a smaller scale."""
    until_tick = setting.count(load(SEVEN_YEARS).until_tick)
    return processor_seconds(lambda: seven_years(until_tick))


def telling(setting: Setting, stack: ExitStack) -> Round:
    """The emulator by itself, telling of each tick: what a replay of as many frames cannot beat."""
    ticks = setting.count(TOLD_TICKS)

    def work() -> int:
        device = Device()
        device.pump.config.session_timeout_ticks = SESSION_TICKS
        assert device.pump.reset_to_start(START) is None
        device.receive(host_frame(Open(serial=START.serial, role=Role.CLINICIAN, nonce=1), 0, 1))
        device.receive(host_frame(Subscribe(period_ticks=1), 1, 2, device.pump.controller.session_id))
        assert len(device.advance(ticks)) > ticks
        return ticks

    return per_second(work)


def leap_ticks(setting: Setting, stack: ExitStack) -> Round:
    """The same as a rate of pump ticks."""
    until_tick = setting.count(load(SEVEN_YEARS).until_tick)
    return per_second(lambda: seven_years(until_tick).plant.tick)


def dense_c(setting: Setting, stack: ExitStack) -> Round:
    device, ticks = NativeLibrary().device(), setting.count(C_TICKS)
    device.restore(_in_therapy().snapshot())

    def work() -> int:
        device.tick(ticks)
        return ticks

    return per_second(work)


def dense_python(setting: Setting, stack: ExitStack) -> Round:
    pump, ticks = _in_therapy(), setting.count(PYTHON_TICKS)

    def work() -> int:
        pump.run(ticks, dense=True)
        return ticks

    return per_second(work)


def seven_years_dense_c(setting: Setting, stack: ExitStack) -> Round:
    """Seconds that the same span takes tick by tick, as a multiple of what a round really runs."""
    rate, ticks = dense_c(setting, stack), setting.count(load(SEVEN_YEARS).until_tick)
    return lambda: ticks / rate()


def _in_therapy() -> Pump:
    return seven_years(IN_THERAPY_TICK)
