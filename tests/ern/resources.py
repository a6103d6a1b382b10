"""The resource list of a generated message."""

from __future__ import annotations

import base64
import hashlib
from random import Random

from tests.ern.markup import leaf, lines, maybe, node, several
from tests.ern.plan import GENRES, NAMES, WARNINGS, Plan, Track, territories
from tests.ern.spelling import Spelling


def resource_list(rng: Random, plan: Plan, spelling: Spelling) -> str:
    shown = list(plan.tracks)
    if spelling.groups:
        rng.shuffle(shown)
    recordings = [_recording(rng, track, spelling) for track in shown]
    return node("ResourceList", *recordings, maybe(rng, 0.5, lambda: _cover(rng)), maybe(rng, 0.1, _booklet))


def _recording(rng: Random, track: Track, spelling: Spelling) -> str:
    return node(
        "SoundRecording",
        maybe(rng, 0.8, lambda: leaf("SoundRecordingType", "MusicalWorkSoundRecording")),
        node(
            "SoundRecordingId",
            leaf("ISRC", track.isrc),
            maybe(rng, 0.2, lambda: leaf("CatalogNumber", f"C-{track.place}", Namespace="DPID:X")),
            several(rng, 1, lambda n: leaf("ProprietaryId", f"P{track.place}", Namespace="DPID:X")),
        ),
        maybe(rng, 0.2, lambda: node("IndirectSoundRecordingId", leaf("ISWC", f"T{track.place:010}"))),
        leaf("ResourceReference", track.reference),
        node("ReferenceTitle", leaf("TitleText", track.title)),
        maybe(rng, 0.1, lambda: leaf("IsInstrumental", "false")),
        maybe(rng, 0.1, lambda: leaf("IsRemastered", rng.choice(("true", "1")))),
        maybe(rng, 0.5, lambda: leaf("LanguageOfPerformance", rng.choice(("en", "fr", "yo")))),
        leaf("Duration", _duration(rng, track.seconds)),
        maybe(rng, 0.1, lambda: leaf("CreationDate", "2025")),
        *(_details(rng, track, spelling, number) for number in range(rng.choice((1, 1, 1, 2)))),
        maybe(rng, 0.1, lambda: leaf("TerritoryOfCommissioning", "NG")),
    )


def _duration(rng: Random, seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    forms = (f"PT{minutes}M{rest}S", f"PT0H{minutes}M{rest}S", f"PT{seconds}S", f"PT{minutes}M{rest}.000S")
    return rng.choice(forms)


def _details(rng: Random, track: Track, spelling: Spelling, number: int) -> str:
    """A territory block; the second one adds to the first and repeats its file."""
    places = ["Worldwide"] if number == 0 else territories(rng)
    return node(
        "SoundRecordingDetailsByTerritory",
        *(leaf("TerritoryCode", place) for place in places),
        maybe(rng, 0.3, lambda: node("Title", leaf("TitleText", track.title), TitleType="DisplayTitle")),
        _artists(rng, track),
        maybe(rng, 0.3, lambda: _contributor(rng, "ResourceContributor", "Producer")),
        maybe(rng, 0.7, lambda: _contributor(rng, "IndirectResourceContributor", "Composer")),
        maybe(rng, 0.2, lambda: leaf("DisplayArtistName", track.artist)),
        maybe(rng, 0.3, lambda: leaf("LabelName", "Sunrise Records", LabelNameType="DisplayLabelName")),
        maybe(rng, 0.2, lambda: leaf("ResourceReleaseDate", "2026-04")),
        maybe(rng, 0.4, lambda: rights("PLine")),
        maybe(rng, 0.2, lambda: leaf("SequenceNumber", track.place)),
        maybe(rng, 0.1, lambda: leaf("MarketingComment", "Loud > quiet")),
        genre(rng),
        leaf("ParentalWarningType", rng.choice(WARNINGS)),
        _technical(rng, track, spelling, number),
        maybe(rng, 0.1, lambda: leaf("Keywords", "night; drive")),
    )


def _artists(rng: Random, track: Track) -> str:
    numbered = rng.random() < 0.5
    found = [display_artist(track.artist, ("MainArtist",), 1 if numbered else None)]
    if track.guest is not None:
        found.append(display_artist(track.guest, ("FeaturedArtist",), 2 if numbered else None))
    return lines(found)


def display_artist(name: str, roles: tuple[str, ...], number: int | None) -> str:
    said = {} if number is None else {"SequenceNumber": number}
    party = node("PartyName", leaf("FullName", name))
    return node("DisplayArtist", party, *(leaf("ArtistRole", role) for role in roles), **said)


def _contributor(rng: Random, element: str, role: str) -> str:
    return node(element, node("PartyName", leaf("FullName", rng.choice(NAMES))), leaf(f"{element}Role", role))


def genre(rng: Random) -> str:
    return node(
        "Genre", leaf("GenreText", rng.choice(GENRES)), maybe(rng, 0.3, lambda: leaf("SubGenre", rng.choice(GENRES)))
    )


def rights(name: str) -> str:
    return node(
        name, leaf("Year", 2026), leaf(f"{name}Company", "Sunrise Records"), leaf(f"{name}Text", "2026 Sunrise Records")
    )


def _technical(rng: Random, track: Track, spelling: Spelling, number: int) -> str:
    codec = {"flac": "FLAC"}.get(track.suffix, "PCM")
    if spelling.wav_codec and track.suffix != "flac":
        codec = rng.choice((track.suffix.upper(), track.suffix))
    rate, unit = rng.choice(((44.1, "kHz"), (48000, "Hz")))
    return node(
        "TechnicalSoundRecordingDetails",
        leaf("TechnicalResourceDetailsReference", f"T{track.place}_{number}"),
        maybe(rng, 0.3, lambda: leaf("ContainerFormat", "WAV") if track.suffix == "wav" else ""),
        maybe(rng, 0.8, lambda: leaf("AudioCodecType", codec)),
        maybe(rng, 0.3, lambda: leaf("NumberOfChannels", 2)),
        maybe(rng, 0.3, lambda: leaf("SamplingRate", rate, UnitOfMeasure=unit)),
        maybe(rng, 0.3, lambda: leaf("BitsPerSample", 24)),
        maybe(rng, 0.2, lambda: leaf("IsPreview", "false")),
        file(rng, track.file, spelling),
    )


def file(rng: Random, name: str, spelling: Spelling) -> str:
    named = {
        "URI": leaf("URI", name),
        "FileName": leaf("FileName", name),
        "FilePath": lines([leaf("FileName", name), leaf("FilePath", rng.choice(("resources/", "resources", "")))]),
        "URL": leaf("URL", f"resources/{name}"),
    }[spelling.file_element]
    return node("File", named, maybe(rng, 0.4, lambda: _hash_sum(rng, name)))


def _hash_sum(rng: Random, name: str) -> str:
    md5, sha = hashlib.md5(name.encode()).hexdigest(), hashlib.sha1(name.encode()).digest()
    value, algorithm = rng.choice(((md5, "MD5"), (md5.upper(), "MD5"), (base64.b64encode(sha).decode(), "SHA1")))
    return node("HashSum", leaf("HashSum", value), leaf("HashSumAlgorithmType", algorithm))


def _cover(rng: Random) -> str:
    return node(
        "Image",
        leaf("ImageType", "FrontCoverImage"),
        node("ImageId", leaf("ProprietaryId", "COVER", Namespace="DPID:X")),
        leaf("ResourceReference", "A9000"),
        node(
            "ImageDetailsByTerritory",
            leaf("TerritoryCode", "Worldwide"),
            node(
                "TechnicalImageDetails",
                leaf("TechnicalResourceDetailsReference", "T9000"),
                maybe(rng, 0.5, lambda: leaf("ImageCodecType", "JPEG")),
                node("File", leaf("FileName", "artwork.jpg")),
            ),
        ),
    )


def _booklet() -> str:
    return node(
        "Text",
        node("TextId", leaf("ProprietaryId", "BOOK", Namespace="DPID:X")),
        leaf("ResourceReference", "A9001"),
        node("TextDetailsByTerritory", leaf("TerritoryCode", "Worldwide")),
    )
