"""What only judging the whole finds: times out of reach, keys without effect, programs that no pump accepts."""

import pytest

from pumpbench.hil.scenario.lint import lint
from tests.hil.scenario.documents import RIGHT, changed, line_of

BOLUS = 'bolus = { dose_ng = 10_000, duration = "10min" }'
DOSE = "dose_ng_per_day = 100_000"
SIMPLE = 'mode = "simple_continuous"\ndose_ng_per_day = 100_000'


def flex(count: int) -> str:
    steps = ", ".join(f'{{ start = "{hour:02}:00", dose_ng = 10_000 }}' for hour in range(count))
    return f'mode = "flex"\nflex = [{steps}]'


def test_right_scenario_has_no_problem_when_judged() -> None:
    assert lint(RIGHT, "right.toml") == []


@pytest.mark.parametrize(
    ("old", "new", "word", "words"),
    [
        (DOSE, "dose_ng_per_day = 13_000_000", "[step.program]", ["rate_too_high", "limit 24000000, value 26000000"]),
        (DOSE, "dose_ng_per_day = 1_000", "[step.program]", ["rate_too_low", "48000"]),
        (SIMPLE, flex(14), "[step.program]", ["flex_count", "limit 13, value 14"]),
        (DOSE, DOSE + "\ndose_limit_ng = 90_000", "[step.program]", ["dose_limit"]),
        (DOSE, DOSE + "\nsingle_dose_ng = 5", "[step.program]", ["field_unused"]),
        (DOSE, DOSE + "\nrate_check_nl_per_day = 5", "[step.program]", ["rate_mismatch"]),
        (DOSE, "dose_ng_per_day = 1_100_000", "[step.program]", ["needs_second_confirmation", "say confirm = true"]),
        (SIMPLE, 'mode = "simple_continuous"', "[step.program]", ["rate_too_low"]),
        ('at = "2d"', 'at = "8d"', 'at = "8d"', ["after the end", "7d"]),
        ("exactly = 1", 'by = "8d"', "[[expect]]", ["after the run"]),
        ('at = "end"', 'at = "8d"', "[[expect]]\nvalue", ["after the end"]),
        (BOLUS, "wait = 'x'\ntwice = true", "twice", ["no effect", "leave it out"]),
        (BOLUS, "reset = true\nreply = { mode = 1 }", "reply", ["no effect"]),
        (BOLUS, 'rotor = { fault = "stalled", run_count = 5 }', "rotor", ["no effect", "intermittent"]),
        (BOLUS, 'rotor = { fault = "intermittent", run_count = 5 }', "rotor", ["lacks miss_count"]),
        (BOLUS, 'field = { lag = "2h" }', "field", ["no effect"]),
        (BOLUS, "refill = { fill_nl = 30_000_000 }", "refill", ["more than the reservoir holds", "20000000"]),
        (BOLUS, "refill = { fill_nl = 1, untold = true, measured_nl = 5 }", "refill", ["no effect"]),
        (BOLUS, 'memory_flip = { place = "log", word = 400, mask = 1 }', "memory_flip", ["past the end"]),
        (BOLUS, BOLUS + "\nreply = { volum_nl = 5 }", "reply", ["did you mean volume_nl?"]),
        (BOLUS, 'subscribe = "1h"', '[[step]]\nat = "2d"', ["telemetry ends with the session"]),
        ('until = "7d"', 'until = "7d"\n[start]\nreservoir_nl = 30_000_000', "[start]", ["record_range"]),
    ],
)
def test_impossible_thing_gives_one_line_at_its_place(old: str, new: str, word: str, words: list[str]) -> None:
    document = changed(old, new)
    (found, *others) = lint(document, "bad.toml")
    assert not others
    assert all(one in str(found) for one in words), found
    assert found.line == line_of(word, document)


def test_refused_program_is_right_when_it_is_expected() -> None:
    document = changed('at = "1h"', 'at = "1h"\nrefused = "flex_count"', changed(SIMPLE, flex(14)))
    assert lint(document, "right.toml") == []


def test_dose_that_jumps_is_judged_against_the_program_before_it() -> None:
    second = '\n[[step]]\nat = "3d"\n[step.program]\nmode = "simple_continuous"\ndose_ng_per_day = 250_000\n'
    (found,) = lint(RIGHT + second, "bad.toml")
    assert "needs_second_confirmation" in str(found)
    assert lint(RIGHT + second + "confirm = true\n", "right.toml") == []


def test_program_that_was_not_committed_does_not_count_as_the_old_one() -> None:
    staged = (
        '\n[[step]]\nat = "2d 1h"\n[step.program]\nmode = "simple_continuous"\ndose_ng_per_day = 180_000\nfinish = "verify"\n'
    )
    second = '\n[[step]]\nat = "3d"\n[step.program]\nmode = "simple_continuous"\ndose_ng_per_day = 250_000\n'
    assert len(lint(RIGHT + staged + second, "bad.toml")) == 1
    committed = staged.replace('finish = "verify"\n', "")
    assert lint(RIGHT + committed + second, "right.toml") == []
