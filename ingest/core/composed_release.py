"""A release of the REST API as a Release, from the fields that an integrator sent (guide, "Create Release", "Create
Track") and what was measured of its files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ingest.core.languages import INSTRUMENTAL, language_code
from ingest.core.offer import Offer
from ingest.core.release import MAIN_ARTIST, Release, ReleaseTrack
from ingest.core.release_parts import Credit, ReleaseGenre, ReleaseImage, RightsLine

FEATURED: Final = "FeaturedArtist"
WRITER: Final = "ComposerLyricist"
FRONT_COVER: Final = "FrontCoverImage"
TYPES: Final = {"single": "Single", "album": "Album", "ep": "EP"}
DAY: Final = len("2026-01-01")
WARNINGS: Final = {True: "Explicit", False: "NotExplicit", None: "NoAdviceAvailable"}
DOWNLOADS: Final = frozenset({"PermanentDownload", "ConditionalDownload", "Download", "TetheredDownload"})
SALES: Final = "PayAsYouGoModel"
LONGEST_NAME: Final = 60
_YEAR: Final = re.compile(r"\b(?:19|20)\d{2}\b")


@dataclass(frozen=True, slots=True)
class ComposedTrack:
    """The fields of a track, the name of its file in the package, and its length in seconds as measured."""

    fields: Mapping[str, Any]
    file: str
    seconds: float | None


def composed_release(fields: Mapping[str, Any], tracks: Sequence[ComposedTrack], cover: str) -> Release:
    """The release; `cover` is the name of its file in the package. Fields that no message says are left out."""
    lines = (RightsLine(fields["yearOfCopyright"], fields["copyrightHolder"], _text(fields, "℗")),)
    listed = tuple(_track(number, fields, track, lines) for number, track in enumerate(tracks, start=1))
    warnings = [track.parental_warnings[0] for track in listed]
    return Release(
        barcode=fields.get("upcCode"),
        title=fields["releaseTitle"],
        version=fields.get("releaseVersion"),
        artists=_artists(fields),
        label_name=fields["labelName"],
        types=(TYPES[fields["releaseType"].lower()],),
        release_date=fields["releaseDate"][:DAY],
        original_date=_day(fields.get("pastReleaseDate")),
        genres=(ReleaseGenre(fields["genre"], fields.get("subGenre")),),
        parental_warnings=tuple(one for one in WARNINGS.values() if one in warnings)[:1],
        p_lines=lines,
        c_lines=tuple(_c_line(fields, text) for text in fields["albumCopyright"]),
        tracks=listed,
        images=(ReleaseImage(cover, FRONT_COVER),),
        language=language_code(fields["language"]),
    )


def _track(
    number: int, release: Mapping[str, Any], track: ComposedTrack, lines: tuple[RightsLine, ...]
) -> ReleaseTrack:
    fields = track.fields
    is_instrumental = fields["language"].lower() in INSTRUMENTAL
    return ReleaseTrack(
        number=number,
        isrc=fields.get("isrcCode"),
        title=fields["trackTitle"],
        version=fields.get("trackVersion"),
        artists=_artists(fields),
        seconds=track.seconds,
        p_lines=lines,
        contributors=_contributors(release, fields),
        writers=tuple(Credit(name, (WRITER,)) for name in fields["writer"]),
        label_name=release["labelName"],
        genres=(ReleaseGenre(release["genre"], release.get("subGenre")),),
        parental_warnings=(WARNINGS[fields.get("explicitContent")],),
        language=None if is_instrumental else language_code(fields["language"]),
        is_instrumental=is_instrumental or None,
        file=track.file,
    )


def _named(fields: Mapping[str, Any], names: str, roles: str) -> list[tuple[str, str]]:
    return list(zip(fields.get(names) or (), fields.get(roles) or (), strict=False))


def role(text: str) -> str:
    """A role as the standard writes it: `Featured Artist` is `FeaturedArtist`."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    return "".join(word[:1].upper() + word[1:] for word in words) or text


def _artists(fields: Mapping[str, Any]) -> tuple[Credit, ...]:
    """Who is displayed: the primary artist, and those whose role is that of an artist."""
    others = ((name, _artist_role(said)) for name, said in _named(fields, "otherArtist", "otherArtistRole"))
    shown = tuple(Credit(name, (as_,)) for name, as_ in others if as_ is not None)
    return (Credit(fields["primaryArtistName"], (MAIN_ARTIST,)), *shown)


def _artist_role(said: str) -> str | None:
    """The ArtistRole of who is displayed; None for everybody else."""
    if role(said).startswith("Feat"):
        return FEATURED
    return MAIN_ARTIST if role(said) in (MAIN_ARTIST, "PrimaryArtist", "Primary", "Artist") else None


def _contributors(release: Mapping[str, Any], fields: Mapping[str, Any]) -> tuple[Credit, ...]:
    """Everybody else with a role: collaborators, others of the track and of the release, its remixer."""
    said = _named(fields, "collaboratorName", "collaboratorRole")
    said += _named(fields, "otherArtist", "otherArtistRole") + _named(release, "otherArtist", "otherArtistRole")
    said += [(release["remixer"], "Remixer")] if release.get("remixer") else []
    roles: dict[str, dict[str, None]] = {}
    for name, one in said:
        if _artist_role(one) is None:
            roles.setdefault(name, {})[role(one)] = None
    return tuple(Credit(name, tuple(given)) for name, given in roles.items())


def _text(fields: Mapping[str, Any], sign: str) -> str:
    return f"{sign} {fields['yearOfCopyright']} {fields['copyrightHolder']}"


def _c_line(fields: Mapping[str, Any], text: str) -> RightsLine:
    year = _YEAR.search(text)
    return RightsLine(year[0] if year else fields["yearOfCopyright"], fields["copyrightHolder"], text)


def _day(text: str | None) -> str | None:
    return None if text is None else text[:DAY]


def composed_offers(models: Sequence[str], uses: Sequence[str], start: str) -> tuple[Offer, ...]:
    """The terms on which a release is offered everywhere from `start` on: streams by one offer, downloads by another.

    A download is sold, a stream is part of a subscription or paid by advertisement.
    """
    downloads = tuple(use for use in uses if use in DOWNLOADS)
    streams = tuple(use for use in uses if use not in DOWNLOADS)
    sold = tuple(model for model in models if model == SALES)
    rest = tuple(model for model in models if model != SALES)
    terms = ((rest or sold, streams), (sold or rest, downloads))
    return tuple(Offer(on, for_, ("Worldwide",), start=start[:DAY]) for on, for_ in terms if on and for_)


def audio_name(number: int, title: str, suffix: str) -> str:
    """The name of a track's file, as the guide advises: `01_OpeningTrack.wav`."""
    return f"{number:02}_{_plain(title) or 'Track'}{suffix}"


def folder_name(artist: str, title: str, barcode: str | None, date: str) -> str:
    """The name of a release folder, as the guide advises: `ArtistName_AlbumTitle_UPC_YYYYMMDD`."""
    parts = (_plain(artist) or "Artist", _plain(title) or "Release", barcode, date[:DAY].replace("-", ""))
    return "_".join(filter(None, parts))


def _plain(text: str) -> str:
    """The letters and digits of ASCII in a text, words joined, each with a capital."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", bare))[:LONGEST_NAME]
