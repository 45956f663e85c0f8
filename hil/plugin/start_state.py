"""Turns the markers of a test into the start of its pump, checked as a scenario file is; it opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.problem import ScenarioError
from pumpbench.hil.scenario.toml_text import to_toml


def scenario_of(test: str, start: Mapping[str, Any], config: Mapping[str, Any]) -> Scenario:
    """A scenario without steps: the test itself is the steps. `config` may hold `quirks`, a list of names.

    Raises ValueError, which names the wrong key and the nearest right one.
    """
    constants = {key: value for key, value in config.items() if key != "quirks"}
    document: dict[str, Any] = {"title": test, "sources": ["a pytest function"], "until": "1t"}
    if "quirks" in config:
        document["quirks"] = list(config["quirks"])
    try:
        return read_scenario(to_toml(document | {"start": dict(start), "config": constants}), test)
    except ScenarioError as error:
        # The lines it counts are of a text that nobody wrote.
        raise ValueError("; ".join(f"marker pump_{problem.what}" for problem in error.problems)) from None
    except TypeError:
        given = dict(start) | dict(config)
        raise ValueError(f"markers {given}: expected whole numbers, texts, dates and lists of them") from None
