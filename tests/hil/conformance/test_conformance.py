"""The suite itself: what it states, what it provokes, and that conforming firmware passes it on every target there is."""

import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from pumpbench.hil.conformance import Check, Conformance, Result, all_checks, judged, select, verdict_of
from pumpbench.hil.conformance.check import declare
from pumpbench.hil.conformance.coverage import UNPROVOKED
from pumpbench.hil.conformance.tally import Tally
from pumpbench.hil.firmware import SOURCES
from pumpbench.hil.targets import open_target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Level
from tests.support import ROOT, require

CHECKS_MIN = 300
BOARD_GATE = ("identify.*", "wire.*", "session.*", "credit.*", "alarm.[lesm]*", "fluid.*", "snapshot.*", "memory.cut*")
SMOKE = ("identify.*", "session.retry*", "credit.runs*", "alarm.low-reservoir", "fluid.retry*")
OWN = SOURCES / "example" / "own_pump.c"


@cache
def whole(target: str) -> tuple[tuple[Result, ...], Tally]:
    """Every check on a target, run once for all the tests that look at it."""
    with open_target(target) as opened:
        suite = Conformance(opened)
        return tuple(suite.run(all_checks())), suite.tally


def fails(results: Sequence[Result]) -> list[str]:
    return [f"{one.check.id}: {one.reason}" for one in results if one.verdict not in (Verdict.PASS, None)]


def headings(page: Path) -> set[str]:
    return set(re.findall(r"^#{2,3} (.+)$", page.read_text(), re.MULTILINE))


def test_reference_passes_every_check_that_can_judge_it() -> None:
    results, _ = whole("emulator")
    assert not fails(results)
    assert len([one for one in results if one.verdict is Verdict.PASS]) >= CHECKS_MIN
    assert {one.check.group for one in results if one.verdict is None} == {"free-run", "reference"}


def test_firmware_passes_every_check() -> None:
    require("cc")
    require("make")
    require("pty")
    results, tally = whole("native")
    assert not fails(results)
    assert all(one.verdict is Verdict.PASS for one in results)
    assert tally.losses == 0


@pytest.mark.parametrize("board", ["mps2-an385", "netduinoplus2", "microbit"])
def test_emulated_board_passes_the_checks_of_the_gate(board: str) -> None:
    require("arm")
    require("qemu")
    with open_target(f"qemu:{board}") as opened:
        results = list(Conformance(opened).run(select(*BOARD_GATE)))
    assert not fails(results)
    assert verdict_of(results) is Verdict.PASS


def test_emulated_board_with_the_oldest_parts_passes_a_few() -> None:
    require("arm")
    require("qemu")
    with open_target("qemu:lm3s6965evb") as opened:
        results = list(Conformance(opened).run(select(*SMOKE)))
    assert not fails(results)
    assert verdict_of(results) is Verdict.PASS


@pytest.mark.soak
@pytest.mark.parametrize("board", ["mps2-an385", "netduinoplus2", "microbit", "lm3s6965evb"])
def test_emulated_board_passes_every_check_within_patience(board: str) -> None:
    require("arm")
    require("qemu")
    with open_target(f"qemu:{board}") as opened:
        results = list(Conformance(opened).run(all_checks()))
    assert not fails(results)


def test_every_message_and_every_refusal_is_provoked_or_says_why_not() -> None:
    require("cc")
    require("make")
    require("pty")
    _, tally = whole("native")
    messages, refusals = tally.untold()
    assert {*messages, *refusals} == set(UNPROVOKED)


def test_checks_state_a_fact_and_cite_a_section_that_exists() -> None:
    semantics = {one.partition(" ")[0].rstrip(".") for one in headings(ROOT / "firmware_emu" / "SEMANTICS.md")}
    spec = headings(ROOT / "protocol" / "SPEC.md")
    wrong = []
    for one in all_checks():
        for cited in re.findall(r"(?<!rule )(?<!step )(?<!phase )(?<!law )(?<!steps )(?<!and )\b\d+(?:\.\d+)?", one.section):
            if cited not in semantics:
                wrong.append(f"{one.id}: no section {cited}")
        if one.section.startswith("SPEC") and one.section[5:].partition(",")[0] not in spec:
            wrong.append(f"{one.id}: SPEC.md has no {one.section[5:]!r}")
        if "\n" in one.statement or len(one.statement) > 160:
            wrong.append(f"{one.id}: the statement is no one line")
    assert not wrong, "\n".join(wrong)


def test_free_run_is_all_that_a_device_of_l0_is_asked() -> None:
    require("cc")
    require("make")
    require("pty")
    with open_target("native") as opened:
        suite = Conformance(opened, level=Level.L0)
        results = list(suite.run(all_checks()))
    assert not fails(results)
    assert {one.check.level for one in results if one.verdict is not None} == {Level.L0}
    # Golden frames of the bench channel pass, too, but none of them is carried out.
    assert "Report" not in suite.tally.messages


def test_device_is_left_disarmed_in_its_start_state() -> None:
    with EmulatorTarget() as target:
        list(Conformance(target).run(select("alarm.low-reservoir")))
        assert not target.device.armed
        assert target.device.pump.plant.tick == 0
        assert target.device.pump.identity.serial == 1


def test_checks_that_take_longer_than_patience_are_left_out_with_what_runs_them() -> None:
    with EmulatorTarget() as target:
        (found,) = Conformance(target, patience_s=0.001).run(select("alarm.memory-error"))
    assert found.verdict is None
    assert "--patience" in found.reason


def test_nothing_that_ran_is_inconclusive_and_so_is_nothing_compared() -> None:
    idle = Check("idle.compares-nothing", "Compares nothing.", "SPEC Frames", Level.L0, lambda pump: None)
    with EmulatorTarget() as target:
        results = list(Conformance(target).run((idle,)))
    assert [one.verdict for one in results] == [Verdict.INCONCLUSIVE]
    assert judged([])[0] is Verdict.INCONCLUSIVE


def test_check_that_breaks_is_an_error_of_the_suite_and_not_of_the_device() -> None:
    def broken(pump: object) -> None:
        raise ZeroDivisionError("planted")

    with EmulatorTarget() as target:
        (found,) = Conformance(target).run((Check("broken.itself", "Breaks.", "SPEC Frames", Level.L0, broken),))
    assert found.verdict is Verdict.ERROR
    assert "ZeroDivisionError" in found.reason


@pytest.mark.parametrize("id", ["no-group", "Upper.case", "identify.answers-on-both-channels", "."])
def test_check_is_refused_where_its_id_is_none_or_taken(id: str) -> None:
    all_checks()
    with pytest.raises(ValueError, match="expected an id of its own"):
        declare(Check(id, "States.", "SPEC Frames", Level.L0, lambda pump: None))


def test_pump_that_is_not_ours_is_told_what_it_keeps_and_what_not(tmp_path: Path) -> None:
    require("cc")
    require("make")
    require("pty")
    made = ["make", "-s", "-C", str(SOURCES), "host", f"PLUG_IN={OWN}", f"BUILD={tmp_path}"]
    subprocess.run(made, check=True, capture_output=True)
    with NativeTarget(tmp_path / "pumpbench-native") as target:
        suite = Conformance(target)
        results = list(suite.run(select("wire.*", "corpus.*", "program.*", "delivery.*", "snapshot.*")))
    outcomes = {group: {one.outcome for one in results if one.check.group == group} for group in ("wire", "corpus", "program")}
    assert suite.claimed == Level.L1
    assert outcomes == {"wire": {"pass"}, "corpus": {"pass"}, "program": {"pass"}}
    assert {one.outcome for one in results if one.check.group == "snapshot"} == {"left out"}
    delivery = next(one for one in results if one.check.id == "delivery.steps-in-their-ticks")
    assert delivery.verdict is Verdict.FAIL
