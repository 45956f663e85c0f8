"""The guest itself: its agent answers, what runs too long is ended, a guest that dies is named, and nothing of one is left."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from pumpbench.hil.guest import packages
from pumpbench.hil.guest.errors import GuestMissing, GuestRefused
from pumpbench.hil.guest.image import built
from pumpbench.hil.guest.modules import WANTED
from pumpbench.hil.qemu.errors import QemuEnded
from tests.hil.guest.guests import await_file, readied, restored
from tests.support import ROOT, require, wait_until


def test_commands_end_with_their_code_and_words() -> None:
    with restored() as guest:
        assert guest.run("sh", "-c", "echo said; echo told >&2; exit 7") == (7, "said\n", "told\n", False)
        assert guest.run("absent-program").code != 0
        assert guest.python("import sys; print('here'); sys.exit(3)")[:2] == (3, "here\n")
        assert "ZeroDivisionError" in guest.python("1 / 0").err
        assert guest.pumpbench("--version").code == 0


def test_commands_run_beside_each_other_and_are_waited_for_in_any_order() -> None:
    with restored() as guest:
        slow = guest.begin("run", ["sh", "-c", "while [ ! -e /tmp/go ]; do usleep 1000; done; echo slow"])
        quick = guest.begin("run", ["sh", "-c", "echo quick; touch /tmp/go"])
        assert guest.wait(slow).out == "slow\n"
        assert guest.wait(quick).out == "quick\n"


def test_command_is_ended_with_its_children_when_its_time_is_over() -> None:
    with restored() as guest:
        done = guest.run("sh", "-c", "echo begun; sleep 1000 & sleep 1000", timeout_s=0.5)
        assert (done.code, done.out, done.late) == (-signal.SIGKILL, "begun\n", True)
        assert "sleep 1000" not in guest.run("ps").out


def test_command_is_interrupted_as_by_a_person() -> None:
    with restored() as guest:
        number = guest.begin("python", "import pathlib, time\npathlib.Path('/tmp/begun').touch()\ntime.sleep(1000)")
        await_file(guest, "/tmp/begun")
        guest.end(number)
        done = guest.wait(number)
        assert not done.late
        assert "KeyboardInterrupt" in done.err


def test_files_go_in_and_come_out_whole() -> None:
    with restored() as guest:
        data = bytes(range(256)) * 4096
        guest.push("/tmp/some/folder/file", data)
        assert guest.pull("/tmp/some/folder/file") == data
        with pytest.raises(GuestRefused, match="FileNotFoundError"):
            guest.pull("/tmp/absent")


def test_guests_share_nothing_and_begin_where_the_first_was_saved() -> None:
    with restored() as one, restored() as other:
        one.push("/tmp/mark", b"")
        assert one.run("ls", "/tmp").out == "mark\n"
        assert other.run("ls", "/tmp").out == ""
        # Its clock is put right, which stood still since it was saved.
        assert abs(float(other.run("date", "+%s").out) - time.time()) < 60


def test_guest_has_what_usb_needs() -> None:
    with restored() as guest:
        loaded = {line.split()[0] for line in guest.run("lsmod").out.splitlines()}
        assert set(WANTED) <= loaded
        # Without it libusb goes on listing what was pulled.
        assert "systemd-udevd" in guest.run("ps").out
        buses = guest.python("import usb.core; print(sum(one.bDeviceClass == 9 for one in usb.core.find(find_all=True)))")
        assert int(buses.out) >= 4, buses.err


def test_death_of_the_machine_is_named_and_leaves_no_process() -> None:
    with restored() as guest:
        pid = guest.process.pid
        number = guest.begin("run", ["sleep", "1000"])
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(QemuEnded, match="guest: it closed its line"):
            guest.wait(number)
    assert not Path(f"/proc/{pid}").exists()


def test_power_cut_by_the_guest_itself_is_named() -> None:
    with restored() as guest:
        number = guest.begin("run", ["poweroff", "-f"])
        with pytest.raises(QemuEnded, match="closed its line"):
            guest.wait(number)


def test_guest_ends_with_who_started_it_and_keeps_no_pipe_open() -> None:
    require("guest")
    source = (
        "from tests.hil.guest.guests import readied\nguest = readied().restored()\nprint(guest.process.pid, flush=True)\ninput()"
    )
    starter = subprocess.Popen([sys.executable, "-c", source], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    guest = Path("/proc", starter.stdout.readline().strip())
    assert guest.exists()
    starter.kill()
    # Its end would not come while anybody else held it.
    assert starter.communicate(timeout=30)[0] == ""
    wait_until(lambda: not guest.exists(), "the guest to end with who started it")


def test_image_is_kept_until_its_recipe_changes() -> None:
    require("guest")
    assert built() == (readied().image, 0)


def test_tool_that_is_missing_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GuestMissing, match="guest: no apt-get here; run on Debian"):
        packages.check_tools()


def test_package_that_is_unknown_is_named_in_one_line() -> None:
    require("guest")
    with pytest.raises(GuestMissing, match="absent-package") as refused:
        packages.chosen(["absent-package"])
    assert "\n" not in str(refused.value)


def test_guest_that_is_closed_twice_is_closed() -> None:
    require("guest")
    with closing(readied().restored()) as guest:
        guest.close()
        assert guest.process.ended()
