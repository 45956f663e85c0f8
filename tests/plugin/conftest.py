"""Runs pytest inside a test, as a user would have it: in a process of its own, with nothing of this suite's settings."""

from collections.abc import Callable

import pytest

from tests.plugin.inner import Inner

INNER_TIMEOUT_S = 100


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Inner]:
    """`inner(source, *arguments)` writes one test file and runs pytest on it."""
    for name in ("TARGET", "SEED", "SPEED", "CAPTURE_DIR", "INCONCLUSIVE"):
        monkeypatch.delenv(f"PUMPBENCH_{name}", raising=False)

    def run(source: str, *arguments: str) -> Inner:
        pytester.makepyfile(test_inner=source)
        pytester.path.joinpath("junit.xml").unlink(missing_ok=True)
        options = ("-p", "no:cacheprovider", "--junitxml=junit.xml", "-rA", "-W", "error")
        return Inner(pytester, pytester.runpytest_subprocess(*options, *arguments, timeout=INNER_TIMEOUT_S))

    return run
