"""Knows how to look over machine, installation, build and ports; prints nothing and mends nothing."""

import grp
import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from pumpbench.hil.firmware import LIBRARY, PROCESS, SOURCES, build_folder

PYTHON_MIN = (3, 11)
COMPILER_CURE = "apt install gcc libc6-dev"
FOLDER = Path(__file__).resolve().parent.parent


class Finding(NamedTuple):
    """One thing looked at, in one line; `cure` is the line to type, empty when all is well."""

    what: str
    ok: bool
    cure: str


def findings() -> list[Finding]:
    """Everything looked at, in the order in which a newcomer would need it; raises nothing."""
    return [
        python_version(),
        virtual_environment(),
        *map(distribution, ("pyserial", "pyusb", "construct", "numpy")),
        c_extension("crcmod", "crcmod.crcmod", "_usingExtension"),
        c_extension("cobs", "cobs.cobs", "_using_extension"),
        program(os.environ.get("CC", "cc"), COMPILER_CURE),
        program("make", "apt install make"),
        *native_firmware(SOURCES, build_folder()),
        pty(),
        *serial_ports(),
    ]


def python_version() -> Finding:
    """At least 3.11."""
    ok = sys.version_info >= PYTHON_MIN
    return _finding(f"Python {platform.python_version()}", ok, "apt install python3 python3-venv, then make clean run")


def virtual_environment() -> Finding:
    """An environment of its own, so that nothing of the system is touched."""
    ok = sys.prefix != sys.base_prefix
    return _finding(f"virtual environment {sys.prefix if ok else 'not in use'}", ok, "make run, then .venv/bin/pumpbench")


def distribution(name: str) -> Finding:
    """An installed library and its version."""
    try:
        return _finding(f"{name} {importlib.metadata.version(name)}", True)
    except importlib.metadata.PackageNotFoundError:
        return _finding(f"{name} is not installed", False, f"{_pip_install()} {name}")


def c_extension(name: str, module: str, flag: str) -> Finding:
    """Which build a library has loaded: without compiler or headers pip quietly leaves pure Python, ten times slower."""
    try:
        fast = bool(getattr(importlib.import_module(module), flag, False))
    except ImportError:
        return _finding(f"{name} is not installed", False, f"{_pip_install()} {name}")
    cure = f"{COMPILER_CURE} python3-dev && {_pip_install()} --no-cache-dir --force-reinstall --no-deps --no-binary {name} {name}"
    return _finding(f"{name} loaded as {'a C extension' if fast else 'slow pure Python'}", fast, cure)


def program(name: str, cure: str) -> Finding:
    """A program on the PATH; `name` may carry arguments, as CC does."""
    words = name.split()
    found = shutil.which(words[0]) if words else None
    return _finding(f"{name} at {found}" if found else f"{name or 'compiler'} not found", found is not None, cure)


def native_firmware(sources: Path, products: Path) -> list[Finding]:
    """The build, and where that is fresh what it says of itself."""
    built = native_build(sources, products)
    return [built, native_identity(sources, products)] if built.ok else [built]


def native_identity(sources: Path, products: Path) -> Finding:
    """Whether it runs and was built from these very sources: file times do not tell where older ones were put back."""
    # Late, because a run asks this module for cures and needs none of it.
    from pumpbench.hil.bench import Bench
    from pumpbench.hil.conversation import Conversation
    from pumpbench.hil.errors import RigBroken
    from pumpbench.hil.links import LinkError
    from pumpbench.hil.targets.native import NativeTarget

    cure = f"touch {sources / 'Makefile'} && {_build_native(sources, products)}"
    try:
        with NativeTarget(products / PROCESS) as target:
            build = f"{Bench(Conversation(target.link, retries=0)).identify().build_id:016x}"
    except (RigBroken, LinkError, OSError) as problem:
        return _finding(f"native firmware does not run ({problem})", False, cure)
    told = subprocess.run(["make", "-s", "-C", str(sources), "id"], capture_output=True, text=True, check=False).stdout.strip()
    stale = f"native firmware is stale: build {build}, its sources are {told}"
    return _finding(f"native firmware answers, build {build}" if build == told else stale, build == told, cure)


def native_build(sources: Path, products: Path) -> Finding:
    """Whether the firmware is built for this machine, and no source is newer; `make -q` judges, as it would build."""
    if not (sources / "Makefile").is_file():
        return _finding(f"no firmware sources at {sources}", False, "install from a whole checkout")
    if not products.is_dir() or all(one.name.startswith(".") for one in products.iterdir()):
        return _finding("native firmware not built", False, _build_native(sources, products))
    fresh = _is_up_to_date(sources, os.path.relpath(products, sources))
    what = f"native firmware {'fresh' if fresh else 'stale, older than its sources,'} at {products}"
    return _finding(what, fresh, _build_native(sources, products))


def pty() -> Finding:
    """A pair opens and passes a byte: what `make run` speaks through."""
    try:
        ends = os.openpty()
    except OSError as error:
        return _finding(f"no pty: {error.strerror}", False, "mount -t devpts devpts /dev/pts")
    try:
        os.write(ends[1], b"x")
        return _finding("pty passes bytes", os.read(ends[0], 1) == b"x", "mount -t devpts devpts /dev/pts")
    finally:
        for end in ends:
            os.close(end)


def serial_ports() -> list[Finding]:
    """Each port seen, and whether this user may open it; none seen is no fault."""
    from serial.tools.list_ports import comports

    ports = [serial_port(Path(str(port.device))) for port in comports()]
    return ports or [_finding("no serial port seen; emulator and native firmware need none", True)]


def serial_port(path: Path) -> Finding:
    """The owning group, usually dialout, is what a user has to be in."""
    if os.access(path, os.R_OK | os.W_OK):
        return _finding(f"port {path} may be opened", True)
    group = _group_of(path)
    what = f"port {path} is closed to you: it belongs to the group {group}"
    return _finding(what, False, f"sudo usermod -aG {group} $USER, then log in anew")


def _finding(what: str, ok: bool, cure: str = "") -> Finding:
    return Finding(what, ok, "" if ok else cure)


def _build_native(sources: Path, products: Path) -> str:
    """The front door's verb in a checkout; an installed copy has no front door."""
    own = products.parent.parent == FOLDER and (FOLDER / "Makefile").is_file()
    return "make firmware-host" if own else f"make -C {sources} host lib BUILD={products}"


def _pip_install() -> str:
    return f"{sys.executable} -m pip install"


def _is_up_to_date(sources: Path, build: str) -> bool:
    # The files themselves: a name such as `host` is never up to date where it has something to do each time.
    asked = ["make", "-q", "-C", str(sources), *(f"{build}/{one}" for one in (PROCESS, LIBRARY)), f"BUILD={build}"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _group_of(path: Path) -> str:
    try:
        gid = path.stat().st_gid
        return grp.getgrgid(gid).gr_name
    except OSError:
        return "dialout"
    except KeyError:
        return str(gid)
