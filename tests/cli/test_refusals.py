"""Every code of flow has its sentence on the command line, and every sentence finds its values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from ingest.cli.refusals import WORDS, words
from ingest.flow import errors
from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused

FLOW = Path(errors.__file__).parent
RAISED = {"NotFound", "Conflict", "Refused"}


def raised() -> Iterator[tuple[Code, set[str]]]:
    """The code and the names of the values of each error that is raised in flow."""
    for path in sorted(FLOW.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
                named = {keyword.arg for keyword in node.keywords if keyword.arg is not None}
                yield _coded(node, named)


def _coded(call: ast.Call, named: set[str]) -> tuple[Code, set[str]]:
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return Code(f"{first.value!s}-unknown"), named | {str(first.value)}
    assert isinstance(first, ast.Attribute), ast.unparse(call)
    return Code[first.attr], named


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_code_has_a_sentence_and_is_raised_somewhere() -> None:
    assert set(WORDS) == set(Code)
    assert {code for code, _ in raised()} == set(Code)


def test_every_error_brings_the_values_that_its_sentence_names() -> None:
    lacking = [(code, placeholders(WORDS[code]) - named) for code, named in raised()]
    assert [(code, names) for code, names in lacking if names] == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NotFound("package", 7), "there is no package 7; `ingest packages` lists them"),
        (NotFound("label", "nobody"), "there is no label 'nobody'; `ingest label list` lists them"),
        (
            NotFound("dsp", "gamma", known=("alpha", "beta")),
            "there is no DSP 'gamma' in the configuration; known: alpha, beta",
        ),
        (NotFound("dsp", "gamma", known=()), "there is no DSP 'gamma' in the configuration; known: none"),
        (
            Conflict(Code.NOT_IN_NEEDS_QC, package=7, status="Invalid", decision="approved"),
            "package 7 is Invalid; only a package in Needs QC can be approved",
        ),
        (Refused(Code.TEST_NEVER_APPROVED, package=7), "package 7 is a test; a test is never approved"),
        (
            Conflict(Code.NEWER_WENT_OUT, package=7, newer=9, status="QC Approved"),
            "package 9 of the same release is QC Approved and newer; approving package 7 would undo it",
        ),
        (Conflict(Code.FILES_CHANGED, package=7, changed="a.wav has"), "package 7 is on hold: a.wav has"),
        (
            Refused(Code.NO_DSP_AGREED, label="anna"),
            "no DSP is agreed with anna; name one with --dsp, or agree with `label dsps`",
        ),
        (
            Refused(Code.NOTHING_FOR_DSP, package=7, dsp="tube", reasons="the deal for track 1 has no UseType"),
            "there is nothing of package 7 to send to tube: the deal for track 1 has no UseType",
        ),
        (Refused(Code.NOTES_MISSING), "a rejection needs notes: the label must know what to fix"),
        (
            Conflict(Code.NOTHING_FAILED, package=7, status="Needs QC"),
            "package 7 is Needs QC and nothing of it failed through our fault",
        ),
        (NotFound("email", 7), "there is no email 7; `ingest emails` lists them"),
        (Conflict(Code.EMAIL_NOT_GIVEN_UP, email=7, state="sent"), "email 7 was not given up: it is sent"),
        (Conflict(Code.NO_EMAIL_GIVEN_UP), "no email was given up"),
        (
            Conflict(Code.PASSWORD_FORGOTTEN, email=7, label="anna"),
            "email 7 does not hold the password any more; `ingest label password anna` makes and sends a new one",
        ),
        (NotFound("track", 2, package=7), "package 7 has no track 2 that was measured"),
        (Conflict(Code.PACKAGE_UNREAD, package=7), "package 7 has not been read yet"),
        (Conflict(Code.FILES_REMOVED, package=7), "the files of package 7 have been removed"),
        (Conflict(Code.FILES_NOT_SHOWN, package=7, changed="a.wav has"), "package 7 is not shown: a.wav has"),
        (Refused(Code.PATH_REFUSED, reason="'..' is no path"), "'..' is no path"),
        (
            Refused(Code.TRACK_UNDRAWABLE, track=2, reason="it cannot be decoded"),
            "track 2 could not be drawn: it cannot be decoded",
        ),
        (Conflict(Code.LABEL_EXISTS, label="bob"), "there is a label bob already"),
        (
            Refused(Code.LABEL_NAME_REFUSED, label="Bob"),
            "a user name has lower-case letters, digits, - and _ only",
        ),
        (Refused(Code.ADDRESS_REFUSED, address="bob@"), "'bob@' is no email address"),
    ],
)
def test_the_sentences(error: CodedError, sentence: str) -> None:
    assert words(error) == sentence


def test_what_a_label_wrote_does_not_reach_the_terminal_as_it_is() -> None:
    error = Conflict(Code.FILES_CHANGED, package=7, changed="a\x1b[2J\n.wav")
    assert words(error) == "package 7 is on hold: a‹U+001B›[2J‹U+000A›.wav"
    assert words(NotFound("label", "\udcff")) == "there is no label '‹U+DCFF›'; `ingest label list` lists them"
