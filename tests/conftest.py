"""How the suite runs: effort, seed, time limit, where the byproducts go. Holds no fixture of any room."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.requirements.outcomes import register
from tests.support import EFFORT, REQUIRED, ROOT, SEED, effort

SOAK_TIMEOUT_S = 3600

set_hypothesis_home_dir(ROOT / "build" / "hypothesis")
# No deadline: no test asserts a time, and a busy machine is no failure. The seed in the header replays every draw.
settings.register_profile(
    "pumpbench", deadline=None, max_examples=effort(100, 2000), database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("pumpbench")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Hands the one seed to hypothesis, gives the soak its longer limit, and keeps how each test ends."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(SEED)
    if EFFORT == "soak" and config.option.timeout is None:
        config.option.timeout = SOAK_TIMEOUT_S
    register(config)


def pytest_report_header() -> str:
    """The line that lets anyone run the same again."""
    return f"pumpbench: PUMPBENCH_EFFORT={EFFORT} PUMPBENCH_SEED={SEED} PUMPBENCH_REQUIRE={int(REQUIRED)}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves soak tests out of the gate, by name and with the line that runs them."""
    if EFFORT == "soak":
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="soak only: make soak"))
