"""A rig that is too noisy proves nothing: what it measures of itself, its budget, and the first failure it keeps."""

import json
from pathlib import Path

import pytest

from pumpbench.hil.errors import NoAnswer
from pumpbench.hil.links import Link, LinkError, LinkLost, memory_pair
from pumpbench.hil.rig import RigResult, TwinRig
from pumpbench.hil.rig.base import PINGS
from pumpbench.hil.rig.budget import BUDGETS, KEYS, Budget, Measured, budget_of
from pumpbench.hil.rig.meter import Meter
from pumpbench.hil.settings_file import BUDGET_KEYS
from pumpbench.hil.targets import NAMES
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import ReadStatus
from tests.hil.pumps import START
from tests.support import SEED, require
from tests.tools.command import pumpbench

QUIET = Measured(round_trips=100, rtt_p50_us=60, rtt_p99_us=900, stall_ms=40, resent_count=0)
TIGHT = Budget(rtt_p99_ms=1, stall_ms=50, resent_count=0)


class Independent(EmulatorTarget):
    """The reference, passed off as another implementation."""

    independent = True


class Deaf(Link):
    """Loses each `every`-th write and each `every`-th reply, as a line with noise on it does."""

    url = "deaf"

    def __init__(self, link: Link, every: int) -> None:
        self.link = link
        self.every = every
        self.written = self.read_count = 0

    def write(self, data: bytes) -> None:
        self.written += 1
        if self.written % self.every:
            self.link.write(data)

    def read(self, timeout_s: float) -> bytes:
        chunk = self.link.read(0)
        self.read_count += bool(chunk)
        return chunk if self.read_count % self.every else b""

    def close(self) -> None:
        self.link.close()


def judged(measured: Measured, budget: Budget) -> tuple[Verdict, str]:
    compared = RigResult(
        "native", "twin", independent=True, compares=True, digests_compared=3, frames_compared=1, measured=measured, budget=budget
    )
    return compared.judged


def test_verdict_passes_when_the_budget_is_met() -> None:
    assert judged(QUIET, TIGHT)[0] is Verdict.PASS


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (Measured(100, 60, 2_000, 40, 0), "99 of 100 round trips take up to 2.0 ms, budget 1"),
        (Measured(100, 60, 900, 51, 0), "one reply took 51 ms, budget 50"),
        (Measured(100, 60, 900, 40, 1), "1 requests had to be sent again, budget 0"),
    ],
)
def test_verdict_is_inconclusive_with_figure_and_cure_when_the_budget_is_missed(measured: Measured, words: str) -> None:
    verdict, reason = judged(measured, TIGHT)
    assert verdict is Verdict.INCONCLUSIVE
    assert words in reason
    assert "pumpbench.toml" in reason


def test_each_kind_of_target_has_a_budget_of_its_own() -> None:
    kinds = {name.partition(":")[0] for name in NAMES}
    assert kinds <= set(BUDGETS)
    assert budget_of("qemu:microbit") == BUDGETS["qemu"]
    assert budget_of("native", (("stall_ms", 7),)).stall_ms == 7
    assert KEYS == BUDGET_KEYS


def test_lost_bench_frame_is_asked_again_and_counted() -> None:
    target = Independent()
    target.link = Deaf(target.link, every=7)
    with TwinRig(target, SEED) as rig:
        rig.start({}, START)
        rig.run_to(10_000)
        result = rig.finish()
    assert result.measured is not None
    lost = target.link.written // 7 + target.link.read_count // 7
    assert result.measured.resent_count == lost > 2
    assert result.first_difference is None
    assert result.measured.round_trips >= PINGS


def test_meter_measures_the_trip_between_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    times_ns = iter([0, 3_000_000, 10_000_000, 11_000_000, 20_000_000, 29_000_000])
    monkeypatch.setattr("pumpbench.hil.rig.meter.time.monotonic_ns", lambda: next(times_ns))
    meter = Meter()
    for _ in range(2):
        with meter.round_trip():
            pass
    with meter.wait():
        pass
    for late_s in (-1.0, 0.25, 0.1):
        meter.late(late_s)
    assert meter.measured(5) == Measured(
        round_trips=2, rtt_p50_us=1_000, rtt_p99_us=1_000, stall_ms=9, resent_count=5, late_ms=250
    )


def test_rig_repeats_its_first_failure_whatever_is_asked_later() -> None:
    target = Independent()
    with TwinRig(target, SEED) as rig:
        rig.start({}, START)
        target.link.close()
        with pytest.raises(LinkLost) as first:
            rig.run_to(100)
        target.link, _ = memory_pair("another")
        failures: list[Exception] = []
        for ask in (lambda: rig.run_to(200), lambda: rig.therapy(ReadStatus(), role=Role.CLINICIAN), lambda: rig.inject(1)):
            with pytest.raises((LinkError, NoAnswer)) as later:
                ask()
            failures.append(later.value)
    assert failures == [first.value] * 3


def test_budget_of_a_named_target_makes_the_verdict_inconclusive(tmp_path: Path) -> None:
    require("cc")
    require("make")
    (tmp_path / "pumpbench.toml").write_text('[target.strict]\nurl = "native"\nrtt_p99_ms = 0\n')
    done = pumpbench("run", "default", "--target", "strict", "--until", "1d", "--json", cwd=tmp_path)
    (result,) = json.loads(done.stdout)["results"]
    assert (done.returncode, result["verdict"]) == (3, "inconclusive")
    assert result["rig"]["budget"] == {"rtt_p99_ms": 0, "stall_ms": 30_000, "resent_count": 10}
    assert result["rig"]["missed"] == result["reason"]
    assert result["rig"]["rtt_p50_us"] > 0


def test_first_rig_failure_stands_at_the_end_of_many_runs(tmp_path: Path) -> None:
    done = pumpbench("run", "default", "single_bolus", "--target", "serial:/dev/none", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1].startswith("first rig failure: default.toml: /dev/none: no such port")
