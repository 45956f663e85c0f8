"""The example suite as somebody who copied it has it: alone in a folder, on each target this machine can offer."""

import re
import shutil

import pytest

from tests.support import ROOT, require

pytest_plugins = ["pytester"]
SUITE = ROOT / "tests" / "example_suite"
TESTS = len(re.findall(r"^def test_", (SUITE / "test_therapy.py").read_text(), re.MULTILINE))


def run(pytester: pytest.Pytester, *targets: str, workers: int = 0) -> dict[str, int]:
    shutil.copytree(SUITE, pytester.path / "suite", ignore=shutil.ignore_patterns("__pycache__"))
    flags = [f"--pump-target={target}" for target in targets]
    counts: dict[str, int] = pytester.runpytest_subprocess("suite", "-W", "error", f"-n{workers}", *flags).parseoutcomes()
    return counts


def test_example_suite_passes_on_emulator_and_firmware(pytester: pytest.Pytester) -> None:
    require("cc")
    assert run(pytester, "emulator", "native") == {"passed": 2 * TESTS}


def test_example_suite_passes_on_the_firmware_over_usb(pytester: pytest.Pytester) -> None:
    require("cc")
    assert run(pytester, "usb:1209:0001@native") == {"passed": TESTS}


@pytest.mark.timeout(600)
def test_example_suite_passes_on_every_emulated_board(pytester: pytest.Pytester) -> None:
    require("arm")
    require("qemu")
    boards = ("qemu:netduinoplus2", "qemu:mps2-an385", "qemu:microbit", "usb:1209:0001@qemu:mps2-an385")
    assert run(pytester, *boards, workers=2) == {"passed": len(boards) * TESTS}
