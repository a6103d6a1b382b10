"""What the schema finds, in the label's words: place, what stands there, what belongs there, cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers.ern.explain import FORMS as SHAPES
from ingest.readers.ern.message import read_message
from ingest.rules.xml.values import EXAMPLES, FORMS
from tests.ern.judged import judge
from tests.readers.ern.facts import Facts
from tests.readers.ern.messages import GUIDE, NAME, changed

DURATION = "      <Duration>PT3M42S</Duration>\n"


@pytest.mark.parametrize(
    ("old", "new", "words", "fix"),
    [
        (
            "PT3M42S",
            "3:42",
            'line 31: "3:42" in <Duration> is not written as a duration. We read it as PT3M42S.',
            "Write PT3M42S into <Duration>.",
        ),
        (
            "PT3M42S",
            "long",
            'line 31: "long" in <Duration> cannot be read: it must be a duration such as PT3M42S (3 minutes and 42'
            " seconds).",
            "Write a duration such as PT3M42S (3 minutes and 42 seconds) into <Duration>.",
        ),
        (
            "2026-03-23T10:00:00",
            "2026-03-23",
            'line 17: "2026-03-23" in <MessageCreatedDateTime> is not written as a date and a time. We'
            " read it as 2026-03-23T00:00:00.",
            "Write 2026-03-23T00:00:00 into <MessageCreatedDateTime>.",
        ),
        (
            "2026-03-23T10:00:00",
            "23.03.2026 10:00",
            'line 17: "23.03.2026 10:00" in <MessageCreatedDateTime> is not written as a date and a time. We read it as'
            " 2026-03-23T10:00:00.",
            "Write 2026-03-23T10:00:00 into <MessageCreatedDateTime>.",
        ),
        (
            "2026-03-23T10:00:00",
            "last Monday",
            'line 17: "last Monday" in <MessageCreatedDateTime> cannot be read: it must be a date and a time such as'
            " 2026-04-01T12:00:00.",
            "Write a date and a time such as 2026-04-01T12:00:00 into <MessageCreatedDateTime>.",
        ),
        (
            "      </ReleaseResourceReferenceList>",
            "      </ReleaseResourceReferenceList>\n<PLine><Year>in 2026</Year><PLineText>X</PLineText></PLine>",
            'line 65: "in 2026" in <Year> cannot be read: it must be a year such as 2026.',
            "Write a year such as 2026 into <Year>.",
        ),
        (
            DURATION,
            "",
            "line 22: <Duration> is missing in <SoundRecording>.",
            "Add <Duration> in <SoundRecording>, after <ReferenceTitle> and before <SoundRecordingDetailsByTerritory>."
            " For example: <Duration>PT3M42S</Duration> (3 minutes and 42 seconds)",
        ),
        (
            "</UPC>",
            "</UPC><ICPN>5034567890123</ICPN>",
            "line 54: <UPC> stands beside <ICPN> in <ReleaseId>. Both are names for the same thing.",
            "Remove <UPC> or <ICPN>, so that one of them is left.",
        ),
        (
            "<URI>01_MyTrackTitle.wav</URI>",
            "<URI>01_MyTrackTitle.wav</URI><FileName>01_MyTrackTitle.wav</FileName>",
            "line 44: <URI> stands beside <FileName> in <File>. Both are names for the same thing.",
            "Remove <URI> or <FileName>, so that one of them is left.",
        ),
        (
            "<SoundRecordingType>",
            "<SoundRecordingTyp>x</SoundRecordingTyp><SoundRecordingType>",
            "line 23: <SoundRecordingTyp> is not allowed in <SoundRecording>. Did you mean <SoundRecordingType>?",
            "Correct its name to <SoundRecordingType>, or remove <SoundRecordingTyp> here.",
        ),
        (
            "<TitleText>My Track Title</TitleText>",
            "<TitelText>My Track Title</TitelText>",
            "line 29: <TitelText> in <ReferenceTitle> is not a name that ERN knows. <TitleText> is needed here.",
            "Correct its name to <TitleText>.",
        ),
        (
            "<UseType>OnDemandStream",
            "<UseType>on demand streams",
            'line 74: "on demand streams" is not an allowed value of <UseType>. Did you mean OnDemandStream?',
            "Write OnDemandStream into <UseType>, with the same capitals.",
        ),
        (
            "<UseType>OnDemandStream",
            "<UseType>ondemand stream",
            'line 74: "ondemand stream" in <UseType> is not written as the standard lists it. We read it as'
            " OnDemandStream.",
            "Write OnDemandStream into <UseType>, with the same capitals and without spaces.",
        ),
        (
            "<UseType>OnDemandStream",
            "<UseType>\nOnDemandStream",
            'line 74: "OnDemandStream" in <UseType> is not written as the standard lists it: there is a space or a line'
            " break around it. We read it as OnDemandStream.",
            "Write OnDemandStream into <UseType>, with the same capitals and without spaces.",
        ),
        (
            "<UseType>OnDemandStream",
            "<UseType>Radio",
            'line 74: "Radio" is not an allowed value of <UseType>.',
            "Write one of the values that the standard allows into <UseType>, such as OnDemandStream (streaming),"
            " NonInteractiveStream (web radio) or PermanentDownload (downloads).",
        ),
        (
            "<ArtistRole>MainArtist",
            "<ArtistRole>Remixer",
            'line 36: "Remixer" is not an allowed value of <ArtistRole>. Did you mean UserDefined with'
            ' UserDefinedValue="Remixer"?',
            'Write UserDefined into <ArtistRole>, and add UserDefinedValue="Remixer" to its tag.',
        ),
        (
            "<UseType>OnDemandStream",
            "<UseType>",
            "line 74: <UseType> is empty. It needs a value, such as OnDemandStream (streaming), NonInteractiveStream"
            " (web radio) or PermanentDownload (downloads).",
            "Write the value into <UseType>, or remove it where you have none to give.",
        ),
        (
            "<MessageThreadId>MSG-001</MessageThreadId>",
            "<MessageThreadId>MSG-001<DealReference/></MessageThreadId>",
            "line 8: <DealReference> stands inside <MessageThreadId>, which holds nothing but text.",
            "Close <MessageThreadId> before <DealReference> begins, or remove <DealReference>. The place of"
            " <DealReference> is in <Deal>.",
        ),
        (
            '  LanguageAndScriptCode="en"',
            '  LanguageAndScriptcode="en"',
            "line 2: <NewReleaseMessage> has an attribute that it may not have: LanguageAndScriptcode. Did you mean"
            ' "LanguageAndScriptCode"?',
            "Remove the attribute LanguageAndScriptcode, or correct its name to LanguageAndScriptCode.",
        ),
    ],
)
def test_a_departure_is_told_with_place_and_cure(tmp_path: Path, old: str, new: str, words: str, fix: str) -> None:
    path = tmp_path / NAME
    path.write_text(changed(GUIDE, (old, new)), "utf-8")

    (finding,) = [one for one in judge(read_message(path, NAME)) if one.code.startswith("XML")]

    assert (finding.text, finding.fix) == (f"{NAME}, {words}", fix)


def test_what_is_proposed_for_long_lists_stands_in_them() -> None:
    facts = Facts()
    lists = {"TerritoryCode": "AllTerritoryCode", "ExcludedTerritoryCode": "AllTerritoryCode"}
    lists |= {"LanguageOfPerformance": "IsoLanguageCode"}
    lists |= {"IndirectResourceContributorRole": "MusicalWorkContributorRole"}
    for element, words in EXAMPLES.items():
        proposed = [word.strip(",") for word in words.split() if word[:1].isupper() or word in ("en", "fr")]
        assert proposed
        assert set(proposed) <= set(facts.values(lists.get(element, element))), element


def test_every_form_that_the_reader_knows_has_words() -> None:
    assert set(SHAPES.values()) == set(FORMS)
