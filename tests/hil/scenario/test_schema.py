"""The JSON Schema: fresh, true of every shipped scenario, and not true of a wrong one."""

import datetime
import json
import tomllib
from typing import Any

import fastjsonschema
import pytest

from pumpbench.hil.scenario import schema
from pumpbench.hil.scenario.generate import generate
from pumpbench.hil.scenario.shipped import scenario_text, shipped_names
from tests.hil.scenario.documents import RIGHT, changed
from tests.support import ROOT, SEED


def as_json(value: Any) -> Any:
    """What an editor's TOML reader hands to a JSON Schema: dates are text."""
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


@pytest.fixture(scope="module")
def accepts() -> Any:
    judge = fastjsonschema.compile(schema.scenario_schema())

    def judged(text: str) -> bool:
        try:
            judge(as_json(tomllib.loads(text)))
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return judged


def test_checked_in_schema_is_the_one_the_tables_give() -> None:
    assert (ROOT / schema.PATH).read_text() == schema.schema_text(), "make spec writes it anew"
    assert json.loads(schema.schema_text())["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_scenario_is_accepted_by_the_schema(name: str, accepts: Any) -> None:
    assert accepts(scenario_text(name)[0])


def test_drawn_scenario_is_accepted_by_the_schema(accepts: Any) -> None:
    assert all(accepts(generate(seed).text) for seed in range(SEED, SEED + 20))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('until = "7d"', "until = 7"),
        ("dose_ng_per_day", "dose_ng_per_dya"),
        ("bolus = {", "stop = true\nbolus = {"),
        ('"simple_continuous"', '"simple"'),
        ('equals = "therapy"', "equals = [1]"),
        ('title = "a week of basal flow"\n', ""),
    ],
)
def test_wrong_scenario_is_refused_by_the_schema(old: str, new: str, accepts: Any) -> None:
    assert accepts(RIGHT)
    assert not accepts(changed(old, new))
