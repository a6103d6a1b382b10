"""The ReleaseList in ERN 3.8.2: the main release with its running order, and a TrackRelease for each track."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import GRID, TerritoryDetails
from ingest.outbound.ern.composites import (
    MAIN_REFERENCE,
    image_reference,
    our_id,
    recording_reference,
    release_reference,
    write_icpn,
    write_lines,
    write_proprietary_ids,
)
from ingest.outbound.ern.markup import Element, duration, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing, shown_artist, shown_credits
from ingest.outbound.ern.v382.parts import (
    term,
    write_artists,
    write_genres,
    write_reference_title,
    write_territories,
    write_title,
    write_titles,
    write_warnings,
)

PRIMARY, SECONDARY = "PrimaryResource", "SecondaryResource"


def write_releases(parent: Element, outgoing: Outgoing) -> None:
    """The ReleaseList."""
    listed = node(parent, "ReleaseList")
    _write_main(listed, outgoing)
    for track in outgoing.release.tracks:
        _write_track(listed, outgoing, track)


def _write_main(parent: Element, outgoing: Outgoing) -> None:
    release, namespace = outgoing.release, outgoing.transmission.namespace
    written = node(parent, "Release", {"IsMainRelease": flag(True)})
    _write_ids(written, release, namespace)
    leaf(written, "ReleaseReference", MAIN_REFERENCE)
    write_reference_title(written, release.title, release.version)
    used = node(written, "ReleaseResourceReferenceList")
    for reference, kind in _uses(outgoing):
        leaf(used, "ReleaseResourceReference", reference, {"ReleaseResourceType": kind})
    for each in release.types:
        term(written, "ReleaseType", each, "ReleaseType", namespace)
    _write_details(written, outgoing)
    for other in release.elsewhere:
        _write_elsewhere(written, other, namespace)
    leaf(written, "Duration", duration(sum(track.seconds or 0 for track in release.tracks)))


def _uses(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Every resource of the release with what it is to it."""
    recordings = [(recording_reference(track), PRIMARY) for track in outgoing.release.tracks]
    return recordings + [(image_reference(outgoing, place), SECONDARY) for place in _images(outgoing)]


def _images(outgoing: Outgoing) -> range:
    return range(len(outgoing.release.images))


def _write_ids(parent: Element, release: Release, namespace: str) -> None:
    written = node(parent, "ReleaseId")
    leaf(written, "GRid", release.grid)
    write_icpn(written, release.barcode)
    leaf(written, "CatalogNumber", release.catalogue_number, {"Namespace": namespace})
    write_proprietary_ids(written, release.ids, namespace)


def _write_details(parent: Element, outgoing: Outgoing) -> None:
    release, namespace = outgoing.release, outgoing.transmission.namespace
    block = node(parent, "ReleaseDetailsByTerritory")
    write_territories(block, release.territories, release.excluded)
    leaf(block, "DisplayArtistName", shown_artist(release))
    leaf(block, "LabelName", release.label_name)
    write_titles(block, release.title, release.version, release.other_titles)
    write_artists(block, shown_credits(release), namespace)
    write_warnings(block, release.parental_warnings, namespace)
    _write_groups(block, outgoing)
    write_genres(block, release.genres)
    write_lines(block, "PLine", release.p_lines)
    write_lines(block, "CLine", release.c_lines)
    leaf(block, "ReleaseDate", release.release_date)
    leaf(block, "OriginalReleaseDate", release.original_date)


def _write_elsewhere(parent: Element, other: TerritoryDetails, namespace: str) -> None:
    block = node(parent, "ReleaseDetailsByTerritory")
    write_territories(block, other.territories, other.excluded)
    leaf(block, "DisplayArtistName", other.display_name)
    leaf(block, "LabelName", other.label_name)
    for title in other.titles:
        write_title(block, title)
    write_artists(block, other.artists, namespace)
    write_warnings(block, other.parental_warnings, namespace)
    write_genres(block, other.genres)
    write_lines(block, "PLine", other.p_lines)
    write_lines(block, "CLine", other.c_lines)
    leaf(block, "ReleaseDate", other.release_date)
    leaf(block, "OriginalReleaseDate", other.original_date)


def _write_groups(parent: Element, outgoing: Outgoing) -> None:
    """One group for the release, in it one for each disc with its tracks by number; images beside the discs."""
    outer = node(parent, "ResourceGroup")
    for disc, tracks in groupby(outgoing.release.tracks, key=lambda track: track.disc):
        _write_disc(outer, disc, list(tracks))
    for place in _images(outgoing):
        item = node(outer, "ResourceGroupContentItem")
        leaf(item, "ResourceType", "Image")
        leaf(item, "ReleaseResourceReference", image_reference(outgoing, place), {"ReleaseResourceType": SECONDARY})


def _write_disc(parent: Element, disc: int, tracks: Sequence[ReleaseTrack]) -> None:
    group = node(parent, "ResourceGroup")
    leaf(group, "SequenceNumber", disc)
    for number, track in enumerate(tracks, start=1):
        item = node(group, "ResourceGroupContentItem")
        leaf(item, "SequenceNumber", number)
        leaf(item, "ResourceType", "SoundRecording")
        leaf(item, "ReleaseResourceReference", recording_reference(track), {"ReleaseResourceType": PRIMARY})


def _write_track(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    """The track as a release of its own: deals point at it."""
    release, namespace = outgoing.release, outgoing.transmission.namespace
    written = node(parent, "Release", {"IsMainRelease": flag(False)})
    _write_track_ids(written, outgoing, track)
    leaf(written, "ReleaseReference", release_reference(track))
    write_reference_title(written, track.title, track.version)
    used = node(written, "ReleaseResourceReferenceList")
    leaf(used, "ReleaseResourceReference", recording_reference(track), {"ReleaseResourceType": PRIMARY})
    leaf(written, "ReleaseType", "TrackRelease")
    block = node(written, "ReleaseDetailsByTerritory")
    write_territories(block, track.territories, track.excluded)
    leaf(block, "DisplayArtistName", shown_artist(track))
    leaf(block, "LabelName", track.label_name or release.label_name)
    write_titles(block, track.title, track.version, ())
    write_artists(block, shown_credits(track), namespace)
    write_warnings(block, track.parental_warnings, namespace)
    write_genres(block, track.genres or release.genres)
    leaf(block, "ReleaseDate", release.release_date)
    write_lines(written, "PLine", track.p_lines or release.p_lines)


def _write_track_ids(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    namespace = outgoing.transmission.namespace
    written = node(parent, "ReleaseId")
    leaf(written, "GRid", next((one.value for one in track.release_ids if one.scheme == GRID), None))
    leaf(written, "ISRC", track.isrc)
    own = [one for one in track.release_ids if one.scheme != GRID]
    write_proprietary_ids(written, own, namespace)
    if not track.isrc and not track.release_ids:
        write_proprietary_ids(written, (our_id(outgoing, release_reference(track)),), namespace)
