"""What holds a replay: recorded times without drift, an end, a beginning; and unasked frames that come late."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.links import Link
from pumpbench.hil.replay import ReplayResult, load, replay_on
from pumpbench.hil.replay.recorded import Request
from pumpbench.hil.replay.steering import AtRecordedTimes, Steer, steered, until
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Report, Telemetry
from tests.hil.pumps import PlantedPump, PlantedTarget, one_unit
from tests.hil.replay.recordings import LAST_TICK, record


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("steering") / "day.pcapng"
    record(path)
    return path


def on(path: Path, pump: Pump | None = None, steer: Steer | None = None, from_tick: int = 0) -> ReplayResult:
    with PlantedTarget(pump or Pump()) as target:
        return replay_on(target, load(path), steer=steer, from_tick=from_tick)


class SlowClock:
    """A clock that moves by sleeping alone, and by what the work between two requests takes."""

    def __init__(self, work_ns: list[int]) -> None:
        self.now_ns = 5_000
        self._work_ns = iter(work_ns)

    def __call__(self) -> int:
        return self.now_ns

    def sleep_s(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)

    def work(self) -> None:
        self.now_ns += next(self._work_ns)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 2 * 10**9)), min_size=1, max_size=50))
def test_request_is_sent_at_its_recorded_offset_however_late_others_were(steps: list[tuple[int, int]]) -> None:
    """Or at once, where the work before it took longer than that."""
    clock = SlowClock([work for _, work in steps])
    steer = AtRecordedTimes(clock, clock.sleep_s)
    t_ns, free_ns = 1_700_000_000_000_000_000, clock.now_ns
    start_ns, first_ns = clock.now_ns, t_ns + steps[0][0]
    for gap_ns, _ in steps:
        t_ns += gap_ns
        assert steer(Request(b"", 0, t_ns=t_ns))
        assert abs(clock.now_ns - max(free_ns, start_ns + t_ns - first_ns)) < 1_000
        clock.work()
        free_ns = clock.now_ns


def test_requests_on_record_have_the_times_they_passed_at(capture: Path) -> None:
    times = [request.t_ns for request in load(capture).requests]
    assert times == sorted(times)
    assert times[0] > 0


def test_replay_that_is_ended_judges_what_it_played(capture: Path) -> None:
    whole, part = on(capture), on(capture, steer=until(3_000))
    assert (part.verdict, part.gaps, part.missing) == (Verdict.PASS, (), 0)
    assert "up to tick 3000, where it was ended" in part.reason
    assert part.ticks == 3_000
    assert 0 < part.requests < whole.requests
    assert part.requests + part.requests_left == whole.requests
    assert whole.requests_left == 0
    assert part.frames_compared < whole.frames_compared


@pytest.mark.parametrize(("until_tick", "verdict"), [(2_000, Verdict.PASS), (LAST_TICK, Verdict.FAIL)])
def test_difference_beyond_the_end_is_not_found(capture: Path, until_tick: int, verdict: Verdict) -> None:
    assert on(capture, PlantedPump(2_500, one_unit), until(until_tick)).verdict is verdict


def test_nothing_is_compared_before_the_beginning(capture: Path) -> None:
    whole, part = on(capture), on(capture, from_tick=3_000)
    assert (part.verdict, part.requests) == (Verdict.PASS, whole.requests)
    assert "from tick 3000 on" in part.reason
    assert 0 < part.frames_compared < whole.frames_compared


def test_difference_that_lasts_is_told_from_the_beginning_on(capture: Path) -> None:
    result = on(capture, PlantedPump(700, one_unit), from_tick=3_000)
    assert result.first_difference is not None
    assert result.first_difference.tick >= 3_000


def test_first_that_ends_it_decides() -> None:
    asked: list[int] = []

    def hand(request: Request) -> bool:
        asked.append(request.tick)
        return request.tick < 5

    goes_on = steered([until(3), hand])
    assert [goes_on(Request(b"", tick)) for tick in (1, 4)] == [True, False]
    assert asked == [1]


class TardyLink(Link):
    """Passes on the first telemetry only behind the second report that follows it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._decoder = Decoder(from_device=True)
        self._held: Frame | None = None
        self._reports = 0
        self.done = False

    @property
    def url(self) -> str:
        return self._link.url

    def write(self, data: bytes) -> None:
        self._link.write(data)

    def read(self, timeout_s: float) -> bytes:
        chunk = self._link.read(timeout_s)
        return b"".join(self._passed(event) for event in self._decoder.feed(chunk) if isinstance(event, Frame))

    def close(self) -> None:
        self._link.close()

    def _passed(self, frame: Frame) -> bytes:
        if self._held is None and not self.done and isinstance(frame.message, Telemetry):
            self._held = frame
            return b""
        self._reports += self._held is not None and isinstance(frame.message, Report)
        if self._held is None or self._reports < 2:
            return frame.wire
        held, self._held, self.done = self._held, None, True
        return held.wire + frame.wire


def test_frame_that_comes_behind_the_answer_to_its_credit_is_late_and_not_missing(capture: Path) -> None:
    with PlantedTarget(Pump()) as target:
        tardy = TardyLink(target.link)
        target.link = tardy
        result = replay_on(target, load(capture))
    assert tardy.done
    assert (result.verdict, result.late, result.missing, result.extra) == (Verdict.FAIL, 1, 0, 0)
    assert result.first_difference is not None
    assert "Telemetry after the answer of tick" in str(result.first_difference.ours)
