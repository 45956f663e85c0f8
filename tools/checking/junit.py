"""Knows how results become a JUnit file; it must not know how they came about.

A check that could not be judged is an `error` of type inconclusive: a build server must neither call it good nor blame the pump.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from pumpbench.hil.conformance import Result
from pumpbench.hil.verdict import Verdict

SUITE: Final = "pumpbench.check"
# What XML 1.0 cannot hold, not even escaped.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
KINDS: Final = {Verdict.FAIL: "failure", Verdict.ERROR: "error", Verdict.INCONCLUSIVE: "error"}


def write_junit(path: Path, target: str, results: Sequence[Result]) -> None:
    """Replaces what is there. Raises OSError."""
    path.write_bytes(junit(target, results))


def junit(target: str, results: Sequence[Result]) -> bytes:
    """The whole document, UTF-8 with its declaration."""
    kinds = [KINDS.get(one.verdict) if one.verdict is not None else "skipped" for one in results]
    counts = {"tests": len(results), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    counts["skipped"] = kinds.count("skipped")
    took = {"time": f"{sum(one.wall_s for one in results):.3f}"}
    root = Xml.Element("testsuites")
    suite = Xml.SubElement(root, "testsuite", {"name": SUITE, **{name: str(n) for name, n in counts.items()}, **took})
    properties = Xml.SubElement(suite, "properties")
    Xml.SubElement(properties, "property", {"name": "pump_target", "value": clean(target)})
    for one, kind in zip(results, kinds, strict=True):
        _add(suite, one, kind)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(suite: Xml.Element, one: Result, kind: str | None) -> None:
    group, _, fact = one.check.id.partition(".")
    names = {"classname": f"{SUITE}.{group}", "name": fact, "time": f"{one.wall_s:.3f}"}
    case = Xml.SubElement(suite, "testcase", names)
    if kind == "skipped":
        Xml.SubElement(case, kind, {"message": clean(one.reason)})
    elif kind is not None:
        found = Xml.SubElement(case, kind, {"type": one.outcome, "message": clean(one.reason)})
        told = (one.check.statement, one.check.section, f"field {one.field}", f"expected {one.expected}", f"got {one.got}")
        found.text = clean("\n".join((*told[:2], *(told[2:] if one.field else ()), f"tick {one.tick}")))


def clean(text: str) -> str:
    return _NO_XML.sub("?", text)
