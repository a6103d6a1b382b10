"""ERN: packages whose message lacks or contradicts what the guide asks for."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest.core.dossier import AudioFingerprint, KnownRelease, KnownTrack
from tests.broken.change import (
    Broken,
    Change,
    both,
    edit,
    edit_all,
    ern,
    message_of,
    remove,
    single,
    untouched,
)
from tests.good import Good, master
from tests.messages import BARCODE, SECONDS, Sheet, guide_xml

_ICPN: Final = f'<ICPN IsEan="true">{BARCODE}</ICPN>'
PURGE: Final = f"""<?xml version="1.0" encoding="UTF-8"?>
<ern:PurgeReleaseMessage xmlns:ern="http://ddex.net/xml/ern/382" MessageSchemaVersionId="ern/382">
  <MessageHeader>
    <MessageThreadId>M2</MessageThreadId>
    <MessageId>M2</MessageId>
    <MessageSender><PartyId>LABEL</PartyId></MessageSender>
    <MessageRecipient><PartyId>INTERSPACE</PartyId></MessageRecipient>
    <MessageCreatedDateTime>2026-03-20T10:00:00</MessageCreatedDateTime>
  </MessageHeader>
  <PurgedRelease>
    <ReleaseId>{_ICPN}</ReleaseId>
  </PurgedRelease>
</ern:PurgeReleaseMessage>
"""
_IMAGE: Final = """<Image>
      <ImageType>FrontCoverImage</ImageType>
      <ImageId><ProprietaryId Namespace="PADPIDA2026032001X">COVER-1</ProprietaryId></ImageId>
      <ResourceReference>A1</ResourceReference>
      <ImageDetailsByTerritory>
        <TerritoryCode>Worldwide</TerritoryCode>
        <TechnicalImageDetails>
          <TechnicalResourceDetailsReference>T1</TechnicalResourceDetailsReference>
          <File><URI>artwork.jpg</URI></File>
        </TechnicalImageDetails>
      </ImageDetailsByTerritory>
    </Image>"""
_HASH: Final = "<HashSum><HashSum>{}</HashSum><HashSumAlgorithmType>MD5</HashSumAlgorithmType></HashSum>"


def _xml_of(sheet: Sheet) -> Change:
    """The package of another sheet: its message and its audio."""

    def change(folder: Path) -> None:
        remove("*.wav")(folder)
        message_of(folder).write_text(guide_xml(sheet), "utf-8")
        for number in range(1, len(sheet.tracks) + 1):
            (folder / sheet.file(number)).write_bytes(master("wav", sheet.seconds, number))

    return change


def _without_media(*pairs: tuple[str, str]) -> Change:
    return both(edit(*pairs), remove("*.wav"), remove("*.jpg"))


def _purge(folder: Path) -> None:
    remove("*.wav")(folder)
    remove("*.jpg")(folder)
    message_of(folder).write_text(PURGE, "utf-8")


def _rename_for(barcode: str) -> Change:
    return lambda folder: folder.rename(folder.with_name(folder.name.replace(BARCODE, barcode)))


def _earlier(label: str = "sunrise", title: str = "Sunrise", created: str | None = None) -> KnownRelease:
    same = label == "sunrise"
    return KnownRelease(7, label, same, "Delivered to DSPs", title, "barcode", BARCODE, created=created)


def _known(known: KnownRelease) -> Broken:
    return Broken(Good.SINGLE, untouched, known=(known,))


def _of_known(broken: Broken) -> Broken:
    """The same, of a release that its label sent before."""
    return replace(broken, known=(_earlier(),))


def _track(shared: str, value: str, isrc: str, title: str, sha256: str) -> Broken:
    """Another release of the label holds a recording with this ISRC, title and audio."""
    track = KnownTrack(2, isrc, title, AudioFingerprint(sha256, 99.0, -9.0, -1.0))
    return _known(
        KnownRelease(7, "sunrise", True, "Delivered to DSPs", "Moonrise", shared, value, track=track),
    )


def _seven() -> Sheet:
    return Sheet(tracks=("Sunrise", "Noon", "Dusk", "Night", "Rain", "Wind", "Sand"), type="Single")


_ENDED: Final = ("<StartDate>2026-04-01</StartDate>", "<EndDate>2026-03-01</EndDate>")
_DATED: Final = "<ReleaseDate>2026-04-01</ReleaseDate>"
_NAMED: Final = "<PartyName><FullName>Ayo Lande</FullName></PartyName>"
SHA256: Final = hashlib.sha256(master("wav", SECONDS, 1)).hexdigest()

BROKEN: Final = {
    "ERN-001": single(edit((f"        <UPC>{BARCODE}</UPC>\n", ""))),
    "ERN-002": single(edit((BARCODE, "50345-67890"))),
    "ERN-003": single(both(edit((BARCODE, "5034567890123")), _rename_for("5034567890123"))),
    "ERN-004": single(edit_all(r"(<Release>.*?<TitleText>)Sunrise", r"\1")),
    "ERN-005": single(edit(("      <ReleaseDate>2026-04-01</ReleaseDate>\n", ""))),
    "ERN-006": single(edit(("<ReleaseDate>2026-04-01", "<ReleaseDate>01/04/2026"))),
    "ERN-007": single(edit(("<ReleaseDate>2026-04-01", "<ReleaseDate>2026-02-30"))),
    "ERN-008": ern(edit_all("ReleaseDate>", "OriginalReleaseDate>")),
    "ERN-009": single(edit(("      <ReleaseType>Single</ReleaseType>\n", ""))),
    "ERN-010": single(edit(("<ReleaseType>Single", "<ReleaseType>single"))),
    "ERN-011": single(edit(("<ReleaseType>Single", "<ReleaseType>SingleResourceRelease"))),
    "ERN-012": ern(edit((_ICPN, f"<GRid>A1-2425G</GRid>{_ICPN}"))),
    "ERN-013": ern(edit((_ICPN, f"<GRid>A12425GABC1234002N</GRid>{_ICPN}"))),
    "ERN-014": single(both(edit_all(r"<Release>.*</Release>", ""), edit_all(r"<DealList>.*</DealList>", ""))),
    "ERN-015": single(both(edit_all(r"<SoundRecording>.*</SoundRecording>", _IMAGE), remove("*.wav"))),
    "ERN-016": single(edit(("LiveMessage", "TestMessage"))),
    "ERN-017": _of_known(single(_without_media(_ENDED))),
    "ERN-018": _of_known(single(_purge)),
    "ERN-019": _of_known(single(both(remove("*.wav"), remove("*.jpg")))),
    "ERN-020": ern(both(edit_all("TrackRelease", "Single"), edit((' IsMainRelease="true"', "")))),
    "ERN-021": single(edit(("<FullName>Ayo Lande", "<FullName>Ayo\u202e Lande"))),
    "ERN-022": ern(edit(("<ImageType>FrontCoverImage", "<ImageType>BackCoverImage"))),
    "ERN-023": ern(edit(("<SequenceNumber>3</SequenceNumber>", "<SequenceNumber>2</SequenceNumber>"))),
    "ERN-024": ern(edit_all(r"        <DisplayArtist SequenceNumber.*?</DisplayArtist>\n", "")),
    "ERN-025": ern(edit(("        <LabelName>Sunrise Records</LabelName>\n", ""))),
    "ERN-026": ern(edit((_DATED, f"{_DATED}\n        <OriginalReleaseDate>2026-02-30</OriginalReleaseDate>"))),
    "ERN-030": single(edit(("        <ISRC>GBDUM2600001</ISRC>\n", ""))),
    "ERN-031": single(edit(("GBDUM2600001", "GB-DUM-26-00001"))),
    "ERN-032": single(edit(("GBDUM2600001", "GBDUM26OOOO1"))),
    "ERN-033": Broken(Good.EP, edit(("GBDUM2600002", "GBDUM2600001"))),
    "ERN-034": single(edit_all(r"(<SoundRecording>.*?<TitleText>)Sunrise", r"\1")),
    "ERN-035": single(edit(("<FullName>Ayo Lande</FullName>", ""))),
    "ERN-036": single(edit(("        <Genre><GenreText>Afrobeats</GenreText></Genre>\n", ""))),
    "ERN-037": single(edit(("        <ParentalWarningType>NotExplicit</ParentalWarningType>\n", ""))),
    "ERN-038": single(edit(("<ParentalWarningType>NotExplicit", "<ParentalWarningType>Clean"))),
    "ERN-039": single(edit(("<ParentalWarningType>NotExplicit", "<ParentalWarningType>ExplicitContentEdited"))),
    "ERN-040": single(edit(("<ParentalWarningType>NotExplicit", "<ParentalWarningType>Unknown"))),
    "ERN-041": single(both(edit_all(r"<File>.*?</File>", ""), remove("*.wav"))),
    "ERN-042": single(
        edit(
            (
                "<ResourceReference>",
                "<IndirectSoundRecordingId><ISWC>T123</ISWC></IndirectSoundRecordingId>\n<ResourceReference>",
            )
        )
    ),
    "ERN-043": single(
        edit(
            (
                "<ResourceReference>",
                "<IndirectSoundRecordingId><ISWC>T0345246802</ISWC></IndirectSoundRecordingId>\n<ResourceReference>",
            )
        )
    ),
    "ERN-044": ern(edit((_NAMED, f'{_NAMED}<PartyId IsISNI="true">1234</PartyId>'))),
    "ERN-045": ern(edit((_NAMED, f'{_NAMED}<PartyId IsISNI="true">0000000121707485</PartyId>'))),
    "ERN-050": single(_xml_of(_seven())),
    "ERN-051": single(edit(("<ReleaseType>Single", "<ReleaseType>Album"))),
    "ERN-052": single(edit(("<ReleaseType>Single", "<ReleaseType>EP"))),
    "ERN-053": single(edit(("PT31S", "PT3M42S"))),
    "ERN-054": single(edit(("          <File>", "          <SamplingRate>48000</SamplingRate>\n          <File>"))),
    "ERN-055": single(edit(("<AudioCodecType>WAV", "<AudioCodecType>MP3"))),
    "ERN-056": single(edit(("</URI>", f"</URI>\n{_HASH.format('0' * 32)}"))),
    "ERN-060": single(edit_all(r"  <DealList>.*</DealList>\n", "")),
    "ERN-061": single(edit_all(r"(<DealTerms>.*?)          <TerritoryCode>Worldwide</TerritoryCode>\n", r"\1")),
    "ERN-062": single(edit_all(r"(<DealTerms>.*?<TerritoryCode>)Worldwide", r"\1UK")),
    "ERN-063": single(edit_all(r"(<DealTerms>.*?<TerritoryCode>)Worldwide", r"\g<1>826")),
    "ERN-064": single(edit(("<StartDate>2026-04-01</StartDate>", ""))),
    "ERN-065": single(edit(("<StartDate>2026-04-01", "<StartDate>2026-04-31"))),
    "ERN-066": single(edit(("</StartDate>", "</StartDate><EndDate>2026-01-01</EndDate>"))),
    "ERN-067": single(edit(("<StartDate>2026-04-01", "<StartDate>2026-04-10"))),
    "ERN-068": single(edit_all(r"(      <Deal>.*?</Deal>\n)", r"\1\1")),
    "ERN-069": single(edit(("<UseType>OnDemandStream", "<UseType>PermanentDownload"))),
    "ERN-070": _known(_earlier()),
    "ERN-071": _known(_earlier(label="rival")),
    "ERN-072": _track("isrc", "GBDUM2600001", "GBDUM2600001", "Moonrise", SHA256),
    "ERN-073": _track("audio", "01_Sunrise.wav", "GBDUM2600077", "Sunrise", SHA256),
    "ERN-074": _known(_earlier(title="Another Song")),
    "ERN-075": single(both(edit(_ENDED), remove("*.wav"), remove("*.jpg"))),
    "ERN-076": _known(_earlier(created="2026-03-21T09:00:00+00:00")),
    "ERN-082": ern(edit_all(r"(<TitleText>Salt.*?)        <DisplayArtist>.*?</DisplayArtist>\n", r"\1")),
    "ERN-083": _of_known(single(both(_purge, edit((f"<ReleaseId>{_ICPN}</ReleaseId>", ""))))),
    "ERN-084": ern(edit(("<GenreText>Afrobeats</GenreText>", "<GenreText/>"))),
    "ERN-081": single(edit(("<Deal>", "<Deal/><Deal>"))),
    "ERN-080": ern(edit_all(r"    <Release IsMain.*?</Release>\n", "")),
    "ERN-077": _track("isrc", "GBDUM2600001", "GBDUM2600001", "Sunrise", "0" * 64),
}

EQUALLY_GOOD: Final = {
    "a duration two seconds off": single(edit(("PT31S", "PT33S"))),
    "a 16-bit file of the right length": Broken(Good.GUIDE, untouched),
    "seconds with a fraction": single(edit(("PT31S", "PT0H0M31.000S"))),
}
