"""`decode` of what usbmon saw: a real conversation both ways, what is wrong with it, and Wireshark as a second reader."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import INBOUND, OUTBOUND, Link
from pumpbench.hil.targets import open_target
from pumpbench.tools.decoding.show import show
from pumpbench.tools.failure import Failed
from tests.hil.usbmon.making import TALK, TOLD, Bus, told_bus
from tests.support import require
from tests.tools.command import pumpbench


class Watching(Link):
    """Another link, each of its transfers written on `bus` as usbmon would."""

    def __init__(self, link: Link, bus: Bus) -> None:
        self._link, self._bus = link, bus

    @property
    def url(self) -> str:
        return self._link.url

    def read(self, timeout_s: float) -> bytes:
        if data := self._link.read(timeout_s):
            self._bus.passed(7, INBOUND, data)
        return data

    def write(self, data: bytes) -> None:
        self._link.write(data)
        self._bus.passed(7, OUTBOUND, data)

    def close(self) -> None:
        self._link.close()


def conversation(bus: Bus) -> Conversation:
    """A bench that arms a pump over USB and runs it; what was said is kept on both sides."""
    with open_target("usb:1209:0001@emulator") as target:
        talk = Conversation(Watching(target.link, bus))
        bench = Bench(talk)
        bench.identify()
        bench.arm()
        bench.run_to(1000)
        bench.disarm()
    return talk


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_conversation_over_usb_is_decoded_both_ways(form: str, tmp_path: Path) -> None:
    bus = Bus()
    bus.pump(7)
    conversation(bus)
    (tmp_path / "usb").write_bytes(bus.pcap() if form == "pcap" else bus.pcapng())
    done = pumpbench("decode", "usb", "--format", "ndjson", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    asked = [line["type"] for line in lines if line["dir"] == "outbound"]
    told = [line["type"] for line in lines if line["dir"] == "inbound"]
    assert asked == ["Identify", "Arm", "RunTo", "Disarm"]
    assert {"Identified", "Done", "Report"} <= set(told)
    assert all(line["ok"] for line in lines)
    assert done.stderr.splitlines() == ["pump: bus 1 device 7", f"{len(lines)} frames, all good"]
    table = pumpbench("decode", "usb", cwd=tmp_path)
    assert table.returncode == 0
    assert [line.split()[1:3] for line in table.stdout.splitlines()[1:]][0] == ["->", "Identify"]


def decoded(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]], str]:
    code = show(path, "ndjson", in_bytes=False)
    said = capsys.readouterr()
    return code, [json.loads(line) for line in said.out.splitlines()], said.err


def test_fault_on_the_bus_is_named_and_the_frames_around_it_stand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bus = told_bus()
    spoilt = bytearray(TOLD)
    spoilt[9] ^= 4
    bus.talk(5, [(INBOUND, bytes(spoilt)), *TALK])
    (tmp_path / "usb").write_bytes(bus.pcapng())
    code, lines, said = decoded(tmp_path / "usb", capsys)
    assert (code, [line["ok"] for line in lines]) == (3, [True] * 4 + [False] + [True] * 4)
    assert lines[4]["fault"] == "crc"
    assert "1 of 9 frames are bad" in said


def test_transfer_that_was_cut_off_is_told_beside_the_frame_that_it_spoilt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = told_bus()
    bus.passed(5, INBOUND, TOLD, kept=10)
    bus.talk(5, TALK)
    (tmp_path / "usb").write_bytes(bus.pcap())
    code, lines, said = decoded(tmp_path / "usb", capsys)
    assert (code, sum(not line["ok"] for line in lines)) == (3, 1)
    assert f"1 transfers lack {len(TOLD) - 10} bytes: record them whole (tcpdump -s 0)" in said


def test_recording_without_a_pump_says_who_was_there_instead(tmp_path: Path) -> None:
    bus = Bus()
    bus.talk(3, [(OUTBOUND, b"USBC" + bytes(27)), (INBOUND, bytes(512))], endpoint=2)
    (tmp_path / "usb").write_bytes(bus.pcap())
    with pytest.raises(Failed, match="no frame in it; pump: none; left out, for they hold no frame: bus 1 device 3"):
        show(tmp_path / "usb", "table", in_bytes=False)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (Bus().pcap(), "it holds no packet; record the bus with tcpdump"),
        (Bus().pcap()[:11], "damaged at byte 0: the file ends after 11 bytes"),
        (Bus().pcap() + b"\xff" * 16, "damaged at byte 24: a packet of 4294967295 bytes"),
        (Bus(link_type=1).pcap() + bytes(8) + b"\1\0\0\0" * 2 + b"x", "its packets are of link type 1; record"),
    ],
)
def test_pcap_file_without_usb_is_not_taken_for_bytes_of_a_wire(raw: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "usb").write_bytes(raw)
    with pytest.raises(Failed, match="usb: a pcap file without USB: ") as caught:
        show(tmp_path / "usb", "table", in_bytes=False)
    assert told in str(caught.value)


def test_file_that_ends_in_the_middle_is_decoded_so_far_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "usb").write_bytes(told_bus().pcap()[:-5])
    code, lines, said = decoded(tmp_path / "usb", capsys)
    assert (code, len(lines)) == (3, 3)
    assert "damaged at byte " in said


@pytest.mark.parametrize(("link_type", "sign", "form"), [(189, ">", "pcap"), (220, "<", "pcap"), (220, ">", "pcapng")])
def test_wireshark_sees_the_same_bytes_at_the_same_endpoints(link_type: int, sign: str, form: str, tmp_path: Path) -> None:
    require("wireshark")
    bus = told_bus(link_type=link_type, sign=sign)
    file = tmp_path / f"usb.{form}"
    file.write_bytes(bus.pcap() if form == "pcap" else bus.pcapng())
    done = subprocess.run(["tshark", "-r", str(file), "-T", "json"], capture_output=True, check=True, cwd=tmp_path)
    layers = [packet["_source"]["layers"] for packet in json.loads(done.stdout)]
    seen = [
        (layer["usb"]["usb.device_address"], layer["usb"]["usb.endpoint_address"], layer["usb.capdata"].replace(":", ""))
        for layer in layers
        if "usb.capdata" in layer
    ]
    ends = {OUTBOUND: "0x01", INBOUND: "0x81"}
    assert seen == [("5", ends[direction], data.hex()) for direction, data in TALK]
