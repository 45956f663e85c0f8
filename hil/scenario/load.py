"""Knows how TOML text becomes a scenario; it must not run one, and says every fault it finds with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.scenario.acts_table import ACTS
from pumpbench.hil.scenario.expectations import Expectations
from pumpbench.hil.scenario.kinds import MISSING
from pumpbench.hil.scenario.lines import key_lines
from pumpbench.hil.scenario.model import Look, Occurrence, Scenario, Step
from pumpbench.hil.scenario.problem import Findings, Problem, ScenarioError
from pumpbench.hil.scenario.tables import SCENARIO, START
from pumpbench.hil.scenario.wire_table import wire_of
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_MINUTE
from pumpbench.protocol.messages import ResetToStart


def read_scenario(text: str, source: str) -> Scenario:
    """The scenario in `text`; `source` names it in messages. Raises ScenarioError with every problem of form.

    Whether the pump would accept it is judged by `lint`.
    """
    findings, document = _document(text, source)
    values = SCENARIO.read(document, (), findings)
    if values is MISSING:
        raise ScenarioError(sorted(findings.problems))
    made = _built(values, document, text, findings)
    if findings.problems:
        raise ScenarioError(sorted(findings.problems))
    return made


def _document(text: str, source: str) -> tuple[Findings, dict[str, Any]]:
    try:
        document = tomllib.loads(text)
        return Findings(source, key_lines(text)), document
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at line ")
        line = int(place.split(",")[0]) if place[:1].isdigit() else text.count("\n") + 1
        raise ScenarioError([Problem(source, line, f"not TOML: {what}; mend the line or the one before it")]) from None
    except ValueError:
        raise ScenarioError([Problem(source, 1, "a number with thousands of digits; expected at most 20")]) from None
    except RecursionError:
        raise ScenarioError(
            [Problem(source, 1, "nested hundreds of levels deep; expected tables and lists of a scenario")]
        ) from None


def _built(values: Mapping[str, Any], document: Mapping[str, Any], text: str, findings: Findings) -> Scenario:
    start = _with_defaults(values["start"], START)
    given = document.get("config", {})
    config = {name: value for name, value in values["config"].items() if name in given} if given else {}
    if values["quirks"]:
        config["quirks"] = sum(1 << quirk for quirk in set(values["quirks"]))
    origin, time = start["calendar_date"] + start["clock_day"], start["clock_time"]
    reader = Expectations(findings, lambda date: (date - origin) * TICKS_PER_DAY - time * TICKS_PER_MINUTE)
    expected = list(_expected(values, document, reader))
    return Scenario(
        source=findings.source,
        text=text,
        title=values["title"],
        why=values["why"] or "",
        sources=values["sources"],
        until_tick=values["until"],
        config=config,
        start=_start(start, config, findings),
        steps=tuple(_step(index, raw, findings) for index, raw in enumerate(values["step"])),
        occurrences=tuple(one for one in expected if isinstance(one, Occurrence)),
        looks=tuple(one for one in expected if isinstance(one, Look)),
        allow_alarms=frozenset(values["allow_alarms"]),
        wire=None if values["wire"] is None else wire_of(values["wire"], ("wire",), findings),
    )


def _with_defaults(given: Mapping[str, Any], table: Any) -> dict[str, Any]:
    return {name: given.get(name, key.default) for name, key in table.keys.items()}


def _expected(values: Mapping[str, Any], document: Mapping[str, Any], reader: Expectations) -> Any:
    for index, raw in enumerate(values["expect"]):
        path = ("expect", index)
        if raw["value"] is None:
            yield reader.occurrence(raw, path)
        else:
            yield reader.look(raw, path, document["expect"][index])


def _start(given: Mapping[str, Any], config: Mapping[str, int], findings: Findings) -> ResetToStart:
    capacity = config.get("battery_capacity_nc", Config().battery_capacity_nc)
    volume, concentration = given["reservoir_nl"], given["concentration_ug_per_ml"]
    true, estimated, line = (given[name] for name in ("reservoir_true_nl", "reservoir_estimated_nl", "line_ug_per_ml"))
    if (given["calendar_date"] - 2) % 7:
        findings.say(("start", "calendar_date"), "is no Monday; clock day 0 is one, expected its date")
    return ResetToStart(
        model=given["model"],
        serial=given["serial"],
        implant_day=given["implant_date"],
        calendar_origin_day=given["calendar_date"],
        drug=given["drug"],
        catheter_length_mm=given["catheter_length_mm"],
        tubing_nl=given["tubing_nl"],
        reservoir_true_nl=volume if true is None else true,
        reservoir_estimated_nl=volume if estimated is None else estimated,
        concentration_ug_per_ml=concentration,
        line_ug_per_ml=concentration if line is None else line,
        clock_day=given["clock_day"],
        clock_day_ticks=given["clock_time"] * TICKS_PER_MINUTE,
        life_ticks=given["age"],
        charge_nc=0 if given["charge_percent"] == 100 else capacity * given["charge_percent"] // 100,
    )


def _step(index: int, raw: Mapping[str, Any], findings: Findings) -> Step:
    path = ("step", index)
    act = next(name for name in ACTS if raw[name] is not None)
    if raw["every"] is None and (raw["until"] is not None or raw["count"] is not None):
        findings.say(path, "has until or count without every; expected every, or neither")
    for one, other in (("refused", "any_answer"), ("refused", "no_reply"), ("any_answer", "no_reply")):
        if raw[one] is not None and raw[other] is not None:
            findings.say(path, f"has {one} and {other}; expected one of them")
    return Step(
        number=index + 1,
        line=findings.line_of(path),
        at_tick=raw["at"],
        act=act,
        arguments=raw[act],
        role=raw["role"],
        every_ticks=raw["every"],
        until_tick=raw["until"],
        count=raw["count"],
        refused=raw["refused"],
        any_answer=bool(raw["any_answer"]),
        no_reply=bool(raw["no_reply"]),
        twice=bool(raw["twice"]),
        reply=raw["reply"] or {},
        note=raw["note"] or "",
    )
