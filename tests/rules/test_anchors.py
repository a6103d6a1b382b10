"""When the names in a message can be trusted, so that what hangs on them is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.message import Message, Reference, ResourceUse
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.rules.anchors import dangling, is_faulty, releases_are_named, resources_are_named, tracks_are_known
from ingest.rules.subjects import lacks_main
from tests.rules.dossiers import RECORDING, RELEASE, message_of, text

TWO = (RECORDING, replace(RECORDING, reference=text("A2")))
TRACK = replace(RELEASE, types=(text("TrackRelease"),), references=(text("R2"),), barcode=None)


@pytest.mark.parametrize(
    ("message", "are_named"),
    [
        (message_of(), True),
        (message_of(TWO), True),
        (message_of((RECORDING, RECORDING)), False),
        (message_of((RECORDING, replace(RECORDING, reference=None))), False),
        (message_of(()), False),
        (
            replace(
                message_of(), schema_faults=(SchemaFault(26, SchemaProblem.VALUE_FORM, "ResourceReference", found="1"),)
            ),
            False,
        ),
    ],
)
def test_resources_are_named_where_each_has_a_name_of_its_own(message: Message, are_named: bool) -> None:
    assert resources_are_named(message) is are_named
    assert not tracks_are_known(message) or are_named


@pytest.mark.parametrize(
    ("message", "are_named"),
    [
        (message_of(), True),
        (message_of(releases=(RELEASE, TRACK)), True),
        (message_of(releases=(RELEASE, replace(TRACK, references=(text("R1"),)))), False),
        (message_of(releases=(TRACK,)), False),
        (message_of(releases=()), False),
    ],
)
def test_releases_are_named_where_no_two_share_a_name_and_the_main_one_is_there(
    message: Message, are_named: bool
) -> None:
    assert releases_are_named(message) is are_named


@pytest.mark.parametrize(
    ("release", "lacks"),
    [
        (TRACK, True),
        (replace(TRACK, is_main=True), False),
        (replace(TRACK, barcode=RELEASE.barcode), False),
        (RELEASE, False),
    ],
)
def test_releases_of_tracks_alone_are_no_release(release: object, lacks: bool) -> None:
    assert lacks_main(message_of(releases=(release,))) is lacks  # type: ignore[arg-type]


@pytest.mark.parametrize(("names", "are_known"), [("A1", True), ("A1 A2", True), ("A1 A7", False), ("", True)])
def test_tracks_are_known_where_every_reference_leads_to_one(names: str, are_known: bool) -> None:
    uses = tuple(ResourceUse(text(name)) for name in names.split())

    assert tracks_are_known(message_of(TWO, (replace(RELEASE, resources=uses),))) is are_known


def test_a_reference_is_dangling_once_and_not_where_it_is_malformed() -> None:
    references = tuple(
        Reference("ReleaseResourceReference", value, line, False)
        for value, line in (("A7", 1), ("A7", 2), ("1", 3), ("A1", 4))
    )
    anchor = Reference("ResourceReference", "A1", 5, True)
    schema = SchemaFault(3, SchemaProblem.VALUE_FORM, "ReleaseResourceReference", found="1")
    message = replace(message_of(), references=(*references, anchor), schema_faults=(schema,))

    assert list(dangling(message, frozenset({"ReleaseResourceReference"}))) == [references[0]]
    assert [is_faulty(message, one) for one in references] == [False, False, True, False]
