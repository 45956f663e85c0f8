"""The pins: versions inside the declared ranges, hashes, and nothing else."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.support import ROOT

PINNED = ("build.txt", "test.txt", "lint.txt", "bench.txt", "rigs.txt")
PIN = re.compile(r"[a-z0-9-]+==[\w.]+( ; [\w .'\"<>=!]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def pins(name: str) -> list[Requirement]:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    return [Requirement(line.removesuffix("\\")) for line in lines if PIN.fullmatch(line)]


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


@pytest.mark.parametrize("name", PINNED)
def test_pin_file_holds_names_versions_and_hashes_only(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    wrong = [f"{name}:{n}: {line}" for n, line in enumerate(lines, 1) if not (PIN.fullmatch(line) or HASH.fullmatch(line))]
    assert lines
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["test.txt", "bench.txt", "rigs.txt"])
def test_every_runtime_range_is_pinned_within_itself(name: str) -> None:
    versions = {(pin.name, str(pin.specifier).removeprefix("==")) for pin in pins(name)}
    wrong = [
        f"{name}: {need} is not pinned, or not within its range"
        for need in declared()
        if not any(pinned == need.name and need.specifier.contains(version) for pinned, version in versions)
    ]
    assert not wrong, "\n".join(wrong)


def test_one_version_is_pinned_wherever_a_package_appears() -> None:
    seen: dict[tuple[str, str], set[str]] = {}
    for name in PINNED:
        for pin in pins(name):
            seen.setdefault((pin.name, str(pin.marker or "")), set()).add(str(pin.specifier))
    wrong = [f"{package} {marker}: {versions}" for (package, marker), versions in seen.items() if len(versions) > 1]
    assert not wrong, "\n".join(wrong)
