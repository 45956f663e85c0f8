"""`step`: a script on stdin moves a pump back and forth; whatever way it took, the same tick is the same pump."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from pumpbench.hil.rig import open_rig
from pumpbench.hil.scenario.load import read_scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.tools.failure import Failed
from pumpbench.tools.stepping.state_text import state_lines
from pumpbench.tools.stepping.stepper import Stepper
from pumpbench.tools.stepping.timeline import Timeline, timeline_of
from tests.support import require
from tests.tools.command import COMMAND, environment, pumpbench

HOUR_TICKS = 36_000
SCENARIO = """
title = "A program, a field and a stop"
sources = ["unsourced"]
until = "1d"
allow_alarms = ["motor_stall"]

[config]
boot_ticks = "30t"

[[step]]
at = "1h"
program = { mode = "simple_continuous", dose_ng_per_day = 1_000_000, confirm = true }

[[step]]
at = "3h"
rotor = { fault = "stalled" }

[[step]]
at = "20h"
stop = true
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("step") / "three.toml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture(scope="module")
def timeline(scenario: Path) -> Timeline:
    return timeline_of(str(scenario))


def test_timeline_tells_what_the_scenario_tells(timeline: Timeline) -> None:
    assert {act.tick // HOUR_TICKS for act in timeline.acts} == {1, 3, 20}
    assert [act.name for act in timeline.acts if act.fault] == ["inject rotor"]
    assert timeline.config["boot_ticks"] == 30
    assert timeline.end_tick == 24 * HOUR_TICKS


@pytest.mark.parametrize("hours", [2, 5, 21, 24])
def test_stepped_pump_is_the_pump_of_the_run(hours: int, timeline: Timeline) -> None:
    with open_rig("emulator", "local") as rig:
        run_scenario(read_scenario(SCENARIO, "three.toml"), rig, until_tick=hours * HOUR_TICKS)
        stepper = Stepper(timeline)
        stepper.run_to(hours * HOUR_TICKS)
        assert stepper.pump.snapshot() == rig.truth().snapshot()


def test_going_back_gives_the_same_pump_whatever_was_done_meanwhile(timeline: Timeline) -> None:
    stepper = Stepper(timeline)
    stepper.run_to(2 * HOUR_TICKS)
    before = stepper.pump.snapshot()
    stepper.step()
    stepper.inject(1, (1, 0, 0))
    stepper.run_to(4 * HOUR_TICKS)
    assert stepper.pump.snapshot() != before
    stepper.back(3)
    assert (stepper.pump.snapshot(), stepper.tick) == (before, 2 * HOUR_TICKS)


def test_going_back_and_on_again_gives_the_same_future(timeline: Timeline) -> None:
    stepper = Stepper(timeline)
    stepper.run_to(HOUR_TICKS // 2)
    stepper.run_to(21 * HOUR_TICKS)
    future, told = stepper.pump.snapshot(), [one.act for one in stepper.told]
    stepper.back()
    stepper.run_to(21 * HOUR_TICKS)
    assert stepper.pump.snapshot() == future
    assert [one.act for one in stepper.told] == told
    assert all(one.reply is not None for one in stepper.told if not one.act.fault)


def test_state_is_chosen_by_part_field_or_pattern(timeline: Timeline) -> None:
    stepper = Stepper(timeline)
    stepper.run_to(24 * HOUR_TICKS)
    assert state_lines(stepper.pump, "alarms_active") == ["durable.alarms_active  motor_stall"]
    assert state_lines(stepper.pump, "durable.therapy_state") == ["durable.therapy_state  stopped"]
    assert len(state_lines(stepper.pump, "line_ng_per_ml")) == 32
    assert all(line.startswith("plant.rotor_") for line in state_lines(stepper.pump, "plant.rotor_*"))
    assert not any("[" in line.split()[0] for line in state_lines(stepper.pump, ""))
    with pytest.raises(Failed, match="no field is called so"):
        state_lines(stepper.pump, "absent")


def test_script_on_stdin_is_carried_out_line_by_line(scenario: Path) -> None:
    script = """
    # from before the program to after the stall
    until 2h
    step 2
    state therapy_state
    back
    inject rotor 1    # earlier than the scenario's
    until +10h
    quit
    step
    """
    done = pumpbench("step", str(scenario), "--at", "30min", stdin=script, cwd=scenario.parent)
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    ticks = [int(line.split(",")[0].removeprefix("tick ")) for line in lines if line.startswith("tick ")]
    assert ticks == [18_000, 72_000, 72_002, 72_000, 432_000]
    assert "durable.therapy_state  therapy" in lines
    assert any("told CommitProgram -> Done" in line for line in lines)
    assert any("alarm_raised alarm motor_stall" in line for line in lines)
    assert "(step)" not in done.stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("frob", "expected one of step, until"),
        ("step 0", "expected one count of 1 or more"),
        ("until soon", "expected a duration"),
        ("until 1s", "is past"),
        ("until 999999999d", "is too far: the run ends at tick 864000"),
        ("back", "only 1 moves can be undone"),
        ("inject rotr 1", "no such fault; did you mean rotor?"),
        ("inject rotor 99", "Inject refused: fault_range"),
        ("inject rotor x", "expected a whole number"),
        ("inject", "expected a fault"),
        ("state absent", "no field is called so"),
    ],
)
def test_line_that_cannot_be_done_is_said_and_the_script_goes_on(line: str, said: str, scenario: Path) -> None:
    script = f"back\n{line}\nstate durable.boot_count\n" if line == "back" else f"{line}\nstate durable.boot_count\n"
    done = pumpbench("step", str(scenario), "--at", "10s", stdin=script, cwd=scenario.parent)
    assert done.returncode == 2
    assert "durable.boot_count  1" in done.stdout
    said = "only 0 moves can be undone" if line == "back" else said
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_tab_completes_verbs_faults_and_fields(scenario: Path) -> None:
    require("pty")
    master, slave = os.openpty()
    command = [*COMMAND, "step", scenario.name, "--at", "10s"]
    with subprocess.Popen(command, cwd=scenario.parent, env=environment(TERM="dumb"), stdin=slave, stdout=slave) as step:
        os.close(slave)
        os.write(master, b"inj\tocc\t1000\nsta\tdurable.alarms_a\t\nquit\n")
        said = b""
        with contextlib.suppress(OSError):  # how a pty says that the other end has gone
            while more := os.read(master, 4096):
                said += more
    os.close(master)
    assert step.returncode == 0
    assert b"occlusion, in force from tick 101" in said
    assert b"durable.alarms_active  none" in said


def test_capture_is_stepped_as_its_scenario_is(scenario: Path) -> None:
    words = ("--topology", "local", "--capture", "three.pcapng")
    assert pumpbench("run", str(scenario), *words, cwd=scenario.parent).returncode == 0
    script = "state plant\nstate durable\nstate controller\n"
    of_capture = pumpbench("step", "three.pcapng", "--at", "21h", stdin=script, cwd=scenario.parent)
    of_scenario = pumpbench("step", str(scenario), "--at", "21h", stdin=script, cwd=scenario.parent)
    assert of_capture.returncode == 0, of_capture.stderr
    assert of_capture.stdout == of_scenario.stdout


def test_step_beyond_the_end_of_a_run_says_that_it_ended(scenario: Path) -> None:
    within = pumpbench("step", scenario.name, "--at", "23h", cwd=scenario.parent)
    beyond = pumpbench("step", scenario.name, "--at", "3d", cwd=scenario.parent)
    assert ("the run ended" in within.stdout, "the run ended at tick 864000 (1d)" in beyond.stdout) == (False, True)


def test_step_plays_a_recording_whose_plant_stood_outside_to_a_whole_pump(tmp_path: Path) -> None:
    path = tmp_path / "controller.pcapng"
    with open_rig("emulator", "controller", capture=path) as rig:
        run_scenario(read_scenario(SCENARIO, "three.toml"), rig)
        rig.finish()
        expected = rig.truth().snapshot()
    stepper = Stepper(timeline_of(str(path)))
    stepper.run_to(stepper.timeline.end_tick)
    assert "inject rotor" in {act.name for act in stepper.timeline.acts}
    assert stepper.pump.snapshot() == expected
