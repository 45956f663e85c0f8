"""pymavlink v2 over the same 12 fields, by the code its own generator makes of them."""

import contextlib
import importlib.util
import io
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from pymavlink.generator import mavgen

from pumpbench.protocol.declare import layout_of
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second

DISTRIBUTION = "pymavlink"
MESSAGES = 10_000
MESSAGE_ID: Final = 40001
TYPES: Final = {"B": "uint8_t", "H": "uint16_t", "I": "uint32_t"}


def decode(setting: Setting, stack: ExitStack) -> Round:
    dialect = _dialect(setting.folder)
    messages = _messages(dialect, setting.count(MESSAGES))
    sender = dialect.MAVLink(None)
    chunks = payload.chunks([bytes(message.pack(sender)) for message in messages])

    def work() -> int:
        parser = dialect.MAVLink(None)
        parser.robust_parsing = True
        count = 0
        for chunk in chunks:
            count += len(parser.parse_buffer(chunk) or ())
        assert count == len(messages)
        return count

    return per_second(work)


def encode(setting: Setting, stack: ExitStack) -> Round:
    dialect = _dialect(setting.folder)
    messages, sender = _messages(dialect, setting.count(MESSAGES)), dialect.MAVLink(None)

    def work() -> int:
        for message in messages:
            message.pack(sender)
        return len(messages)

    return per_second(work)


def _messages(dialect: Any, count: int) -> list[Any]:
    return [dialect.MAVLink_telemetry_message(*values) for values in payload.telemetry_values(count)]


def _dialect(folder: Path) -> Any:
    definition, module = folder / "telemetry.xml", folder / "telemetry_dialect.py"
    definition.write_text(_definition())
    options = mavgen.Opts(str(module), wire_protocol="2.0", language="Python3", validate=False)
    with contextlib.redirect_stdout(io.StringIO()):
        mavgen.mavgen(options, [str(definition)])
    spec = importlib.util.spec_from_file_location("telemetry_dialect", module)
    assert spec is not None
    assert spec.loader is not None
    dialect = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dialect)
    return dialect


def _definition() -> str:
    fields = "".join(f'<field type="{TYPES[field.code]}" name="{field.name}">x</field>' for field in layout_of(Telemetry))
    message = f'<message id="{MESSAGE_ID}" name="TELEMETRY"><description>x</description>{fields}</message>'
    return f"<mavlink><version>3</version><dialect>0</dialect><messages>{message}</messages></mavlink>"
