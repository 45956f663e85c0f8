"""What every system has for files that may differ: `cmp` for bytes, `diff` for lines; neither knows a frame."""

import shutil
from contextlib import ExitStack

from pumpbench.hil.capture import Record, read
from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.long_capture import long_capture
from pumpbench.tools.bench.processes import rate_of


def cat(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting)
    return rate_of(count, "cat", path)


def cmp(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting)
    return rate_of(count, "cmp", path, shutil.copy(path, setting.folder / "peer-copy.pcapng"))


def diff(setting: Setting, stack: ExitStack) -> Round:
    """Of a line of hex for each record. The two are files of their own, else it would not even read them."""
    path, count = long_capture(setting)
    one, other = setting.folder / "peer-one.txt", setting.folder / "peer-other.txt"
    with one.open("w") as file:
        file.writelines(f"{item.payload.hex()}\n" for item in read(path) if isinstance(item, Record))
    return rate_of(count, "diff", one, shutil.copy(one, other))


def pcapfix(setting: Setting, stack: ExitStack) -> Round:
    path, count = long_capture(setting)
    broken = setting.folder / "peer-damaged.pcapng"
    broken.write_bytes(path.read_bytes()[:-1])
    mended = setting.folder / "peer-mended.pcapng"
    return rate_of(count, "pcapfix", "-o", mended, broken, ends=range(256), cure="apt install pcapfix")
