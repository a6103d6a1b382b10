"""The release that a package's message is about, read from its dossier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ingest.core.allowed import WORLDWIDE
from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.message import Message, MessageRelease
from ingest.core.release import MAIN_ARTIST, DateSource, Release, ReleaseTrack, joined_names
from ingest.core.release_parts import (
    GRID,
    Credit,
    ExternalId,
    ReleaseGenre,
    ReleaseImage,
    RightsLine,
    TerritoryDetails,
    TypedTitle,
)
from ingest.core.resources import Artist, Genre, Identifier, Line, TerritoryBlock, Title
from ingest.core.text import Text

FRONT_COVER: Final = "FrontCoverImage"
_FORMAL: Final = frozenset({None, "FormalTitle", "DisplayTitle"})
"""Types of titles that say the title itself, as ReferenceTitle does, when they say the same."""


def release_of(dossier: Dossier) -> Release | None:
    """The main release of the package's message; None where the message cannot be read or holds no release."""
    message = dossier.message
    main = None if message is None else message.main_release
    if message is None or main is None:
        return None
    artists = _artists(message, main)
    return Release(
        barcode=_value(main.barcode),
        grid=_value(main.grid),
        catalogue_number=_value(main.catalog_number),
        title=_title(main.title),
        version=_version(main.title),
        artists=artists,
        label_name=_value(main.label_name),
        types=_values(main.types),
        release_date=_value(message.release_date),
        date_source=_date_source(message, main),
        original_date=_value(main.original_release_date or main.global_original_release_date),
        genres=_genres(main.genres),
        parental_warnings=_values(main.parental_warnings),
        p_lines=_rights(main.p_lines),
        c_lines=_rights(main.c_lines),
        tracks=_tracks(message, dossier),
        ids=_ids(main.proprietary_ids),
        other_titles=_other_titles(main.titles, main.title),
        display_name=_display_name(main.display_artist_name, artists),
        territories=_territories(main.territories),
        excluded=_values(main.excluded_territories),
        elsewhere=tuple(map(_elsewhere, main.blocks)),
        images=_images(dossier, message),
        language=message.language,
    )


def _tracks(message: Message, dossier: Dossier) -> tuple[ReleaseTrack, ...]:
    own = _own_releases(message)
    previews = {f.recording: f.path for f in dossier.files if f.recording is not None and f.reference.is_preview}
    joined = zip(message.tracks, tracks(dossier), strict=True)
    return tuple(_track(track, entry.disc, own, previews.get(entry.recording)) for entry, track in joined)


def _track(track: Track, disc: int, own: dict[str, MessageRelease], preview: str | None) -> ReleaseTrack:
    recording = track.recording
    measured = None if track.audio is None else track.audio.duration
    artists = _credits(recording.display_artists) or _one(recording.display_artist_name)
    reference = _value(recording.reference)
    release = None if reference is None else own.get(reference)
    return ReleaseTrack(
        number=track.number,
        disc=disc,
        isrc=_value(recording.isrc),
        title=_title(recording.title),
        version=_version(recording.title),
        artists=artists,
        seconds=recording.duration_seconds if measured is None else measured,
        p_lines=_rights(recording.p_lines),
        type=_value(recording.type),
        catalogue_number=_value(recording.catalog_number),
        ids=_ids(recording.proprietary_ids),
        iswcs=_values(recording.iswcs),
        other_titles=_other_titles(recording.titles, recording.title),
        display_name=_display_name(recording.display_artist_name, artists),
        contributors=_credits(recording.contributors),
        writers=_credits(recording.writers),
        label_name=_value(recording.label_name),
        genres=_genres(recording.genres),
        parental_warnings=_values(recording.parental_warnings),
        language=_value(recording.language),
        is_instrumental=recording.is_instrumental,
        territories=_territories(recording.territories),
        excluded=_values(recording.excluded_territories),
        elsewhere=tuple(map(_elsewhere, recording.blocks)),
        release_ids=() if release is None else _release_ids(release),
        file=_path(track),
        preview=preview,
    )


def _path(track: Track) -> str | None:
    return None if track.file is None else track.file.path


def _own_releases(message: Message) -> dict[str, MessageRelease]:
    """The releases of single recordings, by the reference of the recording."""
    others = (one for number, one in enumerate(message.releases) if number != message.main)
    return {one.resources[0].reference.value: one for one in others if len(one.resources) == 1}


def _release_ids(release: MessageRelease) -> tuple[ExternalId, ...]:
    grid = () if release.grid is None else (ExternalId(release.grid.value, GRID),)
    return (*grid, *_ids(release.proprietary_ids))


def _images(dossier: Dossier, message: Message) -> tuple[ReleaseImage, ...]:
    """The images of the message; the cover also where no image of the message names its file."""
    paths = {file.image: file.path for file in dossier.files if file.image is not None}
    named = tuple(
        ReleaseImage(paths.get(number), _value(image.type), _ids(image.proprietary_ids))
        for number, image in enumerate(message.images)
    )
    if dossier.cover is None or any(image.file is not None for image in named):
        return named
    covers = [number for number, image in enumerate(named) if image.type in (None, FRONT_COVER)]
    if not covers:
        return (*named, ReleaseImage(dossier.cover, FRONT_COVER))
    return tuple(replace(one, file=dossier.cover) if n == covers[0] else one for n, one in enumerate(named))


def _elsewhere(block: TerritoryBlock) -> TerritoryDetails:
    return TerritoryDetails(
        territories=_values(block.territories),
        excluded=_values(block.excluded),
        titles=tuple(_typed_titles(block.titles)),
        artists=_credits(block.display_artists),
        display_name=_value(block.display_artist_name),
        label_name=_value(block.label_name),
        genres=_genres(block.genres),
        parental_warnings=_values(block.parental_warnings),
        p_lines=_rights(block.p_lines),
        c_lines=_rights(block.c_lines),
        release_date=_value(block.release_date),
        original_date=_value(block.original_release_date),
    )


def _artists(message: Message, main: MessageRelease) -> tuple[Credit, ...]:
    """Those of the release, else its display name, else the main artists of its tracks, each once."""
    if _main_names(main.display_artists):
        return _credits(main.display_artists)
    if main.display_artist_name is not None:
        return _one(main.display_artist_name)
    each = (message.recording_of(track).display_artists for track in message.tracks)
    names = dict.fromkeys(name for artists in each for name in _main_names(artists))
    return tuple(Credit(name, (MAIN_ARTIST,)) for name in names)


def _main_names(artists: Sequence[Artist]) -> list[str]:
    """The names of the main artists, without those that have none; of all artists where none is a main artist."""
    main = [artist for artist in artists if any(role.value == MAIN_ARTIST for role in artist.roles)]
    return [artist.name.value for artist in main or artists if artist.name is not None]


def _credits(artists: Sequence[Artist]) -> tuple[Credit, ...]:
    named = ((artist, artist.name) for artist in artists)
    return tuple(Credit(name.value, _values(one.roles), _ids(one.ids)) for one, name in named if name is not None)


def _one(name: Text | None) -> tuple[Credit, ...]:
    return () if name is None else (Credit(name.value),)


def _display_name(said: Text | None, artists: Sequence[Credit]) -> str | None:
    """How the artists are to be shown, unless that is their names joined."""
    return None if said is None or said.value == joined_names(artists) else said.value


def _date_source(message: Message, main: MessageRelease) -> DateSource:
    if main.release_date is not None or message.release_date is None:
        return DateSource.RELEASE_DATE
    others = (main.original_release_date, main.global_release_date, main.global_original_release_date)
    return DateSource.DEAL if others == (None, None, None) else DateSource.OTHER_DATE


def _territories(codes: Sequence[Text]) -> tuple[str, ...]:
    """The codes; none where that is the whole world."""
    found = _values(codes)
    return () if found == (WORLDWIDE,) else found


def _rights(lines: Sequence[Line]) -> tuple[RightsLine, ...]:
    return tuple(RightsLine(_value(line.year), _value(line.company), _value(line.text)) for line in lines)


def _genres(genres: Sequence[Genre]) -> tuple[ReleaseGenre, ...]:
    return tuple(ReleaseGenre(one.text.value, _value(one.subgenre)) for one in genres if one.text is not None)


def _other_titles(titles: Sequence[Title], reference: Title | None) -> tuple[TypedTitle, ...]:
    """The titles that say more than the reference title does."""
    same = _title(reference), _version(reference)
    found = _typed_titles(titles)
    return tuple(one for one in found if one.type not in _FORMAL or (one.text, one.subtitle) != same)


def _typed_titles(titles: Iterable[Title]) -> Iterable[TypedTitle]:
    named = ((title, title.text) for title in titles)
    return (TypedTitle(text.value, _version(one), one.type, one.language) for one, text in named if text is not None)


def _ids(ids: Sequence[Identifier]) -> tuple[ExternalId, ...]:
    return tuple(ExternalId(one.value, one.scheme) for one in ids)


def _title(title: Title | None) -> str | None:
    return None if title is None else _value(title.text)


def _version(title: Title | None) -> str | None:
    return None if title is None else _value(title.subtitle)


def _values(texts: Sequence[Text]) -> tuple[str, ...]:
    return tuple(text.value for text in texts)


def _value(text: Text | None) -> str | None:
    return None if text is None else text.value
