"""Knows on which line each key of a TOML file stands; it must not judge the file, which tomllib has read before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pumpbench.hil.scenario.problem import Path

_TOKEN = re.compile(
    r'(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{}=,.])|(?P<word>[^\s\[\]{}=,.\"'\#]+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int
    at: int


def key_lines(document: str) -> dict[Path, int]:
    """Path of each key, table and list item -> line from 1. Lists count from 0. The document must be valid TOML."""
    scan = _Scan(_tokens(document))
    scan.document()
    return scan.lines


def _tokens(document: str) -> list[_Token]:
    tokens, line = [], 1
    for hit in _TOKEN.finditer(document):
        kind = hit.lastgroup or ""
        if kind != "comment":
            tokens.append(_Token(kind, hit.group(), line, hit.start()))
        line += hit.group().count("\n")
    return tokens


class _Scan:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while self._skip_newlines():
            if self._is("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        opening = self._next()
        listed = self._is("[") and self.tokens[self.at].at == opening.at + 1
        if listed:
            self._next()
        path = self._resolved(self._key())
        for _ in range(2 if listed else 1):
            self._next()
        if listed:
            index = self.counts.get(path, 0)
            self.counts[path] = index + 1
            self.lines.setdefault(path, opening.line)
            path = (*path, index)
        self.lines.setdefault(path, opening.line)
        return path

    def _resolved(self, key: list[str]) -> Path:
        """A header below a list of tables means its newest table."""
        path: Path = ()
        for depth, part in enumerate(key):
            path = (*path, part)
            if path in self.counts and depth < len(key) - 1:
                path = (*path, self.counts[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line = self.tokens[self.at].line
        path = (*table, *self._key())
        self._next()
        for depth in range(len(table) + 1, len(path) + 1):
            self.lines.setdefault(path[:depth], line)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._is("["):
            self._list(path)
        elif self._is("{"):
            self._inline(path)
        else:
            while self.at < len(self.tokens) and self.tokens[self.at].kind != "newline" and not self._is(*",]}"):
                self._next()

    def _list(self, path: Path) -> None:
        self._next()
        index = 0
        while self._skip_newlines() and not self._is("]"):
            if self._is(","):
                self._next()
                continue
            self.lines[(*path, index)] = self.tokens[self.at].line
            self._value((*path, index))
            index += 1
        self._next()

    def _inline(self, path: Path) -> None:
        self._next()
        while self._skip_newlines() and not self._is("}"):
            if self._is(","):
                self._next()
            else:
                self._pair(path)
        self._next()

    def _key(self) -> list[str]:
        parts = [self._next().text.strip("\"'")]
        while self._is("."):
            self._next()
            parts.append(self._next().text.strip("\"'"))
        return parts

    def _is(self, *marks: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].kind == "mark" and self.tokens[self.at].text in marks

    def _next(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _skip_newlines(self) -> bool:
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "newline":
            self.at += 1
        return self.at < len(self.tokens)
