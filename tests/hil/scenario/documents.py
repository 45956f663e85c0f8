"""A small right scenario as text, and how to change one line of it; knows no test."""

from __future__ import annotations

RIGHT = """\
title = "a week of basal flow"
sources = ["unsourced"]
until = "7d"

[[step]]
at = "1h"
[step.program]
mode = "simple_continuous"
dose_ng_per_day = 100_000

[[step]]
at = "2d"
bolus = { dose_ng = 10_000, duration = "10min" }

[[expect]]
event = "bolus_started"
arg_0 = "clinician"
exactly = 1

[[expect]]
value = "therapy_state"
at = "end"
equals = "therapy"
"""


def changed(old: str, new: str, document: str = RIGHT) -> str:
    """The document with one place changed; the place must be there exactly once."""
    assert document.count(old) == 1, f"{old!r} stands {document.count(old)} times"
    return document.replace(old, new)


def line_of(word: str, document: str) -> int:
    """Line, from 1, of the first place where `word` stands."""
    return document[: document.index(word)].count("\n") + 1
