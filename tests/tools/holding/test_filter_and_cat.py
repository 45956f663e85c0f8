"""Parts of a capture: a beginning can be run again, spans that meet are the whole, and anything else proves nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import CaptureError, CaptureExists, Record, read, verify
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.resealed import is_tally
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.replay import ReplayResult, load, replay_on
from pumpbench.hil.replay.choosing import Choice, choose
from pumpbench.hil.replay.joining import NotContinued, join
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.header import FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Status, Telemetry
from pumpbench.tools.failure import Failed
from pumpbench.tools.holding.filtering import parse_tick, parse_time, parse_types
from tests.hil.pumps import PlantedTarget
from tests.hil.replay.recordings import LAST_TICK, record, record_free_run
from tests.support import effort, rng
from tests.tools.holding.damages import KINDS

TICKS = [0, 1, 999, 1_000, 2_500, 4_000, LAST_TICK - 1, LAST_TICK]


def records_of(path: Path) -> list[Record]:
    """Without tallies and places in the file."""
    return [one._replace(offset=0) for one in read(path) if isinstance(one, Record) and not is_tally(one)]


def replayed(path: Path) -> ReplayResult:
    with PlantedTarget(Pump()) as target:
        return replay_on(target, load(path))


def part(source: Path, name: str, **bounds: Any) -> Path:
    out = source.with_name(f"{name}.pcapng")
    choose(source, out, Choice(**bounds), force=True)
    return out


@pytest.fixture(scope="module")
def free_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("free") / "free.pcapng"
    record_free_run(path)
    return path


@pytest.mark.parametrize("tick", TICKS)
def test_beginning_is_as_sure_as_the_capture_and_passes(tick: int, capture: Path) -> None:
    path = part(capture, "beginning", until_tick=tick)
    assert verify(path).whole
    kept = records_of(path)
    assert kept == records_of(capture)[: len(kept)]
    result = replayed(path)
    assert (result.verdict, result.sureness, result.gaps) == (Verdict.PASS, "exact", ())
    assert result.ticks <= tick


@given(tick=st.integers(0, LAST_TICK + 100))
@settings(max_examples=effort(8, 1000))
def test_spans_that_meet_are_the_whole_again(tick: int, capture: Path, free_run: Path) -> None:
    for source, at in ((capture, tick), (free_run, tick // 8)):
        parts = [part(source, "first", until_tick=at), part(source, "second", after_tick=at)]
        out = source.with_name("joined.pcapng")
        if not all(any(one.direction == INBOUND for one in records_of(path)) for path in parts):
            continue  # nothing shows that they belong together
        join(parts, out, force=True)
        assert records_of(out) == records_of(source)
        assert verify(out).told["last_tick"] == verify(source).told["last_tick"]
        assert not load(out).is_selection


def test_three_parts_joined_pass_as_the_whole_does(capture: Path) -> None:
    parts = [part(capture, "a", until_tick=1_000), part(capture, "b", after_tick=1_000, until_tick=4_000)]
    parts.append(part(capture, "c", after_tick=4_000))
    join(parts, capture.with_name("abc.pcapng"), force=True)
    result = replayed(capture.with_name("abc.pcapng"))
    assert (result.verdict, result.ticks, result.gaps) == (Verdict.PASS, LAST_TICK, ())


@pytest.mark.parametrize(
    "bounds",
    [
        {"after_tick": 1_000},
        {"after_tick": 1_000, "until_tick": 4_000},
        {"types": frozenset([layout_of(Telemetry).number])},
        {"directions": frozenset([OUTBOUND])},
        {"channels": frozenset(["therapy"])},
        {"channels": frozenset(["therapy", "bench"])},
        {"sessions": frozenset([0])},
    ],
)
def test_any_other_part_is_observed_and_never_passes(bounds: dict[str, Any], capture: Path) -> None:
    path = part(capture, "part", **bounds)
    assert verify(path).whole
    result = replayed(path)
    assert (result.verdict, result.sureness) == (Verdict.INCONCLUSIVE, "observed")
    again = part(path, "again", until_tick=10**9)
    assert replayed(again).sureness == "observed"
    with_rest = path.with_name("with_rest.pcapng")
    try:
        join([path, part(capture, "rest", after_tick=5_000)], with_rest, force=True)
    except NotContinued:
        return
    assert replayed(with_rest).sureness == "observed"


def test_frames_are_chosen_by_what_their_headers_say(capture: Path) -> None:
    frames = [one for one in FrameReader().frames(read(capture)) if isinstance(one, FrameAt)]
    types = frozenset(layout_of(cls).number for cls in (Telemetry, Status))
    session = next(one.event.header.session for one in frames if one.event.header and one.event.header.session)
    asked: list[tuple[dict[str, Any], Any]] = [
        ({"types": types}, lambda one: one.event.head[2] in types),
        ({"channels": frozenset(["bench"])}, lambda one: one.event.head[1] & FLAG_BENCH),
        ({"sessions": frozenset([session])}, lambda one: one.event.head[5] == session),
        ({"types": types, "directions": frozenset([OUTBOUND])}, lambda one: False),
    ]
    for bounds, wanted in asked:
        found = [one for one in FrameReader().frames(read(part(capture, "chosen", **bounds))) if isinstance(one, FrameAt)]
        assert [one.event for one in found] == [one.event for one in frames if wanted(one)]


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_capture_is_filtered_to_no_more_than_it_holds(kind: str, capture: Path, tmp_path: Path) -> None:
    draw, path = rng(f"filter {kind}"), tmp_path / "broken.pcapng"
    path.write_bytes(KINDS[kind](capture.read_bytes(), draw))
    whole = verify(path).whole
    made = choose(path, tmp_path / "out.pcapng", Choice(until_tick=3_000), force=True)
    assert made.whole == whole
    assert verify(tmp_path / "out.pcapng").whole
    kept = [one for one in records_of(tmp_path / "out.pcapng") if b'"record":"lost"' not in one.payload]
    assert kept == records_of(path)[: made.records]
    if not whole:
        with pytest.raises(NotContinued, match="is not whole"):
            join([path, capture], tmp_path / "joined.pcapng")


@pytest.mark.parametrize("size_bytes", [-50, -2_000])
def test_beginning_of_a_capture_that_was_cut_off_does_not_pass_for_whole(size_bytes: int, capture: Path, tmp_path: Path) -> None:
    """Neither alone nor joined with the rest of it."""
    cut, out = tmp_path / "cut.pcapng", [tmp_path / f"{name}.pcapng" for name in "abc"]
    cut.write_bytes(capture.read_bytes()[:size_bytes])
    choose(cut, out[0], Choice())
    assert replayed(out[0]).verdict is Verdict.INCONCLUSIVE
    choose(cut, out[0], Choice(until_tick=2_000), force=True)
    choose(cut, out[1], Choice(after_tick=2_000))
    join(out[:2], out[2])
    assert [replayed(path).verdict for path in (out[0], out[2])] == [Verdict.INCONCLUSIVE] * 2


def test_captures_that_do_not_continue_are_refused_and_leave_nothing(capture: Path, free_run: Path, tmp_path: Path) -> None:
    record(tmp_path / "later.pcapng")
    parts = {
        "a": part(capture, "a", until_tick=1_000),
        "b": part(capture, "b", after_tick=1_000, until_tick=4_000),
        "c": part(capture, "c", after_tick=4_000),
        "heard": part(capture, "heard", after_tick=1_000, directions=frozenset([OUTBOUND])),
    }
    cases = [
        ([parts["a"], parts["c"]], "begins with frame"),
        ([parts["b"], parts["a"]], "from before the end"),
        ([parts["a"], parts["heard"]], "has no frame of a device"),
        ([parts["heard"], parts["c"]], "from before the end|without a frame of a device"),
        ([capture, tmp_path / "later.pcapng"], "begins with frame|ends at tick"),
        ([capture, free_run], "from before the end|another session|ends at tick"),
    ]
    for sources, said in cases:
        with pytest.raises(NotContinued, match=said):
            join(sources, tmp_path / "joined.pcapng")
    assert [one.name for one in tmp_path.iterdir()] == ["later.pcapng"]


def test_file_that_is_read_is_never_written(capture: Path) -> None:
    before = capture.read_bytes()
    for force, error in ((True, CaptureError), (False, CaptureError)):
        with pytest.raises(error, match="is the file that is read"):
            choose(capture, capture, Choice(), force)
        with pytest.raises(error, match="is the file that is read"):
            join([capture], capture, force)
    with pytest.raises(CaptureExists):
        choose(capture, part(capture, "there"), Choice())
    assert capture.read_bytes() == before


def test_bounds_are_read_as_people_write_them(capture: Path) -> None:
    first = records_of(capture)[0].t_ns
    assert parse_tick("1h 2t", "--until-tick") == 36_002
    assert parse_time("12.5s", "--after", capture) == first + 12_500_000_000
    assert parse_time("1970-01-02T00:00:00.000001Z", "--after", capture) == 86_400 * 10**9 + 1_000
    assert parse_types(("Telemetry", "0x7777")) == {layout_of(Telemetry).number, 0x7777}
    wrongs: list[Callable[[], object]] = [
        lambda: parse_tick("1 fortnight", "--until-tick"),
        lambda: parse_time("2026-11-21T04:00:00", "--after", capture),
        lambda: parse_time("noon", "--after", capture),
    ]
    for wrong in wrongs:
        with pytest.raises(Failed, match="expected"):
            wrong()
    with pytest.raises(Failed, match=r"no such message and no number such as 0x7777; did you mean Telemetry\?"):
        parse_types(("Telemetri",))
