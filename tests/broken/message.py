"""XML and REF: packages whose message cannot be read, departs from the standard, or refers to nothing."""

from __future__ import annotations

from typing import Final

from tests.broken.change import Change, edit, edit_all, ep, ern, rewrite, single
from tests.good import SHEETS, Good
from tests.messages import guide_xml

_GOOD: Final = guide_xml(SHEETS[Good.SINGLE])
_DURATION: Final = "      <Duration>PT31S</Duration>\n"
_CONTROL: Final = "    <MessageControlType>LiveMessage</MessageControlType>\n"


def _rewrite(old: str, new: str) -> Change:
    assert old in _GOOD, old
    return rewrite(_GOOD.replace(old, new, 1).encode())


def _deep() -> Change:
    nested = "<Comment>" * 400 + "</Comment>" * 400
    return _rewrite("</MessageHeader>", f"{nested}</MessageHeader>")


BROKEN: Final = {
    "XML-001": single(edit(("Ada Obi", "Ada & Obi"))),
    "XML-002": single(rewrite(b"")),
    "XML-003": single(rewrite(_GOOD.replace("Ada Obi", "Adé Obi").encode("cp1252"))),
    "XML-004": single(edit(("<NewReleaseMessage", "<!DOCTYPE NewReleaseMessage>\n<NewReleaseMessage"))),
    "XML-005": single(_rewrite("  </ResourceList>", "<X/>" * 10_001 + "</ResourceList>")),
    "XML-006": single(_deep()),
    "XML-007": single(edit(("ern/382", "ern/43"))),
    "XML-008": single(edit_all("NewReleaseMessage", "CatalogListMessage")),
    "XML-009": single(rewrite(b"<?xml version='1.0'?>\n<playlist/>\n")),
    "XML-010": single(edit((_DURATION, f"{_DURATION}      <Mood>happy</Mood>\n"))),
    "XML-011": single(edit((_DURATION, ""))),
    "XML-012": ern(edit((' Namespace="PADPIDA2026032001X"', ""))),
    "XML-013": single(edit(("<Duration>", '<Duration Unit="s">'))),
    "XML-014": single(edit(("<UseType>OnDemandStream", "<UseType>OnDemandStreams"))),
    "XML-015": single(edit(("<DisplayArtist>", '<DisplayArtist SequenceNumber="1st">'))),
    "XML-017": single(edit((_DURATION, ""), ("      <SoundRecordingId>", f"{_DURATION}      <SoundRecordingId>"))),
    "XML-018": single(edit((_CONTROL, _CONTROL * 2))),
    "XML-019": single(edit(("xml/ern/382", "xml/ern/381"))),
    "XML-020": single(edit(('\n  xmlns="http://ddex.net/xml/ern/382"', ""))),
    "XML-021": single(edit(("<SoundRecordingId>", "<SoundRecordingId>stray"))),
    "XML-022": single(edit(("<MessageThreadId>MSG-001", "<MessageThreadId>MSG-001<Comment/>"))),
    "XML-023": single(edit(("PT31S", "0:31"))),
    "XML-024": single(edit(("2026-03-20T10:00:00", "2026-03-20"))),
    "XML-025": single(edit(("MusicalWorkSoundRecording<", "<"))),
    "XML-026": single(edit(("</UPC>", f"</UPC><ICPN>{SHEETS[Good.SINGLE].barcode}</ICPN>"))),
    "XML-027": single(edit(("http://ddex.net/xml/ern/382", "https://ddex.net/xml/ern/382"))),
    "XML-028": single(edit(("<ReleaseList>", "<RelaseList>"), ("</ReleaseList>", "</RelaseList>"))),
    "XML-035": single(edit(("<UseType>OnDemandStream", "<UseType>on demand stream"))),
    "XML-037": single(edit(("<ValidityPeriod>", "<ExcludedTerritoryCode>US</ExcludedTerritoryCode><ValidityPeriod>"))),
    "XML-036": single(edit(("<DisplayArtist>", '<DisplayArtist SequenceNumber="first">'))),
    "XML-038": single(edit(('LanguageAndScriptCode="en"', 'LanguageAndScriptCode="english"'))),
    "REF-001": ep(
        edit(
            ("<ResourceReference>A2", "<ResourceReference>A1"),
            ("        <ReleaseResourceReference>A2</ReleaseResourceReference>\n", ""),
        )
    ),
    "REF-002": single(
        edit(
            (
                "</ReleaseResourceReference>\n      </ReleaseResourceReferenceList>",
                "</ReleaseResourceReference>\n        <ReleaseResourceReference>A7</ReleaseResourceReference>\n"
                "      </ReleaseResourceReferenceList>",
            )
        )
    ),
    "REF-003": single(edit(("<DealReleaseReference>R1", "<DealReleaseReference>R7"))),
    "REF-004": ern(
        edit(
            (
                "</ReleaseResourceReferenceList>\n      <ReleaseType>EP",
                "</ReleaseResourceReferenceList>\n      <ReleaseCollectionReferenceList>\n        "
                "<ReleaseCollectionReference>X7</ReleaseCollectionReference>\n      </ReleaseCollectionReferenceList>\n"
                "      <ReleaseType>EP",
            )
        )
    ),
    "REF-005": ep(edit(("        <ReleaseResourceReference>A4</ReleaseResourceReference>\n", ""))),
    "REF-006": ern(
        edit(
            (
                "<DealReleaseReference>R0</DealReleaseReference>",
                "".join(f"<DealReleaseReference>R{number}</DealReleaseReference>" for number in range(1, 5)),
            )
        )
    ),
    "REF-007": ern(
        edit(
            (
                "<DealReleaseReference>R0</DealReleaseReference>",
                "".join(f"<DealReleaseReference>R{number}</DealReleaseReference>" for number in range(4)),
            )
        )
    ),
    "REF-008": ern(edit_all(r"(IsMain.*?)\s*<ReleaseResourceReference[^>]*>A3</ReleaseResourceReference>", r"\1")),
}
