"""Each defect of the host's side is caught by the test that is named for it, in a copy of the project."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.known_bad.host_defects import HOST_DEFECTS, HostDefect
from tests.known_bad.lanes import batched, begun, selected
from tests.support import ROOT
from tests.timelines.planting import Copy

PASSED, FAILED = 0, 1
"""Exit codes of pytest; others say that it never came to judge."""


Ended = tuple[int, str]
"""Exit code of pytest, and its words."""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[dict[HostDefect, Future[Ended]]]:
    """How the named test ended on each defect that was selected."""
    defects = selected(request, "defect", HOST_DEFECTS)
    with begun(batched(defects, 1), lambda batch: _ended(batch[0], tmp_path_factory.mktemp("host"))) as futures:
        yield futures


def _ended(defect: HostDefect, folder: Path) -> Ended:
    copy = Copy(folder)
    copy.plant(defect.plant)
    return _tests(folder, defect.test)


def _tests(folder: Path, *names: str) -> Ended:
    """Exit code of pytest on these tests with the rooms of the copy in `folder`, and its words."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-o", f"cache_dir={folder / 'cache'}", *names]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PUMPBENCH_EFFORT": "gate"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("defect", HOST_DEFECTS, ids=lambda defect: defect.name.replace(" ", "-"))
def test_host_defect_is_caught_by_the_test_that_is_named(defect: HostDefect, ended: dict[HostDefect, Future[Ended]]) -> None:
    code, said = ended[defect].result()
    print(f"{defect.name}: {defect.test}")
    assert code == FAILED, said


def test_named_tests_pass_on_a_copy_without_a_defect(tmp_path: Path) -> None:
    Copy(tmp_path)
    code, said = _tests(tmp_path, *sorted({defect.test for defect in HOST_DEFECTS}))
    assert code == PASSED, said
