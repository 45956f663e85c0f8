"""A recording made under faults: it is of what the device heard, says what the wire did, and replays without a gap."""

from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.hil.links import OUTBOUND
from pumpbench.hil.replay import load, replay
from pumpbench.hil.rig import About, TwinRig, open_rig
from pumpbench.hil.rig.recording import WIRE, WIRE_FAULT, Recording
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load as scenario_of
from pumpbench.hil.scenario.shipped import shipped_names
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.hil.wire import KINDS, Fault, Wire, generate
from pumpbench.hil.wire.client import Unknown
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import Alarms, ReadAlarms, ReadStatus
from tests.hil.pumps import START
from tests.hil.replay.recordings import Kept, records, rewrite
from tests.hil.wire.clients import ASKED, carry_out
from tests.support import SEED, effort, require, rng

LONG = {"standard_seven_years"}


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    require("cc")
    require("make")


def record(path: Path, wire: Wire) -> None:
    with TwinRig(NativeTarget(), SEED, Recording(path, About()), wire=wire) as rig:
        carry_out(rig, [(message, 700, 1) for message in (*ASKED, *ASKED)], retries=64)
        rig.run_to(rig.tick + 5_000)
        assert rig.finish().judged[0] is Verdict.PASS


def metas(path: Path) -> list[dict[str, Any]]:
    found = [parse_meta(item) for item in read(path) if isinstance(item, Record) and item.is_meta]
    return [one for one in found if isinstance(one, dict)]


def test_recording_lists_every_fault_before_any_acts(tmp_path: Path) -> None:
    wire = generate(SEED, one_in=2)
    record(tmp_path / "wire.pcapng", wire)
    found = metas(tmp_path / "wire.pcapng")
    kinds = [one["record"] for one in found]
    assert kinds.index(WIRE) < kinds.index(WIRE_FAULT)
    (listed,) = [one for one in found if one["record"] == WIRE]
    assert listed["wire"] == wire.as_dict()
    assert {one["fault"]["kind"] for one in found if one["record"] == WIRE_FAULT} == set(KINDS)


def test_recording_under_faults_replays_without_a_gap(tmp_path: Path) -> None:
    for seed in range(SEED, SEED + effort(3, 100)):
        path = tmp_path / f"{seed}.pcapng"
        record(path, generate(seed, one_in=3))
        result = replay(path, "emulator")
        assert (result.verdict, result.gaps) == (Verdict.PASS, ()), f"wire seed {seed}: {result.reason}"


def test_lost_request_is_a_gap_where_the_record_of_its_fault_is_gone(tmp_path: Path) -> None:
    lost = Wire((Fault(kind="cut", direction=OUTBOUND, frame_index=1, byte=9),))
    with TwinRig(NativeTarget(), SEED, Recording(tmp_path / "whole.pcapng", About()), wire=lost) as rig:
        rig.start({}, START)
        rig.open_session(Role.CLINICIAN)
        rig.programmer.conversation.retries = 0
        with pytest.raises(Unknown, match="the wire lost ReadStatus or its reply 1 times"):
            rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        # Not asked again: its number is missing for ever.
        assert isinstance(rig.therapy(ReadAlarms(), role=Role.CLINICIAN), Alarms)
        assert rig.finish().judged[0] is Verdict.PASS
    whole = records(tmp_path / "whole.pcapng")
    left = [one for one in whole if not says(one, WIRE_FAULT)]
    assert len(left) < len(whole)
    rewrite(tmp_path / "poorer.pcapng", left)
    assert load(tmp_path / "whole.pcapng").gaps == []
    assert {gap.side for gap in load(tmp_path / "poorer.pcapng").gaps} == {"host"}


def test_recording_never_passes_with_the_record_of_a_fault_missing_doubled_or_moved(tmp_path: Path) -> None:
    record(tmp_path / "whole.pcapng", generate(SEED, frames=60, one_in=2))
    whole = records(tmp_path / "whole.pcapng")
    faults = [at for at, one in enumerate(whole) if says(one, WIRE_FAULT)]
    at, last = rng("tampered wire").choice(faults[:-2]), faults[-1]
    moved = [*whole[:at], *whole[at + 1 : last], whole[at]._replace(t_ns=whole[last].t_ns), *whole[last:]]
    for tampered in (whole[:at] + whole[at + 1 :], whole[: at + 1] + whole[at:], moved):
        result = replay(rewrite(tmp_path / "tampered.pcapng", tampered), "emulator")
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "of the wire" in result.reason, result.reason


def says(one: Kept, kind: str) -> bool:
    return f'"record":"{kind}"'.encode() in one.payload


def test_shipped_scenarios_meet_their_expectations_on_a_bad_wire(tmp_path: Path) -> None:
    names = [name for name in shipped_names() if name not in LONG]
    for name in rng("bad wire").sample(names, effort(4, len(names))):
        for seed in range(SEED, SEED + effort(1, 5)):
            path = tmp_path / f"{name}-{seed}.pcapng"
            with open_rig("native", "twin", seed=SEED, wire=generate(seed, one_in=4), capture=path) as rig:
                expected = run_scenario(scenario_of(name), rig)
                found = rig.finish()
            assert found.verdict is Verdict.PASS, (name, seed, found.judged)
            # A programmer that was kept out came late, and then a window may be missed.
            assert expected.verdict is Verdict.PASS or found.wire["waited"], (name, seed, expected.reason)
            result = replay(path, "emulator")
            assert (result.verdict, result.gaps) == (Verdict.PASS, ()), (name, seed, result.reason)


def test_wire_acts_where_a_scenario_asks_for_it(tmp_path: Path) -> None:
    text = scenario_of("single_bolus").text
    (tmp_path / "wired.toml").write_text(f"{text}\n[wire]\nseed = 3\nfault = [\n{DROP}\n]\n")
    scenario = scenario_of(str(tmp_path / "wired.toml"))
    assert scenario.wire is not None
    assert scenario.wire.faults[:-1] == generate(3).faults
    assert (scenario.wire.faults[-1].kind, scenario.wire.faults[-1].direction) == ("drop", OUTBOUND)


DROP = '  { kind = "drop", direction = "outbound", frame = 0 },'
