from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.dossier import Dossier, Folder
from ingest.core.facts import ArtworkFacts, FileEntry, FileKind, ImageDamage
from ingest.core.finding import Finding, Severity
from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.rules import check
from ingest.rules.xml.document import NOT_YET
from tests.rules.dossiers import (
    AUDIO,
    GOOD,
    MASTER,
    MESSAGE,
    PICTURE,
    POLICY,
    RECORDING,
    RELEASE,
    codes,
    message_of,
    only,
    text,
    title,
    titled,
    with_audio,
    with_cover,
    with_message,
    with_recording,
)


def test_a_good_dossier_has_no_findings() -> None:
    assert check(GOOD, POLICY) == ()


def test_a_finding_tells_the_place_the_values_and_the_cure() -> None:
    assert only(with_audio(replace(MASTER, sample_rate=96_000))) == Finding(
        code="AUD-010",
        severity=Severity.ERROR,
        file=AUDIO,
        line=None,
        track=1,
        isrc="GBDUM2600001",
        found="96 kHz",
        expected="44.1 kHz or 48 kHz",
        text="01_Sunrise.wav has a sample rate of 96 kHz. It must be 44.1 kHz or 48 kHz.",
        fix="Export the track again at 44.1 kHz or 48 kHz from the original session.",
    )


def test_a_finding_of_the_message_tells_the_line() -> None:
    assert only(with_recording(replace(RECORDING, isrc=text("GB-DUM-26-00001", 24)))) == Finding(
        code="ERN-031",
        severity=Severity.ERROR,
        file=MESSAGE,
        line=24,
        track=1,
        isrc="GB-DUM-26-00001",
        found="GB-DUM-26-00001",
        expected="GBDUM2600001",
        text='metadata.xml, line 24 (track 1): the ISRC "GB-DUM-26-00001" has hyphens, points or spaces in it.'
        " Without them it is GBDUM2600001.",
        fix="Write GBDUM2600001.",
    )


def test_errors_come_first_then_warnings_then_infos() -> None:
    worst = replace(
        with_audio(replace(MASTER, bits=16, sample_rate=96_000)),
        artwork=(replace(PICTURE, width=3500, height=3500, mode="CMYK", is_transparent=True),),
    )

    assert codes(worst) == ["AUD-010", "ART-005", "ART-012", "AUD-012", "ART-010"]


def test_a_silenced_code_is_left_out() -> None:
    policy = replace(POLICY, silenced=frozenset({"AUD-010"}))

    assert codes(with_audio(replace(MASTER, sample_rate=96_000)), policy) == []


@pytest.mark.parametrize("severity", list(Severity))
def test_a_code_can_be_softened_or_raised(severity: Severity) -> None:
    policy = replace(POLICY, softened={"AUD-012": severity})

    assert only(with_audio(replace(MASTER, bits=16)), policy).severity is severity


def test_a_broken_message_gives_one_finding_and_media_are_still_judged() -> None:
    unread = UnreadableMessage(MESSAGE, MessageProblem.NOT_XML, line=42)
    dossier = replace(GOOD, message=None, unreadable=unread, files=(), audio=(replace(MASTER, bits=8),))

    assert codes(dossier) == ["XML-001", "AUD-011"], "what nobody could read comes first, though its file sorts behind"
    assert check(dossier, POLICY)[0].text == (
        "metadata.xml, line 42: the file is not readable XML: something in this line is not as XML needs it. We could"
        " not read past line 42: titles, codes and dates are not checked yet."
    )


@pytest.mark.parametrize("problem", list(MessageProblem))
def test_every_problem_of_a_message_has_one_finding_of_its_own(problem: MessageProblem) -> None:
    file = None if problem in (MessageProblem.MISSING, MessageProblem.SEVERAL) else MESSAGE
    unread = UnreadableMessage(file, problem, found="4.3", candidates=("a.xml", "b.xml"))

    finding = only(replace(GOOD, message=None, unreadable=unread, files=()))

    assert finding.severity is Severity.ERROR


def test_ern_4_is_named_with_what_to_export_instead() -> None:
    unread = UnreadableMessage(MESSAGE, MessageProblem.OTHER_VERSION, line=2, found="4.3")

    finding = only(replace(GOOD, message=None, unreadable=unread, files=()))

    assert finding.text == "metadata.xml, line 2: the message is ERN 4.3. We read ERN 3.8.2. " + NOT_YET
    assert finding.fix.startswith("Choose ERN 3.8.2 as the format in the program that exports your releases")


def test_a_schema_fault_that_a_rule_of_the_guide_explains_is_left_out() -> None:
    schema = SchemaFault(55, SchemaProblem.VALUE_NOT_ALLOWED, "ReleaseType", "Release", found="single")
    message = replace(message_of(releases=(replace(RELEASE, types=(text("single", 55),)),)), schema_faults=(schema,))

    assert codes(with_message(message)) == ["ERN-010"]


def test_another_schema_fault_stays_beside_it() -> None:
    schema = SchemaFault(62, SchemaProblem.VALUE_NOT_ALLOWED, "UseType", "Usage", found="Streem", nearest="Stream")
    message = replace(message_of(releases=(replace(RELEASE, types=()),)), schema_faults=(schema,))

    assert codes(with_message(message)) == ["ERN-009", "XML-014"]


def test_an_unread_file_is_an_ops_matter_and_no_finding() -> None:
    assert check(replace(GOOD, audio=(), artwork=()), POLICY) == ()


def test_hostile_words_are_made_fit_to_stand_in_a_sentence() -> None:
    finding = only(
        with_recording(
            replace(RECORDING, parental_warnings=(text("A\r\nBcc: x\u202e\x00{0.__class__}" + "x" * 999, 33),))
        )
    )

    assert finding.found is not None
    assert finding.found.startswith("A  Bcc: x\ufffd\ufffd{0.__class__}xxx")
    assert len(finding.found) == 160


def test_an_empty_folder_gives_one_finding() -> None:
    dossier = Dossier(Folder("x_y_5034567890120_20260401"), None, UnreadableMessage(None, MessageProblem.MISSING))

    assert codes(dossier) == ["PKG-001"]


def test_litter_alone_is_an_empty_folder() -> None:
    litter = (FileEntry(".DS_Store", 10, FileKind.LITTER),)
    folder = Folder("x_y_5034567890120_20260401", entries=litter)

    assert codes(Dossier(folder, None, UnreadableMessage(None, MessageProblem.MISSING))) == ["PKG-001"]


_WORDS = st.text(st.characters(blacklist_categories=()), max_size=40)


@settings(max_examples=200, deadline=None)
@given(words=_WORDS, artist=_WORDS, code=_WORDS, name=_WORDS)
def test_no_value_whatever_breaks_a_rule(words: str, artist: str, code: str, name: str) -> None:
    recording = replace(
        RECORDING,
        isrc=text(code),
        title=title(words),
        iswcs=(text(code),),
        parental_warnings=(text(words),),
        display_artists=(replace(RECORDING.display_artists[0], name=text(artist)),),
    )
    release = replace(
        RELEASE, barcode=text(code), grid=text(words), title=title(artist), release_date=text(code), types=(text(name),)
    )
    dossier = replace(
        with_message(message_of((recording,), (release,))), folder=Folder(name, entries=GOOD.folder.entries)
    )

    for finding in check(dossier, POLICY):
        assert "\n" not in finding.text + finding.fix
        assert "{" not in finding.text.replace(words, "") or "{" in words + artist + code + name


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Sunrise", []),
        ("Left", []),
        ("Feature", []),
        ("Soft. Slow", []),
        ("Official", []),
        ("Exclusive Night", []),
        ("HD", []),
        ("DNA", []),
        ("Trackday", []),
        ("Sunrise (Album Version)", ["STY-006"]),
        ("Sunrise [Official Video]", ["STY-007"]),
        ("Sunrise - EP", ["STY-008"]),
        ("No Small Feat", []),
        ("Sunrise ft. Bisi", ["STY-001", "STY-020"]),
        ("Sunrise (feat.Bisi)", ["STY-001"]),
        ("360° in B", []),
        ("Палата № 6", []),
        ("Sun  rise", ["STY-009"]),
        ("Don&apos;t", ["STY-009"]),
        ("Sunrise ☀", ["STY-009"]),
        ("AYO LANDE : Sunrise", ["STY-002"]),
        ("Ayo Landed – Sunrise", []),
        ("SunÃ©", ["STY-009"]),
        ("Untitled", ["STY-005"]),
        ("01_Sunrise.wav", ["STY-005"]),
        ("Ayo Lande – Sunrise", ["STY-002"]),
    ],
)
def test_titles(words: str, found: list[str]) -> None:
    assert codes(titled(words)) == found


def test_pictures_with_codes_are_noted() -> None:
    assert only(with_cover(replace(PICTURE, codes=("https://example.com",)))).code == "ART-023"


def test_a_cover_that_lacks_data_inside_is_told_as_such() -> None:
    finding = only(with_cover(replace(PICTURE, damage=ImageDamage.INCOMPLETE)))
    assert (finding.code, finding.severity) == ("ART-008", Severity.ERROR)
    assert finding.text == (
        "artwork.jpg is not whole: part of its data is missing or wrong, so that it shows grey or shifted areas."
    )


@pytest.mark.parametrize(
    ("cover", "said"),
    [
        (
            replace(PICTURE, size=20_500_000),
            "artwork.jpg is 20.5 MB (20,500,000 bytes). Cover artwork may be at most 20 MB (20,000,000 bytes).",
        ),
        (replace(PICTURE, trailing_bytes=1), "artwork.jpg has 1 byte after the end of the picture."),
        (replace(PICTURE, trailing_bytes=2), "artwork.jpg has 2 bytes after the end of the picture."),
    ],
)
def test_sizes_of_covers_are_told_in_bytes(cover: ArtworkFacts, said: str) -> None:
    assert only(with_cover(cover)).text == said
