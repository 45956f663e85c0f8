"""The same test function runs against its recording: it passes there again, and is inconclusive where it asks for more."""

from collections.abc import Callable

import pytest

from tests.plugin.inner import THERAPY, Inner
from tests.support import require

pytest_plugins = ["pytester"]
Run = Callable[..., Inner]
TEST = f"""
def test_treats(pump, pump_faults):
    pump.program({THERAPY})
    pump.advance("1h")
    pump_faults.rotor("stalled")
    pump.advance("3d")
    assert "motor_stall" in pump.alarms()
"""


def recorded(inner: Run, pytester: pytest.Pytester) -> str:
    """The target that the test's own recording is, made of the firmware."""
    require("cc")
    ended = inner(TEST, "--pump-target=native", "--pump-capture-dir=kept")
    assert ended.counts == {"passed": 1}, ended.text
    (path,) = pytester.path.joinpath("kept").glob("*.pcapng")
    return f"capture:{path}"


def test_test_passes_on_its_own_recording_and_is_inconclusive_where_it_asks_for_more(
    inner: Run, pytester: pytest.Pytester
) -> None:
    target = recorded(inner, pytester)
    again = inner(TEST, f"--pump-target={target}", "--pump-seed=9")
    assert again.counts == {"passed": 1}, again.text
    asserts_more = inner(TEST.replace("assert", "assert not"), f"--pump-target={target}")
    assert asserts_more.counts == {"failed": 1}
    longer = inner(TEST.replace("3d", "4d"), f"--pump-target={target}")
    assert longer.counts == {"inconclusive": 1}, longer.text
    assert "cannot be answered" in longer.text
    other = inner(TEST.replace("1h", "2h"), f"--pump-target={target}", "--pump-inconclusive=skip")
    assert (other.counts, other.code) == ({"inconclusive": 1}, pytest.ExitCode.OK)


def test_recording_that_is_not_there_is_refused_before_anything_runs(inner: Run) -> None:
    ended = inner(TEST, "--pump-target=capture:none.pcapng")
    assert (ended.code, "no such file" in ended.errors) == (pytest.ExitCode.USAGE_ERROR, True)
