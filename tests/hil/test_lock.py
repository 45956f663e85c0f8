"""A board's lock: one holder, named, waited for, and gone with its process."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pumpbench.hil import lock
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import PtyLink
from pumpbench.hil.lock import BoardBusy, BoardLock
from pumpbench.hil.targets import Access
from pumpbench.hil.targets.port import PortTarget
from tests.support import effort, require, wait_until

HOLD = """
import sys
from pathlib import Path
from pumpbench.hil.lock import BoardLock
held = BoardLock("066bff", "flash it", folder=Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def held_elsewhere(folder: Path) -> subprocess.Popen[bytes]:
    """A process of its own that holds board 066bff until its stdin ends."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    return holder


def test_lock_names_its_holder_and_since_when_to_who_comes_second(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as holder:
        with pytest.raises(BoardBusy) as told:
            BoardLock("066bff", "run", folder=tmp_path)
        assert holder.stdin is not None
        holder.stdin.close()
    said = str(told.value)
    assert f"066bff: held by pid {holder.pid} (-c " in said
    assert "to flash it, since 20" in said
    assert said.endswith("wait for it with --wait 10m")
    assert "\n" not in said


def test_lock_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as holder:
        holder.kill()
        holder.wait()
        BoardLock("066bff", "run", folder=tmp_path).close()


def test_lock_is_waited_for_as_long_as_was_asked(tmp_path: Path) -> None:
    first = BoardLock("a", "run", folder=tmp_path)
    got: list[BoardLock] = []
    waiting = threading.Thread(target=lambda: got.append(BoardLock("a", "run", wait_s=60, folder=tmp_path)))
    waiting.start()
    first.close()
    waiting.join()
    assert len(got) == 1
    with pytest.raises(BoardBusy):
        BoardLock("a", "run", wait_s=0.01, folder=tmp_path)
    got[0].close()


def test_locks_of_two_boards_do_not_meet(tmp_path: Path) -> None:
    with BoardLock("a", "run", folder=tmp_path), BoardLock("socket://127.0.0.1:7000", "run", folder=tmp_path):
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


def test_lock_holds_though_its_file_was_removed_while_it_was_waited_for(tmp_path: Path) -> None:
    """Many come and go: never two at once."""
    inside: list[int] = []
    most: list[int] = []

    def come_and_go() -> None:
        for _ in range(effort(30, 1_000)):
            with BoardLock("a", "run", wait_s=60, folder=tmp_path):
                inside.append(1)
                os.sched_yield()
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 4 * effort(30, 1_000)
    assert max(most) == 1


def test_second_close_of_a_lock_lets_nobody_elses_descriptor_go(tmp_path: Path) -> None:
    first = BoardLock("a", "run", folder=tmp_path)
    first.close()
    with open(tmp_path / "other", "w") as other:
        first.close()
        assert os.fstat(other.fileno())


def test_lock_that_cannot_be_opened_says_which(tmp_path: Path) -> None:
    (tmp_path / "pumpbench-a.lock").mkdir()
    with pytest.raises(RigBroken, match=r"pumpbench-a\.lock: .*remove it"):
        BoardLock("a", "run", folder=tmp_path)


def test_lock_of_a_holder_that_wrote_nothing_is_still_a_lock(tmp_path: Path) -> None:
    with BoardLock("a", "run", folder=tmp_path):
        (tmp_path / "pumpbench-a.lock").write_text("nonsense")
        with pytest.raises(BoardBusy, match="has not said who it is"):
            BoardLock("a", "run", folder=tmp_path)


def test_port_is_locked_while_a_target_has_it_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("pty")
    monkeypatch.setattr(lock, "_folder", lambda: tmp_path)
    with PtyLink() as device:
        with PortTarget(device.slave_path):
            with pytest.raises(BoardBusy, match="to talk to it"):
                PortTarget(device.slave_path)
        with PortTarget(device.slave_path, Access(reconnect=False)) as again:
            again.link.write(b"hello")
            wait_until(lambda: device.read(0) == b"hello", "the second target to be heard")
