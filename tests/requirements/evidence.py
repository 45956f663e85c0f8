"""Knows which tests stand for what a requirement names, and whether they exist; judges nothing."""

import ast
from functools import cache
from pathlib import Path

from pumpbench.hil.conformance import all_checks
from pumpbench.tools.requirements import Evidence
from tests.support import ROOT

SCENARIOS = "tests/hil/scenario/test_shipped.py::test_shipped_scenario_passes_when_run_on_the_emulator"
TIMELINES = "tests/timelines/test_timelines.py::test_reference_agrees_with_the_hand_worked_figures"
CHECKS = "tests/hil/conformance/test_conformance.py::test_reference_passes_every_check_that_can_judge_it"


def node_of(evidence: Evidence) -> str:
    """The node id of its test, without brackets where any parameters will do."""
    match evidence.kind:
        case "scenario":
            return f"{SCENARIOS}[{evidence.name}]"
        case "timeline":
            return f"{TIMELINES}[{evidence.name}]"
        case "check":
            return CHECKS
        case _:
            return evidence.name


def nodes_of(evidence: Evidence, collected: list[str]) -> list[str]:
    """Those of the collected node ids that stand for it."""
    node = node_of(evidence)
    return [one for one in collected if one == node or one.startswith((f"{node}[", f"{node}::"))]


def exists(evidence: Evidence) -> bool:
    """Whether there is such a file, check or function, collected or not."""
    match evidence.kind:
        case "scenario":
            return (ROOT / "fixtures/scenarios" / f"{evidence.name}.toml").is_file()
        case "timeline":
            return (ROOT / "fixtures/timelines" / f"{evidence.name}.toml").is_file()
        case "check":
            return evidence.name in {check.id for check in all_checks()}
        case _:
            name, _, function = evidence.name.partition("::")
            return (ROOT / name).is_file() and (not function or function in _functions(ROOT / name))


@cache
def _functions(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))
