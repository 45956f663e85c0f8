"""The fixtures of a pump test; nothing of the bench is loaded before one of them is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest

from pumpbench.hil.plugin.options import Options

if TYPE_CHECKING:
    from pumpbench.hil.plugin.bench_view import PumpBench
    from pumpbench.hil.plugin.faults_view import PumpFaults
    from pumpbench.hil.plugin.programmer_view import Pump
    from pumpbench.hil.plugin.run import Run
    from pumpbench.hil.scenario.model import Scenario

OPTIONS: Final = pytest.StashKey[Options]()
RUN: Final = pytest.StashKey["Run"]()
START, CONFIG = "pump_start", "pump_config"


@pytest.fixture(scope="session")
def pump_target(request: pytest.FixtureRequest) -> str:
    """The name of the target this test runs on, one after another of those that `--pump-target` names."""
    return str(request.param)


@pytest.fixture
def _pump_run(request: pytest.FixtureRequest, pump_target: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Opened and brought to its start; what `pump_start` and `pump_config` mark decides that start."""
    from pumpbench.hil.plugin.outcomes import BenchBroken, Inconclusive, PumpFailed
    from pumpbench.hil.plugin.reports import telling
    from pumpbench.hil.plugin.run import Run

    options = request.config.stash[OPTIONS]
    folder = options.capture_dir or tmp_path_factory.mktemp("pump")
    run = request.node.stash[RUN] = Run(pump_target, _scenario(request), options, folder)
    try:
        run.start()
    except (BenchBroken, Inconclusive, PumpFailed) as problem:
        run.close()
        raise telling(run, problem) from None
    yield run
    run.close()


@pytest.fixture
def pump(_pump_run: Run) -> Pump:
    """The pump as a programmer sees it: `pump.program(...)`, `pump.advance("3d")`, `pump.alarms()`."""
    from pumpbench.hil.plugin.programmer_view import Pump

    return Pump(_pump_run)


@pytest.fixture
def pump_bench(_pump_run: Run) -> PumpBench:
    """The bench behind the same pump: the truth, injections, snapshots, every effect."""
    from pumpbench.hil.plugin.bench_view import PumpBench

    return PumpBench(_pump_run)


@pytest.fixture
def pump_faults(_pump_run: Run) -> PumpFaults:
    """What can be done to the same pump and its link, by name."""
    from pumpbench.hil.plugin.faults_view import PumpFaults

    return PumpFaults(_pump_run)


def _scenario(request: pytest.FixtureRequest) -> Scenario:
    from pumpbench.hil.plugin.start_state import scenario_of

    try:
        return scenario_of(request.node.nodeid, _marked(request, START), _marked(request, CONFIG))
    except ValueError as problem:
        raise pytest.fail.Exception(f"{request.node.nodeid}: {problem}", pytrace=False) from None


def _marked(request: pytest.FixtureRequest, name: str) -> dict[str, Any]:
    """Of several markers the nearest decides, key by key."""
    found: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(name))):
        found |= marker.kwargs
    return found
