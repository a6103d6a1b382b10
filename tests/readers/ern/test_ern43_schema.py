"""The schema of ERN 4.3, in which messages to DSPs are written: as its facts say, in two validators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

from ingest.host.data_files import data_dir
from tests.readers.ern.facts import Case, Facts, harness

NAMESPACE = "http://ddex.net/xml/ern/43"
SCHEMA = "ern43.xsd"
FACTS = Facts("ern43.txt", NAMESPACE, "allowed-values-43.txt")


REPEATED = ("DisplayCredits", "two DisplayCreditParty")
"""The one child that may come again although it is single: as that of the next round of a repeated sequence."""


def cases() -> list[Case]:
    return [case for name in FACTS.types for case in FACTS.cases(name) if (case.type, case.what) != REPEATED]


def test_the_facts_cover_the_whole_standard() -> None:
    assert (len(FACTS.types), len(FACTS.messages), len(FACTS.lists)) == (202, 2, 86)
    assert len(cases()) > 3000


def test_every_particle_attribute_and_value_is_judged_as_the_facts_say(tmp_path: Path) -> None:
    schema = etree.XMLSchema(file=str(harness(tmp_path, list(FACTS.types), SCHEMA, NAMESPACE)))
    wrong = [(case.type, case.what) for case in cases() if schema.validate(case.element) != case.allowed]
    assert wrong == []


def test_a_second_validator_agrees(tmp_path: Path) -> None:
    schema = xmlschema.XMLSchema(str(harness(tmp_path, list(FACTS.types), SCHEMA, NAMESPACE)))

    def accepts(case: Case) -> bool:
        errors: Any = schema.iter_errors(case.element)
        return all("IDREF" in str(error.reason) for error in errors)

    assert [(case.type, case.what) for case in cases() if accepts(case) != case.allowed] == []


def test_a_value_with_a_blank_is_one_value() -> None:
    assert "BoxedSet Classical" in FACTS.values("ReleaseProfileVariantVersionId")
    values = (data_dir("schemas") / "avs43.xsd").read_text("utf-8")
    assert '<xs:enumeration value="BoxedSet Classical"/>' in values
