"""Reads what tshark shows through the dissector back into the lines that `decode --format ndjson` prints; asserts nothing."""

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pumpbench.protocol.layout import Layout
from pumpbench.protocol.registry import Registry
from pumpbench.tools.generate.c_names import snake
from pumpbench.tools.generate.lua_dissector import text

DIRECTIONS = ("neither", "inbound", "outbound", "neither")
Shown = dict[str, Any]


@cache
def script(folder: Path) -> Path:
    """The dissector as a file."""
    path = folder / "dissector.lua"
    path.write_text(text())
    return path


def tshark(capture: Path, lua: Path, *words: str) -> str:
    """What tshark prints; it may end badly where the file does, but no Lua may fail in it."""
    command = ["tshark", "-X", f"lua_script:{lua}", "-r", str(capture), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "Lua" in done.stderr or "Lua Error" in done.stdout:
        raise RuntimeError(f"the dissector failed: {done.stderr or done.stdout[:2000]}")
    return done.stdout


def rows(capture: Path, lua: Path, registry: Registry, *words: str) -> list[Shown]:
    """A line for each frame that tshark shows, as decode has it."""
    told = tshark(capture, lua, "-T", "ek", "-J", "frame pumpbench", *words)
    packets = (json.loads(line) for line in told.splitlines() if '"layers"' in line)
    layouts = {layout.name: layout for layout in registry.layouts()}
    return [row for packet in packets for row in _rows(packet["layers"], layouts)]


def _rows(layers: dict[str, Any], layouts: dict[str, Layout]) -> Iterator[Shown]:
    frame = layers["frame"]
    way = int(frame.get("frame_frame_packet_flags_direction", "0"), 0)
    t_ns = frame["frame_frame_time_epoch"].replace(".", "")
    for one in _several(layers.get("pumpbench", [])):
        shown = {name.removeprefix("pumpbench_pumpbench_"): value for name, value in one.items()}
        yield {"t_ns": t_ns, "dir": DIRECTIONS[way], "ok": shown["ok"], **_header(shown), **_content(shown, layouts)}


def _header(shown: Shown) -> Shown:
    numbers = {name: None if shown.get(name) is None else int(shown[name]) for name in ("seq", "boot_seq")}
    return {"type": shown.get("message"), "seq": numbers["seq"], "boot": numbers["boot_seq"], "tick": shown.get("tick")}


def _content(shown: Shown, layouts: dict[str, Layout]) -> Shown:
    if not shown["ok"]:
        return {"fault": shown["fault"], "size_bytes": int(shown["size_bytes"]), "raw": _hex(shown["raw"])}
    layout = layouts.get(shown["message"])
    if layout is None:
        return {"fields": {"body": _hex(shown.get("body", ""))}}
    return {"fields": _fields(shown, layout, snake(layout.name))}


def _fields(shown: Shown, layout: Layout, prefix: str) -> Shown:
    found = {field.name: _number(shown[f"{prefix}_{field.name}"], field.code) for field in layout.fields}
    tail = layout.tail
    if tail is None:
        return found
    if tail.item is None:
        return found | {tail.name: _hex(shown.get(f"{prefix}_{tail.name}", ""))}
    columns = [_several(shown.get(f"{prefix}_{tail.name}_{field.name}", [])) for field in tail.item.fields]
    items = [
        {field.name: _number(value, field.code) for field, value in zip(tail.item.fields, values, strict=True)}
        for values in zip(*columns, strict=True)
    ]
    count = int(shown[f"{prefix}_{tail.name}_count"])
    if count != len(items):
        raise RuntimeError(f"{layout.name}: {count} items announced, {len(items)} shown")
    return found | {tail.name: items}


def _number(value: str, code: str) -> int | str:
    return str(int(value, 0)) if code in "Qq" else int(value, 0)


def _hex(value: str) -> str:
    return value.replace(":", "")


def _several(value: Any) -> list[Any]:
    """Where there is one of a name, Wireshark writes no list."""
    return value if isinstance(value, list) else [value]
