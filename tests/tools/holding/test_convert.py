"""A converted capture says what `decode` says, in every format, whatever the capture holds."""

import base64
import csv
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mcap.reader import make_reader

from pumpbench.hil.capture import CaptureExists, CaptureWriter
from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.protocol.frame import device_frame, host_frame
from pumpbench.protocol.layout import Layout, layout_of
from pumpbench.protocol.messages import REGISTRY, FlexStep, Identify, StageFlex, Telemetry
from pumpbench.tools.converting import arrow_tables
from pumpbench.tools.converting import convert as converting
from pumpbench.tools.converting.convert import convert
from pumpbench.tools.decoding.show import show
from pumpbench.tools.failure import Failed
from tests.protocol.corpus import CASES
from tests.support import effort, rng
from tests.tools.holding.damages import KINDS

Line = dict[str, Any]
NAMES = [field.name for field in layout_of(Telemetry).fields]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every golden case on a line of its own: each message, each fault, types that are not known."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.pcapng"
    with CaptureWriter(path) as writer:
        for index, case in enumerate(case for case in CASES if case["from_device"] is not None):
            line = writer.add_line(f"case{index}")
            writer.line(line, INBOUND if case["from_device"] else OUTBOUND, 2**63 + index, bytes.fromhex(case["wire"]))
    return path


def decoded(path: Path, capsys: pytest.CaptureFixture[str]) -> list[Line]:
    capsys.readouterr()
    show(path, "ndjson", in_bytes=False)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def converted(path: Path, out: Path, **options: Any) -> Path:
    convert(path, out, options.get("form"), options.get("message"), force=True, in_json=False)
    return out


def from_ndjson(out: Path) -> list[Line]:
    return [json.loads(line) for line in out.read_text().splitlines()]


def from_csv(out: Path) -> list[Line]:
    with open(out, newline="") as file:
        return [line_of(row, fields_of_row(row)) for row in csv.DictReader(file)]


def from_arrow(out: Path) -> list[Line]:
    return [line_of(row, row.get(row["type"]) or {}) for row in pa.ipc.open_file(str(out)).read_all().to_pylist()]


def from_parquet(out: Path) -> list[Line]:
    return [line_of(row, row.get(row["type"]) or {}) for row in pq.read_table(out).to_pylist()]


def from_mcap(out: Path) -> list[Line]:
    with open(out, "rb") as file:
        found = [
            (m.sequence, c.topic.split("/"), m.log_time, json.loads(m.data)) for _, c, m in make_reader(file).iter_messages()
        ]
    lines = [mcap_line(topic, t_ns, said) for _, topic, t_ns, said in sorted(found, key=lambda one: one[0]) if topic[1] != "meta"]
    return lines


def mcap_line(topic: list[str], t_ns: int, said: Line) -> Line:
    row = {name: said.pop(f"header_{name}", None) for name in ("seq", "request_id", "session", "bench", "boot", "tick")}
    row |= {
        "t_ns": t_ns,
        "dir": topic[1],
        "ok": topic[2] != "bad",
        "type": said.get("type") if topic[2] in ("bad", "unknown") else topic[2],
    }
    for name in ("fault", "size_bytes", "raw", "body"):
        row[name] = said.get(name)
    row["raw"], row["body"] = ((None if text is None else base64.b64decode(text)) for text in (row["raw"], row["body"]))
    return line_of(row, {key: unpacked(topic[2], key, value) for key, value in said.items()})


def unpacked(name: str, key: str, value: Any) -> Any:
    return base64.b64decode(value) if name in ("SnapshotPage", "WriteSnapshot") and key == "data" else value


def fields_of_row(row: dict[str, str]) -> Line:
    own = {key.split(".")[1]: text for key, text in row.items() if key.startswith(f"{row['type']}.")}
    cls = next((cls for cls in REGISTRY if cls.__name__ == row["type"]), None)
    tail = layout_of(cls).tail if cls is not None else None
    return {
        key: (bytes.fromhex(text) if tail.item is None else json.loads(text)) if tail and key == tail.name else int(text)
        for key, text in own.items()
        if row["ok"] == "1"
    }


def line_of(row: Any, fields: Line) -> Line:
    """A row as a line of `decode`."""
    t_ns, tick = none_or(row["t_ns"]), none_or(row["tick"])
    line: Line = {
        "t_ns": None if t_ns is None else wide(t_ns),
        "dir": row["dir"],
        "ok": row["ok"] in (True, "1"),
        "type": row["type"] or None,
    }
    line |= {"seq": none_or(row["seq"]), "boot": none_or(row["boot"]), "tick": None if tick is None else wide(tick)}
    if not line["ok"]:
        return line | {"fault": row["fault"], "size_bytes": int(row["size_bytes"]), "raw": hexed(row["raw"])}
    cls = next((cls for cls in REGISTRY if cls.__name__ == line["type"]), None)
    return line | {"fields": {"body": hexed(row["body"])} if cls is None else typed(fields, layout_of(cls))}


def typed(fields: Line, layout: Layout) -> Line:
    made: Line = {f.name: wide(fields[f.name]) if f.code in "Qq" else fields[f.name] for f in layout.fields}
    if layout.tail is not None:
        end, item = fields[layout.tail.name], layout.tail.item
        made[layout.tail.name] = end.hex() if item is None else [typed({k: int(v) for k, v in one.items()}, item) for one in end]
    return made


def none_or(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


def hexed(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else value


BACK: dict[str, Callable[[Path], list[Line]]] = {
    "ndjson": from_ndjson, "csv": from_csv, "arrow": from_arrow, "parquet": from_parquet, "mcap": from_mcap,
}  # fmt: skip


@pytest.mark.parametrize("form", BACK)
def test_conversion_and_back_says_what_decode_says(
    form: str, corpus: Path, capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (corpus, capture):
        lines = decoded(path, capsys)
        assert len(lines) > 100
        assert BACK[form](converted(path, tmp_path / f"out.{form}")) == lines


@pytest.mark.parametrize("form", BACK)
def test_damaged_capture_is_converted_as_far_as_decode_reads_it(
    form: str, capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = rng(f"convert {form}")
    for kind in KINDS if effort(0, 1) else draw.sample(list(KINDS), 3):
        path = tmp_path / "broken.pcapng"
        path.write_bytes(KINDS[kind](capture.read_bytes(), draw))
        if path.read_bytes()[:4] == capture.read_bytes()[:4]:
            code = convert(path, tmp_path / f"out.{form}", None, None, force=True, in_json=False)
            assert BACK[form](tmp_path / f"out.{form}") == decoded(path, capsys)
            assert code == show(path, "ndjson", in_bytes=False)


@pytest.mark.parametrize("message", ["Telemetry", "Report", "Status", "RunTo", "Arm"])
def test_bulk_codec_and_python_give_one_table(
    message: str, capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fast = pq.read_table(converted(capture, tmp_path / "fast.parquet", message=message))
    monkeypatch.setattr(converting, "_library", lambda: None)
    slow = pq.read_table(converted(capture, tmp_path / "slow.parquet", message=message))
    assert fast.num_rows == sum(line["type"] == message for line in decoded(capture, capsys))
    assert fast.equals(slow)
    assert fast.schema.equals(slow.schema, check_metadata=True)


def test_table_of_one_message_has_its_tail(tmp_path: Path) -> None:
    steps = (FlexStep(start_minute=0, dose_ng=1000), FlexStep(start_minute=720, dose_ng=2000))
    (tmp_path / "bytes").write_bytes(host_frame(Identify(), 0, 1) + host_frame(StageFlex(schedule=1, steps=steps), 3, 4, 5))
    (row,) = pq.read_table(converted(tmp_path / "bytes", tmp_path / "out.parquet", message="StageFlex")).to_pylist()
    assert (row["t_ns"], row["header_seq"], row["schedule"]) == (None, 3, 1)
    assert row["steps"] == [{"start_minute": 0, "dose_ng": 1000}, {"start_minute": 720, "dose_ng": 2000}]


def test_columns_carry_unit_and_codes(capture: Path, tmp_path: Path) -> None:
    schema = pq.read_schema(converted(capture, tmp_path / "out.parquet", message="Telemetry"))
    assert schema.field("battery_mv").type == pa.uint16()
    assert schema.field("battery_mv").metadata[b"unit"] == b"mV"
    assert b"0=" in schema.field("therapy_state").metadata[b"codes"]


def test_schemas_of_a_log_are_objects_that_describe_each_message_in_it(capture: Path, tmp_path: Path) -> None:
    with open(converted(capture, tmp_path / "out.mcap"), "rb") as file:
        for schema, channel, message in make_reader(file).iter_messages():
            assert schema is not None
            assert (schema.encoding, channel.message_encoding) == ("jsonschema", "json")
            declared = json.loads(schema.data)
            assert declared["type"] == "object"
            assert json.loads(message.data).keys() <= declared["properties"].keys()


@pytest.mark.parametrize(
    ("out", "options", "said"),
    [
        ("out.xlsx", {}, "no format ends so; expected .parquet, .arrow, .csv"),
        ("out.csv", {"message": "Telemetri"}, r"no such message; did you mean Telemetry\?"),
    ],
)
def test_conversion_that_cannot_be_is_refused_and_leaves_nothing(
    out: str, options: dict[str, str], said: str, capture: Path, tmp_path: Path
) -> None:
    with pytest.raises(Failed, match=said):
        converted(capture, tmp_path / out, **options)
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_there_is_replaced_only_by_force(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(CaptureExists):
        convert(capture, tmp_path / "out.csv", None, None, force=False, in_json=False)
    assert (tmp_path / "out.csv").read_text() == "mine"


@pytest.mark.parametrize("form", ["parquet", "mcap"])
def test_missing_library_is_named_with_its_cure(
    form: str, capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")

    monkeypatch.setattr(converting, "_written", absent)
    with pytest.raises(Failed, match=r"takes pyarrow, which is not installed: pip install 'pumpbench\[convert\]'"):
        converted(capture, tmp_path / f"out.{form}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "parquet", "one", *(pytest.param(one, marks=pytest.mark.soak) for one in BACK)])
def test_conversion_takes_no_more_memory_for_a_longer_capture(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_tables, "BATCH_FRAMES", 500)
    # Whoever reads a larger piece at a time needs more of them to show that it is one piece.
    scale = 8 if form == "one" else 1
    peaks = [peak_of(tmp_path, form, scale * count) for count in (1_000, 1_000, effort(3_500, 100_000))]
    assert peaks[2] < peaks[1] * 1.5 + 100_000


def peak_of(folder: Path, form: str, count: int) -> int:
    path = folder / f"{count}.pcapng"
    if not path.exists():
        with CaptureWriter(path, buffered=True) as writer:
            line = writer.add_line("target")
            for at in range(count):
                frame = device_frame(Telemetry(**dict.fromkeys(NAMES, at % 200)), at & 0xFFFF, 0, 0, 1, at)
                writer.line(line, INBOUND, at, frame)
    tracemalloc.start()
    try:
        converted(path, folder / "out", form="parquet" if form == "one" else form, message="Telemetry" if form == "one" else None)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
