"""What an inner run of pytest came to: its counts, its lines, its JUnit file; asserts nothing about pumps."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

THERAPY = 'mode="simple_continuous", dose_ng_per_day=300_000'
"""A program as a test writes it."""


class Inner:
    """`counts` are those of pytest's last line: `{"passed": 2, "inconclusive": 1}`."""

    def __init__(self, pytester: pytest.Pytester, result: Any) -> None:
        self.pytester = pytester
        self.code = int(result.ret)
        self.text = result.stdout.str()
        self.errors = result.stderr.str()
        last = next((line for line in reversed(result.outlines) if re.search(r" in [\d.]+s", line)), "")
        self.counts = {word.rstrip("s") if word == "errors" else word: int(n) for n, word in re.findall(r"(\d+) ([a-z]+)", last)}

    @property
    def cases(self) -> list[ET.Element]:
        return list(ET.parse(self.pytester.path / "junit.xml").iter("testcase"))

    @property
    def case(self) -> ET.Element:
        """The only one."""
        (one,) = self.cases
        return one

    def endings(self) -> list[str]:
        """What JUnit says of each test: `failure`, `error`, `skipped`, or `passed`."""
        kinds = ("failure", "error", "skipped")
        return [next((kind for kind in kinds if case.find(kind) is not None), "passed") for case in self.cases]

    def properties(self) -> dict[str, str]:
        """Of the only test."""
        return {one.attrib["name"]: one.attrib["value"] for one in self.case.iter("property")}

    def names(self) -> list[str]:
        return [case.attrib["name"] for case in self.cases]
