"""One test's rig by itself: the first problem is the one that counts, and a recording ends as it should."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.plugin.options import Options
from pumpbench.hil.plugin.outcomes import BenchBroken, PumpFailed
from pumpbench.hil.plugin.run import Run
from pumpbench.hil.plugin.start_state import scenario_of
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.replay import replay_on
from pumpbench.hil.targets import open_target
from pumpbench.hil.verdict import Verdict
from tests.plugin.inner import Inner
from tests.support import require

pytest_plugins = ["pytester"]


@pytest.fixture
def native_run(tmp_path: Path) -> Iterator[Run]:
    require("cc")
    options = Options(("native",), True, tmp_path, 1, None, "fail", tmp_path)
    run = Run("native", scenario_of("test_run.py::test_it", {}, {}), options, tmp_path)
    run.start()
    yield run
    run.close()


def test_first_problem_is_met_again_by_every_later_call(native_run: Run) -> None:
    native_run.rig.target.close()
    with pytest.raises(BenchBroken) as first:
        native_run.do(lambda rig: rig.run_to(100))
    later: list[int] = []
    with pytest.raises(BenchBroken) as second:
        native_run.do(lambda rig: later.append(rig.tick))
    assert second.value is first.value is native_run.judge()
    assert later == []


def test_difference_is_judged_where_it_is_met(native_run: Run) -> None:
    native_run.rig.reference.pump.plant.reservoir_true_pl += 1
    with pytest.raises(PumpFailed, match=r"target and reference differ: tick .*plant_crc"):
        native_run.do(lambda rig: rig.run_to(100))
    assert native_run.result is not None
    assert native_run.result.verdict is Verdict.FAIL


def test_bug_in_a_test_passes_through_untouched(native_run: Run) -> None:
    def buggy(rig: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        native_run.do(buggy)
    assert native_run.first_problem is None


def test_recording_of_a_failing_test_replays_without_a_gap(inner: Any, tmp_path: Path) -> None:
    require("cc")
    source = "def test_wrong(pump):\n    pump.advance('1d')\n    assert pump.alarms()\n"
    ended: Inner = inner(source, f"--pump-capture-dir={tmp_path}", "--pump-target=native")
    assert ended.counts == {"failed": 1}
    (recording,) = tmp_path.glob("*.pcapng")
    assert b'"ended":"complete"' in recording.read_bytes()
    with open_target("emulator") as target:
        result = replay_on(target, load(recording), ())
    assert (result.verdict, result.gaps) == (Verdict.PASS, ()), result.reason
