"""Knows how each test of this session ended, on whichever worker, and lets those that ask for it run last; judges nothing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, wait_until

OUTCOMES = pytest.StashKey["Outcomes"]()
FOLDER = Path(__file__).parent
TESTS = FOLDER.parent
SHARED = "pumpbench_outcomes"
"""Names the file by which workers of pytest-xdist hear of each other, among what they are started with."""
OTHERS_S = 900


class Outcomes:
    """Node id -> passed, failed or skipped, as far as the session has come."""

    def __init__(self) -> None:
        self.by_id: dict[str, str] = {}
        self.ended: set[str] = set()
        self.collected: list[str] = []
        self.whole = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """What looks at the others runs behind them. `whole`: nothing of the suite was left out by choice."""
        items.sort(key=lambda item: FOLDER in item.path.parents)
        self.collected = [item.nodeid for item in items]
        there = {item.path for item in items}
        chosen = config.option.keyword or config.option.markexpr or config.option.deselect
        self.whole = not chosen and all(path in there for path in TESTS.rglob("test_*.py") if _holds_tests(path))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report.nodeid, report.outcome, report.when == "teardown")

    def note(self, test: str, outcome: str, last: bool) -> None:
        if self.by_id.get(test) in (None, "passed"):
            self.by_id[test] = outcome
        if last:
            self.ended.add(test)


class ToldOutcomes(Outcomes):
    """The same on a worker, which sees only its own tests end: the rest it reads in the file at `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._read_bytes = 0

    def await_others(self) -> None:
        """Returns once all tests ended that are not in this folder; fails where they do not."""
        others = {test for test in self.collected if FOLDER not in (ROOT / test.partition("::")[0]).parents}
        wait_until(lambda: self._heard() >= others, "the tests on other workers", OTHERS_S)

    def _heard(self) -> set[str]:
        with self.path.open("rb") as file:
            file.seek(self._read_bytes)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read_bytes += len(whole + newline)
        for line in whole.splitlines():
            self.note(*json.loads(line))
        return self.ended


class TellingOutcomes:
    """Where tests run on workers: writes down how each ended, for the worker that looks at the others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(exist_ok=True)
        path.write_text("")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[SHARED] = str(self.path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps([report.nodeid, report.outcome, report.when == "teardown"]) + "\n")

    def pytest_unconfigure(self) -> None:
        self.path.unlink(missing_ok=True)


def register(config: pytest.Config) -> None:
    """Lets `config.stash[OUTCOMES]` fill."""
    shared = getattr(config, "workerinput", {}).get(SHARED)
    config.stash[OUTCOMES] = ToldOutcomes(Path(shared)) if shared else Outcomes()
    config.pluginmanager.register(config.stash[OUTCOMES], "outcomes")
    if getattr(config.option, "tx", None):
        config.pluginmanager.register(TellingOutcomes(ROOT / f"build/outcomes-{os.getpid()}.ndjson"), "telling outcomes")


def _holds_tests(path: Path) -> bool:
    """An example to be copied stands under tests/ and is run by tests alone."""
    return path.is_relative_to(ROOT / "tests") and "example_suite" not in path.parts
