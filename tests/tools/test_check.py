"""The verb `check`: what it prints, which code it ends with, and what a build server gets of it."""

import json
import signal
from collections.abc import Generator
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from pumpbench.hil.conformance import Check, Result, all_checks, judged, select
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.checking.junit import junit
from pumpbench.tools.checking.session import _run
from pumpbench.tools.checking.text import COLUMNS, Groups, told
from tests.support import require
from tests.tools.command import pumpbench, started

ONE = "session.retry-repeats-the-stored-reply"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--target", "emulator", "--only", ONE), 0, "PASS  the one check passed"),
        (("--target", "emulator", "--only", "reference.*"), 3, "no check was run"),
        (("--target", "emulator", "--only", "nothing.*"), 2, "nothing matched"),
        (("--target", "emulator", "--only", "session.retry-repeats-the-stored-repl"), 2, f"did you mean {ONE}?"),
        (("--target", "emulatr"), 2, "did you mean emulator?"),
        (("--target", "emulator", "--level", "L4"), 2, "'L4' is not one of"),
        (("--target", "emulator", "--seed", "x"), 2, "expected a whole number"),
        (("--target", "emulator", "--patience", "long"), 2, "expected a time such as"),
        (("--target", "emulator", "--only", ONE, "--junit", "no/where.xml"), 2, "no folder no"),
        (("--target", "serial:/dev/absent"), 4, "/dev/absent: no such port"),
    ],
)
def test_check_ends_with_the_code_of_the_table(words: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    done = pumpbench("check", *words, cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    if code == 2:
        assert done.stderr.count("\n") == 1, done.stderr


def test_check_prints_a_line_for_each_group_and_ends_with_what_to_type(tmp_path: Path) -> None:
    done = pumpbench("check", "--target", "emulator", "--only", "session.*", "--only", "identify.*", cwd=tmp_path)
    groups = [line.split()[0] for line in done.stdout.splitlines()]
    assert groups == ["identify", "session"]
    assert done.stderr.splitlines()[-1].split()[0] == "next"
    assert max(map(len, (*done.stdout.splitlines(), *done.stderr.splitlines()[:-1]))) <= COLUMNS


def test_check_that_is_interrupted_tells_what_it_found_so_far(tmp_path: Path) -> None:
    process = started(["check", "--target", "emulator", "--patience", "1h", "--seed", "2"], tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("identify")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "INTERRUPTED" in said
    assert "not run: interrupted" in said
    assert "passed" not in said.splitlines()[0]


def test_check_that_is_interrupted_is_no_pass_for_a_build_server() -> None:
    class Interrupted:
        def run(self, checks: tuple[Check, ...]) -> Generator[Result, None, None]:
            yield Result(checks[0], Verdict.PASS)
            raise KeyboardInterrupt

    checks = select("session.*")
    results, interrupted = _run(Interrupted(), checks, quiet=True)  # type: ignore[arg-type]
    assert (interrupted, [one.check for one in results]) == (True, list(checks))
    assert judged(results)[0] is Verdict.INCONCLUSIVE
    assert Xml.fromstring(junit("emulator", results))[0].get("errors") == str(len(checks) - 1)


def test_check_lists_every_check_with_its_fact_and_opens_nothing(tmp_path: Path) -> None:
    done = pumpbench("check", "--list", "--target", "serial:/dev/absent", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    listed = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert [line.partition(" ")[0] for line in listed] == [one.id for one in all_checks()]
    listing = json.loads(pumpbench("check", "--list", "--json", "--only", ONE, cwd=tmp_path).stdout)
    assert (listing["schema"], [one["id"] for one in listing["checks"]]) == ("pumpbench.check/1", [ONE])


def test_json_has_the_verdict_and_every_check(tmp_path: Path) -> None:
    done = pumpbench("check", "--target", "emulator", "--only", "session.*", "--level", "l0", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    said = {name: found[name] for name in ("schema", "verdict", "level", "claimed_level")}
    assert said == {"schema": "pumpbench.check/1", "verdict": "pass", "level": "l0", "claimed_level": "l3"}
    outcomes = {one["outcome"] for one in found["checks"]}
    assert outcomes == {"pass", "left out"}
    assert found["outcomes"] == {name: sum(one["outcome"] == name for one in found["checks"]) for name in outcomes}
    assert found["refusals"]["session_unknown"] > 0


def test_capture_holds_all_that_passed_and_replaces_nothing(tmp_path: Path) -> None:
    words = ("check", "--target", "emulator", "--only", ONE, "--capture", "one.pcapng")
    assert pumpbench(*words, cwd=tmp_path).returncode == 0
    decoded = pumpbench("decode", "one.pcapng", cwd=tmp_path)
    assert (decoded.returncode, "ReadStatus" in decoded.stdout) == (0, True), decoded.stderr
    again = pumpbench(*words, cwd=tmp_path)
    assert (again.returncode, "one.pcapng" in again.stderr) == (2, True)


def results() -> list[Result]:
    """One of each outcome, with texts that XML would rather not have."""
    check = select(ONE)[0]
    ugly = 'a < b & "c" \x00\x1b ]]> \ud800'
    failing = Result(check, Verdict.FAIL, ugly, ugly, "1", ugly, 7)
    return [Result(check, Verdict.PASS), failing, Result(check, Verdict.INCONCLUSIVE, ugly), Result(check, Verdict.ERROR, ugly),
            Result(check, None, ugly)]  # fmt: skip


def test_junit_that_cannot_be_written_is_told_before_any_check(tmp_path: Path) -> None:
    (tmp_path / "j.xml").mkdir()
    done = pumpbench("check", "--target", "emulator", "--only", ONE, "--junit", "j.xml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--junit j.xml: cannot be written" in done.stderr


def test_junit_is_well_formed_and_counts_as_a_build_server_does(tmp_path: Path) -> None:
    (suite,) = Xml.fromstring(junit("a<b", results()))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "1", "errors": "2", "skipped": "1"
    }  # fmt: skip
    kinds = [[child.tag for child in case] for case in suite.findall("testcase")]
    assert kinds == [[], ["failure"], ["error"], ["error"], ["skipped"]]
    assert suite.find("testcase/failure[@type='fail']") is not None
    require("cc")
    done = pumpbench("check", "--target", "emulator", "--only", ONE, "--junit", "j.xml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Xml.parse(tmp_path / "j.xml").getroot().tag == "testsuites"


def test_failing_check_is_told_in_full_within_80_columns() -> None:
    failing = results()[1]
    lines = [line for line in told(failing) if not line.startswith("\x1b")]
    said = "\n".join(lines)
    assert all(word in said for word in ("fact", "field", "expected", "got", "tick 7", failing.check.section))
    assert max(map(len, lines)) <= COLUMNS


def test_group_is_told_once_its_last_check_is_in() -> None:
    checks = select("session.*")[:2]
    groups = Groups(checks)
    assert groups.take(Result(checks[0], Verdict.PASS)) == []
    assert groups.take(Result(checks[1], None, "left out for the test")) == ["session         2 checks: 1 pass, 1 left out"]
