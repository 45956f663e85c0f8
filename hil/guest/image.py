"""The guest's image: kernel, first root and system, made of Debian packages and kept until its recipe changes; starts nothing."""

import fcntl
import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from pumpbench.hil.guest import cpio, modules, packages
from pumpbench.hil.guest.errors import GuestMissing

HERE: Final = Path(__file__).resolve().parent
RECIPE: Final = ("packages.py", "modules.py", "cpio.py", "image.py", "first.sh", "system.sh")
SYSTEM: Final = (
    "busybox-static", "libc-bin", "libpython3-stdlib", "libusb-1.0-0", "python3-minimal", "tcpdump", "udev", "usbip",
)  # fmt: skip
KERNEL: Final = "linux-image-amd64"
# Needed by the packages' own scripts alone, which are not run.
LEFT_OUT: Final = re.compile(r"(adduser|debconf|dpkg|passwd|tar|usb\.ids|libsemanage.*|libsepol.*|libdb5.*|libpam-.*)=")
UNREAD: Final = (
    "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian",
    # udev is here to tell libusb of what comes and goes; its rules for disks and keyboards would only be slow.
    "lib/udev/rules.d", "lib/udev/hwdb.d", "usr/lib/udev/rules.d", "usr/lib/udev/hwdb.d",
)  # fmt: skip
FOLDERS: Final = ("dev", "proc", "sys", "run", "tmp", "var", "pumpbench")
KEPT: Final = 3
MERGED: Final = ("bin", "sbin", "lib", "lib64")


class Image(NamedTuple):
    """What one boot takes. `key` names the recipe and the versions that went in."""

    key: str
    kernel: Path
    first: Path
    system: Path

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self[1:])


def build_folder() -> Path:
    """Beside a checkout's other byproducts. Raises `GuestMissing` for an installed copy, which has no such place."""
    root = HERE.parent.parent
    if not (root / "pyproject.toml").exists():
        raise GuestMissing("guest", "an installed copy builds none", "use a checkout")
    return root / "build" / "guest"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One builder at a time, whoever asks."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget(pattern: str) -> None:
    """All but the newest few: a run of tests that began before a change still uses those it began with."""
    for old in sorted(build_folder().glob(pattern), key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
        old.unlink()


def built() -> tuple[Image, float]:
    """The image, and how many seconds it took to make: 0 where it stood there. Raises `GuestMissing`."""
    folder = build_folder()
    packages.check_tools()
    kernel = packages.meant(KERNEL)
    system = [one for one in packages.chosen(SYSTEM) if not LEFT_OUT.match(one)]
    key = _key([kernel, *system])
    image = Image(key, *(folder / f"{name}-{key}" for name in ("kernel", "first", "system")))
    with alone(folder):
        if all(path.exists() for path in image[1:]):
            return image, 0.0
        began_s = time.monotonic()
        with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as made:
            _make(image, Path(made), kernel, system)
        for name in ("kernel", "first", "system"):
            forget(f"{name}-*")
        return image, time.monotonic() - began_s


def _key(versions: list[str]) -> str:
    made_of = hashlib.sha256("\n".join(versions).encode())
    for name in RECIPE:
        made_of.update((HERE / name).read_bytes())
    return made_of.hexdigest()[:16]


def _make(image: Image, folder: Path, kernel: str, system: list[str]) -> None:
    """What is finished is moved into place last, so that what has a name is whole."""
    parts = {name: folder / name for name in ("kernel-files", "kernel-tree", "system-files", "system-tree")}
    for part in parts.values():
        part.mkdir()
    packages.unpacked(packages.fetched([kernel], parts["kernel-files"]), parts["kernel-tree"])
    packages.unpacked(packages.fetched(system, parts["system-files"]), parts["system-tree"])
    bootable = next(parts["kernel-tree"].glob("boot/vmlinuz-*"))
    (folder / "first").write_bytes(_first_root(parts["kernel-tree"], parts["system-tree"]))
    _pack(parts["system-tree"], folder / "system")
    bootable.touch()
    bootable.replace(image.kernel)
    (folder / "first").replace(image.first)
    (folder / "system").replace(image.system)


def _first_root(kernel: Path, system: Path) -> bytes:
    busybox = next(path for path in (system / "bin/busybox", system / "usr/bin/busybox") if path.exists())
    files = {"init": (HERE / "first.sh").read_bytes(), "bin/busybox": busybox.read_bytes()}
    for number, (name, module) in enumerate(modules.ordered(kernel)):
        files[f"modules/{number:03d}-{name}.ko"] = module
    return cpio.archive(files, ("bin", "dev", "modules"))


def _pack(tree: Path, packed: Path) -> None:
    for name in UNREAD:
        shutil.rmtree(tree / name, ignore_errors=True)
    for name in FOLDERS:
        (tree / name).mkdir(exist_ok=True)
    for name in MERGED:
        # Where Debian's packages have everything under usr/, these are links, which a package of no files of ours makes.
        if not (tree / name).exists():
            (tree / name).symlink_to(f"usr/{name}")
    (tree / "init").write_bytes((HERE / "system.sh").read_bytes())
    squash(tree, packed)


def squash(tree: Path, packed: Path) -> None:
    """As a file system to read from; everything in it is root's. Raises `GuestMissing`."""
    how = ("-comp", "lz4", "-all-root", "-noappend", "-no-xattrs", "-no-progress", "-quiet")
    packages.run(["mksquashfs", str(tree), str(packed), *how])
