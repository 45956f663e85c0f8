"""Replay: an honest recording passes on another implementation; what it lacks, or differs in, is said."""

import json
from pathlib import Path

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture.canonical import canonical
from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.compare import Mask
from pumpbench.hil.links import INBOUND, Link
from pumpbench.hil.replay import ReplayResult, load, replay, replay_on
from pumpbench.hil.rig import About, Recording, TwinRig
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import CrcBuild, Fault
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame, device_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Refused, Report, ResetToStart, Telemetry
from tests.hil.pumps import START, PlantedPump, PlantedTarget, one_unit
from tests.hil.replay.recordings import LAST_TICK, Kept, record, record_free_run, records, rewrite
from tests.support import SEED


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "day.pcapng"
    record(path)
    return path


def on(path: Path, pump: Pump | None = None) -> ReplayResult:
    """Against a target that counts as another implementation."""
    with PlantedTarget(pump or Pump()) as target:
        return replay_on(target, load(path))


def test_replay_passes_when_the_other_implementation_says_the_same(capture: Path) -> None:
    result = on(capture)
    assert (result.verdict, result.sureness, result.gaps) == (Verdict.PASS, "exact", ())
    assert result.ticks == LAST_TICK
    assert result.frames_compared > 60
    assert result.digests_compared > 50
    assert (result.missing, result.extra) == (0, 0)


def test_input_at_the_start_is_in_its_place_where_the_device_had_run_before(tmp_path: Path) -> None:
    target = EmulatorTarget()
    target.device.advance(700)
    with TwinRig(target, SEED, Recording(tmp_path / "ran.pcapng", About())) as rig:
        rig.start({}, START)
        rig.inject(Fault.FIELD, 1, 300)
        rig.run_to(100)
        rig.finish()
    assert on(tmp_path / "ran.pcapng").gaps == ()


@pytest.mark.parametrize(
    ("build_id", "crc_build", "independent", "told"),
    [
        ("77", CrcBuild.EXTENSION, True, "frames agree"),
        ("77", CrcBuild.FIRMWARE, False, "of two builds of firmware"),
        ("0", CrcBuild.FIRMWARE, False, "of the same build as was recorded"),
    ],
)
def test_replay_that_passes_says_whether_two_implementations_agree(
    build_id: str, crc_build: int, independent: bool, told: str, capture: Path, tmp_path: Path
) -> None:
    """The target counts as no reference, and is build 0."""
    header, *rest = records(capture)
    said = json.loads(header.payload)
    said["builds"]["target"] |= {"crc_build": crc_build, "build_id": build_id}
    result = on(rewrite(tmp_path / "builds.pcapng", [header._replace(payload=canonical(said)), *rest]))
    assert (result.verdict, result.independent, result.same_build) == (Verdict.PASS, independent, build_id == "0")
    assert result.reason.endswith(told) == (told == "frames agree")
    assert told in result.reason


class OtherStartPump(Pump):
    """The reference, but it starts with another end of service."""

    __slots__ = ()

    def reset_to_start(self, asked: ResetToStart) -> Refused | None:
        refused = super().reset_to_start(asked)
        self.durable.eri_life_ticks += 1
        return refused


def test_replay_fails_when_the_target_starts_otherwise_than_recorded(capture: Path) -> None:
    """The recording's own start and snapshot agree, so it is the target that differs."""
    result = on(capture, OtherStartPump())
    assert (result.verdict, result.gaps) == (Verdict.FAIL, ()), result.reason


def test_replay_is_inconclusive_when_the_emulator_judges_itself(capture: Path) -> None:
    result = replay(capture, "emulator")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "with itself" in result.reason


@pytest.mark.parametrize("at", [1, 700, 2_345, LAST_TICK])
def test_replay_fails_with_frame_and_field_when_the_target_differs(capture: Path, at: int) -> None:
    result = on(capture, PlantedPump(at, one_unit))
    assert result.verdict is Verdict.FAIL
    assert result.first_difference is not None
    assert result.first_difference.tick >= at
    assert result.first_difference.field.endswith("_crc")


def test_free_run_replays_at_the_ticks_its_requests_took_effect_at(tmp_path: Path) -> None:
    path = tmp_path / "free.pcapng"
    record_free_run(path)
    result = on(path)
    assert (result.verdict, result.sureness, result.gaps) == (Verdict.PASS, "exact", ())
    assert result.frames_compared > 100 + 700 // 50
    spoilt = on(path, PlantedPump(400, one_unit))
    assert spoilt.verdict is Verdict.FAIL
    assert spoilt.first_difference is not None
    assert 400 <= spoilt.first_difference.tick < 410


@pytest.mark.parametrize(("lost", "sureness"), [((0,), "observed"), ((1,), "observed"), ((0, 1), "observed")])
def test_replay_is_inconclusive_when_the_start_is_not_on_record(
    capture: Path, tmp_path: Path, lost: tuple[int, ...], sureness: str
) -> None:
    """`lost`: which of the meta records, the header being the first and the snapshot the second."""
    metas = [at for at, one in enumerate(records(capture)) if one.is_meta]
    gone = {metas[which] for which in lost}
    result = on(rewrite(tmp_path / "less.pcapng", [one for at, one in enumerate(records(capture)) if at not in gone]))
    assert (result.verdict, result.sureness) == (Verdict.INCONCLUSIVE, sureness)


def test_replay_is_anchored_when_program_status_and_log_were_read_first(tmp_path: Path) -> None:
    path = tmp_path / "free.pcapng"
    record_free_run(path)
    result = on(rewrite(path, [one for one in records(path) if not one.is_meta]))
    assert (result.verdict, result.sureness) == (Verdict.INCONCLUSIVE, "anchored")


def test_replay_masks_a_field_with_a_reason_and_counts_it(capture: Path) -> None:
    masks = tuple(Mask(message, "controller_crc", None, "known difference") for message in ("Report", "Status"))
    with PlantedTarget(PlantedPump(5_000, one_unit)) as target:
        result = replay_on(target, load(capture), masks)
    assert result.verdict is Verdict.PASS
    assert result.masked["Report.controller_crc"] > 0


def test_replay_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read"):
        replay(tmp_path / "none.pcapng", "emulator")


def test_replay_refuses_a_file_that_is_no_capture(tmp_path: Path) -> None:
    path = tmp_path / "text.pcapng"
    path.write_text("not a capture")
    with pytest.raises(CaptureError, match="holds neither a header nor a request"):
        replay(path, "emulator")


def test_replay_is_inconclusive_when_the_recording_was_cut_off(capture: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.pcapng"
    torn.write_bytes(capture.read_bytes()[:-1000])
    result = on(torn)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.gaps


def test_replay_is_inconclusive_when_the_target_was_never_compared(capture: Path, tmp_path: Path) -> None:
    """Arm and its Done say nothing about the pump that replays them."""
    header, arm, done = records(capture)[:3]
    snapshot = next(one for one in records(capture)[1:] if one.is_meta)
    result = on(rewrite(tmp_path / "armed.pcapng", [header, arm, done, snapshot]))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, "nothing was compared")


def test_replay_is_inconclusive_when_a_frame_tells_a_tick_beyond_the_last_credit(capture: Path, tmp_path: Path) -> None:
    kept = records(capture)
    last = Decoder(from_device=True).feed(kept[-1].payload)[-1]
    assert isinstance(last, Frame)
    nothing = Telemetry(**{field.name: 0 for field in layout_of(Telemetry).fields})
    later = device_frame(nothing, last.head[3] + 1, 0, last.head[5], last.head[6], LAST_TICK + 500)
    result = on(rewrite(tmp_path / "later.pcapng", [*kept, kept[-1]._replace(payload=later)]))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert f"tells tick {LAST_TICK + 500}" in result.reason


def test_replay_fails_when_a_retry_on_record_was_answered_otherwise(capture: Path, tmp_path: Path) -> None:
    kept = records(capture)
    asked, answer = kept[-2:]
    last = Decoder(from_device=True).feed(answer.payload)[-1]
    assert isinstance(last, Frame)
    seq, spoilt = last.head[3] + 1, last.message._replace(effect_count=last.message.effect_count + 1)
    other = device_frame(spoilt, seq, last.head[4], last.head[5], last.head[6], last.head[7], bench=True)
    again = [asked._replace(t_ns=answer.t_ns), answer._replace(payload=other)]
    result = on(rewrite(tmp_path / "retry.pcapng", [*kept, *again]))
    assert result.verdict is Verdict.FAIL
    assert result.first_difference is not None
    assert result.first_difference.field == "effect_count"


@pytest.mark.parametrize("builds", [[], "native", {"target": 3}, {"target": []}, None])
def test_replay_on_the_emulator_gives_a_verdict_when_the_builds_on_record_are_none(
    capture: Path, tmp_path: Path, builds: object
) -> None:
    header, *rest = records(capture)
    told = canonical({**json.loads(header.payload), "builds": builds})
    result = replay(rewrite(tmp_path / "builds.pcapng", [header._replace(payload=told), *rest]), "emulator")
    assert result.verdict is Verdict.INCONCLUSIVE


def test_masked_digests_do_not_count_as_compared(capture: Path) -> None:
    masks = tuple(Mask(message, "controller_crc", None, "known difference") for message in ("Report", "Status"))
    with PlantedTarget(PlantedPump(5_000, one_unit)) as target:
        result = replay_on(target, load(capture), masks)
    uses = sum(mask.uses for mask in masks)
    assert uses > 0
    assert result.digests_compared == on(capture).digests_compared - uses


class StalledLink(Link):
    """A device that stood still once: one report comes after the retry, the retry's own after the next request."""

    def __init__(self, link: Link, reports: int) -> None:
        self.link, self.left = link, reports
        self.held: list[bytes] = []
        self.over = False

    @property
    def url(self) -> str:
        return self.link.url

    def write(self, data: bytes) -> None:
        self.link.write(data)

    def read(self, timeout_s: float) -> bytes:
        data = self.link.read(timeout_s)
        self.left -= self.left > 0 and any(map(_is_report, Decoder(from_device=True).feed(data)))
        if self.left or self.over:
            return data
        self.held.append(data)
        self.over = len(self.held) == 3
        return b"".join(self.held[1:]) if self.over else self.held[0] if len(self.held) == 2 else b""

    def close(self) -> None:
        self.link.close()


def _is_report(event: Frame | BadFrame) -> bool:
    return isinstance(event, Frame) and isinstance(event.message, Report)


def test_replay_passes_when_the_stored_reply_came_after_the_next_request(tmp_path: Path) -> None:
    target = EmulatorTarget()
    target.link = StalledLink(target.link, 20)
    record(tmp_path / "stalled.pcapng", target)
    result = on(tmp_path / "stalled.pcapng")
    assert (result.verdict, result.gaps) == (Verdict.PASS, ())


def test_replay_is_inconclusive_when_the_checksum_does_not_fit(capture: Path, tmp_path: Path) -> None:
    """In a place that no frame depends on, so that nothing else can tell."""
    data = capture.read_bytes()
    assert data.count(b"ten minutes") == 1
    touched = tmp_path / "touched.pcapng"
    touched.write_bytes(data.replace(b"ten minutes", b"two minutes"))
    result = on(touched)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "checksum" in result.reason


def test_replay_is_inconclusive_when_times_run_backwards(capture: Path, tmp_path: Path) -> None:
    *kept, last = records(capture)
    result = on(rewrite(tmp_path / "older.pcapng", [*kept, last._replace(t_ns=kept[-1].t_ns - 1)]))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "older than the one before it" in result.reason


def test_replay_takes_no_tick_that_no_pump_lives_to_see(capture: Path, tmp_path: Path) -> None:
    *kept, last = records(capture)
    report = Decoder(from_device=True).feed(last.payload)[-1]
    assert isinstance(report, Frame)
    _, _, _, seq, request_id, session, boot, tick = report.head
    damaged = device_frame(report.message, seq, request_id, session, boot, tick + (1 << 60), bench=True)
    result = on(rewrite(tmp_path / "centuries.pcapng", [*kept, last._replace(payload=damaged)]))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.ticks <= LAST_TICK
    assert any("no pump lives to see" in gap.what for gap in result.gaps)


def test_replay_fails_when_a_difference_follows_noise_from_the_device(capture: Path, tmp_path: Path) -> None:
    """What the pump was told is all on record, so the difference is its own."""
    first, *kept = records(capture)
    at = next(i for i, one in enumerate(kept) if one.direction == INBOUND)
    noisy = rewrite(
        tmp_path / "noisy.pcapng", [first, *kept[: at + 1], kept[at]._replace(payload=b"\x05\xff\0"), *kept[at + 1 :]]
    )
    result = on(noisy, PlantedPump(5_000, one_unit))
    assert [gap.side for gap in result.gaps] == ["device"]
    assert result.verdict is Verdict.FAIL


def test_replay_is_inconclusive_when_only_a_frame_that_the_recording_lost_differs(capture: Path, tmp_path: Path) -> None:
    kept = records(capture)
    at, told = next((i, wires) for i, one in enumerate(kept) if len(wires := _told(one)) > 1 and one.direction == INBOUND)
    result = on(rewrite(tmp_path / "lost.pcapng", [*kept[:at], kept[at]._replace(payload=b"".join(told[1:])), *kept[at + 1 :]]))
    assert (result.verdict, result.extra) == (Verdict.INCONCLUSIVE, 1)
    assert "the recording lost" in result.reason


def _told(one: Kept) -> list[bytes]:
    """The frames of a chunk; what comes before a reply is unasked."""
    return [] if one.is_meta else [event.wire for event in Decoder(from_device=one.direction == INBOUND).feed(one.payload)]
