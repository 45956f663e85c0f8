"""What the plugin loads, and when: whoever runs no pump test shall not notice it. Counted in modules, not in time."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.plugin.inner import Inner

pytest_plugins = ["pytester"]
OURS = {
    "pumpbench", "pumpbench.hil", "pumpbench.hil.plugin", "pumpbench.hil.plugin.fixtures", "pumpbench.hil.plugin.hooks",
    "pumpbench.hil.plugin.options",
}  # fmt: skip
LOADED = """
import sys, pytest
before = set(sys.modules)
import pumpbench.hil.plugin.hooks
print(*sorted(set(sys.modules) - before))
"""


def test_plugin_loads_itself_and_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == OURS


@pytest.mark.parametrize(
    "arguments", [(), ("--pump-seed=3",), ("--pump-inconclusive=skip",), ("--fixtures",), ("--markers",)], ids=str
)
def test_tests_without_a_pump_load_no_bench(inner: Callable[..., Inner], arguments: tuple[str, ...]) -> None:
    source = """
import sys
def test_plain():
    loaded = {name for name in sys.modules if name.partition(".")[0] in ("pumpbench", "numpy", "serial", "construct")}
    assert loaded == {OURS}, sorted(loaded - {OURS})
""".replace("{OURS}", repr(OURS))
    ended = inner(source, *arguments)
    assert ended.code == 0, ended.text


def test_help_tells_each_option_with_its_twin(inner: Callable[..., Inner]) -> None:
    told = inner("", "--help").text
    for flag in ("target", "capture-dir", "seed", "speed", "inconclusive"):
        assert f"--pump-{flag}=" in told
        assert f"PUMPBENCH_{flag.upper().replace('-', '_')};" in " ".join(told.split())


def test_every_name_of_the_plugin_begins_alike(inner: Callable[..., Inner]) -> None:
    told = inner("", "--fixtures", "-v").text
    section = told.partition("fixtures defined from pumpbench.hil.plugin.fixtures")[2].partition("fixtures defined from")[0]
    names = [line.split()[0] for line in section.splitlines() if line and line[0].isalpha() or line.startswith("_pump")]
    assert {"pump", "pump_bench", "pump_faults", "pump_target"} <= {name.strip() for name in names}
    assert all(name.removeprefix("_").startswith("pump") for name in names)
