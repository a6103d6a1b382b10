"""Trees of resource groups, flattened."""

from __future__ import annotations

import pytest
from lxml import etree

from ingest.readers.ern.dialect import Canonical
from ingest.readers.ern.document import Lines
from ingest.readers.ern.groups import read_groups
from ingest.readers.ern.values import Node, Source


def group(*members: str, number: int | None = None) -> str:
    sequence = "" if number is None else f"<SequenceNumber>{number}</SequenceNumber>"
    return f"<ResourceGroup>{sequence}{''.join(members)}</ResourceGroup>"


def item(reference: str, number: int | None = None, sub: int | None = None) -> str:
    sequence = "" if number is None else f"<SequenceNumber>{number}</SequenceNumber>"
    below = "" if sub is None else f"<SequenceSubNumber>{sub}</SequenceSubNumber>"
    resource = f"<ReleaseResourceReference>{reference}</ReleaseResourceReference>"
    return f"<ResourceGroupContentItem>{sequence}{below}{resource}</ResourceGroupContentItem>"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (group(item("A1", 2), item("A2", 1)), "1.1=A2 1.2=A1"),
        (group(item("A1"), item("A2", 1)), "1.1=A2 1.2=A1"),
        (group(item("A1", 2), item("A2", 1), item("A3", 3), item("A9")), "1.1=A2 1.2=A1 1.3=A3 1.4=A9"),
        (group(item("A9"), item("A1", 2), item("A2", 1), item("A8")), "1.1=A2 1.2=A1 1.3=A9 1.4=A8"),
        (group(item("A1"), item("A2")), "1.1=A1 1.2=A2"),
        (group(group(item("A1")), group(item("A2"), number=1)), "1.1=A2 2.1=A1"),
        (group(group(item("A1")), group(item("A2"))), "1.1=A1 2.1=A2"),
        (group(item("A1", 1, 2), item("A2", 1, 1)), "1.1=A2 1.2=A1"),
        (group(group(item("A1", 1), number=2), group(item("A2", 1), number=1)), "1.1=A2 2.1=A1"),
        (group(group(group(item("A1")), group(item("A2"), item("A3")))), "1.1=A1 2.1=A2 2.2=A3"),
        (group(item("A1")) + group(item("A2")), "1.1=A1 2.1=A2"),
        (group(group(item("A3", 1), number=2), item("A1", 1), item("A2", 3)), "1.1=A1 1.2=A3 1.3=A2"),
        (
            group(
                "<ResourceGroupResourceReferenceList><ResourceGroupResourceReference>A1"
                "</ResourceGroupResourceReference></ResourceGroupResourceReferenceList>"
            ),
            "1.1=A1",
        ),
        (group(), ""),
        ("", ""),
    ],
)
def test_groups_become_discs_and_numbers(groups: str, expected: str) -> None:
    assert flat(groups) == expected


DISCS = group(item("A1", 1), item("A2", 2), number=1) + group(item("A3", 1), item("A4", 2), number=2)
TWO_DISCS = "1.1=A1 1.2=A2 2.1=A3 2.2=A4"


def typed(one: str, use: str = "", kind: str = "") -> str:
    """An item that says what it is: its ReleaseResourceType, its ResourceType."""
    marked = one.replace("<ReleaseResourceReference", f'<ReleaseResourceReference ReleaseResourceType="{use}"')
    said = marked if use else one
    return said.replace("<ReleaseResourceR", f"<ResourceType>{kind}</ResourceType><ReleaseResourceR") if kind else said


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (item("A9"), f"{TWO_DISCS} 2.3=A9"),
        (item("A8") + item("A9"), f"{TWO_DISCS} 2.3=A8 2.4=A9"),
        (typed(item("A9"), "SecondaryResource"), f"{TWO_DISCS} 2.3=A9"),
        (typed(item("A9", 3), "SecondaryResource"), f"{TWO_DISCS} 2.3=A9"),
        (typed(item("A9", 3), kind="Image"), f"{TWO_DISCS} 2.3=A9"),
        (item("A9", 3), "1.1=A1 1.2=A2 1.3=A3 1.4=A4 1.5=A9"),
        (typed(item("A9"), "PrimaryResource"), "1.1=A1 1.2=A2 1.3=A3 1.4=A4 1.5=A9"),
        (typed(item("A9", 3), kind="SoundRecording"), "1.1=A1 1.2=A2 1.3=A3 1.4=A4 1.5=A9"),
    ],
)
def test_what_stands_beside_the_discs_is_no_disc_unless_it_is_a_track(beside: str, expected: str) -> None:
    assert flat(group(DISCS, beside)) == expected


def test_one_disc_of_several_works_stays_one_disc() -> None:
    works = group(item("A1", 1), item("A2", 2), number=1) + group(item("A3", 1), number=2)
    assert flat(group(group(works, number=1))) == "1.1=A1 1.2=A2 1.3=A3"
    assert flat(group(group("<Title><TitleText>Disc-1</TitleText></Title>", works))) == "1.1=A1 1.2=A2 1.3=A3"
    assert flat(group(group(works))) == "1.1=A1 1.2=A2 2.1=A3"


def flat(groups: str) -> str:
    root = etree.fromstring(f"<r>{groups}</r>")
    uses = read_groups(Source(Canonical(root, Lines())), [Node(child) for child in root])
    return " ".join(f"{use.disc}.{use.number}={use.reference.value}" for use in uses)


def test_groups_nested_as_deep_as_a_parser_allows_are_read() -> None:
    root = etree.fromstring("<r>" + "<ResourceGroup>" * 250 + item("A1") + "</ResourceGroup>" * 250 + "</r>")
    assert len(read_groups(Source(Canonical(root, Lines())), [Node(child) for child in root])) == 1
