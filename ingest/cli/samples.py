"""Sample releases made on the spot: a good one, and one with three things to fix."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from ingest.host import private

RATE: Final = 44_100
ARTIST: Final = "Ama Beats"


@dataclass(frozen=True, slots=True)
class SampleTrack:
    title: str
    file: str
    isrc: str
    seconds: float = 45.0
    peak: float = 0.7
    genre: str | None = "Afrobeats"


@dataclass(frozen=True, slots=True)
class Sample:
    """A release in the guide's dialect. `side` is the cover's, in pixels."""

    title: str
    barcode: str
    release_type: str
    tracks: tuple[SampleTrack, ...]
    side: int = 3000
    released: date = field(default_factory=lambda: date.today() + timedelta(days=28))

    @property
    def folder(self) -> str:
        """Artist, title, barcode and release date, as the guide recommends ("Naming your release folder")."""
        return "_".join((_joined(ARTIST), _joined(self.title), self.barcode, f"{self.released:%Y%m%d}"))


def good() -> Sample:
    """A release that meets every must of the guide."""
    tracks = (
        SampleTrack("Morning Light", "01_MorningLight.wav", "GBDUM2600001"),
        SampleTrack("Lagos by Night", "02_LagosByNight.wav", "GBDUM2600002"),
    )
    return Sample("Morning Light", "5034567890120", "Single", tracks)


def broken() -> Sample:
    """The same with a small cover, a track mastered too hot and a missing genre."""
    first, second = good().tracks
    tracks = (replace(first, peak=1.0), replace(second, genre=None))
    return replace(good(), title="Second Light", barcode="5034567890137", tracks=tracks, side=2000)


def _joined(name: str) -> str:
    return "".join(part for part in name.split())


def write(sample: Sample, parent: Path) -> Path:
    """Write the release as a folder below `parent`; returns the folder."""
    folder = parent / sample.folder
    private.make_folder(folder)
    private.write(folder / "metadata.xml", xml_of(sample))
    for number, track in enumerate(sample.tracks):
        write_wav(folder / track.file, track.seconds, track.peak, 220.0 + 55 * number)
    write_cover(folder / "artwork.jpg", sample.side)
    return folder


def write_wav(path: Path, seconds: float, peak: float, pitch: float) -> None:
    """A stereo chord that swells and falls, 24 bit, 44.1 kHz, sounding from the first sample to the last."""
    import numpy as np
    import soundfile

    t = np.arange(int(seconds * RATE)) / RATE
    swell = 0.75 + 0.25 * np.sin(2 * np.pi * 0.2 * t)
    voices = [np.sin(2 * np.pi * pitch * ratio * t) for ratio in (1.0, 1.25, 1.5)]
    left = swell * (voices[0] + 0.6 * voices[1])
    right = swell * (voices[0] + 0.6 * voices[2])
    stereo = np.stack([left, right], axis=1)
    noise = np.random.default_rng(7).normal(0, 0.05, stereo.shape)
    stereo += noise
    soundfile.write(path, peak * stereo / np.abs(stereo).max(), RATE, subtype="PCM_24")


def write_cover(path: Path, side: int) -> None:
    """A colourful square with texture enough to look like a picture."""
    import numpy as np
    from PIL import Image

    x, y = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side))
    grain = np.random.default_rng(3).integers(0, 40, (side, side))
    red = 200 * x + grain
    green = 120 * y + 60 * np.sin(12 * x) + grain
    blue = 200 * (1 - x * y) + grain
    pixels = np.clip(np.stack([red, green, blue], axis=2), 0, 255).astype("uint8")
    Image.fromarray(pixels, "RGB").save(path, quality=90)


def xml_of(sample: Sample) -> str:
    """The message, spelt as the guide spells it."""
    recordings = "\n".join(_recording(number, track) for number, track in enumerate(sample.tracks, 1))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<NewReleaseMessage xmlns="http://ddex.net/xml/ern/382" MessageSchemaVersionId="ern/382" LanguageAndScriptCode="en">
{_header(sample)}
  <ResourceList>
{recordings}
  </ResourceList>
{_release(sample)}
{_deals(sample)}
</NewReleaseMessage>
"""


def _header(sample: Sample) -> str:
    return f"""  <MessageHeader>
    <MessageThreadId>MSG-{sample.barcode}</MessageThreadId>
    <MessageId>MSG-{sample.barcode}</MessageId>
    <MessageSender>
      <PartyId>DEMO_LABEL</PartyId>
      <PartyName><FullName>Demo Label</FullName></PartyName>
    </MessageSender>
    <MessageRecipient><PartyId>INTERSPACE</PartyId></MessageRecipient>
    <MessageCreatedDateTime>{date.today().isoformat()}T10:00:00</MessageCreatedDateTime>
    <MessageControlType>LiveMessage</MessageControlType>
  </MessageHeader>"""


def _release(sample: Sample) -> str:
    references = "\n".join(
        f"        <ReleaseResourceReference>A{number}</ReleaseResourceReference>"
        for number in range(1, len(sample.tracks) + 1)
    )
    return f"""  <ReleaseList>
    <Release>
      <ReleaseId><UPC>{sample.barcode}</UPC></ReleaseId>
      <ReleaseReference>R1</ReleaseReference>
      <ReferenceTitle><TitleText>{escape(sample.title)}</TitleText></ReferenceTitle>
      <ReleaseDate>{sample.released.isoformat()}</ReleaseDate>
      <ReleaseType>{sample.release_type}</ReleaseType>
      <ReleaseResourceReferenceList>
{references}
      </ReleaseResourceReferenceList>
    </Release>
  </ReleaseList>"""


def _deals(sample: Sample) -> str:
    return f"""  <DealList>
    <ReleaseDeal>
      <DealReleaseReference>R1</DealReleaseReference>
      <Deal>
        <DealTerms>
          <CommercialModelType>SubscriptionModel</CommercialModelType>
          <Usage><UseType>OnDemandStream</UseType></Usage>
          <TerritoryCode>Worldwide</TerritoryCode>
          <ValidityPeriod><StartDate>{sample.released.isoformat()}</StartDate></ValidityPeriod>
        </DealTerms>
      </Deal>
    </ReleaseDeal>
  </DealList>"""


def _recording(number: int, track: SampleTrack) -> str:
    genre = "" if track.genre is None else f"\n        <Genre><GenreText>{escape(track.genre)}</GenreText></Genre>"
    minutes, seconds = divmod(round(track.seconds), 60)
    return f"""    <SoundRecording>
      <SoundRecordingType>MusicalWorkSoundRecording</SoundRecordingType>
      <SoundRecordingId><ISRC>{track.isrc}</ISRC></SoundRecordingId>
      <ResourceReference>A{number}</ResourceReference>
      <ReferenceTitle><TitleText>{escape(track.title)}</TitleText></ReferenceTitle>
      <Duration>PT{minutes}M{seconds}S</Duration>
      <SoundRecordingDetailsByTerritory>
        <TerritoryCode>Worldwide</TerritoryCode>
        <DisplayArtist>
          <PartyName><FullName>{ARTIST}</FullName></PartyName>
          <ArtistRole>MainArtist</ArtistRole>
        </DisplayArtist>{genre}
        <ParentalWarningType>NotExplicit</ParentalWarningType>
        <TechnicalSoundRecordingDetails>
          <TechnicalResourceDetailsReference>T{number}</TechnicalResourceDetailsReference>
          <AudioCodecType>WAV</AudioCodecType>
          <File><URI>{escape(track.file)}</URI></File>
        </TechnicalSoundRecordingDetails>
      </SoundRecordingDetailsByTerritory>
    </SoundRecording>"""
