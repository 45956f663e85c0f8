"""Knows how each test of this session ended, and lets those that ask for it run last; judges nothing."""

from pathlib import Path

import pytest

from tests.support import ROOT

OUTCOMES = pytest.StashKey["Outcomes"]()
FOLDER = Path(__file__).parent
TESTS = FOLDER.parent


class Outcomes:
    """Node id -> passed, failed or skipped, as far as the session has come."""

    def __init__(self) -> None:
        self.by_id: dict[str, str] = {}
        self.collected: list[str] = []
        self.whole = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """What looks at the others runs behind them. `whole`: nothing of the suite was left out by choice."""
        items.sort(key=lambda item: FOLDER in item.path.parents)
        self.collected = [item.nodeid for item in items]
        there = {item.path for item in items}
        chosen = config.option.keyword or config.option.markexpr or config.option.deselect or hasattr(config, "workerinput")
        self.whole = not chosen and all(path in there for path in TESTS.rglob("test_*.py") if _holds_tests(path))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.by_id.get(report.nodeid) in (None, "passed"):
            self.by_id[report.nodeid] = report.outcome


def _holds_tests(path: Path) -> bool:
    """An example to be copied stands under tests/ and is run by tests alone."""
    return path.is_relative_to(ROOT / "tests") and "example_suite" not in path.parts
