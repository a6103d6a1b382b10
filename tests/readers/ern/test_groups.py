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
        (group(item("A1"), item("A2", 1)), "1.1=A1 1.2=A2"),
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
    root = etree.fromstring(f"<r>{groups}</r>")
    uses = read_groups(Source(Canonical(root, Lines())), [Node(child) for child in root])
    assert " ".join(f"{use.disc}.{use.number}={use.reference.value}" for use in uses) == expected


def test_groups_nested_as_deep_as_a_parser_allows_are_read() -> None:
    root = etree.fromstring("<r>" + "<ResourceGroup>" * 250 + item("A1") + "</ResourceGroup>" * 250 + "</r>")
    assert len(read_groups(Source(Canonical(root, Lines())), [Node(child) for child in root])) == 1
