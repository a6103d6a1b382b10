"""The ReleaseList in ERN 4.3: the release with its running order, and a TrackRelease for each track."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import GRID, ReleaseGenre
from ingest.outbound.ern.composites import (
    MAIN_REFERENCE,
    image_reference,
    our_id,
    recording_reference,
    release_reference,
    write_lines,
    write_proprietary_ids,
)
from ingest.outbound.ern.markup import Element, duration, leaf, node
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v43.parties import Parties
from ingest.outbound.ern.v43.parts import (
    DEFAULT,
    placed,
    term,
    write_display_artists,
    write_genres,
    write_titles,
    write_warnings,
)

NO_GENRE: Final = (ReleaseGenre("Unknown"),)
"""4.3 demands a genre."""


def write_releases(parent: Element, outgoing: Outgoing, parties: Parties) -> None:
    """The ReleaseList."""
    listed = node(parent, "ReleaseList")
    _write_main(listed, outgoing, parties)
    for track in outgoing.release.tracks:
        _write_track(listed, outgoing, parties, track)


def _write_main(parent: Element, outgoing: Outgoing, parties: Parties) -> None:
    release, namespace = outgoing.release, outgoing.transmission.namespace
    written = node(parent, "Release")
    leaf(written, "ReleaseReference", MAIN_REFERENCE)
    for each in release.types or ("Unknown",):
        term(written, "ReleaseType", each, "ReleaseType_ERN4", namespace)
    write_release_id(node(written, "ReleaseId"), release, namespace)
    write_titles(written, release)
    write_display_artists(written, release, parties, namespace)
    _write_labels(written, outgoing, parties)
    for name, lines in (("PLine", release.p_lines), ("CLine", release.c_lines)):
        write_lines(written, name, lines, dict(DEFAULT))
        for attributes, details in placed(release.elsewhere):
            write_lines(written, name, details.p_lines if name == "PLine" else details.c_lines, attributes)
    leaf(written, "Duration", duration(sum(track.seconds or 0 for track in release.tracks)))
    write_genres(written, genres_of(release), dict(DEFAULT))
    for attributes, details in placed(release.elsewhere):
        write_genres(written, details.genres, attributes)
    _write_dates(written, release)
    write_warnings(written, release, namespace)
    _write_groups(written, outgoing)


def genres_of(release: Release) -> Sequence[ReleaseGenre]:
    """The genres of the release, else those of its first track that has any."""
    return release.genres or next((track.genres for track in release.tracks if track.genres), NO_GENRE)


def write_release_id(parent: Element, release: Release, namespace: str) -> None:
    """What a ReleaseId holds."""
    leaf(parent, "GRid", release.grid)
    leaf(parent, "ICPN", release.barcode)
    leaf(parent, "CatalogNumber", release.catalogue_number, {"Namespace": namespace})
    write_proprietary_ids(parent, release.ids, namespace)


def _write_labels(parent: Element, outgoing: Outgoing, parties: Parties) -> None:
    leaf(parent, "ReleaseLabelReference", parties.label(outgoing, None), dict(DEFAULT))
    for attributes, details in placed(outgoing.release.elsewhere):
        if details.label_name:
            leaf(parent, "ReleaseLabelReference", parties.label(outgoing, details.label_name), attributes)


def _write_dates(parent: Element, release: Release) -> None:
    leaf(parent, "ReleaseDate", release.release_date, dict(DEFAULT))
    for attributes, details in placed(release.elsewhere):
        leaf(parent, "ReleaseDate", details.release_date, attributes)
    leaf(parent, "OriginalReleaseDate", release.original_date, dict(DEFAULT))
    for attributes, details in placed(release.elsewhere):
        leaf(parent, "OriginalReleaseDate", details.original_date, attributes)


def _write_groups(parent: Element, outgoing: Outgoing) -> None:
    """One group for the release: its tracks, or a group for each of several discs; the images are linked to it."""
    outer = node(parent, "ResourceGroup")
    discs = [list(tracks) for _, tracks in groupby(outgoing.release.tracks, key=lambda track: track.disc)]
    if len(discs) > 1:
        for tracks in discs:
            group = node(outer, "ResourceGroup", {"ResourceGroupType": "Component"})
            leaf(group, "SequenceNumber", tracks[0].disc)
            _write_items(group, tracks)
    elif discs:
        _write_items(outer, discs[0])
    for place, image in enumerate(outgoing.release.images):
        link = "CoverArt" if image.type in (None, "FrontCoverImage") else None
        leaf(outer, "LinkedReleaseResourceReference", image_reference(outgoing, place), {"LinkDescription": link})


def _write_items(parent: Element, tracks: Sequence[ReleaseTrack]) -> None:
    for number, track in enumerate(tracks, start=1):
        item = node(parent, "ResourceGroupContentItem")
        leaf(item, "SequenceNumber", number)
        leaf(item, "ReleaseResourceReference", recording_reference(track))


def _write_track(parent: Element, outgoing: Outgoing, parties: Parties, track: ReleaseTrack) -> None:
    """The track as a release of its own: deals point at it."""
    written = node(parent, "TrackRelease")
    leaf(written, "ReleaseReference", release_reference(track))
    _write_track_id(node(written, "ReleaseId"), outgoing, track)
    leaf(written, "ReleaseResourceReference", recording_reference(track))
    leaf(written, "ReleaseLabelReference", parties.label(outgoing, track.label_name), dict(DEFAULT))
    write_genres(written, track.genres or genres_of(outgoing.release), dict(DEFAULT))


def _write_track_id(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    leaf(parent, "GRid", next((one.value for one in track.release_ids if one.scheme == GRID), None))
    own = tuple(one for one in track.release_ids if one.scheme != GRID)
    ours = our_id(outgoing, release_reference(track))
    write_proprietary_ids(parent, own or (() if track.release_ids else (ours,)), outgoing.transmission.namespace)
