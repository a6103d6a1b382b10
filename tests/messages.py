"""The messages of the good packages: one sheet of facts, written in the guide's spelling or in genuine ERN 3.8.2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

RELEASED: Final = date(2026, 4, 1)
SECONDS: Final = 31
BARCODE: Final = "5034567890120"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the XML of a package says; a track is its title."""

    artist: str = "Ayo Lande"
    title: str = "Sunrise"
    type: str = "Single"
    tracks: tuple[str, ...] = ("Sunrise",)
    suffix: str = "wav"
    barcode: str = BARCODE
    released: date = RELEASED
    seconds: int = SECONDS

    def isrc(self, number: int) -> str:
        return f"GBDUM26{number:05}"

    def file(self, number: int) -> str:
        return f"{number:02}_{self.tracks[number - 1].replace(' ', '')}.{self.suffix}"

    @property
    def folder(self) -> str:
        artist, title = self.artist.replace(" ", ""), self.title.replace(" ", "")
        return f"{artist}_{title}_{self.barcode}_{self.released:%Y%m%d}"


_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<NewReleaseMessage
  xmlns="http://ddex.net/xml/ern/382"
  MessageSchemaVersionId="ern/382"
  LanguageAndScriptCode="en">

  <MessageHeader>
    <MessageThreadId>MSG-001</MessageThreadId>
    <MessageId>MSG-001</MessageId>
    <MessageSender>
      <PartyId>LABEL</PartyId>
      <PartyName><FullName>Sunrise Records</FullName></PartyName>
    </MessageSender>
    <MessageRecipient>
      <PartyId>INTERSPACE</PartyId>
    </MessageRecipient>
    <MessageCreatedDateTime>2026-03-20T10:00:00</MessageCreatedDateTime>
    <MessageControlType>LiveMessage</MessageControlType>
  </MessageHeader>

  <ResourceList>
"""

_RECORDING: Final = """    <SoundRecording>
      <SoundRecordingType>MusicalWorkSoundRecording</SoundRecordingType>
      <SoundRecordingId>
        <ISRC>{isrc}</ISRC>
      </SoundRecordingId>
      <ResourceReference>A{number}</ResourceReference>
      <ReferenceTitle>
        <TitleText>{title}</TitleText>
      </ReferenceTitle>
      <Duration>PT{seconds}S</Duration>
      <SoundRecordingDetailsByTerritory>
        <TerritoryCode>Worldwide</TerritoryCode>
        <DisplayArtist>
          <PartyName><FullName>{artist}</FullName></PartyName>
          <ArtistRole>MainArtist</ArtistRole>
        </DisplayArtist>
        <IndirectResourceContributor>
          <PartyName><FullName>Ada Obi</FullName></PartyName>
          <IndirectResourceContributorRole>Composer</IndirectResourceContributorRole>
        </IndirectResourceContributor>
        <Genre><GenreText>Afrobeats</GenreText></Genre>
        <ParentalWarningType>NotExplicit</ParentalWarningType>
        <TechnicalSoundRecordingDetails>
          <TechnicalResourceDetailsReference>T{number}</TechnicalResourceDetailsReference>
          <AudioCodecType>{codec}</AudioCodecType>
          <File>
            {file}
          </File>
        </TechnicalSoundRecordingDetails>
      </SoundRecordingDetailsByTerritory>
    </SoundRecording>
"""

_GUIDE_TAIL: Final = """  </ResourceList>

  <ReleaseList>
    <Release>
      <ReleaseId>
        <UPC>{barcode}</UPC>
      </ReleaseId>
      <ReleaseReference>R1</ReleaseReference>
      <ReferenceTitle>
        <TitleText>{title}</TitleText>
      </ReferenceTitle>
      <ReleaseDate>{released}</ReleaseDate>
      <ReleaseType>{type}</ReleaseType>
      <ReleaseResourceReferenceList>
{references}
      </ReleaseResourceReferenceList>
      <PLine><Year>2026</Year><PLineText>2026 Sunrise Records</PLineText></PLine>
      <CLine><Year>2026</Year><CLineText>2026 Sunrise Records</CLineText></CLine>
    </Release>
  </ReleaseList>

  <DealList>
    <ReleaseDeal>
      <DealReleaseReference>R1</DealReleaseReference>
      <Deal>
        <DealTerms>
          <CommercialModelType>SubscriptionModel</CommercialModelType>
          <Usage><UseType>OnDemandStream</UseType></Usage>
          <TerritoryCode>Worldwide</TerritoryCode>
          <ValidityPeriod><StartDate>{released}</StartDate></ValidityPeriod>
        </DealTerms>
      </Deal>
    </ReleaseDeal>
  </DealList>

</NewReleaseMessage>
"""


def guide_xml(sheet: Sheet) -> str:
    """The message in the guide's spelling."""
    codec = sheet.suffix.upper()
    recordings = [_recording(sheet, number, codec, f"<URI>{sheet.file(number)}</URI>") for number in _numbers(sheet)]
    references = "\n".join(
        f"        <ReleaseResourceReference>A{number}</ReleaseResourceReference>" for number in _numbers(sheet)
    )
    tail = _GUIDE_TAIL.format(
        barcode=sheet.barcode, title=sheet.title, released=sheet.released, type=sheet.type, references=references
    )
    return _HEAD + "".join(recordings) + tail


def _recording(sheet: Sheet, number: int, codec: str, file: str) -> str:
    return _RECORDING.format(
        isrc=sheet.isrc(number),
        number=number,
        title=sheet.tracks[number - 1],
        seconds=sheet.seconds,
        artist=sheet.artist,
        codec=codec,
        file=file,
    )


def _numbers(sheet: Sheet) -> range:
    return range(1, len(sheet.tracks) + 1)


_IMAGE: Final = """    <Image>
      <ImageType>FrontCoverImage</ImageType>
      <ImageId><ProprietaryId Namespace="PADPIDA2026032001X">COVER-1</ProprietaryId></ImageId>
      <ResourceReference>A99</ResourceReference>
      <ImageDetailsByTerritory>
        <TerritoryCode>Worldwide</TerritoryCode>
        <TechnicalImageDetails>
          <TechnicalResourceDetailsReference>T99</TechnicalResourceDetailsReference>
          <ImageCodecType>JPEG</ImageCodecType>
          <File><FileName>artwork.jpg</FileName><FilePath>resources/</FilePath></File>
        </TechnicalImageDetails>
      </ImageDetailsByTerritory>
    </Image>
"""

_MAIN_RELEASE: Final = """    <Release IsMainRelease="true">
      <ReleaseId><ICPN IsEan="true">{barcode}</ICPN></ReleaseId>
      <ReleaseReference>R0</ReleaseReference>
      <ReferenceTitle><TitleText>{title}</TitleText></ReferenceTitle>
      <ReleaseResourceReferenceList>
{references}
      </ReleaseResourceReferenceList>
      <ReleaseType>{type}</ReleaseType>
      <ReleaseDetailsByTerritory>
        <TerritoryCode>Worldwide</TerritoryCode>
        <LabelName>Sunrise Records</LabelName>
        <DisplayArtist SequenceNumber="1">
          <PartyName><FullName>{artist}</FullName></PartyName>
          <ArtistRole>MainArtist</ArtistRole>
        </DisplayArtist>
        <ParentalWarningType>NotExplicit</ParentalWarningType>
        <ResourceGroup>
          <ResourceGroup>
            <Title><TitleText>Disc-1</TitleText></Title>
            <SequenceNumber>1</SequenceNumber>
{items}
          </ResourceGroup>
        </ResourceGroup>
        <Genre><GenreText>Afrobeats</GenreText></Genre>
        <ReleaseDate>{released}</ReleaseDate>
      </ReleaseDetailsByTerritory>
      <PLine><Year>2026</Year><PLineText>2026 Sunrise Records</PLineText></PLine>
      <CLine><Year>2026</Year><CLineText>2026 Sunrise Records</CLineText></CLine>
    </Release>
"""

_TRACK_RELEASE: Final = """    <Release>
      <ReleaseId><ISRC>{isrc}</ISRC></ReleaseId>
      <ReleaseReference>R{number}</ReleaseReference>
      <ReferenceTitle><TitleText>{title}</TitleText></ReferenceTitle>
      <ReleaseResourceReferenceList>
        <ReleaseResourceReference>A{number}</ReleaseResourceReference>
      </ReleaseResourceReferenceList>
      <ReleaseType>TrackRelease</ReleaseType>
      <ReleaseDetailsByTerritory>
        <TerritoryCode>Worldwide</TerritoryCode>
      </ReleaseDetailsByTerritory>
    </Release>
"""

_DEALS: Final = """  </ReleaseList>
  <DealList>
    <ReleaseDeal>
      <DealReleaseReference>R0</DealReleaseReference>
      <Deal>
        <DealTerms>
          <CommercialModelType>SubscriptionModel</CommercialModelType>
          <Usage><UseType>OnDemandStream</UseType></Usage>
          <TerritoryCode>Worldwide</TerritoryCode>
          <ValidityPeriod><StartDate>{released}</StartDate></ValidityPeriod>
        </DealTerms>
      </Deal>
    </ReleaseDeal>
  </DealList>
</ern:NewReleaseMessage>
"""


def ern_xml(sheet: Sheet) -> str:
    """The message in genuine ERN 3.8.2: `ern:` prefix, ICPN, FileName and FilePath, ResourceGroup, TrackReleases."""
    head = _HEAD.replace("<NewReleaseMessage\n  xmlns=", "<ern:NewReleaseMessage\n  xmlns:ern=")
    files = {
        number: f"<FileName>{sheet.file(number)}</FileName>\n            <FilePath>resources/</FilePath>"
        for number in _numbers(sheet)
    }
    recordings = "".join(_recording(sheet, number, "FLAC", files[number]) for number in _numbers(sheet))
    main = _MAIN_RELEASE.format(
        barcode=sheet.barcode,
        title=sheet.title,
        type=sheet.type,
        artist=sheet.artist,
        released=sheet.released,
        references=_all_references(sheet),
        items="\n".join(_group_item(number) for number in _numbers(sheet)),
    )
    tracks = "".join(
        _TRACK_RELEASE.format(isrc=sheet.isrc(number), number=number, title=sheet.tracks[number - 1])
        for number in _numbers(sheet)
    )
    lists = f"{recordings}{_IMAGE}  </ResourceList>\n  <ReleaseList>\n{main}{tracks}"
    return head + lists + _DEALS.format(released=sheet.released)


def _all_references(sheet: Sheet) -> str:
    primary = [_reference(f"A{number}", "PrimaryResource") for number in _numbers(sheet)]
    return "\n".join([*primary, _reference("A99", "SecondaryResource")])


def _reference(name: str, kind: str) -> str:
    return f'        <ReleaseResourceReference ReleaseResourceType="{kind}">{name}</ReleaseResourceReference>'


def _group_item(number: int) -> str:
    return (
        f"            <ResourceGroupContentItem><SequenceNumber>{number}</SequenceNumber>"
        "<ResourceType>SoundRecording</ResourceType>"
        f'<ReleaseResourceReference ReleaseResourceType="PrimaryResource">A{number}</ReleaseResourceReference>'
        "</ResourceGroupContentItem>"
    )
