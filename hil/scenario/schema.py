"""Knows how the tables of a scenario become a JSON Schema, so that editors complete and check; it must not read scenarios."""

from __future__ import annotations

import json

from pumpbench.hil.scenario.kinds import Schema
from pumpbench.hil.scenario.tables import SCENARIO

PATH = "fixtures/schema/scenario.schema.json"
"""Where the generated text is checked in, from the top of the checkout."""


def scenario_schema() -> Schema:
    """Draft 2020-12, self-contained."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pumpbench scenario",
        "$comment": "Generated from hil/scenario/tables.py by `make spec`; change it there.",
        **SCENARIO.schema(),
    }


def schema_text() -> str:
    """The file's whole text."""
    return json.dumps(scenario_schema(), indent=1) + "\n"
