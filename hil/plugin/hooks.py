"""What pytest calls: options, one test per target, the verdict at a test's end, its own outcome; it loads the bench late."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import pytest

from pumpbench.hil.plugin import options
from pumpbench.hil.plugin.fixtures import OPTIONS, RUN, _pump_run, pump, pump_bench, pump_faults, pump_target

__all__ = ["_pump_run", "pump", "pump_bench", "pump_faults", "pump_target"]

MARKERS: Final = (
    "pump_start(**start): the pump before the first tick, by the keys of a scenario's [start]",
    "pump_config(**config): constants that differ from their defaults, by the keys of a scenario's [config]; quirks=[...]",
)
Report = pytest.TestReport
INCONCLUSIVE: Final = "inconclusive"
XDIST_WAIT_S: Final = 600.0
"""Workers share a board: one has it, the others wait."""


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_to(parser)


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    worker = hasattr(config, "workerinput")
    config.stash[OPTIONS] = chosen = options.read(
        config.option, config.invocation_params.dir, wait_s=XDIST_WAIT_S if worker else 0.0
    )
    if chosen.named and not worker:
        _check(chosen)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "pump_target" not in metafunc.fixturenames:
        return
    own = [marker.args[0] for marker in metafunc.definition.iter_markers("parametrize")]
    if not any("pump_target" in (names if isinstance(names, list | tuple) else names.split(",")) for names in own):
        metafunc.parametrize("pump_target", metafunc.config.stash[OPTIONS].targets, indirect=True, scope="session")


# Inside of everything that captures what a test says.
@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A run is judged while its test is still being called: what a comparison finds is no failure of the teardown."""
    try:
        answer = yield
    except (KeyboardInterrupt, SystemExit, pytest.exit.Exception):
        raise
    except BaseException:
        _judged(item)
        raise
    problem = _judged(item)
    if problem is not None:
        from pumpbench.hil.plugin.reports import telling

        raise telling(item.stash[RUN], problem)
    return answer


# Outside of everything that changes outcomes, such as the marker xfail.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Report, Report]:
    report = yield
    run = item.stash.get(RUN, None)
    if run is not None:
        from pumpbench.hil.plugin.reports import amend

        amend(run, item, call, report, item.config.stash[OPTIONS].inconclusive)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    if hasattr(report, "pump_inconclusive"):
        return INCONCLUSIVE, "I", (INCONCLUSIVE.upper(), {"yellow": True})
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """pytest lists failures and errors by itself; what is neither would be a bare count."""
    found = terminalreporter.stats.get(INCONCLUSIVE, [])
    if found:
        terminalreporter.write_sep("=", INCONCLUSIVE.upper(), yellow=True)
    for report in found:
        terminalreporter.write_sep("_", report.head_line or report.nodeid, yellow=True)
        terminalreporter.write_line(report.pump_inconclusive)
        for name, text in report.sections:
            terminalreporter.write_sep("-", name)
            terminalreporter.write_line(text.rstrip())


def _judged(item: pytest.Item) -> Exception | None:
    run = item.stash.get(RUN, None)
    return None if run is None else run.judge()


def _check(chosen: options.Options) -> None:
    """A name that nothing can have is refused before anything is collected."""
    from pumpbench.hil.errors import TargetUnknown
    from pumpbench.hil.plugin.naming import target_of
    from pumpbench.hil.settings_file import SettingsInvalid

    try:
        for name in chosen.targets:
            target_of(name, chosen.folder, chosen.wait_s)
    except (TargetUnknown, SettingsInvalid) as problem:
        raise pytest.UsageError(str(problem)) from None
