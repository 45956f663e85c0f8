"""Knows how a plain document is written as TOML; it must not know what it says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any


def to_toml(document: Mapping[str, Any]) -> str:
    """Text that tomllib reads back to an equal document. Values: str, int, bool, date, lists and dicts of these."""
    plain = {key: value for key, value in document.items() if not _is_table(value) and not _is_tables(value)}
    text = "".join(f"{key} = {_value(value)}\n" for key, value in plain.items())
    for key, value in document.items():
        if _is_table(value):
            text += f"\n[{key}]\n" + "".join(f"{_key(name)} = {_value(one)}\n" for name, one in value.items())
        elif _is_tables(value):
            for table in value:
                text += f"\n[[{key}]]\n" + "".join(f"{_key(name)} = {_value(one)}\n" for name, one in table.items())
    return text


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _value(name)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | datetime.date):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + " }" if value else "{}"
    return "[" + ", ".join(_value(one) for one in value) + "]"
