"""Pumps that forget what they have done: the twin or the book finds each, and the list of faults shrinks to what it takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from pumpbench.firmware_emu import admission
from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.rig import Diverged, TwinRig
from pumpbench.hil.scenario.wire_table import read_wire
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.hil.wire import Fault, Wire, generate, reduced
from pumpbench.hil.wire.text import wire_toml
from tests.hil.planted import forgetful_firmware
from tests.hil.pumps import PATIENT, START, treat
from tests.hil.wire.clients import ASKED, InProcess, boluses_begun, carry_out
from tests.support import SEED, require
from tests.tools.command import pumpbench

BOLUS = ASKED[1]
# Each request comes twice, or is answered in vain: what the pump forgets shows at the first that changes it.
DENSE = Wire(
    tuple(Fault(kind="duplicate", direction=OUTBOUND, frame_index=index) for index in range(60))
    + tuple(Fault(kind="drop", direction=INBOUND, frame_index=index) for index in range(0, 60, 3))
)


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("cc")
    require("make")
    return forgetful_firmware(tmp_path_factory.mktemp("forgetful"))


def differs(program: Path, faults: Any) -> bool:
    """Whether the twin finds a difference with these faults on the wire."""
    with TwinRig(NativeTarget(program), 1, wire=Wire(tuple(faults))) as rig:
        try:
            rig.start({}, START)
            treat(rig, PATIENT)
            rig.run_to(rig.tick + 100)
        except Diverged:
            return True
        return rig.finish().verdict is Verdict.FAIL


def test_firmware_that_forgets_is_found_and_its_wire_reduced_to_what_it_takes(forgetful: Path) -> None:
    drawn = generate(SEED, frames=40, one_in=2).faults
    left = reduced(drawn, lambda faults: differs(forgetful, faults))
    assert len(left) <= 2 < len(drawn)
    assert differs(forgetful, left)
    assert not any(differs(forgetful, left[:at] + left[at + 1 :]) for at in range(len(left)))


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes from the reference, and so from both sides, what tells a retry from a new request."""
    asked_of = admission.not_admitted

    def not_admitted(machine: Any, heard: Any) -> Any:
        last_id = machine.controller.session_last_id
        if heard.request_id != last_id:
            return asked_of(machine, heard)
        machine.controller.session_last_id = last_id - 1
        answer = asked_of(machine, heard)
        machine.controller.session_last_id = last_id
        return answer

    monkeypatch.setattr(admission, "is_repeated", lambda machine, heard: False)
    monkeypatch.setattr(admission, "not_admitted", not_admitted)


@pytest.mark.parametrize("forgets", [False, True])
def test_book_shows_a_second_dose_even_where_both_sides_forget_alike(forgets: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    good = TwinRig(InProcess(Device()), 1)
    with good:
        carry_out(good, [(BOLUS, 0, 700)], retries=0)
        asked = good.programmer.conversation.therapy
        replies = asked._next_id  # each request so far had one reply
    if forgets:
        forget(monkeypatch)
    lost = Wire((Fault(kind="drop", direction=INBOUND, frame_index=replies - 2),))
    rig = TwinRig(InProcess(Device()), 1, wire=lost)
    with rig:
        book = carry_out(rig, [(BOLUS, 0, 700)], retries=0)
        assert rig.finish().first_difference is None, "the twin cannot know"
        assert book.unknown == 1
        assert (boluses_begun(rig) > len(book.started)) == forgets


def test_run_prints_the_reduced_wire_and_the_command_that_brings_it_back(forgetful: Path, tmp_path: Path) -> None:
    with NativeTarget(forgetful) as behind:
        behind.link.close()
        (tmp_path / "pumpbench.toml").write_text(f'[target.bad]\nurl = "{behind.link.url}"\n')
        (tmp_path / "dense.toml").write_text(wire_toml(DENSE))
        flags = ("--target", "bad", "--until", "2d")
        done = pumpbench("run", "default", *flags, "--wire", "dense.toml", "--json", cwd=tmp_path)
        (result,) = json.loads(done.stdout)["results"]
        assert (done.returncode, result["verdict"]) == (1, "fail")
        assert len(result["wire"]["shortest"]["fault"]) == 1
        written = read_wire((tmp_path / result["wire"]["file"]).read_text(), "wire")
        assert written.as_dict() == result["wire"]["shortest"]
        (again,) = [line.split(maxsplit=1)[1] for line in done.stderr.splitlines() if line.strip().startswith("again ")]
        assert f"--wire {result['wire']['file']}" in again
        repeated = pumpbench(*again.split()[1:], "--until", "2d", cwd=tmp_path)
        assert repeated.returncode == 1, repeated.stderr


def test_wire_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wire.toml"
    wrong.write_text('[wire]\nfault = [{ kind = "drop", direction = "outbound", frame = 1, bit = 3 }]\n')
    for flag, line in (
        ("seed:x", "--wire 'seed:x': expected seed: and a whole number, such as seed:7"),
        ("nowhere.toml", "--wire 'nowhere.toml': no such file; expected a TOML file with a table [wire], or seed:N"),
        (str(wrong), f"{wrong}:2: wire.fault 1 bit: means nothing to drop; expected nothing more"),
    ):
        done = pumpbench("run", "default", "--wire", flag, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"pumpbench: {line}\n"


def test_fault_needs_what_its_kind_needs() -> None:
    with pytest.raises(ValueError, match="expected drop, duplicate"):
        Fault(kind="lose", direction=OUTBOUND, frame_index=0)
