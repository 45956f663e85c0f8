"""The images for boards: built clean, small enough, without heap or float, each with an id of its own; no board runs here."""

import os
import shutil
import struct
import subprocess
from functools import cache
from pathlib import Path

import pytest

from pumpbench.protocol.crc import crc32c
from tests.board import workshop
from tests.board.images import FAMILIES, image, sizes, symbols
from tests.support import effort, require

SHARED = workshop.BOARD / "bsp" / "cortex_m"
SIZES = workshop.BOARD / "bsp" / "sizes.awk"
JOURNAL = SHARED / "nvm_flash.c"

every_family = pytest.mark.parametrize("family", FAMILIES)


def test_firmware_builds_for_every_family_without_a_warning(tmp_path: Path) -> None:
    require("arm")
    done = workshop.run("make", "-s", "-j2", "-C", workshop.BOARD, "firmware", f"BUILD={tmp_path}", "WERROR=-Werror")
    assert done.stderr == b""
    made = {path.name for path in (tmp_path / "firmware").glob("*.*")}
    assert made == {f"{family}.{kind}" for family in FAMILIES for kind in ("elf", "hex", "bin")} | {"rp2040.uf2"}


@every_family
def test_image_has_room_for_its_worst_stack(family: str) -> None:
    found = sizes(family)
    print(found[0])
    worst, room = int(found[4]), int(found[5])
    assert 1_000 < worst <= room
    assert found[6].startswith("core_start > core_main > ")


@every_family
def test_image_holds_neither_heap_nor_float(family: str) -> None:
    names = {line.split()[-1] for line in symbols(family)}
    assert not names & {"malloc", "free", "_malloc_r", "_sbrk", "__aeabi_dadd", "__aeabi_fadd", "__aeabi_dmul", "__aeabi_fmul"}
    assert {"core_main", "pb_tick"} <= names


def test_families_have_ids_of_their_own() -> None:
    ids = set()
    for family in FAMILIES:
        place = next(line for line in symbols(family) if line.endswith(" pb_build_id_value"))
        data = workshop.run("arm-none-eabi-objdump", "-s", f"--start-address=0x{place.split()[0]}",
                            f"--stop-address={int(place.split()[0], 16) + 8:#x}", image(family)).stdout.decode()  # fmt: skip
        ids.add(data.splitlines()[-1].split(maxsplit=1)[1][:17])
    assert len(ids) == len(FAMILIES)


def test_pico_file_holds_the_image_block_by_block() -> None:
    folder = image("rp2040").parent
    binary, blocks = (folder / "rp2040.bin").read_bytes(), (folder / "rp2040.uf2").read_bytes()
    count = -(-len(binary) // 256)
    assert len(blocks) == 512 * count
    held = b""
    for index in range(count):
        block = blocks[512 * index : 512 * (index + 1)]
        assert struct.unpack("<8I", block[:32]) == (
            0x0A324655, 0x9E5D5157, 0x2000, 0x2000_0000 + 256 * index, 256, index, count, 0xE48BFF56)  # fmt: skip
        assert block[-4:] == bytes.fromhex("306fb10a")
        held += block[32:288]
    assert held == binary.ljust(256 * count, b"\0")


def test_pico_image_starts_at_its_first_byte_and_has_its_vectors_behind() -> None:
    image_bytes = (image("rp2040").parent / "rp2040.bin").read_bytes()
    stack, start = struct.unpack_from("<2I", image_bytes, 256)
    place = next(int(line.split()[0], 16) for line in symbols("rp2040") if line.endswith(" core_start"))
    assert (stack, start) == (0x2004_0000, place | 1)
    # ldr r0, of the address of the vectors
    literal = 4 * image_bytes[0] + 4
    assert image_bytes[1] == 0x48
    assert struct.unpack_from("<I", image_bytes, literal)[0] == 0x2000_0100


@pytest.mark.parametrize("family", ["stm32f4", "mps2", "nrf51", "lm3s", "nrf52840"])
def test_flash_image_begins_with_its_vectors(family: str) -> None:
    stack, start = struct.unpack_from("<2I", (image(family).parent / f"{family}.bin").read_bytes())
    places = {line.split()[-1]: int(line.split()[0], 16) for line in symbols(family)}
    assert (stack, start) == (places["ld_stack_top"], places["core_start"] | 1)


def test_image_is_newer_than_every_source_once_it_is_made() -> None:
    made = workshop.made("host") / "pumpbench-native"
    newest = max(one.stat().st_mtime_ns for kind in ("*.c", "*.h", "*.ld") for one in workshop.BOARD.rglob(kind))
    assert made.stat().st_mtime_ns >= newest
    assert image("mps2").stat().st_mtime_ns >= newest


def graph(stack_bytes: int, *calls: str) -> bytes:
    """What sizes.awk reads of an image with 0x100 bytes of stack, whose functions have `stack_bytes` each."""
    names = sorted({name for call in calls for name in call.split(">")} | {"hal_uart_isr", "hal_wake_isr"})
    lines = ["   text\t   data", "  10\t  20\t  30\t  60\t  3c\tx.elf", "20000100 A ld_stack_top", "20000000 B ld_stack_end"]
    lines += ['graph: { title: "x.c"']
    lines += [f'node: {{ title: "{name}" label: "{name}\\nx.c:1:1\\n{stack_bytes} bytes (static)" }}' for name in names]
    for call in calls:
        source, target = call.split(">")
        lines.append(f'edge: {{ sourcename: "{source}" targetname: "{target}" label: "x.c:1:1" }}')
    return "\n".join([*lines, "}", ""]).encode()


@pytest.mark.parametrize(
    ("stack_bytes", "calls", "told"),
    [
        (8, ("core_start>core_main", "core_main>a"), ""),
        (40, ("core_start>core_main", "core_main>a"), "the stack does not fit"),
        (8, ("core_start>core_main", "core_main>a", "a>core_main"), "recursion at core_main"),
        (8, ("core_start>other",), "the stack does not fit"),
    ],
)
def test_sizes_judge_a_known_image(stack_bytes: int, calls: tuple[str, ...], told: str) -> None:
    done = subprocess.run(
        ["awk", "-v", "family=x", "-f", SIZES], input=graph(stack_bytes, *calls), capture_output=True, check=False
    )
    assert done.returncode == (1 if told else 0)
    assert told in done.stderr.decode()


@cache
def journal_check(source: Path) -> Path:
    """nvm_check.c over a flash journal, sanitized."""
    program = workshop.scratch() / f"nvm_check_{crc32c(source.read_bytes()):08x}"
    flags: list[str | Path] = ["-std=c11", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-I", SHARED, "-I",
             workshop.BOARD / "bsp" / "nrf51", f"-iquote{SHARED}"]  # fmt: skip
    ours = [Path(__file__).with_name("nvm_check.c"), workshop.BOARD / "wire" / "crc32c.c"]
    workshop.run(*workshop.compiler(), *flags, "-o", program, source, *ours)
    return program


def test_flash_journal_leaves_a_word_old_or_new_at_every_cut() -> None:
    # Enough changes to rewrite the journal once and more.
    for seed in range(effort(1, 20)):
        tried = int(workshop.run(journal_check(JOURNAL), str(seed), "2500", "1").stdout)
        print(f"{tried} cuts with seed {seed}")
        assert tried > 4_000


TAGGED = "    hal_flash_write(at(which, index + 1), tag(address, word));\n"
EMPTIED = "    record_count = 0;\n    for (uint16_t i"
SEALED = """    area_seq++;
    hal_flash_write(at(next, 0), area_seq);
    hal_flash_write(at(next, 1), area_seq ^ SEAL_MAGIC);
"""


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        pytest.param(TAGGED, "", id="no tag"),
        pytest.param(EMPTIED, f"{SEALED}    area_seq--;\n{EMPTIED}", id="sealed before it is written"),
        pytest.param("next = (uint8_t)(1u - area);", "next = area;", id="rewritten in place"),
    ],
)
def test_flash_journal_check_catches_a_planted_fault(good: str, bad: str, tmp_path: Path) -> None:
    source = JOURNAL.read_text()
    assert source.count(good) == 1
    folder = tmp_path / "planted" / "board" / "cortex_m"
    shutil.copytree(SHARED, folder)
    planted = folder / "nvm_flash.c"
    planted.write_text(source.replace(good, bad).replace("../../", f"{workshop.BOARD}/"))
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([journal_check(planted), "1", "2500", "1"], capture_output=True, check=False, env=environment)
    assert done.returncode == 1
    assert b"cut at flash change" in done.stdout
