"""The generated files say what the declarations say: the C tables are compiled, printed and compared field by field."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from pumpbench.firmware_emu.battery_table import BATTERY_REST_MV
from pumpbench.protocol.layout import Layout, layout_of
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools import generate
from pumpbench.tools.generate import c_header, c_names, c_tables, facts, spec_md
from pumpbench.tools.generate.facts import FactError
from tests.protocol.samples import Bytes, Empty, Every, Floor, Grown, Step, Steps
from tests.support import ROOT, require

FACTS = ROOT / "hil" / "board" / "facts"
STRICT = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Wmissing-prototypes", "-Werror"]
DUMP = r"""
#include <inttypes.h>
#include <stdio.h>
#include "pb_facts.h"
static void dump(const pb_layout_t *one) {
    printf("L %u %u %u %u %u %u %u %u\n", one->number, one->channel, one->kind, one->replies, one->field_count,
           one->wire_bytes, one->tail_max, one->item ? one->item->wire_bytes : 0u);
    for (unsigned i = 0; i < one->field_count; i++) {
        const pb_field_t *f = &one->fields[i];
        printf("F %u %u %u %u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", f->wire, f->count, f->size, f->since, f->lo, f->hi,
               f->initial);
    }
}
int main(void) {
    for (unsigned i = 0; i < PB_MESSAGE_COUNT; i++) dump(&pb_messages[i]);
    for (unsigned i = 0; i < PB_SNAPSHOT_PART_COUNT; i++) dump(pb_snapshot_parts[i]);
    for (unsigned i = 0; i < PB_EVENT_FACT_COUNT; i++)
        printf("E %u %u\n", pb_event_facts[i].logged, pb_event_facts[i].checkpoint);
    for (unsigned i = 0; i < PB_BATTERY_TABLE_POINTS; i++) printf("B %u\n", pb_battery_rest_mv[i]);
    printf("S %u %u\n", PB_SCHEMA_ID, PB_SNAPSHOT_BYTES);
    return 0;
}
"""


def dump(facts_folder: Path, folder: Path) -> list[str]:
    """What a C program reads in the tables."""
    require("cc")
    (folder / "dump.c").write_text(DUMP)
    sources = [str(folder / "dump.c"), str(facts_folder / "pb_facts.c")]
    made = ["cc", *STRICT, f"-I{facts_folder}", *sources, "-o", str(folder / "dump")]
    built = subprocess.run(made, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return subprocess.run([folder / "dump"], check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return dump(FACTS, tmp_path_factory.mktemp("facts"))


def expected(layout: Layout) -> list[str]:
    tail, item = layout.tail, layout.tail.item if layout.tail else None
    channel, kind = (
        ("both", "therapy", "bench").index(layout.channel),
        ("request", "reply", "event", "item", "state").index(layout.kind),
    )
    counts = (
        f"{layout.replies or 0} {len(layout.fields)} {layout.size} {tail.count_max if tail else 0} {item.size if item else 0}"
    )
    lines = [f"L {layout.number} {channel} {kind} {counts}"]
    for field in layout.fields:
        words = field.shape == "blob" and field.count % 4 == 0
        size, count = (4, field.count // 4) if words else (field.width_bytes, field.count)
        hi = 2**32 - 1 if words else field.hi
        lines.append(f"F {field.offset} {count} {size} {field.since} {field.lo} {hi} {field.default or 0}")
    return lines


def test_c_tables_hold_every_layout(dumped: list[str]) -> None:
    told = [line for line in dumped if line[0] in "LF"]
    assert told == [line for layout in [*facts.messages(), *facts.digested_parts()] for line in expected(layout)]


def test_c_tables_hold_layouts_that_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layouts = [layout_of(cls) for cls in (Grown, Steps, Bytes, Empty, Floor)]
    monkeypatch.setattr(facts, "messages", lambda: layouts)
    monkeypatch.setattr(facts, "items", lambda: [layout_of(Step)])
    (tmp_path / "pb_facts.h").write_text(c_header.text())
    (tmp_path / "pb_facts.c").write_text(c_tables.text())
    told = [line for line in dump(tmp_path, tmp_path) if line[0] in "LF"]
    assert told == [line for layout in [*layouts, *facts.digested_parts()] for line in expected(layout)]


def test_signed_field_is_refused_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "messages", lambda: [layout_of(Every)])
    with pytest.raises(FactError, match="e: signed field; a signed quantity of the device is two fields"):
        c_header.text()


def test_c_tables_hold_events_battery_and_schema(dumped: list[str]) -> None:
    rows = [(int(fact.logged), int(fact.checkpoint)) if fact else (0, 0) for fact in facts.event_facts()]
    assert [line for line in dumped if line[0] == "E"] == [f"E {logged} {checkpoint}" for logged, checkpoint in rows]
    assert [line for line in dumped if line[0] == "B"] == [f"B {mv}" for mv in BATTERY_REST_MV]
    assert dumped[-1] == f"S {facts.state_schema_id()} {sum(layout.size for layout in facts.digested_parts())}"


def test_c_header_gives_each_name_once() -> None:
    names = [line.split()[1] for line in (FACTS / "pb_facts.h").read_text().splitlines() if line.startswith("#define")]
    assert len(set(names)) == len(names)


def test_c_header_names_every_message_and_code() -> None:
    header = (FACTS / "pb_facts.h").read_text()
    missing = [
        one.name
        for one in facts.messages()
        if f"#define PB_MSG_{c_names.snake(one.name).upper()} 0x{one.number:04X}u" not in header
    ]
    missing += [
        n for codes in facts.code_lists() for n, v in codes.members if f"{n.upper()} {c_names.literal(v)}\n" not in header
    ]
    assert missing == []


def test_wire_document_names_every_message_field_and_code() -> None:
    document = (ROOT / "protocol" / "SPEC.md").read_text()
    missing = [f"{one.name}.{f.name}" for one in facts.messages() for f in one.fields if f"| {f.name} |" not in document]
    missing += [one.name for one in facts.messages() if f"| {one.name} |" not in document]
    missing += [f"{codes.name}.{n}" for codes in facts.code_lists() for n, v in codes.members if f"{v} {n}" not in document]
    assert missing == []


def test_generator_leaves_the_prose_alone() -> None:
    document = f"before\n{spec_md.BEGIN}\nold words\n{spec_md.END}\nafter\n"
    made = spec_md.refreshed(document)
    assert made.startswith("before\n")
    assert made.endswith("\nafter\n")
    assert "old words" not in made
    assert spec_md.refreshed(made) == made


@pytest.mark.parametrize("document", ["", spec_md.BEGIN, spec_md.END + spec_md.BEGIN, 2 * (spec_md.BEGIN + spec_md.END)])
def test_generator_refuses_a_document_without_its_marks(document: str) -> None:
    with pytest.raises(FactError, match="SPEC.md: expected one"):
        spec_md.refreshed(document)


def test_generator_refuses_two_values_for_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "crc", SimpleNamespace(__name__="planted", TICK_MS=7))
    with pytest.raises(FactError, match="planted.TICK_MS = 7, but 100 elsewhere"):
        facts.numbers()


@pytest.mark.parametrize(("value", "text"), [(0, "0u"), (2**32 - 1, "4294967295u"), (2**32, "UINT64_C(4294967296)")])
def test_c_constant_is_unsigned(value: int, text: str) -> None:
    assert c_names.literal(value) == text


@pytest.mark.parametrize("value", [-1, 2**64])
def test_c_constant_that_does_not_exist_is_refused(value: int) -> None:
    with pytest.raises(FactError, match="no unsigned C constant"):
        c_names.literal(value)


def test_generated_text_is_the_same_each_time() -> None:
    assert generate.all_outputs() == generate.all_outputs()


def test_stale_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, text in generate.all_outputs().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.stale() == []
    (tmp_path / "hil/board/facts/pb_facts.c").write_text("edited")
    assert generate.stale() == generate.write() == [Path("hil/board/facts/pb_facts.c")]
    assert generate.stale() == []


def test_generator_says_so_outside_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    with pytest.raises(FactError, match="no checkout of the project"):
        generate.all_outputs()


def test_every_registered_message_is_a_fact() -> None:
    assert {layout.number for layout in facts.messages()} == {layout_of(cls).number for cls in REGISTRY}
