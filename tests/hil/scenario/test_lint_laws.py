"""Whatever is wrong with a scenario, lint says it in lines and never fails itself."""

from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.scenario.generate import generate
from pumpbench.hil.scenario.lint import lint
from pumpbench.hil.scenario.shipped import scenario_text, shipped_names

NAMES = shipped_names()
WIDE_FLEX = '[{ start = "00:00", dose_ng = 4_294_967_295 }, { start = "12:00", dose_ng = 4_294_967_295 }]'
VALUES = (
    "0", "1", "-1", "4_294_967_295", "1.5", "true", "false", '""', '"x"', '"1d"', '"0s"', '"7mo"', '"25h"', '"12:30"',
    "2026-01-05", "[]", "{}", '"flex"', '"single_bolus"', '"motor_stall"', '["1d", "2d"]', WIDE_FLEX,
)  # fmt: skip


def changed_line(text: str, index: int, value: str | None) -> str:
    """One `key = value` line with another value, or without the line."""
    lines = text.splitlines()
    keyed = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    number = keyed[index % len(keyed)]
    if value is None:
        del lines[number]
    else:
        lines[number] = f"{lines[number].split(' = ')[0]} = {value}"
    return "\n".join(lines) + "\n"


@given(st.sampled_from(NAMES), st.integers(0, 10_000), st.one_of(st.none(), st.sampled_from(VALUES)))
def test_lint_says_single_lines_whatever_one_line_holds(name: str, index: int, value: str | None) -> None:
    text = changed_line(scenario_text(name)[0], index, value)
    for problem in lint(text, "bad.toml"):
        assert "\n" not in str(problem)
        assert 0 <= problem.line <= text.count("\n") + 1


@given(st.integers(0, 2**32), st.integers(0, 10_000), st.one_of(st.none(), st.sampled_from(VALUES)))
def test_lint_says_single_lines_whatever_a_drawn_scenario_becomes(seed: int, index: int, value: str | None) -> None:
    text = changed_line(generate(seed).text, index, value)
    for problem in lint(text, "bad.toml"):
        assert "\n" not in str(problem)


@given(st.text(max_size=200))
def test_lint_says_lines_whatever_the_text(text: str) -> None:
    assert all("\n" not in str(problem) for problem in lint(text, "bad.toml"))
    assert lint(text, "bad.toml"), "no such text is a scenario"
