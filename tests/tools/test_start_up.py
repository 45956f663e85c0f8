"""What help may load: counted in modules, because a time would say more about the machine than about the code."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from pumpbench.tools import main
from tests.tools.command import environment, pumpbench

HEAVY = {"numpy", "rich", "construct", "serial", "usb", "crcmod", "cobs", "tomllib", "json", "subprocess", "ctypes", "asyncio"}
LOADED = """
import sys
from pumpbench.tools.main import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def loaded_by(*words: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", LOADED, *words], env=environment(), capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [("--help",), *((verb, "--help") for verb in main.VERBS if verb not in ("doctor",))])
def test_help_loads_nothing_heavy_and_no_pump(words: tuple[str, ...]) -> None:
    loaded = loaded_by(*words)
    assert "click" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    assert not {name for name in loaded if name.startswith(("pumpbench.firmware_emu", "pumpbench.protocol"))}


def test_decode_loads_construct_only_for_the_view_of_bytes(tmp_path: Path) -> None:
    (tmp_path / "frames").write_bytes(bytes.fromhex("00 01 01 01 00"))
    assert "construct" not in {name.partition(".")[0] for name in sys_modules_of(tmp_path, "decode", "frames")}
    assert "numpy" not in {name.partition(".")[0] for name in sys_modules_of(tmp_path, "decode", "frames", "--hex")}


def test_emulate_loads_the_pump_and_its_link_and_little_else() -> None:
    code = "import sys; from pumpbench.tools import serving, settings; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "pumpbench.firmware_emu.device" in loaded
    assert not {name.partition(".")[0] for name in loaded} & {"numpy", "rich", "construct", "usb", "tomllib", "subprocess"}
    assert not {name for name in loaded if name.startswith(("pumpbench.hil.rig", "pumpbench.hil.scenario"))}


def sys_modules_of(folder: Path, *words: str) -> set[str]:
    command = [sys.executable, "-c", LOADED, *words]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    return set(done.stderr.split())


def test_help_tells_each_verb_and_the_exit_codes(tmp_path: Path) -> None:
    printed = pumpbench("--help", cwd=tmp_path).stdout
    for verb, line in main.VERBS.items():
        assert re.search(rf"^  {verb} +{re.escape(line)}$", printed, re.MULTILINE)
    assert "130 interrupted" in printed


def test_help_of_each_verb_opens_with_the_line_that_lists_it() -> None:
    context = click.Context(main.pumpbench)
    for verb, line in main.VERBS.items():
        command = main.pumpbench.get_command(context, verb)
        assert command is not None
        assert command.help is not None
        assert command.help.startswith(line.partition(";")[0].removesuffix("."))


def test_each_verb_is_a_module_and_each_module_a_verb() -> None:
    folder = Path(main.__file__).parent / "verbs"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(main.VERBS)


def test_version_is_that_of_the_installed_package(tmp_path: Path) -> None:
    done = pumpbench("--version", cwd=tmp_path)
    assert re.fullmatch(r"pumpbench \d+\.\d+\.\d+\S*\n", done.stdout)
