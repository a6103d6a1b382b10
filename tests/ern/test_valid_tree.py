"""A package in Needs QC has a valid message: after the mends that were told, its tree follows the schema."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from lxml import etree

from ingest.core.message import Message
from ingest.core.verdict import Verdict, judge
from ingest.readers.ern.message import read_with_tree
from ingest.readers.ern.schema import own_schema
from ingest.readers.ern.xml_file import XmlFile
from tests.broken.change import Broken, message_of
from tests.ern.generate import generate
from tests.ern.judged import NAME
from tests.ern.judged import judge as findings_of
from tests.ern.mutants import mutate
from tests.good import write_good
from tests.packages import BROKEN, Good
from tests.readers.ern.messages import GUIDE, changed

SCHEMA = etree.XMLSchema(file=str(own_schema()))


def passes(data: bytes, name: str = NAME) -> tuple[bool, bool]:
    """Whether the message of these bytes goes to QC, and whether its tree is valid then."""
    message, tree = read_with_tree(XmlFile(name, data, "", len(data)))
    is_passed = judge(findings_of(message)) is Verdict.PASSED
    return is_passed, tree is not None and bool(SCHEMA.validate(tree))


@pytest.mark.parametrize("kind", list(Good))
def test_a_good_package_has_a_valid_tree(kind: Good, tmp_path: Path) -> None:
    assert passes(message_of(write_good(tmp_path, kind)).read_bytes()) == (True, True)


@pytest.mark.parametrize("code", sorted(code for code in BROKEN if code.startswith(("XML", "ERN", "REF"))))
def test_a_broken_package_that_goes_to_qc_has_a_valid_tree(code: str, tmp_path: Path) -> None:
    broken: Broken = BROKEN[code]
    written = write_good(tmp_path, broken.good)
    folder = broken.change(written) or written

    is_passed, is_valid = passes(message_of(folder).read_bytes())

    assert is_valid or not is_passed


@pytest.mark.parametrize("seed", range(6))
def test_a_mutant_that_goes_to_qc_has_a_valid_tree(seed: int) -> None:
    rng = Random(1000 + seed)
    passed = 0
    for number in range(60):
        message = generate(rng, guide=number % 2 == 0, tracks=rng.choice((1, 2, 3))).data
        for _ in range(2):  # one change, then another on top of it
            mutant = mutate(rng, message)
            message = mutant.data
            is_passed, is_valid = passes(message)
            passed += is_passed
            assert is_valid or not is_passed, (mutant.operation, mutant.element)
    assert passed > 5


@pytest.mark.parametrize(
    ("old", "new", "goes_to_qc"),
    [
        ("<Duration>PT3M42S", "<Duration>3:42", True),
        ("<Duration>PT3M42S", "<Duration>long", False),
        ("<StartDate>2026-04-01", "<StartDate>2026/04/01", True),
        ("<UseType>OnDemandStream", "<UseType>ondemandstream ", True),
        ("<UseType>OnDemandStream", "<UseType>OnDemandStreams", False),
        ("<ArtistRole>MainArtist", "<ArtistRole>Main artist", True),
        ("<ArtistRole>MainArtist", "<ArtistRole>Main-Artist", False),
        ("<DisplayArtist>", '<DisplayArtist SequenceNumber=" 1 ">', True),
        ("<DisplayArtist>", '<DisplayArtist SequenceNumber="first">', False),
        ("<DisplayArtist>", '<DisplayArtist Colour="red">', False),
        ("</ArtistRole>", "</ArtistRole><Nationality>NG</Nationality>", True),
        ("</ISRC>", "</ISRC><Mood/>", False),
        ("      <Duration>PT3M42S</Duration>\n", "", False),
        ("<UPC>5034567890123</UPC>", "<EAN>5034567890123</EAN>", True),
        ("</UPC>", "</UPC><ICPN>5034567890123</ICPN>", False),
    ],
)
def test_only_what_has_one_valid_reading_goes_to_qc(old: str, new: str, goes_to_qc: bool) -> None:
    is_passed, is_valid = passes(changed(GUIDE, (old, new)).encode())

    assert is_passed is goes_to_qc
    assert is_valid or not is_passed


def test_an_element_in_the_wrong_order_goes_to_qc() -> None:
    duration = "      <Duration>PT3M42S</Duration>\n"
    text = changed(GUIDE, (duration, ""), ("      <ResourceReference>A1", f"{duration}      <ResourceReference>A1"))

    assert passes(text.encode()) == (True, True)


def test_what_was_mended_is_read_as_what_was_meant() -> None:
    text = changed(
        GUIDE,
        ("<Duration>PT3M42S", "<Duration>3:42"),
        ("<StartDate>2026-04-01", "<StartDate>2026/04/01"),
        ("<ArtistRole>MainArtist", "<ArtistRole>main artist"),
    )
    message, _ = read_with_tree(XmlFile(NAME, text.encode(), "", len(text)))
    meant, _ = read_with_tree(XmlFile(NAME, GUIDE.encode(), "", len(GUIDE)))

    assert isinstance(message, Message) and isinstance(meant, Message)
    assert (message.recordings, message.deals) == (meant.recordings, meant.deals)
    assert [fault.read_as for fault in message.schema_faults] == ["PT3M42S", "MainArtist", "2026-04-01"]
