"""One test on each of the targets that were named, under ids that say which."""

from collections.abc import Callable

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import PtyLink
from pumpbench.hil.serve import Server
from tests.plugin.inner import Inner
from tests.plugin.serving import served
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


def test_target_may_have_its_name_from_a_settings_file(inner: Run, pytester: pytest.Pytester) -> None:
    require("pty")
    link = PtyLink()
    table = f"[target.bench1]\nurl = '{link.slave_path}'\nbaud = 921600\n[target.bench2]\nurl = 'emulator'\n"
    pytester.path.joinpath("pumpbench.toml").write_text(table)
    with served(Server(Device(), link, speed=1)):
        ended = inner(LOOKS, "--pump-target=bench1", "--pump-target=bench2")
    link.close()
    assert ended.names() == ["test_looks[bench1]", "test_looks[bench2]"]
    assert ended.counts == {"inconclusive": 1, "passed": 1}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[target.bench1]\nurl = '/dev/ttyACM0'\n", "target 'bench' is not known; choose one of"),
        ("[target.bench1]\nurl = '/dev/ttyACM0'\n", "(targets that a settings file names: bench1)"),
        ("[target.bench]\nbuad = 3\n", "pumpbench.toml:2: unknown key 'target.bench.buad'; did you mean baud?"),
    ],
)
def test_slip_in_a_named_target_is_said_before_anything_runs(
    inner: Run, pytester: pytest.Pytester, table: str, said: str
) -> None:
    pytester.path.joinpath("pumpbench.toml").write_text(table)
    ended = inner(LOOKS, "--pump-target=bench")
    assert ended.code == pytest.ExitCode.USAGE_ERROR
    assert said in ended.errors


def test_workers_of_xdist_take_turns_at_one_board(inner: Run) -> None:
    require("pty")
    link = PtyLink()
    looks = "".join(LOOKS.replace("looks", f"looks_{n}") for n in range(6))
    with served(Server(Device(), link, speed=1)):
        ended = inner(looks, f"--pump-target=serial:{link.slave_path}", "--pump-inconclusive=skip", "-n3")
    link.close()
    assert ended.counts == {"inconclusive": 6}, ended.text
