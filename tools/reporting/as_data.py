"""Knows a report as JSON and as JUnit, for build servers; it must not know the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as Xml

from pumpbench.hil.capture import wide
from pumpbench.hil.verdict import Verdict
from pumpbench.tools import ledgering, replaying
from pumpbench.tools.checking.junit import KINDS, clean
from pumpbench.tools.reporting.accuracy import Accuracy
from pumpbench.tools.reporting.charts import Chart
from pumpbench.tools.reporting.gathered import Gathered
from pumpbench.tools.requirements import Requirement

SCHEMA: Final = "pumpbench.report/1"
SUITE: Final = "pumpbench.report"


def as_json(
    out: Path, files: Sequence[Gathered], charts: Sequence[Sequence[Chart]], listed: Sequence[Requirement], verdict: Verdict
) -> dict[str, Any]:
    """`charts` says what the page draws: name and points of each."""
    return {
        "schema": SCHEMA,
        "page": str(out),
        "verdict": str(verdict),
        "files": [_file(one) for one in files],
        "charts": [{"name": one.name, "title": one.title, "points": one.points} for several in charts for one in several],
        "requirements": [{"number": one.number, "status": one.status, "transferred": one.transferred} for one in listed],
    }


def _file(one: Gathered) -> dict[str, Any]:
    return {
        "capture": str(one.path),
        "verdict": str(one.verdict),
        "replay": None if one.replayed is None else replaying.as_json(one.path, one.replayed),
        "problem": one.problem or None,
        "ledger": ledgering.as_json(one.path, one.ledger),
        "scenario": one.scenario or None,
        "seed": one.header.get("seed"),
        "builds": one.header.get("builds"),
        "vouched": one.vouched,
        "events": len(one.notable),
        "accuracy": None if one.accuracy is None else _accuracy(one.accuracy),
    }


def _accuracy(found: Accuracy) -> dict[str, Any]:
    windows = [one._asdict() for one in found.windows]
    return found._asdict() | {"first_tick": wide(found.first_tick), "last_tick": wide(found.last_tick), "windows": windows}


def junit(files: Sequence[Gathered]) -> bytes:
    """A suite for each capture, a case for each verdict. What could not be judged is an `error` of type inconclusive."""
    root = Xml.Element("testsuites")
    for one in files:
        kinds = [KINDS.get(verdict) for verdict, _ in one.verdicts.values()]
        counts = {"tests": str(len(kinds)), "failures": str(kinds.count("failure")), "errors": str(kinds.count("error"))}
        named = {"name": clean(f"{SUITE}.{one.path.name}"), **counts, "skipped": "0", "time": "0.000"}
        suite = Xml.SubElement(root, "testsuite", named)
        for (name, (verdict, reason)), kind in zip(one.verdicts.items(), kinds, strict=True):
            case = Xml.SubElement(suite, "testcase", {"classname": SUITE, "name": name, "time": "0.000"})
            if kind is not None:
                Xml.SubElement(case, kind, {"type": str(verdict), "message": clean(reason)})
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
