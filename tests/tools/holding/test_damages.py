"""Whatever happens to a capture: it is told, what stands is recovered, and no verdict takes the rest for whole."""

import json
from pathlib import Path

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import Record, read, verify
from pumpbench.hil.capture.recover import LOST, recover
from pumpbench.hil.capture.resealed import is_tally
from pumpbench.hil.capture.salvage import Lost, salvage
from pumpbench.hil.links import INBOUND
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.replay.survey import survey
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.tools.failure import Failed
from pumpbench.tools.holding.diagnosing import diagnose
from pumpbench.tools.holding.info import show
from pumpbench.tools.holding.recovering import recover_file
from tests.hil.pumps import PlantedTarget
from tests.support import effort, rng
from tests.tools.holding.damages import KINDS, blocks_of


def verdict_of(path: Path) -> Verdict:
    with PlantedTarget(Pump()) as target:
        return replay_on(target, load(path)).verdict


def records_of(path: Path) -> list[bytes]:
    return [item.payload for item in salvage(path) if isinstance(item, Record) and not is_tally(item)]


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_told_and_what_stands_is_recovered_never_to_pass(
    kind: str, capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw, data = rng(f"damages {kind}"), capture.read_bytes()
    path, out = tmp_path / "broken.pcapng", tmp_path / "mended.pcapng"
    for _ in range(effort(3, 400)):
        path.write_bytes(KINDS[kind](data, draw))
        if verify(path).whole or not records_of(path):
            continue  # it struck what carries no record, or left none: a test of its own has that
        assert (show(path, in_json=False), diagnose(path, in_json=False)) == (3, 3), kind
        assert survey(path).finding_count
        assert recover_file(path, out, force=True, in_json=False) == 3
        assert verify(out).whole
        kept = [payload for payload in records_of(out) if f'"record":"{LOST}"'.encode() not in payload]
        assert kept == records_of(path)
        assert verdict_of(out) is not Verdict.PASS
    capsys.readouterr()


def test_salvage_gives_the_records_of_a_reader_when_nothing_is_wrong(capture: Path) -> None:
    assert list(salvage(capture)) == list(read(capture))


def test_damage_costs_only_the_block_it_stands_in(capture: Path, tmp_path: Path) -> None:
    data, path = capture.read_bytes(), tmp_path / "broken.pcapng"
    blocks, whole = list(blocks_of(data)), list(read(capture))
    starts = [sum(map(len, blocks[:at])) for at in range(len(blocks))]
    for at in range(0, len(blocks), effort(7, 1)):
        broken = bytearray(data)
        broken[starts[at] + 4 : starts[at] + 8] = b"\xff\xff\xff\x7f"
        path.write_bytes(broken)
        found = list(salvage(path))
        kept = [one for one in found if isinstance(one, Record)]
        lost = [one for one in found if isinstance(one, Lost)]
        assert kept == [one for one in whole if isinstance(one, Record) and one.offset != starts[at]]
        assert (lost[0].offset, lost[0].size_bytes) == (starts[at], len(blocks[at]))


def test_recovered_copy_of_a_whole_capture_passes_as_it_did(capture: Path, tmp_path: Path) -> None:
    out = tmp_path / "same.pcapng"
    assert recover_file(capture, out, force=False, in_json=False) == 0
    assert records_of(out) == records_of(capture)
    assert verdict_of(out) is Verdict.PASS
    assert verify(out).told["recovered_from"]["file_sha256"]


def test_interfaces_that_are_no_longer_declared_are_supposed(capture: Path, tmp_path: Path) -> None:
    section, *rest = blocks_of(capture.read_bytes())
    bare = [block for block in rest if block[:4] != b"\x01\0\0\0"]
    (tmp_path / "bare.pcapng").write_bytes(b"".join([section, *bare]))
    made = recover(tmp_path / "bare.pcapng", tmp_path / "mended.pcapng")
    assert [one.size_bytes for one in made.lost] == [0, 0]
    assert [
        (one.payload, one.is_meta) for one in read(tmp_path / "mended.pcapng") if isinstance(one, Record) and not one.is_meta
    ] == [(one.payload, one.is_meta) for one in read(capture) if isinstance(one, Record) and not one.is_meta]


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, b"no capture at all, but text of some length\n" * 9])
def test_file_without_a_record_is_refused_and_leaves_nothing(data: bytes, tmp_path: Path) -> None:
    path, out = tmp_path / "none.pcapng", tmp_path / "out.pcapng"
    path.write_bytes(data)
    for verb in (show, diagnose):
        with pytest.raises(Failed, match="holds no record") as caught:
            verb(path, False)
        assert caught.value.exit_code == 2
    with pytest.raises(Failed, match="nothing was written") as caught:
        recover_file(path, out, force=False, in_json=False)
    assert caught.value.exit_code == 3
    assert [one.name for one in tmp_path.iterdir()] == ["none.pcapng"]


def test_doctor_names_the_place_of_a_changed_record(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    item = next(one for one in read(capture) if isinstance(one, Record) and b'"record":"inject"' in one.payload)
    data = bytearray(capture.read_bytes())
    data[item.offset + 28 + item.payload.index(b"300")] ^= 1
    (tmp_path / "changed.pcapng").write_bytes(data)
    assert diagnose(tmp_path / "changed.pcapng", in_json=True) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "pumpbench.doctor-file/1"
    assert (told["whole"], told["lost_bytes"], told["lost_records"]) == (False, 0, 0)
    assert "a record was changed between byte 0 and" in told["findings"][0]["what"]
    assert all(one["cost"] for one in told["findings"])


def test_info_counts_what_a_capture_holds(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(capture, in_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    items = [one for one in read(capture) if isinstance(one, Record)]
    assert told["schema"] == "pumpbench.info/1"
    assert (told["sureness"], told["whole"], told["time_mode"], told["ended"]) == ("exact", True, "credit", "complete")
    assert (told["first_tick"], told["last_tick"], told["gaps"]) == ("0", "6000", 0)
    assert sum(one["records"] for one in told["interfaces"]) == len(items)
    assert sum(one["bytes"] for one in told["interfaces"]) == sum(len(one.payload) for one in items)
    inbound = b"".join(one.payload for one in items if one.direction == INBOUND)
    told_of = {(one["direction"], one["channel"], one["message"]): one["frames"] for one in told["messages"]}
    names = [type(event.message).__name__ for event in Decoder(from_device=True).feed(inbound) if isinstance(event, Frame)]
    assert told_of["inbound", "therapy", "Telemetry"] == names.count("Telemetry") > 5
    assert show(capture, in_json=False) == 0
    assert "exact: it opens with a snapshot" in capsys.readouterr().out
