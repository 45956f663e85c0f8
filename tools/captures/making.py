"""Records one planned session into a file; it knows no expectation."""

from pathlib import Path

from pumpbench.hil.rig import About, open_rig
from pumpbench.hil.scenario.duration import parse_duration
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.captures.damaging import damage
from pumpbench.tools.captures.desk import record_desk
from pumpbench.tools.captures.field import record_free_run, record_session
from pumpbench.tools.captures.plan import SOURCE, Planned
from pumpbench.tools.captures.worked import record_timeline
from pumpbench.tools.failure import Failed
from pumpbench.tools.running.plan import parse_wire


def make(planned: Planned, path: Path) -> None:
    """Raises what a rig raises, and `Failed` where target and reference differ. A damaged one is made of `SOURCE` beside it."""
    match planned.how:
        case "run":
            _run(planned, path)
        case "timeline":
            record_timeline(planned.timeline, path)
        case "desk":
            record_desk(path)
        case "free":
            record_free_run(path)
        case "session":
            record_session(path, planned.anchored)
        case "damaged":
            damage(path.with_name(f"{SOURCE}{path.suffix}"), path, planned.damage)


def command_of(planned: Planned) -> str:
    """What makes the like of it by hand; the others have no verb of their own."""
    if planned.how != "run":
        return "make captures"
    target = "" if planned.topology == "local" else f" --target {planned.target}"
    topology = "" if planned.topology == "twin" else f" --topology {planned.topology}"
    until = f" --until {planned.until}" if planned.until else ""
    wire = f" --wire {planned.wire}" if planned.wire else ""
    return f"pumpbench run {planned.scenario}{target}{topology} --seed {planned.seed}{until}{wire}"


def _run(planned: Planned, path: Path) -> None:
    scenario = load(planned.scenario)
    wire = parse_wire(planned.wire) if planned.wire else scenario.wire
    about = About(scenario=scenario.text, seed=planned.seed)
    until = parse_duration(planned.until) if planned.until else None
    with open_rig(planned.target, planned.topology, seed=planned.seed, capture=path, about=about, wire=wire) as rig:
        run_scenario(scenario, rig, seed=planned.seed, until_tick=until)
        result = rig.finish()
    if result.compares and result.verdict is not Verdict.PASS:
        raise Failed(f"{planned.scenario} on {planned.target}: {result.judged[1]}; a session to be shipped has to pass first", 1)
