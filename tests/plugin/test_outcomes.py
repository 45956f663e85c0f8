"""How a pump test can end, and that a broken bench, a wrong pump and missing evidence never look alike."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import PtyLink
from pumpbench.hil.serve import Server
from tests.plugin.inner import THERAPY, Inner
from tests.plugin.serving import served
from tests.support import require

pytest_plugins = ["pytester"]
Run = Callable[..., Inner]

BREAKS = f"""
import os, signal, pytest
def test_bench_breaks(pump, pump_bench):
    pump.program({THERAPY})
    os.kill(pump_bench.rig.target.pid, signal.SIGKILL)
    pump.advance("1d")
"""


@pytest.fixture
def emulator_url() -> Iterator[str]:
    """The emulator behind a pty: a target that answers well, and that comparing with the emulator proves nothing about."""
    require("pty")
    link = PtyLink()
    with served(Server(Device(), link, speed=1)):
        yield f"serial:{link.slave_path}"
    link.close()


def test_wrong_assertion_is_a_failure_with_its_evidence(inner: Run, tmp_path: Path) -> None:
    ended = inner(
        f"def test_alarms(pump):\n    pump.program({THERAPY})\n    assert pump.alarms() == {{'low_reservoir'}}\n",
        "--pump-seed=7",
        f"--pump-capture-dir={tmp_path / 'kept'}",
    )
    assert (ended.code, ended.counts, ended.endings()) == (1, {"failed": 1}, ["failure"])
    (capture,) = (tmp_path / "kept").glob("*.pcapng")
    found = ended.properties()
    assert (found["pump_verdict"], found["pump_seed"], found["pump_capture"]) == ("fail", "7", str(capture))
    assert "reproduce         pytest 'test_inner.py::test_alarms[emulator]' --pump-target emulator --pump-seed 7" in ended.text


def test_bench_that_breaks_in_the_call_is_an_error_everywhere(inner: Run) -> None:
    require("cc")
    ended = inner(BREAKS, "--pump-target=native")
    assert (ended.code, ended.counts, ended.endings()) == (1, {"error": 1}, ["error"])
    assert ended.properties()["pump_verdict"] == "error"
    assert "the bench broke, which says nothing about the pump" in ended.text
    # The reader sees the line of the test, and none of ours.
    assert '>       pump.advance("1d")' in ended.text or '>   pump.advance("1d")' in ended.text
    assert "hil/rig" not in ended.text


@pytest.mark.parametrize("disguise", ["@pytest.mark.xfail\ndef", "@pytest.mark.xfail(strict=True)\ndef"])
def test_bench_that_breaks_is_an_error_where_a_failure_is_expected(inner: Run, disguise: str) -> None:
    require("cc")
    ended = inner(BREAKS.replace("def", disguise, 1), "--pump-target=native")
    assert (ended.counts, ended.endings()) == ({"error": 1}, ["error"])


def test_bench_that_broke_is_not_forgotten_when_the_test_goes_on(inner: Run) -> None:
    require("cc")
    swallowed = BREAKS.replace("    pump.advance", "    with pytest.raises(Exception):\n        pump.advance")
    for after in ("pass", "assert pump.tick > 10**6"):
        ended = inner(f"{swallowed}    {after}\n", "--pump-target=native")
        assert (ended.counts, ended.endings()) == ({"error": 1}, ["error"])


def test_pump_that_does_not_answer_is_an_error_of_the_host(inner: Run) -> None:
    require("cc")
    hasty = "    talk = pump_bench.rig.conversation\n    talk.timeout_s, talk.retries = 0.05, 0\n    pump.advance"
    silent = BREAKS.replace("SIGKILL", "SIGSTOP").replace("    pump.advance", hasty)
    ended = inner(silent, "--pump-target=native")
    assert (ended.counts, ended.endings()) == ({"error": 1}, ["error"])
    assert "no reply to RunTo" in ended.text


def test_test_that_outlasts_its_time_limit_is_an_error_of_the_host(inner: Run) -> None:
    ended = inner("def test_for_ever(pump):\n    while True:\n        pump.advance('1h')\n", "--timeout=1")
    assert (ended.counts, ended.endings()) == ({"error": 1}, ["error"])


def test_firmware_that_ends_itself_is_a_failure_of_the_pump(inner: Run) -> None:
    require("cc")
    ended = inner(BREAKS.replace("SIGKILL", "SIGSEGV"), "--pump-target=native")
    assert (ended.counts, ended.endings()) == ({"failed": 1}, ["failure"])
    assert "the firmware ended itself by SIGSEGV" in ended.text


def test_rig_error_that_a_test_meets_itself_is_an_error(inner: Run) -> None:
    source = "from pumpbench.hil.errors import RigBroken\ndef test_own(pump):\n    raise RigBroken('here', 'this', 'that')\n"
    ended = inner(source)
    assert (ended.counts, ended.endings()) == ({"error": 1}, ["error"])


def test_absent_target_is_an_error_and_never_a_skip(inner: Run) -> None:
    ended = inner("def test_there(pump):\n    pump.status()\n", "--pump-target=serial:/dev/ttyNOSUCH")
    assert (ended.code, ended.counts, ended.endings()) == (1, {"error": 1}, ["error"])
    assert "ttyNOSUCH" in ended.case.find("error").attrib["message"]  # type: ignore[union-attr]
    assert "hil/plugin" not in ended.text


def test_target_that_cannot_be_is_refused_before_anything_runs(inner: Run) -> None:
    ended = inner("def test_there(pump):\n    pump.status()\n", "--pump-target=emulatr")
    assert ended.code == pytest.ExitCode.USAGE_ERROR
    assert "target 'emulatr' is not known; did you mean emulator?" in ended.errors


@pytest.mark.parametrize(("counts_as", "code", "ending"), [("fail", 1, "failure"), ("skip", 0, "skipped")])
def test_inconclusive_is_an_outcome_of_its_own(inner: Run, emulator_url: str, counts_as: str, code: int, ending: str) -> None:
    ended = inner(
        f"def test_alike(pump):\n    pump.program({THERAPY})\n    assert not pump.alarms()\n",
        f"--pump-target={emulator_url}",
        f"--pump-inconclusive={counts_as}",
    )
    assert (ended.code, ended.counts, ended.endings()) == (code, {"inconclusive": 1}, [ending])
    assert ended.properties()["pump_verdict"] == "inconclusive"
    message = ended.case.find(ending).attrib["message"]  # type: ignore[union-attr]
    assert "the emulator was compared with itself" in message
    assert "INCONCLUSIVE" in ended.text
    assert "reproduce" in ended.text


def test_assertion_that_fails_outweighs_missing_evidence(inner: Run, emulator_url: str) -> None:
    ended = inner("def test_alike(pump):\n    assert pump.alarms()\n", f"--pump-target={emulator_url}")
    assert (ended.counts, ended.endings()) == ({"failed": 1}, ["failure"])


def test_outcomes_are_the_same_on_workers_of_xdist(inner: Run, emulator_url: str) -> None:
    require("cc")
    both = f"""{BREAKS}
def test_fine(pump):
    assert not pump.alarms()
def test_wrong(pump):
    assert pump.alarms()
"""
    ended = inner(both, "-n2", "--pump-target=native", "--pump-target", emulator_url, "-k", "not breaks or native")
    assert ended.counts == {"error": 1, "failed": 2, "passed": 1, "inconclusive": 1}
    assert sorted(ended.endings()) == ["error", "failure", "failure", "failure", "passed"]
    told = [one for case in ended.cases for one in case.iter("property") if one.attrib["name"] == "pump_verdict"]
    assert sorted(one.attrib["value"] for one in told) == ["error", "fail", "fail", "inconclusive", "pass"]


def test_pump_that_is_wrong_at_its_start_is_a_failure(inner: Run) -> None:
    source = """
import pytest
from pumpbench.hil.plugin.outcomes import PumpFailed
from pumpbench.hil.plugin.run import Run
@pytest.fixture(autouse=True)
def wrong(monkeypatch):
    def start(run):
        raise PumpFailed("wrong from tick 0")
    monkeypatch.setattr(Run, "start", start)
def test_any(pump):
    pass
"""
    ended = inner(source)
    assert (ended.counts, ended.endings()) == ({"failed": 1}, ["failure"])


def test_skipped_test_stays_skipped_and_expected_failure_expected(inner: Run) -> None:
    source = """
import pytest
def test_skips(pump):
    pytest.skip("not today")
@pytest.mark.xfail
def test_known(pump):
    assert pump.alarms()
"""
    ended = inner(source)
    assert (ended.code, ended.counts) == (0, {"skipped": 1, "xfailed": 1})
