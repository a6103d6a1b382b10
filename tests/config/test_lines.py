"""On which line a TOML file sets a key, whatever its values look like."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.config.lines import line_of, lines_of


def test_lines_survive_everything_toml_can_write() -> None:
    text = "\n".join(
        [
            "# [no.table]",
            'a = "x # [b]" # = 1',
            "\"b.c\" = '''",
            "[c]",
            "d = 1''''",
            "[d . 'e f'] # comment",
            'g = { h = 1, "i\\u006a" = [1,',
            "  [2, { k = 3 }]], l.m = 1979-05-27 07:32:00Z }",
            "[[n]]",
            "o = 1.5",
            "[[n]]",
            "o = -inf",
            'p = """one \\""" two """""',
            "q = 1",
        ]
    )
    tomllib.loads(text)
    assert dict(lines_of(text)) == {
        ("a",): 2,
        ("b.c",): 3,
        ("d",): 6,
        ("d", "e f"): 6,
        ("d", "e f", "g"): 7,
        ("d", "e f", "g", "h"): 7,
        ("d", "e f", "g", "ij"): 7,
        ("d", "e f", "g", "ij", "0"): 7,
        ("d", "e f", "g", "ij", "1"): 8,
        ("d", "e f", "g", "ij", "1", "0"): 8,
        ("d", "e f", "g", "ij", "1", "1"): 8,
        ("d", "e f", "g", "ij", "1", "1", "k"): 8,
        ("d", "e f", "g", "l"): 8,
        ("d", "e f", "g", "l", "m"): 8,
        ("n",): 9,
        ("n", "0"): 9,
        ("n", "0", "o"): 10,
        ("n", "1"): 11,
        ("n", "1", "o"): 12,
        ("n", "1", "p"): 13,
        ("n", "1", "q"): 14,
    }


def test_a_key_that_is_not_in_the_file_has_the_line_of_its_table() -> None:
    lines = lines_of("[dsp.one]\nkind = 'directory'\n")
    assert line_of(lines, ("dsp", "one", "path")) == 1
    assert line_of(lines, ("sftp", "port")) is None


@pytest.mark.parametrize(
    "text", ["x = [", "x = [ }", "[", "x", "x =", 'x = "', "[[a]", "x = {", "= 1", "a.b = [[[", "[a.", "\n}"]
)
def test_half_a_file_has_no_lines_and_raises_nothing(text: str) -> None:
    assert lines_of(text) == {}


def test_lists_in_lists_without_end_raise_nothing() -> None:
    assert lines_of(f"x = {'[' * 5000}{']' * 5000}") == {}


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab1=.,[]{}\"'#\n "), max_size=30))
def test_no_text_at_all_makes_it_raise(text: str) -> None:
    lines = lines_of(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, st.booleans()), min_size=1, max_size=6))
def test_no_value_leads_a_key_to_another_line(values: list[tuple[str, bool]]) -> None:
    text, wanted = "", {}
    for number, (value, is_list) in enumerate(values):
        wanted[f"key{number}",] = text.count("\n") + 1
        quoted = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        text += f"key{number} = [\n{quoted}, # ]\n]\n" if is_list else f'key{number} = {quoted} # "\n'
    found = lines_of(text)
    assert {key: found[key] for key in wanted} == wanted
