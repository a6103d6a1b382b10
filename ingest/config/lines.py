"""The line on which a TOML file sets each of its keys, so that a mistake can be reported with its line.

`tomllib` parses the file and reports what is not TOML, but gives no lines: this module finds only those (TOML 1.0).
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from typing import Final

Key = tuple[str, ...]

_TOKEN: Final = re.compile(
    r'''
      (?P<string>"""(?:[^"\\]|\\.|"(?!""))*"""+ | \'\'\'(?:[^']|'(?!\'\'))*\'\'\'+
               | "(?:[^"\\\n]|\\.)*" | '[^'\n]*')
    | (?P<newline>\n)
    | (?P<space>[ \t\r]+ | \#[^\n]*)
    | (?P<bare>[A-Za-z0-9_+:-]+)
    | (?P<sign>.)
    ''',
    re.VERBOSE | re.DOTALL,
)


def lines_of(source: str) -> Mapping[Key, int]:
    """The line, from 1, of each table and key of a TOML document; elements of a list are keys `0`, `1`, …

    Never raises: the result is empty for text that is not TOML.
    """
    walk = _Walk(source)
    try:
        tomllib.loads(source)
        walk.document()
    except (ValueError, RecursionError):
        return {}
    return walk.lines


def line_of(lines: Mapping[Key, int], key: Key) -> int | None:
    """The line of `key`, else of the innermost table around it that the file sets; None when it sets none of them."""
    return next((lines[key[:depth]] for depth in range(len(key), 0, -1) if key[:depth] in lines), None)


class _Walk:
    """One pass over the tokens of a valid TOML document; collects `lines`."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Key, int] = {}
        self._tokens: list[tuple[str, str, int]] = []
        self._at = 0
        line = 1
        for match in _TOKEN.finditer(source):
            if match.lastgroup != "space":
                self._tokens.append((match.lastgroup or "", match.group(), line))
            line += match.group().count("\n")
        self._tokens.append(("end", "", line))

    def document(self) -> None:
        table: Key = ()
        while self._kind != "end":
            if self._kind == "newline":
                self._at += 1
            elif self._text == "[":
                table = self._header()
            else:
                self._pair(table)

    @property
    def _kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def _text(self) -> str:
        return self._tokens[self._at][1]

    @property
    def _line(self) -> int:
        return self._tokens[self._at][2]

    def _header(self) -> Key:
        """`[table]` or `[[array of tables]]`; each table of an array gets its index as the last part of its key."""
        line = self._line
        brackets = 0
        while self._text == "[":
            brackets += 1
            self._at += 1
        key = self._dotted()
        self._at += brackets
        self._mark((), key, line)
        if brackets == 2:
            number = sum(1 for known in self.lines if len(known) == len(key) + 1 and known[:-1] == key)
            key = (*key, str(number))
            self.lines[key] = line
        return key

    def _pair(self, table: Key) -> None:
        line = self._line
        key = self._dotted()
        self._at += 1  # the sign =
        self._mark(table, key, line)
        self._value(table + key)

    def _dotted(self) -> Key:
        parts = []
        while self._kind in ("bare", "string"):
            parts.append(_spelt(self._text) if self._kind == "string" else self._text)
            self._at += 1
            if self._text == ".":
                self._at += 1
        return tuple(parts)

    def _mark(self, table: Key, key: Key, line: int) -> None:
        for depth in range(1, len(key) + 1):
            self.lines.setdefault(table + key[:depth], line)

    def _value(self, key: Key) -> None:
        if self._text == "{":
            self._inside(key, "}")
        elif self._text == "[":
            self._inside(key, "]")
        else:
            while self._kind not in ("newline", "end") and self._text not in (",", "]", "}"):
                self._at += 1

    def _inside(self, key: Key, closing: str) -> None:
        """The pairs of an inline table or the elements of a list, up to the closing bracket."""
        self._at += 1
        number = 0
        while self._text != closing and self._kind != "end":
            if self._kind == "newline" or self._text == ",":
                self._at += 1
            elif closing == "}":
                self._pair(key)
            else:
                self.lines[(*key, str(number))] = self._line
                self._value((*key, str(number)))
                number += 1
        self._at += 1


def _spelt(quoted: str) -> str:
    """The text of a quoted key. Escapes in TOML's basic strings are those of Python, except `\\e`."""
    if quoted.startswith("'"):
        return quoted[1:-1]
    try:
        return str(ast.literal_eval(quoted))
    except (SyntaxError, ValueError):
        return quoted[1:-1]
