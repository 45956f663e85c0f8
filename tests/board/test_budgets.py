"""What a board would carry: sizes, stack, no heap, no float, nothing of a 64-bit machine; printed, so that growth shows."""

import os
import platform
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from tests.board import bench, workshop
from tests.support import require

STATE_BYTES_MAX = 4_096
STACK_BYTES_MAX = 2_048
DEVICE_BYTES_MAX = 16_896
# What the host process or a board calls; everything a device does hangs below.
ENTRIES = ("pb_device_begin", "pb_device_push", "pb_device_work", "pb_device_pass")
CORE = ("wire", "pump", "facts")


def sources() -> list[Path]:
    return [path for folder in CORE for path in sorted((workshop.BOARD / folder).glob("*.c"))]


# Without floating-point registers no float can be computed; the call graph comes with the stack of each function.
PORTABLE = ("-mgeneral-regs-only", "-fcallgraph-info=su")


@cache
def objects(*flags: str) -> Path:
    """The portable part compiled with these flags on top, one object each, not linked."""
    require("gcc")
    folder = workshop.scratch() / flags[0].strip("-")
    folder.mkdir(exist_ok=True)

    def compile_one(source: Path) -> None:
        workshop.run("gcc", "-std=c11", "-O2", *flags, "-c", "-o", folder / f"{source.stem}.o", source)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, sources()))
    return folder


def test_state_and_device_keep_their_budgets() -> None:
    lib = bench.library().lib
    state, device = lib.pb_state_bytes(), lib.pb_device_bytes()
    print(f"pump state {state} of {STATE_BYTES_MAX} bytes, whole device {device} bytes")
    assert 3_685 < state <= STATE_BYTES_MAX
    assert state < device <= DEVICE_BYTES_MAX


def call_graph() -> tuple[dict[str, int], dict[str, set[str]]]:
    """Stack of each function, and whom it calls, from the compiler's own account of it.

    A table's functions are called by nobody's name: an indirect call may reach each of its file's that nobody names.
    """
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    for path in objects(*PORTABLE).glob("*.ci"):
        text = path.read_text().replace('"__indirect_call"', f'"{path.stem} table"')
        own = {title: int(size) for title, size in re.findall(r'node: {[^}]*?title: "([^"]+)"[^}]*?\\n(\d+) bytes', text)}
        edges = re.findall(r'edge: {[^}]*?sourcename: "([^"]+)" targetname: "([^"]+)"', text)
        for source, target in edges:
            calls.setdefault(source, set()).add(target)
        named = {target for _, target in edges}
        calls[f"{path.stem} table"] = {title for title in own if ":" in title and title not in named}
        frames |= own
    return frames, calls


Depth = tuple[int, tuple[str, ...]]


def deepest(name: str, frames: dict[str, int], calls: dict[str, set[str]], above: tuple[str, ...] = ()) -> Depth:
    """(bytes, path) of the deepest call chain from a function on. Recursion fails: its depth has no bound."""
    assert name not in above, f"recursion: {' > '.join((*above, name))}"
    below = max((deepest(one, frames, calls, (*above, name)) for one in calls.get(name, ())), default=(0, ()))
    # A call keeps its return address on the stack.
    return frames.get(name, 0) + below[0] + 8, (name.split(":")[-1], *below[1])


def test_worst_stack_keeps_its_budget_and_nothing_recurses() -> None:
    frames, calls = call_graph()
    worst, path = max(deepest(entry, frames, calls) for entry in ENTRIES)
    print(f"worst stack {worst} of {STACK_BYTES_MAX} bytes: {' > '.join(path)}")
    assert len(frames) > 200
    assert len(calls["requests table"]) >= 10
    assert len(calls["program_rules table"]) >= 20
    assert 0 < worst <= STACK_BYTES_MAX


def test_portable_part_computes_no_float_and_calls_no_library_but_memory() -> None:
    wanted: set[str] = set()
    defined: set[str] = set()
    for path in objects(*PORTABLE).glob("*.o"):
        for line in workshop.run("nm", path).stdout.decode().splitlines():
            kind, name = line.split()[-2:]
            (wanted if kind == "U" else defined).add(name)
    assert wanted - defined <= {"memcpy", "memmove", "memset", "memcmp", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}


WORD_FLAGS = ["-m32"] if platform.machine() == "x86_64" else []


@pytest.mark.parametrize("flag", WORD_FLAGS)
def test_portable_part_compiles_where_words_have_32_bits(flag: str, tmp_path: Path) -> None:
    # Freestanding: no C library of that width is needed, only the names of the four functions that boards bring.
    (tmp_path / "string.h").write_text(
        "#include <stddef.h>\nvoid *memcpy(void *, const void *, size_t);\nvoid *memmove(void *, const void *, size_t);\n"
        "void *memset(void *, int, size_t);\nint memcmp(const void *, const void *, size_t);\n"
    )
    folder = objects(flag, "-ffreestanding", f"-I{tmp_path}")
    assert len(list(folder.glob("*.o"))) == len(sources())


@pytest.mark.parametrize("other", [name for name in ("clang", "gcc-12", "gcc-13") if any(
    os.access(Path(folder) / name, os.X_OK) for folder in os.environ.get("PATH", "").split(os.pathsep))])  # fmt: skip
def test_firmware_builds_without_a_warning_with_another_compiler(other: str, tmp_path: Path) -> None:
    done = workshop.run(
        "make", "-s", "-j2", "-C", workshop.BOARD, "host", "lib", f"BUILD={tmp_path}", f"CC={other}", "WERROR=-Werror"
    )
    assert done.stderr == b""


def test_firmware_builds_without_a_warning(tmp_path: Path) -> None:
    require("make")
    done = workshop.run("make", "-s", "-j2", "-C", workshop.BOARD, "host", "lib", f"BUILD={tmp_path}", "WERROR=-Werror")
    assert done.stderr == b""
    assert (tmp_path / "libpumpbench.so").exists()
