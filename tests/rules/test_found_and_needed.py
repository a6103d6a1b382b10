"""What was found and what is needed, over the examples of the whole catalogue: they never say the same thing."""

from __future__ import annotations

import re
from typing import Final

import pytest

from ingest.rulebook import Example, examples

SPELLING: Final = frozenset({"ERN-010", "PKG-005", "STY-040", "XML-035"})
"""Rules about capitals: what is needed differs from what was found in nothing else."""

FOLDERS: Final = frozenset({"PKG-024"})
"""The rule about a folder in a folder, which needs the outer one."""

FAULTY: Final = re.compile(r"\b(wrong|broken|faulty|emoji|symbols|mistake|twice|missing|not)\b", re.IGNORECASE)

BOTH: Final = sorted(code for code, one in examples().items() if one.found is not None and one.expected is not None)


def folded(words: str) -> str:
    return re.sub(r"[\s.,]", "", words).casefold()


def is_stated_backwards(example: Example) -> bool:
    """Whether the cure asks to write what was found, and not what is needed."""
    written = re.match(r"Write ([^,]+?)(?:,| into | as |\.|$)", example.fix)
    return written is not None and folded(written[1]) == folded(example.found or "") != folded(example.expected or "")


@pytest.mark.parametrize("code", BOTH)
def test_what_is_needed_is_not_what_was_found(code: str) -> None:
    example = examples()[code]

    assert example.found != example.expected
    if code not in SPELLING:
        assert folded(example.found or "") != folded(example.expected or "")


@pytest.mark.parametrize("code", BOTH)
def test_what_is_needed_is_no_piece_of_the_fault(code: str) -> None:
    """Where it is a piece of what was found, the cure asks for it: so it is not what has to go."""
    example = examples()[code]
    needed = example.expected or ""

    if code not in SPELLING | FOLDERS and len(needed) > 3 and folded(needed) in folded(example.found or ""):
        assert needed in example.fix


@pytest.mark.parametrize("code", sorted(examples()))
def test_what_is_needed_describes_no_fault(code: str) -> None:
    assert not FAULTY.search(examples()[code].expected or "")


@pytest.mark.parametrize("code", BOTH)
def test_the_cure_asks_for_what_is_needed(code: str) -> None:
    assert not is_stated_backwards(examples()[code])


@pytest.mark.parametrize("code", sorted(code for code, one in examples().items() if "Did you mean" in one.text))
def test_a_suggestion_is_what_is_needed_and_what_the_cure_writes(code: str) -> None:
    example = examples()[code]
    meant = re.search(r"Did you mean (.+?)\?", example.text)

    assert meant is not None
    assert meant[1] == example.expected
    assert meant[1] in example.fix


def test_the_checks_find_what_they_look_for() -> None:
    backwards = Example("", "Write Single into it.", "Single", "Album")
    assert is_stated_backwards(backwards)
    assert FAULTY.search("letters in a wrong encoding")
    assert folded("P N G.") == folded("png")
