"""Where a setting comes from: flag, environment, project's file, user's file, default; and what a slip of the pen gets."""

from pathlib import Path

import pytest

from pumpbench.tools import settings
from pumpbench.tools.failure import Failed
from pumpbench.tools.running.plan import Flags, plan_of
from pumpbench.tools.target_choice import choose_target


def loaded(folder: Path, project: str = "", user: str = "", **environment: str) -> settings.Settings:
    (folder / "pumpbench.toml").write_text(project)
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "pumpbench.toml").write_text(user)
    return settings.load({"XDG_CONFIG_HOME": str(folder / "config"), **environment}, folder / "pumpbench.toml")


def test_nearest_place_decides_for_each_setting_alone(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "topology = 'local'\nspeed = 60\n", "topology = 'twin'\nspeed = 'max'\nseed = 7\n", PUMPBENCH_SPEED="real"
    )
    assert found.choose("speed", "5", "max") == ("5", "--speed")
    assert found.choose("speed", None, "max") == ("real", "PUMPBENCH_SPEED")
    assert found.choose("topology", None, "twin")[0] == "local"
    assert found.choose("seed", None, "1")[0] == "7"
    assert found.choose("out", None, "out") == ("out", "the default of --out")


def test_user_file_is_found_without_a_config_folder(tmp_path: Path) -> None:
    assert settings.user_file({"HOME": str(tmp_path)}) == tmp_path / ".config" / "pumpbench.toml"


@pytest.mark.parametrize(
    ("project", "environment", "said"),
    [
        ("tagret = 'x'\n", {}, "pumpbench.toml:1: unknown key 'tagret'; did you mean target?"),
        ("\nseed = 'x'\n", {}, "pumpbench.toml:2: seed = 'x'; expected a whole number"),
        ("seed = true\n", {}, "expected a whole number"),
        ("[target.a]\nurl = 'x'\nbuad = 1\n", {}, "pumpbench.toml:3: unknown key 'target.a.buad'; did you mean baud?"),
        ("[target.a]\nbaud = 1\n", {}, "pumpbench.toml:1: target.a: no url or serial"),
        ("[target.a]\nurl = 'x'\nbaud = true\n", {}, "target.a.baud = True; expected a whole number"),
        ("[target.a]\nurl = 'x'\nreconnect = 1\n", {}, "target.a.reconnect = 1; expected true or false"),
        ("[target.a]\nurl = 'x'\nflahser = 'y'\n", {}, "did you mean flasher?"),
        ("[target.native]\nurl = 'x'\n", {}, "has a meaning of its own"),
        ("[target]\na = 'x'\n", {}, "expected a table, [target.a] with a url"),
        ("[target]\ndefault = 3\n", {}, "target = 3; expected text"),
        ("target = \n", {}, "not TOML"),
        ("target = " + "[" * 5_000 + "]" * 5_000, {}, "beyond all measure"),
        ("seed = " + "9" * 5_000, {}, "beyond all measure"),
        ("", {"PUMPBENCH_TRAGET": "x"}, "unknown setting PUMPBENCH_TRAGET; did you mean PUMPBENCH_TARGET?"),
    ],
)
def test_slip_of_the_pen_is_said_in_one_line(project: str, environment: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(Failed) as problem:
        loaded(tmp_path, project, **environment)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)
    assert problem.value.exit_code == 2


def test_variables_of_the_test_suite_are_no_settings(tmp_path: Path) -> None:
    assert loaded(tmp_path, PUMPBENCH_EFFORT="soak", PUMPBENCH_REQUIRE="1").values == {}


def test_named_target_brings_its_port_and_its_baud_rate(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[target]\ndefault = 'bench1'\n[target.bench1]\nurl = '/dev/ttyACM7'\nbaud = 921600\n")
    chosen = choose_target(None, found, "native")
    assert (chosen.name, chosen.access.baud, chosen.chosen) == ("serial:/dev/ttyACM7", 921600, True)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("url = '/dev/ttyACM0'\nserial = '066BFF'", "serial:usb-serial:066BFF"),
        ("serial = '066BFF'", "serial:usb-serial:066BFF"),
        ("url = 'socket://127.0.0.1:7000'", "serial:socket://127.0.0.1:7000"),
        ("url = 'serial:/dev/ttyACM0'", "serial:/dev/ttyACM0"),
        ("url = 'qemu:microbit'", "qemu:microbit"),
        ("url = 'native'", "native"),
    ],
)
def test_named_target_opens_what_its_table_says(table: str, name: str, tmp_path: Path) -> None:
    assert choose_target("bench1", loaded(tmp_path, f"[target.bench1]\n{table}\n"), "native").name == name


def test_image_of_a_named_target_lies_beside_its_settings_file(tmp_path: Path) -> None:
    table = "url = 'qemu:microbit'\nimage = 'mine.elf'\nreconnect = false\n"
    access = choose_target("bench1", loaded(tmp_path, f"[target.bench1]\n{table}"), "native").access
    assert (access.image, access.reconnect) == (tmp_path / "mine.elf", False)


@pytest.mark.parametrize(("text", "wait_s"), [("10m", 600), ("90s", 90), ("1h 30min", 5400)])
def test_wait_is_read_as_people_write_it(text: str, wait_s: float, tmp_path: Path) -> None:
    found = loaded(tmp_path, "wait = '5s'\n")
    assert choose_target("native", found, "native").access.wait_s == 5
    assert choose_target("native", found.given("wait", text), "native").access.wait_s == wait_s


@pytest.mark.parametrize("text", ["10", "soon", "10x", "m", ""])
def test_wait_is_refused_when_it_is_no_time(text: str, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="--wait .*expected a time such as 30s, 10m or 1h"):
        choose_target("native", loaded(tmp_path).given("wait", text), "native")


def test_default_target_is_not_one_that_somebody_chose(tmp_path: Path) -> None:
    assert not choose_target(None, loaded(tmp_path), "native").chosen
    assert choose_target("native", loaded(tmp_path), "native").chosen
    assert choose_target(None, loaded(tmp_path, PUMPBENCH_TARGET="native"), "native").chosen


@pytest.mark.parametrize(("line", "flag", "follows"), [
    ("", None, True), ("rotor_follow = false\n", None, False), ("rotor_follow = false\n", True, True), ("", False, False),
])  # fmt: skip
def test_rotor_is_followed_unless_a_flag_or_a_file_says_no(line: str, flag: bool | None, follows: bool, tmp_path: Path) -> None:
    plan = plan_of(Flags(topology="controller", rotor_follow=flag), loaded(tmp_path, line))
    assert plan.rotor_follow is follows


def test_local_topology_runs_in_the_emulator_whatever_a_file_says(tmp_path: Path) -> None:
    found = loaded(tmp_path, "target = 'serial:/dev/absent'\n")
    assert plan_of(Flags(topology="local"), found).target.name == "emulator"
    assert plan_of(Flags(), found).target.name == "serial:/dev/absent"
