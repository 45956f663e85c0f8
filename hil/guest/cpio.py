"""An archive of the kind that a Linux kernel unpacks as its first root; knows no file's meaning."""

import stat
from typing import Final

FIELDS: Final = "070701" + "%08x" * 13
ALIGN_BYTES: Final = 4
LAST: Final = "TRAILER!!!"


def archive(files: dict[str, bytes], folders: tuple[str, ...] = ()) -> bytes:
    """Path -> contents, all executable and root's; folders come first, each before what is in it."""
    rows = [_entry(number, name, stat.S_IFDIR, b"") for number, name in enumerate(folders)]
    rows += [_entry(len(folders) + number, name, stat.S_IFREG, data) for number, (name, data) in enumerate(files.items())]
    return b"".join([*rows, _entry(0, LAST, 0, b"")])


def _entry(number: int, name: str, kind: int, data: bytes) -> bytes:
    path = name.encode() + b"\0"
    links = 2 if kind == stat.S_IFDIR else 1
    head = FIELDS % (number, kind | 0o755 if kind else 0, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(path), 0)
    return _padded(head.encode() + path) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGN_BYTES)
