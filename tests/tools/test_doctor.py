"""What the doctor says of machines that lack something, each planted."""

import os
import shutil
import sys
import types
from pathlib import Path

import pytest

from pumpbench.hil.firmware import LIBRARY, PROCESS, SOURCES, build_folder, built
from pumpbench.tools import doctor
from tests.support import require


def firmware(folder: Path) -> tuple[Path, Path]:
    """A one-file stand-in for the firmware's Makefile, with the same two products."""
    sources, products = folder / "board", folder / "build"
    sources.mkdir()
    (sources / "source").write_text("x")
    (sources / "Makefile").write_text(f"$(BUILD)/{PROCESS} $(BUILD)/{LIBRARY}: source\n\ttouch $@\n")
    return sources, products


def test_findings_pair_every_fault_with_a_cure() -> None:
    found = doctor.findings()
    assert len(found) >= 11
    assert [finding for finding in found if finding.ok == bool(finding.cure)] == []


def test_findings_are_one_line_each() -> None:
    assert [finding for finding in doctor.findings() if "\n" in finding.what + finding.cure] == []


@pytest.mark.parametrize(("flag", "ok"), [(True, True), (False, False)])
def test_c_extension_names_the_loaded_build_of_a_library(flag: bool, ok: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("planted")
    monkeypatch.setattr(module, "_fast", flag, raising=False)
    monkeypatch.setitem(sys.modules, "planted", module)
    finding = doctor.c_extension("planted", "planted", "_fast")
    assert finding.ok == ok
    assert ("--no-cache-dir" in finding.cure) == (not ok)


def test_c_extension_finds_a_library_missing() -> None:
    finding = doctor.c_extension("planted", "planted_and_absent", "_fast")
    assert (finding.what, finding.ok) == ("planted is not installed", False)


def test_distribution_finds_a_library_missing() -> None:
    finding = doctor.distribution("planted-and-absent")
    assert not finding.ok
    assert finding.cure.endswith("pip install planted-and-absent")


def test_python_version_refuses_an_older_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert not doctor.python_version().ok


def test_virtual_environment_misses_one_when_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert doctor.virtual_environment().cure.startswith("make run")


def test_program_finds_a_compiler_with_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "planted-cc"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.program("planted-cc -m32", "").ok
    assert doctor.program("absent-cc", "apt install gcc") == ("absent-cc not found", False, "apt install gcc")


def test_native_build_is_missing_then_fresh_then_old(tmp_path: Path) -> None:
    require("make")
    sources, products = firmware(tmp_path)
    assert "not built" in doctor.native_build(sources, products).what
    products.mkdir()
    for name in (PROCESS, LIBRARY):
        (products / name).write_text("")
    assert doctor.native_build(sources, products).ok
    made_s = (products / PROCESS).stat().st_mtime
    os.utime(sources / "source", (made_s + 5, made_s + 5))
    assert "stale, older" in doctor.native_build(sources, products).what


def test_native_build_is_fresh_when_it_was_just_built() -> None:
    require("cc")
    require("make")
    built(PROCESS)
    found = doctor.native_build(SOURCES, build_folder())
    assert found.ok, found.what


def test_native_build_of_other_sources_is_stale_whatever_the_times_say(tmp_path: Path) -> None:
    require("cc")
    require("make")
    built(PROCESS)
    assert [finding.ok for finding in doctor.native_firmware(SOURCES, build_folder())] == [True, True]
    other = tmp_path / "board"
    shutil.copytree(SOURCES, other)
    with (other / "pump" / "plant.c").open("a") as file:
        file.write("/* older */\n")
    found = doctor.native_identity(other, build_folder())
    assert (found.ok, "is stale: build" in found.what) == (False, True)
    assert found.cure.startswith(f"touch {other}/Makefile && make")


def test_native_build_that_does_not_run_is_said(tmp_path: Path) -> None:
    (tmp_path / PROCESS).write_text("no program")
    found = doctor.native_identity(SOURCES, tmp_path)
    assert (found.ok, "native firmware does not run" in found.what) == (False, True)


def test_native_build_misses_sources_when_none_came_along(tmp_path: Path) -> None:
    assert not doctor.native_build(tmp_path, tmp_path).ok


def test_pty_passes_a_byte_here() -> None:
    require("pty")
    assert doctor.pty().ok


def test_pty_names_the_reason_when_none_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> tuple[int, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "openpty", refuse)
    assert doctor.pty() == ("no pty: No space left on device", False, "mount -t devpts devpts /dev/pts")


def test_serial_port_names_the_group_to_join_when_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = tmp_path / "ttyPlanted"
    port.write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    finding = doctor.serial_port(port)
    assert not finding.ok
    assert "sudo usermod -aG " in finding.cure
    assert doctor.serial_port(tmp_path / "gone").cure.startswith("sudo usermod -aG dialout")


def test_serial_port_is_well_when_it_may_be_opened(tmp_path: Path) -> None:
    port = tmp_path / "ttyPlanted"
    port.write_text("")
    assert doctor.serial_port(port).ok
