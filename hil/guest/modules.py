"""Which modules of a kernel the guest loads, and in what order they can be: read from the modules themselves, without depmod."""

import lzma
import re
from pathlib import Path
from typing import Final

from pumpbench.hil.guest.errors import GuestMissing

WANTED: Final = (
    "virtio_pci", "virtio_blk", "virtio_console", "virtio_net", "squashfs", "overlay",
    "xhci_pci", "vhci_hcd", "cdc_acm", "usbmon",
)  # fmt: skip
DEPENDS: Final = re.compile(rb"\0depends=([^\0]*)\0")


def ordered(tree: Path) -> list[tuple[str, bytes]]:
    """Each wanted module after all it needs, as an object the kernel takes. Raises `GuestMissing` where one is not in `tree`.

    What the kernel has built in needs nothing, and is found nowhere.
    """
    files = {path.name.partition(".")[0].replace("-", "_"): path for path in tree.rglob("*.ko*")}
    built_in = {
        Path(line).stem.replace("-", "_") for listed in tree.rglob("modules.builtin") for line in listed.read_text().split()
    }
    found: dict[str, bytes] = {}

    def take(name: str) -> None:
        if name in found or name in built_in:
            return
        if name not in files:
            raise GuestMissing("guest", f"this kernel has no module {name}", "install Debian's own linux-image")
        module = _object(files[name])
        for needed in _depends(module):
            take(needed)
        found[name] = module

    for name in WANTED:
        take(name)
    return list(found.items())


def _object(path: Path) -> bytes:
    raw = path.read_bytes()
    return lzma.decompress(raw) if path.suffix == ".xz" else raw


def _depends(module: bytes) -> list[str]:
    told = DEPENDS.search(module)
    return [name.replace("-", "_") for name in told[1].decode().split(",") if name] if told else []
