"""One test on each of the targets that were named, under ids that say which."""

from collections.abc import Callable

import pytest

from tests.plugin.inner import Inner
from tests.support import require

pytest_plugins = ["pytester"]
Run = Callable[..., Inner]
LOOKS = "def test_looks(pump):\n    assert not pump.alarms()\n"


def test_pump_test_runs_in_the_emulator_where_nobody_named_a_target(inner: Run) -> None:
    assert inner(LOOKS).names() == ["test_looks[emulator]"]


def test_pump_test_runs_on_each_named_target_once(inner: Run) -> None:
    require("cc")
    ended = inner(LOOKS, "--pump-target=native", "--pump-target=emulator", "--pump-target=native")
    assert ended.names() == ["test_looks[native]", "test_looks[emulator]"]
    assert ended.counts == {"passed": 2}


def test_tests_of_one_target_stand_together(inner: Run) -> None:
    require("cc")
    ended = inner(LOOKS + LOOKS.replace("looks", "waits"), "--pump-target=native", "--pump-target=emulator")
    assert [name.partition("[")[2] for name in ended.names()] == ["native]", "native]", "emulator]", "emulator]"]


def test_environment_names_targets_where_no_flag_does(inner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    require("cc")
    monkeypatch.setenv("PUMPBENCH_TARGET", "native emulator")
    assert inner(LOOKS).names() == ["test_looks[native]", "test_looks[emulator]"]
    assert inner(LOOKS, "--pump-target=emulator").names() == ["test_looks[emulator]"]


def test_test_may_choose_its_own_target(inner: Run) -> None:
    source = f"import pytest\n@pytest.mark.parametrize('pump_target', ['emulator'], indirect=True)\n{LOOKS}"
    assert inner(source, "--pump-target=native").names() == ["test_looks[emulator]"]


def test_target_can_be_asked_for_without_a_pump(inner: Run) -> None:
    source = "import sys\ndef test_named(pump_target):\n    assert pump_target == 'serial:/dev/ttyNOSUCH'\n"
    assert inner(source, "--pump-target=serial:/dev/ttyNOSUCH").counts == {"passed": 1}


def test_parameters_of_the_test_itself_stay(inner: Run) -> None:
    source = "import pytest\n@pytest.mark.parametrize('dose', [1, 2])\ndef test_dose(pump, dose):\n    pump.advance('1s')\n"
    assert sorted(inner(source).names()) == ["test_dose[emulator-1]", "test_dose[emulator-2]"]
