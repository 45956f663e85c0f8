"""An installed wheel: lives beside a project with its own `tools/` and `protocol/`, and brings its C sources and data."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT, require
from tests.tidy import sources

# They import what only the bench's own environment has.
PEERS = "pumpbench.tools.bench.peers."


def run(*command: str | Path, cwd: Path) -> str:
    """The output of a command that has to succeed, away from this checkout and its environment variables."""
    env = {"PATH": os.environ["PATH"], "HOME": str(cwd)}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline, from a copy of what git holds, so that no stray byproduct gets in."""
    require("git")
    folder = tmp_path_factory.mktemp("wheel")
    for path in sources.files():
        (folder / "source" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / "source" / path)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, "./source", cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch environment with the wheel in it; the libraries are those of this one, without its editable pumpbench."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    interpreter = folder / "bin" / "python"
    packages = Path(run(interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    run(sys.executable, "-m", "pip", "--python", interpreter, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return interpreter


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    """A rig's own repository, with top-level packages of the same names as our folders."""
    for name in (*sources.ROOMS, "fixtures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"MINE = {name!r}\n")
    return tmp_path


def test_wheel_installs_one_top_level_name_only(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pumpbench"}


def test_wheel_holds_every_module_and_every_c_source(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    travels = [path for path in sources.files() if path.parts[0] in (*sources.ROOMS, "fixtures") and path.suffix != ".sh"]
    missing = [str(path) for path in travels if f"pumpbench/{path}" not in held]
    assert not missing, "\n".join(missing)


def test_wheel_and_a_rig_with_the_same_folder_names_import_side_by_side(python: Path, rig: Path) -> None:
    code = """
from importlib import import_module
names = "protocol", "firmware_emu", "hil", "tools", "fixtures"
print(*(import_module(name).MINE for name in names))
print(*(import_module("pumpbench." + name).__file__ for name in names))
"""
    mine, installed = run(python, "-c", code, cwd=rig).splitlines()
    assert mine == "protocol firmware_emu hil tools fixtures"
    assert [Path(file).is_relative_to(python.parent.parent) for file in installed.split()] == [True] * 5


def test_wheel_reads_its_data_where_no_checkout_is(python: Path, rig: Path) -> None:
    code = "from importlib.resources import files; print((files('pumpbench.fixtures') / 'README.md').read_text())"
    assert run(python, "-c", code, cwd=rig).startswith("# Fixtures")


def test_installed_modules_import_every_one(python: Path, rig: Path) -> None:
    modules = [".".join(("pumpbench", *path.with_suffix("").parts)) for path in sources.python_in(*sources.ROOMS)]
    names = [name.removesuffix(".__init__") for name in modules if not name.endswith(".__main__") and not name.startswith(PEERS)]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(len(sys.argv) - 1)"
    assert int(run(python, "-c", code, *names, cwd=rig)) == len(names) > 0
