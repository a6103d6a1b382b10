"""Dossiers made by hand: a good single of one track, any part of which can be replaced."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import TypeVar

from ingest.core.deals import Deal, Period
from ingest.core.dossier import Dossier, Folder, Policy, ResolvedFile
from ingest.core.facts import ArtworkFacts, AudioFacts, Container, FileEntry, FileKind, Measurement
from ingest.core.finding import Finding
from ingest.core.message import Dialect, Header, Message, MessageRelease, ResourceUse, TrackEntry
from ingest.core.resources import Artist, FileReference, Genre, Line, SoundRecording, TechnicalDetails, Title
from ingest.core.text import Text
from ingest.rules import check

Part = TypeVar("Part")

POLICY = Policy(received=date(2026, 3, 23))
MESSAGE = "metadata.xml"
AUDIO = "01_Sunrise.wav"
COVER = "artwork.jpg"


def text(value: str, line: int = 1) -> Text:
    return Text(value, line)


def title(words: str, line: int = 12) -> Title:
    return Title(text(words, line), None, line)


MEASUREMENT = Measurement(
    frames=1_367_100,
    sample_peak=-4.4,
    true_peak=-3.1,
    true_peak_at=1.0,
    true_peak_itu=-3.2,
    clipped_runs=0,
    clipped_at=(),
    silence_level=-60.0,
    lead_silence=0.0,
    trail_silence=0.0,
    lead_digital_silence=0.0,
    trail_digital_silence=0.0,
    is_silent=False,
    effective_bits=24,
)

MASTER = AudioFacts(
    file=AUDIO,
    size=8_202_644,
    suffix=".wav",
    container=Container.WAV,
    codec="PCM",
    sample_rate=44100,
    channels=2,
    bits=24,
    frames=1_367_100,
    duration=31.0,
    measurement=MEASUREMENT,
)

PICTURE = ArtworkFacts(
    file=COVER, size=2_000_000, suffix=".jpg", format="JPEG", width=3000, height=3000, mode="RGB", depth=8
)

REFERENCE = FileReference(name=text(AUDIO, 34), element="URI")

RECORDING = SoundRecording(
    line=22,
    reference=text("A1", 26),
    isrc=text("GBDUM2600001", 24),
    title=title("Sunrise", 28),
    duration=text("PT31S", 29),
    duration_seconds=31.0,
    display_artists=(Artist(text("Ayo Lande", 31), (text("MainArtist", 31),), 31),),
    writers=(Artist(text("Ada Obi", 32), (text("Composer", 32),), 32),),
    genres=(Genre(text("Afrobeats", 32), None, 32),),
    parental_warnings=(text("NotExplicit", 33),),
    technical_details=(TechnicalDetails(line=34, files=(REFERENCE,)),),
)

RELEASE = MessageRelease(
    line=50,
    is_main=None,
    references=(text("R1", 51),),
    barcode=text("5034567890120", 52),
    title=title("Sunrise", 53),
    types=(text("Single", 55),),
    resources=(ResourceUse(text("A1", 56)),),
    release_date=text("2026-04-01", 54),
    p_lines=(Line(text("2026", 57), None, text("2026 Sunrise Records", 57), 57),),
    c_lines=(Line(text("2026", 58), None, text("2026 Sunrise Records", 58), 58),),
)

DEAL = Deal(
    line=60,
    releases=(text("R1", 61),),
    territories=(text("Worldwide", 63),),
    periods=(Period(text("2026-04-01", 64), None, 64),),
)


def message_of(
    recordings: tuple[SoundRecording, ...] = (RECORDING,),
    releases: tuple[MessageRelease, ...] = (RELEASE,),
    deals: tuple[Deal, ...] = (DEAL,),
) -> Message:
    """A message in the guide's spelling, its tracks in document order."""
    return Message(
        file=MESSAGE,
        root="NewReleaseMessage",
        dialect=Dialect.GUIDE,
        version="382",
        schema_version_id=text("ern/382"),
        language="en",
        header=Header(line=7, created=text("2026-03-20T10:00:00", 17), control_type=text("LiveMessage", 18)),
        recordings=recordings,
        releases=releases,
        deals=deals,
        main=0 if releases else None,
        tracks=tuple(TrackEntry(index + 1, 1, index) for index in range(len(recordings))),
        has_deal_list=bool(deals),
    )


GOOD = Dossier(
    folder=Folder(
        "AyoLande_Sunrise_5034567890120_20260401",
        entries=(
            FileEntry(MESSAGE, 4000, FileKind.MESSAGE),
            FileEntry(AUDIO, 8_202_644, FileKind.AUDIO, "aa"),
            FileEntry(COVER, 2_000_000, FileKind.IMAGE, "bb"),
        ),
    ),
    message=message_of(),
    unreadable=None,
    files=(ResolvedFile(REFERENCE, AUDIO, "exact", recording=0),),
    audio=(MASTER,),
    artwork=(PICTURE,),
    cover=COVER,
)


def with_audio(facts: AudioFacts) -> Dossier:
    return replace(GOOD, audio=(facts,))


def with_sound(measurement: Measurement) -> Dossier:
    return with_audio(replace(MASTER, measurement=measurement))


def with_cover(facts: ArtworkFacts) -> Dossier:
    return replace(GOOD, artwork=(facts,))


def with_message(message: Message) -> Dossier:
    return replace(GOOD, message=message)


def with_recording(recording: SoundRecording) -> Dossier:
    return with_message(message_of(recordings=(recording,)))


def with_release(release: MessageRelease) -> Dossier:
    return with_message(message_of(releases=(release,)))


def with_deals(*deals: Deal) -> Dossier:
    return with_message(message_of(deals=deals))


def titled(words: str) -> Dossier:
    """The single and its track under another title."""
    return with_message(message_of((replace(RECORDING, title=title(words)),), (replace(RELEASE, title=title(words)),)))


def with_texts(part: Part, words: str) -> Part:
    """A message, or a part of one, in which every text says the same."""
    if isinstance(part, Text):
        return replace(part, value=words)
    if isinstance(part, tuple):
        return type(part)(with_texts(one, words) for one in part)
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{one.name: with_texts(getattr(part, one.name), words) for one in fields(part)})
    return part


def codes(dossier: Dossier, policy: Policy = POLICY) -> list[str]:
    return [finding.code for finding in check(dossier, policy)]


def only(dossier: Dossier, policy: Policy = POLICY) -> Finding:
    """The one finding that there is."""
    (finding,) = check(dossier, policy)
    return finding
