"""Long runs and a tool's recording through a guest: ninety days in lockstep, and what usbmon saw, read back frame by frame."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pumpbench.hil.guest.plugging import HOST
from tests.hil.guest.guests import await_file, restored
from tests.hil.guest.plugged import DOORS, FRAMES, PORT, WAYS, plugged
from tests.support import require, wait_until

DAYS_90_S = 600.0


def check_lockstep(door: str, way: str, until: str) -> None:
    with plugged(way) as pump:
        done = pump.guest.pumpbench("run", "--target", door, "--until", until, timeout_s=DAYS_90_S)
        print(done.err)
        assert done.code == 0, done.out + done.err
        assert "two implementations agree" in done.err
        assert pump.told == []


def test_twins_stay_in_lockstep_for_days_through_a_guest() -> None:
    check_lockstep(PORT, "usbip", "3d")


@pytest.mark.soak
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("way", WAYS)
def test_twins_stay_in_lockstep_for_ninety_days_through_a_guest(way: str, door: str) -> None:
    check_lockstep(door, way, "90d")


@pytest.mark.parametrize("way", WAYS)
def test_what_usbmon_saw_of_a_session_is_read_back(way: str, tmp_path: Path) -> None:
    """By tcpdump inside the guest, of whichever bus the pump is on; both doors in one file."""
    with plugged(way, "emulator") as pump:
        guest = pump.guest
        bus = int(guest.run("sh", "-c", "cat /sys/class/tty/ttyACM0/device/../busnum").out)
        number = guest.begin("run", ["tcpdump", "-i", f"usbmon{bus}", "-Z", "root", "-U", "-s", "0", "-w", "/tmp/seen.pcap"])
        await_file(guest, "/tmp/seen.pcap")
        for door in DOORS:
            assert guest.pumpbench("send", door, "ReadStatus").code == 0
        guest.end(number, signal.SIGINT)
        assert guest.wait(number).code == 0
        seen = tmp_path / "seen.pcap"
        seen.write_bytes(guest.pull("/tmp/seen.pcap"))
    done = subprocess.run(
        [Path(sys.executable).with_name("pumpbench"), "decode", seen, "--format", "ndjson"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    said = [row["type"] for row in rows if "type" in row]
    # Of each door: who it is, a session, the question, and the session's end; each asked and answered.
    assert [said.count(name) for name in ("Identify", "Identified", "Open", "Opened", "ReadStatus", "Status")] == [2] * 6, rows
    assert not re.search("fault|cut|lost", done.stderr), done.stderr
    check_tshark_agrees(seen, len(rows))


def check_tshark_agrees(seen: Path, frames: int) -> None:
    """Somebody else's reader finds as many payloads as there are frames, or fewer where frames share one."""
    require("wireshark")
    asked = ["tshark", "-r", str(seen), "-Y", "usb.transfer_type == 3 && usb.capdata", "-T", "fields", "-e", "usb.capdata"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    payloads = [line for line in done.stdout.splitlines() if line]
    assert 0 < len(payloads) <= frames + len(DOORS)


def test_line_that_emulate_prints_attaches_the_device_to_a_kernel(tmp_path: Path) -> None:
    """As typed by a person: only the host's address is another one in a guest."""
    ready = tmp_path / "ready"
    program = str(Path(sys.executable).with_name("pumpbench"))
    command = [program, "emulate", "--usbip", "127.0.0.1:0", "--ready-file", str(ready)]
    none = subprocess.DEVNULL
    with (
        restored() as guest,
        subprocess.Popen(command, stdin=none, stdout=none, stderr=subprocess.PIPE, text=True) as server,
    ):
        try:
            wait_until(ready.exists, "the pump to be served")
            assert server.stderr is not None
            line = re.search(r"usbip .*attach -r (\S+) -b \S+?(?=;)", server.stderr.readline())
            assert line is not None
            attached = guest.run(*line[0].replace(line[1], HOST).split())
            assert attached.code == 0, attached.err
            await_file(guest, "/dev/ttyACM0")
            assert guest.pumpbench("send", FRAMES, "ReadStatus").code == 0
        finally:
            server.terminate()
        await_file(guest, "/dev/ttyACM0", there=False)


def test_topologies_run_through_a_kernel_and_their_captures_replay_there_and_here(tmp_path: Path) -> None:
    with plugged("usbredir") as pump:
        for topology in ("controller", "twin"):
            done = pump.guest.pumpbench("run", "--topology", topology, "--target", FRAMES, "--until", "2d")
            assert done.code == 0, done.err
        inside = re.search(r"^  capture +(\S+)$", done.err, re.MULTILINE)
        assert inside is not None, done.err
        replayed = pump.guest.pumpbench("replay", inside[1], "--against", PORT)
        assert replayed.code == 0, replayed.err
        capture = tmp_path / "guest.pcapng"
        capture.write_bytes(pump.guest.pull(f"/tmp/{inside[1]}"))
    done_here = subprocess.run(
        [Path(sys.executable).with_name("pumpbench"), "replay", capture, "--against", "native"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd=tmp_path,
    )  # fmt: skip
    assert done_here.returncode == 0, done_here.stderr
