"""Rig tests written for other plugins collect and run as ever with ours installed beside them, and one test may use all."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT, require

PYTHON = str(ROOT / "build" / "rigs-venv" / "bin" / "python")
ENVIRONMENT = """
targets:
  main:
    resources:
      RawSerialPort:
        port: "/dev/ttyS0"
    drivers: {}
"""
RIG_FILES = {
    "test_labgrid_rig.py": """
import pytest
@pytest.fixture
def port(target):
    return target.get_resource("RawSerialPort")
def test_environment_has_its_target(env, target):
    assert env.get_target("main") is target
def test_port_is_the_one_of_the_environment(port):
    assert port.port == "/dev/ttyS0"
@pytest.mark.lg_feature("camera")
def test_camera_is_left_out_where_there_is_none():
    assert False
""",
    "test_embedded_rig.py": """
import pytest
def test_dut_hears_what_is_redirected(redirect, dut):
    with redirect():
        print("boot completed")
    dut.expect_exact("boot completed")
@pytest.mark.parametrize("count", [2], indirect=True)
def test_two_duts_are_a_tuple(dut):
    assert len(dut) == 2
""",
    "test_mixed_rig.py": """
def test_labgrid_and_embedded_meet(redirect, dut, target):
    with redirect():
        print(target.name)
    dut.expect_exact("main")
""",
}
ALL_THREE = """
import os, signal
THERAPY = {"mode": "simple_continuous", "dose_ng_per_day": 300_000}
def test_all_three_meet(redirect, dut, target, pump):
    pump.program(**THERAPY)
    with redirect():
        print("rate", pump.status().rate_nl_per_day)
    dut.expect_exact("rate 600000")
    assert target.name == "main"
def test_bench_breaks_beside_a_dut(dut, target, pump, pump_bench):
    os.kill(pump_bench.rig.target.pid, signal.SIGKILL)
    pump.advance("1d")
"""


def run(folder: Path, *arguments: str) -> str:
    """What pytest with all the plugins prints, the result of each test in a line of its own."""
    require("rigs")
    (folder / "env.yaml").write_text(ENVIRONMENT)
    command = [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--lg-env=env.yaml", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def results(printed: str) -> list[str]:
    return sorted(re.findall(r"^(?:PASSED|FAILED|ERROR|SKIPPED) .*$", printed, re.MULTILINE))


def test_rig_files_of_others_run_the_same_with_our_plugin_and_without(tmp_path: Path) -> None:
    for name, text in RIG_FILES.items():
        (tmp_path / name).write_text(text)
    beside, alone = run(tmp_path), run(tmp_path, "-p", "no:pumpbench")
    assert "pumpbench-" in beside
    assert results(beside) == results(alone)
    assert [line.partition(" ")[0] for line in results(beside)] == ["PASSED"] * 5 + ["SKIPPED"]


def test_one_test_uses_the_fixtures_of_all_three(tmp_path: Path) -> None:
    require("cc")
    (tmp_path / "test_all_three.py").write_text(ALL_THREE)
    printed = run(tmp_path, "--pump-target=native")
    assert "1 passed" in printed
    assert "1 error" in printed
    assert "failed" not in printed.splitlines()[-1]


@pytest.mark.parametrize("plugin", ["labgrid", "embedded"])
def test_plugin_of_another_rig_is_really_there(tmp_path: Path, plugin: str) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    assert re.search(rf"^plugins: .*\b{plugin}-", run(tmp_path), re.MULTILINE)
