"""What may not stand in any file: a path of one machine, an address of a registry, an unkept promise, a claim nobody may make."""

import re
from pathlib import Path

import pytest

from tests.tidy import sources

BANNED = {
    r"(?<![\w.])/(work|root|home/\w+|opt|Users/\w+)/": "a path of one machine",
    r"pypi\.org|pythonhosted\.org|--(extra-)?index-url|--find-links|file:///": "an address of a registry",
    r"\b(TODO|FIXME|XXX|HACK)\b": "a promise: keep it or drop it",
    r"\b(AI|LLM|GPT|Claude|Copilot|chatbot)\b": "talk of who wrote it",
    r"(?i)\b(compl(y|ies|iant|iance)|conform(s|ing|ity|ant)?|certified|validated) (to|with|for|under|against) "
    r"(the )?(IEC|ISO|FDA|MDR|EN|UL|AAMI|clinical)\b": "a claim to a standard",
    r"(?i)\b(FDA|CE)[- ](approved|cleared|marked)|\bclinically (validated|proven)\b": "a clinical claim",
}
# The list itself has to name what it bans; a licence is quoted as it is.
EXEMPT = {Path("tests/tidy/test_words.py"), Path("LICENSE")}


def banned_words(name: str, content: str) -> list[str]:
    return [
        f"{name}:{content.count(chr(10), 0, hit.start()) + 1}: {reason}: {hit.group()!r}"
        for pattern, reason in BANNED.items()
        for hit in re.finditer(pattern, content)
    ]


def test_files_speak_of_the_project_alone() -> None:
    wrong = [line for path in sources.files() if path not in EXEMPT for line in banned_words(str(path), sources.text(path))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("see /home/someone/notes", False),
        ("#!/usr/bin/env python3", True),
        ("pip install --index-url x", False),
        ("# TODO later", False),
        ("conforms to IEC 62304", False),
        ("it conforms to the page", True),
        ("clinically validated", False),
        ("AIR and RAID", True),
    ],
)
def test_word_check_judges_a_known_line(line: str, clean: bool) -> None:
    assert (not banned_words("planted", line)) == clean
