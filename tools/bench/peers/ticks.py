"""Loops that do next to nothing at each tick: what an engine that steps through time in Python could reach at best."""

from contextlib import ExitStack

from pumpbench.tools.bench.contender import Round, Setting, per_second

DISTRIBUTION = ""
TOY_TICKS = 500_000
SIMPY_EVENTS = 50_000


def toy(setting: Setting, stack: ExitStack) -> Round:
    """An account that overflows into steps, and a reservoir that falls: two of the pump's hundred variables."""
    ticks = setting.count(TOY_TICKS)

    def work() -> int:
        account, reservoir = 0, 10**9
        for _ in range(ticks):
            account += 4_321
            if account >= 864_000:
                account -= 864_000
                reservoir -= 1
        assert reservoir < 10**9
        return ticks

    return per_second(work)


def simpy(setting: Setting, stack: ExitStack) -> Round:
    """One process that waits for the next tick and does nothing."""
    import simpy as library

    ticks = setting.count(SIMPY_EVENTS)

    def pump(environment: library.Environment) -> object:
        while True:
            yield environment.timeout(1)

    def work() -> int:
        environment = library.Environment()
        environment.process(pump(environment))
        environment.run(until=ticks)
        return ticks

    return per_second(work)
