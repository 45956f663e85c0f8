"""The tables that both sides wrote by hand say the same: alarms with class and source, transitions of the therapy state."""

from pumpbench.firmware_emu.tables import export_tables
from tests.parity.sides import library


def test_tables_of_both_sides_are_equal() -> None:
    ours, theirs = export_tables(), library().tables()
    assert theirs["alarms"] == ours["alarms"]
    assert theirs["transitions"] == ours["transitions"]
    assert theirs.keys() == ours.keys()


def test_tables_of_both_sides_are_whole() -> None:
    for tables in (export_tables(), library().tables()):
        assert len(tables["alarms"]) == 9
        assert {name: len(row) for name, row in tables["transitions"].items()} == {
            "stop": 6,
            "resume": 6,
            "bolus": 6,
            "commit": 6,
        }
