"""How a board is flashed: the command of each tool word by word, the UF2 blocks, and what goes wrong, in one line."""

import struct
from pathlib import Path

import pytest

from pumpbench.hil.errors import RigBroken, TargetUnknown
from pumpbench.hil.flashing import uf2
from pumpbench.hil.flashing.boards import BOARDS, physical_board
from pumpbench.hil.flashing.commands import FLASHERS, flash_command, reset_command
from pumpbench.hil.flashing.tool import ToolMissing, run_shell, run_tool

IMAGE = Path("a b/stm32f4.elf")


@pytest.mark.parametrize(
    ("flasher", "flashes", "resets"),
    [
        (
            "pyocd",
            ["pyocd", "flash", "--no-wait", "--target", "stm32f446retx", "--uid", "066BFF", "a b/stm32f4.elf"],
            ["pyocd", "reset", "--no-wait", "--target", "stm32f446retx", "--uid", "066BFF"],
        ),
        (
            "openocd",
            ["openocd", "-f", "board/st_nucleo_f4.cfg", "-c", "adapter serial 066BFF", "-c",
             "program {a b/stm32f4.elf} verify reset exit"],
            ["openocd", "-f", "board/st_nucleo_f4.cfg", "-c", "adapter serial 066BFF", "-c", "init; reset run; exit"],
        ),
        (
            "st-flash",
            ["st-flash", "--serial", "066BFF", "--reset", "write", "a b/stm32f4.bin", "0x08000000"],
            ["st-flash", "--serial", "066BFF", "reset"],
        ),
    ],
)  # fmt: skip
def test_tool_is_told_board_and_image(flasher: str, flashes: list[str], resets: list[str]) -> None:
    board = BOARDS["nucleo_f446re"]
    assert flash_command(flasher, board, "066BFF", IMAGE, "bench1") == flashes
    assert reset_command(flasher, board, "066BFF", "bench1") == resets


@pytest.mark.parametrize("flasher", FLASHERS)
def test_tool_chooses_the_board_itself_when_no_serial_is_known(flasher: str) -> None:
    words = " ".join(flash_command(flasher, BOARDS["nucleo_f446re"], "", IMAGE, "bench1"))
    assert "serial" not in words
    assert "--uid" not in words


@pytest.mark.parametrize(
    ("flasher", "board", "told"),
    [
        ("st-flash", "microbit", 'st-flash knows STM32 boards only; choose flasher = "pyocd"'),
        ("pyocd", "lm3s6965evb", 'pyOCD does not know this board; choose flasher = "openocd"'),
        ("openocd", "pico", 'choose flasher = "uf2"'),
        ("jlink", "microbit", "bench1: flasher 'jlink' is not known; choose one of pyocd, openocd, st-flash, uf2"),
    ],
)
def test_tool_that_cannot_is_refused_with_one_that_can(flasher: str, board: str, told: str) -> None:
    with pytest.raises(TargetUnknown) as caught:
        flash_command(flasher, BOARDS[board], "", IMAGE, "bench1")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nucleo_f446er", "did you mean nucleo_f446re?"),
        ("", "no board named; add board ="),
        ("x", "expected one of nucleo_f446re"),
    ],
)
def test_board_is_refused_with_those_there_are(name: str, told: str) -> None:
    with pytest.raises(TargetUnknown) as caught:
        physical_board(name, "bench1")
    assert told in str(caught.value)


def test_every_board_can_be_flashed_by_its_own_tool() -> None:
    for board in BOARDS.values():
        if board.flasher == "uf2":
            assert board.uf2_label
            assert board.uf2_address
        else:
            assert flash_command(board.flasher, board, "", IMAGE, "any")[0] == board.flasher


def test_missing_tool_is_missed_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="bench1: no st-flash here; apt install stlink-tools"):
        run_tool(["st-flash", "reset"], "bench1")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("echo fine; exit 3", r"ended with 3 \(fine\)"),
        ("echo Error: no adapter; echo more; exit 1", r"ended with 1 \(Error: no adapter\)"),
        ("exit 1", "it said nothing"),
    ],
)
def test_failing_tool_is_told_by_its_own_words(line: str, told: str) -> None:
    with pytest.raises(RigBroken, match=told):
        run_shell(line, "bench1")


def test_tool_that_does_not_end_is_ended() -> None:
    with pytest.raises(RigBroken, match=r"did not end in 0\.05 s"):
        run_shell("read forever < /dev/zero", "bench1", timeout_s=0.05)


def test_uf2_blocks_hold_the_image_at_its_addresses() -> None:
    image = bytes(range(256)) * 2 + b"end"
    blocks = uf2.uf2_of(image, 0x2000_0000)
    assert len(blocks) == 3 * 512
    held = b""
    for index in range(3):
        block = blocks[512 * index : 512 * index + 512]
        first, second, flags, address, size, number, count, family = struct.unpack_from("<8I", block)
        assert (first, second, block[-4:]) == (0x0A324655, 0x9E5D5157, struct.pack("<I", 0x0AB16F30))
        assert (flags, address, size, number, count) == (0x2000, 0x2000_0000 + 256 * index, 256, index, 3)
        assert family == 0xE48BFF56
        held += block[32 : 32 + size]
    assert held.rstrip(b"\0") == image.rstrip(b"\0")


def mounts(folder: Path, *drives: str) -> Path:
    """A table of mounts that has these drives, each with the file that makes it one of UF2."""
    for drive in drives:
        (folder / drive).mkdir(parents=True)
        (folder / drive / uf2.INFO).write_text("")
    path = folder / "mounts"
    places = [str(folder / drive).replace(" ", "\\040") for drive in drives]
    path.write_text("".join(f"/dev/sda1 {place} vfat rw\n" for place in places))
    return path


def test_uf2_drive_is_found_by_its_label(tmp_path: Path) -> None:
    found = uf2.drive_of("RPI-RP2", "pico", mounts(tmp_path, "a user/RPI-RP2", "a user/OTHER"))
    assert found == tmp_path / "a user" / "RPI-RP2"
    uf2.write_to(found, "rp2040.uf2", b"blocks")
    assert (found / "rp2040.uf2").read_bytes() == b"blocks"


@pytest.mark.parametrize(("drives", "told"), [((), "no drive called RPI-RP2"), (("a/RPI-RP2", "b/RPI-RP2"), "2 drives called")])
def test_uf2_drive_is_missed_when_there_is_not_just_one(drives: tuple[str, ...], told: str, tmp_path: Path) -> None:
    with pytest.raises(RigBroken, match=f"{told}.*BOOTSEL"):
        uf2.drive_of("RPI-RP2", "pico", mounts(tmp_path, *drives))


def test_uf2_drive_that_is_gone_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(RigBroken, match="cannot be copied"):
        uf2.write_to(tmp_path / "gone", "rp2040.uf2", b"")
