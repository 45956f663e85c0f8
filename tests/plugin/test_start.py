"""What a pump test is started with: markers, seed, speed, recording; and what a slip of the pen gets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pumpbench.hil.plugin import options
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.replay import replay_on
from pumpbench.hil.targets import open_target
from pumpbench.hil.verdict import Verdict
from tests.plugin.inner import THERAPY, Inner
from tests.support import require

pytest_plugins = ["pytester"]
Run = Callable[..., Inner]

MARKED = """
import pytest
@pytest.mark.pump_start(reservoir_nl=3_000_000, concentration_ug_per_ml=250)
class TestSmall:
    @pytest.mark.pump_start(reservoir_nl=4_000_000)
    @pytest.mark.pump_config(quirks=["telemetry_hold"], session_timeout_ticks="20min")
    def test_marks(self, pump, pump_bench):
        assert pump_bench.truth("reservoir_true_nl") == 4_000_000
        assert pump.record().concentration_ug_per_ml == 250
        assert pump_bench.state.config.session_timeout_ticks == 12_000
        assert pump_bench.state.config.quirks == 1
"""


class Given:
    """What pytest's own parser would leave."""

    def __init__(self, **flags: object) -> None:
        self.__dict__.update({f"pump_{name}": value for name, value in flags.items()})


def test_markers_decide_the_start_and_the_nearest_wins(inner: Run) -> None:
    ended = inner(MARKED, "--strict-markers")
    assert ended.counts == {"passed": 1}, ended.text


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("pump_start(reservoir=3)", "marker pump_start.reservoir: unknown key; did you mean reservoir_nl?"),
        ("pump_start(reservoir_nl=0.5)", "expected whole numbers, texts, dates and lists of them"),
        ("pump_config(battery_capacity_nc=1)", "marker pump_config.battery_capacity_nc: 1; expected a whole number"),
        ("pump_config(quirks=['telemetry_hole'])", "did you mean telemetry_hold?"),
    ],
)
def test_slip_in_a_marker_is_said_in_one_line(inner: Run, marker: str, said: str) -> None:
    ended = inner(f"import pytest\n@pytest.mark.{marker}\ndef test_any(pump):\n    pass\n")
    assert (ended.counts, ended.endings()) == ({"error": 1}, ["error"])
    assert said in ended.text
    assert "hil/plugin" not in ended.text


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("--pump-seed=-1", "--pump-seed: seed '-1'; expected a whole number from 0 to 2^64 - 1"),
        ("--pump-speed=fast", "--pump-speed: speed 'fast'; expected max, real"),
        ("--pump-inconclusive=pass", "--pump-inconclusive: 'pass'; expected fail or skip"),
        ("--pump-target=qemu:nonsuch", "no such emulated board"),
    ],
)
def test_slip_in_an_option_is_said_before_anything_runs(inner: Run, flag: str, said: str) -> None:
    ended = inner("def test_any():\n    pass\n", flag)
    assert ended.code == pytest.ExitCode.USAGE_ERROR
    assert said in ended.errors


def test_flag_outranks_its_twin_in_the_environment() -> None:
    twins = {"PUMPBENCH_SEED": "5", "PUMPBENCH_SPEED": "60", "PUMPBENCH_INCONCLUSIVE": "skip", "PUMPBENCH_CAPTURE_DIR": "kept"}
    folder = Path("/somewhere")
    found = options.read(Given(), folder, twins)
    assert (found.seed, found.speed, found.inconclusive, found.capture_dir) == (5, 60.0, "skip", folder / "kept")
    found = options.read(Given(seed="6", speed="real", inconclusive="fail", target=["native", "emulator"]), folder, twins)
    assert (found.seed, found.speed, found.inconclusive, found.targets) == (6, 1.0, "fail", ("native", "emulator"))


def test_speed_holds_a_pump_test_to_it(inner: Run) -> None:
    slowed = """
import pytest, pumpbench.hil.pace
def test_waits(pump, pump_bench, monkeypatch):
    waits = []
    monkeypatch.setattr(pumpbench.hil.pace.time, "sleep", waits.append)
    pump.advance("10s")
    assert sum(waits) > 0
"""
    assert inner(slowed, "--pump-speed=10").counts == {"passed": 1}
    assert inner(slowed).counts == {"failed": 1}


def test_seed_decides_the_length_of_credits(inner: Run) -> None:
    source = "def test_credits(pump, pump_bench):\n    pump.advance('9d')\n    print('credits', pump_bench.rig.credits)\n"
    told = {
        seed: [line for line in inner(source, f"--pump-seed={seed}").text.splitlines() if line.startswith("credits")]
        for seed in (1, 2, 3, 1)
    }
    assert all(told.values())
    assert len({tuple(lines) for lines in told.values()}) > 1


def test_recording_of_a_passing_test_stays_where_it_was_asked_for(inner: Run, tmp_path: Path) -> None:
    require("cc")
    source = f"""
def test_one(pump, pump_bench):
    pump.program({THERAPY})
    assert len(pump_bench.snapshot()) > 100
    pump.advance("1d")
    pump.refill(18_000_000)
def test_two(pump):
    pump.advance("1d")
"""
    kept = tmp_path / "deep" / "kept"
    ended = inner(source, f"--pump-capture-dir={kept}", "--pump-target=native")
    assert ended.counts == {"passed": 2}
    recordings = sorted(kept.glob("*.pcapng"))
    names = [path.name.partition("-native-")[0] for path in recordings]
    assert names == ["test_inner_test_one_native", "test_inner_test_two_native"]
    for path in recordings:
        with open_target("emulator") as target:
            result = replay_on(target, load(path), ())
        assert result.verdict is Verdict.PASS, result.reason


def test_recordings_of_the_same_name_and_second_get_numbers(inner: Run, tmp_path: Path) -> None:
    source = "import pytest\n@pytest.mark.parametrize('n', range(3), ids=['x', 'X', 'x '])\ndef test_n(pump, n):\n    pass\n"
    assert inner(source, f"--pump-capture-dir={tmp_path}").counts == {"passed": 3}
    assert len(list(tmp_path.glob("*.pcapng"))) == 3
