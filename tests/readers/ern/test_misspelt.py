"""A slip in the name of an element that is asked for is one fault, and what stands beneath is read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.core.schema_fault import SchemaProblem
from tests.readers.ern.messages import GENUINE, GUIDE, changed, read

MISSPELT = SchemaProblem.MISSPELT


def misspelling(text: str, name: str, wrong: str) -> str:
    return re.sub(rf"<(/?){name}(?=[ >])", rf"<\1{wrong}", text)


@pytest.mark.parametrize("text", [GUIDE, GENUINE])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ReleaseList", "RelaseList"),
        ("ResourceList", "RessourceList"),
        ("GenreText", "Genretext"),
        ("ReleaseId", "RelaseId"),
        ("Release", "Relese"),
        ("SoundRecording", "SoundRecordng"),
        ("ISRC", "ISCR"),
        ("ISRC", "Isrc"),
        ("TitleText", "titletext"),
        ("DealList", "DealsList"),
        ("DealTerms", "DealTerm"),
        ("ReleaseDate", "RelaseDate"),
        ("ReleaseType", "ReleaseTyep"),
        ("Genre", "Gener"),
        ("File", "Fil"),
    ],
)
def test_a_slip_is_one_fault_and_changes_nothing_else(tmp_path: Path, text: str, name: str, wrong: str) -> None:
    bad = misspelling(text, name, wrong)
    lines = [number for number, line in enumerate(bad.splitlines(), start=1) for _ in re.findall(rf"<{wrong}\b", line)]

    message = read(tmp_path, bad)

    told = [(one.problem, one.line, one.element, one.expected, one.nearest) for one in message.schema_faults]
    assert told == [(MISSPELT, line, wrong, (name,), name) for line in lines]
    assert lines
    assert replace(message, schema_faults=()) == read(tmp_path, text)


@pytest.mark.parametrize(("barcode", "wrong"), [("UPC", "UCP"), ("EAN", "AEN"), ("UPC", "UPCs")])
def test_a_slip_in_the_guide_s_name_of_a_barcode_is_one_fault(tmp_path: Path, barcode: str, wrong: str) -> None:
    text = misspelling(GUIDE, "UPC", barcode)

    message = read(tmp_path, misspelling(text, barcode, wrong))

    assert [(one.problem, one.element, one.nearest) for one in message.schema_faults] == [(MISSPELT, wrong, barcode)]
    assert replace(message, schema_faults=()) == read(tmp_path, text)


@pytest.mark.parametrize("wrong", ["UIR", "IRU", "URIs"])
def test_a_slip_in_the_guide_s_name_of_a_file_s_place_is_one_fault_each(tmp_path: Path, wrong: str) -> None:
    message = read(tmp_path, misspelling(GUIDE, "URI", wrong))

    faults = [(one.problem, one.element, one.nearest) for one in message.schema_faults]
    assert faults == [(MISSPELT, wrong, "URI")] * GUIDE.count("<URI>")
    assert replace(message, schema_faults=()) == read(tmp_path, GUIDE)


@pytest.mark.parametrize(
    ("place", "second"),
    [("<ReleaseDate>", "<RelaseDate>2026-05-01</RelaseDate>"), ("<UPC>", "<UCP>5034567890123</UCP>")],
)
def test_what_stands_there_already_is_no_slip_of_the_guide(tmp_path: Path, place: str, second: str) -> None:
    message = read(tmp_path, changed(GUIDE, (place, second + place)))

    assert MISSPELT not in {fault.problem for fault in message.schema_faults}
    assert message.release_date == read(tmp_path, GUIDE).release_date


def test_a_slip_within_a_slip_is_told_too_and_read(tmp_path: Path) -> None:
    bad = misspelling(misspelling(GUIDE, "ReleaseList", "RelaseList"), "ReleaseId", "RelaseId")

    message = read(tmp_path, bad)

    assert [(one.problem, one.element) for one in message.schema_faults] == [
        (MISSPELT, "RelaseList"),
        (MISSPELT, "RelaseId"),
    ]
    assert replace(message, schema_faults=()) == read(tmp_path, GUIDE)


def test_no_element_is_taken_for_one_that_stands_there_already(tmp_path: Path) -> None:
    text = changed(GUIDE, ("<TitleText>My Album", "<TitelText>x</TitelText><TitleText>My Album"))

    message = read(tmp_path, text)

    assert [fault.problem for fault in message.schema_faults] == [SchemaProblem.UNEXPECTED_ELEMENT]
    assert message.releases[0].title == read(tmp_path, GUIDE).releases[0].title


def test_an_element_that_the_standard_knows_elsewhere_is_no_slip(tmp_path: Path) -> None:
    bad = misspelling(GUIDE, "SoundRecordingId", "SoundRecording")

    assert MISSPELT not in {fault.problem for fault in read(tmp_path, bad).schema_faults}
