"""Wireshark's own programs for captures, each a process; by the time that it had the processor."""

import datetime
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

from pumpbench.hil.capture import Record, read
from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.long_capture import from_device, long_capture
from pumpbench.tools.bench.processes import rate_of

CURE = "apt install tshark"
DISSECTOR = Path(__file__).resolve().parents[2] / "wireshark" / "pumpbench.lua"


def capinfos(setting: Setting, stack: ExitStack) -> Round:
    return _rate(setting, "capinfos")


def capinfos_hash(setting: Setting, stack: ExitStack) -> Round:
    return _rate(setting, "capinfos", "-H")


def editcap(setting: Setting, stack: ExitStack) -> Round:
    """A copy, block by block."""
    return _rate(setting, "editcap", out=True)


def editcap_time(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting)
    times_ns = [item.t_ns for item in read(path) if isinstance(item, Record)]
    until = datetime.datetime.fromtimestamp(times_ns[count // 2] / 1e9, datetime.UTC)
    return _rate(setting, "editcap", "-B", until.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), out=True)


def mergecap(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting)
    return rate_of(count, "mergecap", "-a", "-w", _out(setting), path, cure=CURE)


def text2pcap(setting: Setting, stack: ExitStack) -> Round:
    """Of a dump in hex, the one form of bytes that it takes; a packet for every 65 536 bytes."""
    path, count = from_device(setting)
    data, dump = path.read_bytes(), setting.folder / "dump.txt"
    rows = (f"{at % 65536:06x} {data[at : at + 16].hex(' ')}\n" for at in range(0, len(data), 16))
    dump.write_text("".join(rows))
    return rate_of(count, "text2pcap", "-q", dump, _out(setting), cure=CURE)


def statistics(setting: Setting, stack: ExitStack) -> Round:
    return _rate(setting, "tshark", "-q", "-z", "io,stat,60", "-r")


def dissected(setting: Setting, stack: ExitStack) -> Round:
    """By our dissector in Lua, every field of every frame as JSON."""
    return _dissected(setting, "-T", "ek")


def summarised(setting: Setting, stack: ExitStack) -> Round:
    """By our dissector in Lua, a line for each frame."""
    return _dissected(setting)


def _dissected(setting: Setting, *words: str) -> Round:
    """Of the first tenth, whose text is large enough."""
    path, count = long_capture(setting)
    part, first = setting.folder / "peer-tenth.pcapng", max(1, count // 10)
    if shutil.which("editcap") is not None:
        subprocess.run(["editcap", "-r", path, part, f"1-{first}"], check=True, stderr=subprocess.DEVNULL)
    return rate_of(first, "tshark", "-X", f"lua_script:{DISSECTOR}", *words, "-r", part, cure=CURE)


def _rate(setting: Setting, *command: str, out: bool = False) -> Round:
    path, count = long_capture(setting)
    return rate_of(count, *command, path, *([_out(setting)] if out else []), cure=CURE)


def _out(setting: Setting) -> str:
    return str(setting.folder / "peer.out.pcapng")
