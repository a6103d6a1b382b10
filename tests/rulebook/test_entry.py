"""The examples that are told with a rule."""

from __future__ import annotations

import re
import string

import pytest

from ingest.rulebook import examples
from ingest.rulebook.entry import DEPENDS, facts_of
from ingest.rules import RULES
from tests.packages import UNBROKEN


def test_every_rule_has_an_example_or_a_reason_why_not() -> None:
    assert sorted([*examples(), *UNBROKEN]) == sorted(RULES), "run: make docs"


@pytest.mark.parametrize("code", sorted(examples()))
def test_an_example_is_a_sentence_of_its_rule_without_gaps(code: str) -> None:
    example = examples()[code]

    for words, template in ((example.text, RULES[code].text), (example.fix, RULES[code].fix)):
        pieces = [re.escape(literal) for literal, *_ in string.Formatter().parse(template)]
        assert re.fullmatch(".*".join(pieces) + ".*", words, re.DOTALL), words
    assert "/tmp" not in f"{example.text} {example.found} {example.expected}"


def test_a_cure_that_depends_on_the_fault_is_told_as_such() -> None:
    assert dict(facts_of(RULES["XML-001"]))["Fix"] == DEPENDS
    assert dict(facts_of(RULES["XML-002"]))["Fix"] == RULES["XML-002"].fix
