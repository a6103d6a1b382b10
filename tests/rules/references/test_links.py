"""References of deals and releases: what has no deal, and what the release's list and its groups disagree on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import Dossier
from ingest.core.message import ResourceUse
from ingest.rules import check
from tests.rules.dossiers import DEAL, GOOD, POLICY, RECORDING, RELEASE, message_of, text, with_message

TRACKS = tuple(
    replace(
        RELEASE,
        line=70 + n,
        types=(text("TrackRelease"),),
        references=(text(f"R{n}"),),
        barcode=None,
        resources=(ResourceUse(text("A1")),),
    )
    for n in (2, 3, 4)
)


def dealt(names: str) -> Dossier:
    deal = replace(DEAL, releases=tuple(text(name) for name in names.split()))
    return with_message(message_of(releases=(RELEASE, *TRACKS), deals=(deal,)))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("R1", []),
        ("R1 R2 R3 R4", []),
        ("R2 R3 R4", [("REF-006", "the release R1, only for its tracks")]),
        ("R1 R2 R4", [("REF-007", 'R3 "Sunrise"')]),
        ("R1 R3", [("REF-007", 'R2 "Sunrise" and R4 "Sunrise"')]),
        ("R7", []),  # REF-003 tells that the deal names no release
        ("R1 R7", []),
    ],
)
def test_what_has_no_deal_while_others_have_one_is_named(names: str, found: list[tuple[str, str]]) -> None:
    told = [one for one in check(dealt(names), POLICY) if one.code.startswith("REF")]

    assert [one.code for one in told] == [code for code, _ in found]
    assert all(words in one.text for one, (_, words) in zip(told, found, strict=True))


RECORDINGS = tuple(replace(RECORDING, reference=text(f"A{n}"), isrc=text(f"GBDUM260000{n}")) for n in (1, 2))


@pytest.mark.parametrize(
    ("listed", "grouped", "found"),
    [
        ("A1 A2", "A1 A2", []),
        ("A1 A2", "", []),
        ("A2 A1", "A1 A2", []),
        ("A1", "A1 A2", ["resource A2 stands in a group, but not in"]),
        ("A1 A2 A2", "A1 A2", ["resource A2 stands twice in"]),
        ("A1 A1", "A1 A2", ["resource A2 stands in a group, but not in", "resource A1 stands twice in"]),
        ("A1 A2 A1", "", ["resource A1 stands twice in"]),
    ],
)
def test_the_list_of_a_release_holds_each_resource_of_its_groups_once(
    listed: str, grouped: str, found: list[str]
) -> None:
    release = replace(
        RELEASE,
        resources=tuple(ResourceUse(text(name, 56)) for name in listed.split()),
        groups=tuple(
            ResourceUse(text(name, 55), disc=1, number=n, sequence=n, group=1)
            for n, name in enumerate(grouped.split(), start=1)
        ),
    )
    told = [one.text for one in check(with_message(message_of(RECORDINGS, (release,))), POLICY) if "REF" in one.code]

    assert len(told) == len(found)
    assert all(words in one for one, words in zip(told, found, strict=True))


def test_a_good_release_has_its_references_right() -> None:
    assert check(GOOD, POLICY) == ()
