"""The schema files say what the facts say: every particle, attribute and value, both ways, in two validators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree

from ingest.host.data_files import data_dir
from tests.readers.ern.facts import Case, Facts, harness, make_schema
from tests.readers.ern.messages import GENUINE

FILES = ("ern382.xsd", "ern43.xsd", "choreography.xsd", "avs.xsd", "avs43.xsd")


def test_the_schema_files_are_what_their_generator_writes() -> None:
    written = {name: (data_dir("schemas") / name).read_text("utf-8") for name in FILES}
    assert make_schema().schemas() == written


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="module")
def cases(facts: Facts) -> list[Case]:
    return [case for name in facts.types for case in facts.cases(name)]


@pytest.fixture(scope="module")
def schema_path(facts: Facts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return harness(tmp_path_factory.mktemp("schema"), list(facts.types))


def test_the_facts_cover_the_whole_standard(facts: Facts, cases: list[Case]) -> None:
    assert (len(facts.types), len(facts.messages), len(facts.lists)) == (209, 3, 94)
    assert {case.type for case in cases} == set(facts.types)
    assert len(cases) > 3800


def test_every_particle_and_attribute_is_accepted_and_rejected_as_the_facts_say(
    cases: list[Case], schema_path: Path
) -> None:
    schema = etree.XMLSchema(file=str(schema_path))
    wrong = [(case.type, case.what) for case in cases if schema.validate(case.element) != case.allowed]
    assert wrong == []


def test_a_second_validator_agrees(cases: list[Case], schema_path: Path) -> None:
    schema = xmlschema.XMLSchema(str(schema_path))

    def accepts(case: Case) -> bool:
        errors: Any = schema.iter_errors(case.element)
        return all("IDREF" in str(error.reason) for error in errors)

    assert [(case.type, case.what) for case in cases if accepts(case) != case.allowed] == []


def test_every_allowed_value_is_accepted_and_no_other(facts: Facts) -> None:
    xs = "http://www.w3.org/2001/XMLSchema"
    avs = "http://ddex.net/xml/avs/avs"
    for name in facts.lists:
        values = facts.values(name)
        path = data_dir("schemas") / "avs.xsd"
        source = (
            f'<xs:schema xmlns:xs="{xs}" xmlns:avs="{avs}"><xs:import namespace="{avs}" schemaLocation="{path}"/>'
            f'<xs:element name="v" type="avs:{name}"/></xs:schema>'
        )
        schema = etree.XMLSchema(etree.fromstring(source))

        def accepts(value: str, schema: etree.XMLSchema = schema) -> bool:
            element = etree.Element("v")
            element.text = value
            return schema.validate(element)

        assert [value for value in values or ["anything"] if not accepts(value)] == []
        foreign = ["NoSuchValue", "", *(value.swapcase() for value in values[:3] if value.swapcase() not in values)]
        assert [value for value in foreign if values and accepts(value)] == []


def test_both_validators_take_the_genuine_example_and_refuse_it_without_a_header() -> None:
    root = etree.fromstring(GENUINE.encode("utf-8"))
    path = data_dir("schemas") / "ern382.xsd"
    fast, slow = etree.XMLSchema(file=str(path)), xmlschema.XMLSchema(str(path))
    assert (fast.validate(root), slow.is_valid(root)) == (True, True)
    header = root.find("MessageHeader")
    assert header is not None
    root.remove(header)
    assert (fast.validate(root), slow.is_valid(root)) == (False, False)
