"""The resource list: sound recordings, images and everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingest.core.resources import ImageResource, OtherResource, SoundRecording
from ingest.core.text import Text
from ingest.readers.ern.blocks import read_blocks, read_territories, scopes_of
from ingest.readers.ern.document import Element
from ingest.readers.ern.parties import (
    read_artists,
    read_genres,
    read_identifiers,
    read_label_name,
    read_lines,
    read_reference_title,
    read_titles,
)
from ingest.readers.ern.technical import read_technical_details
from ingest.readers.ern.values import Node, Source, flag, inherited, seconds, whole


def all_resources(root: Node, *kinds: str) -> Iterator[Element]:
    """The resources (of these kinds) one by one, so that a long list is never held whole."""
    listed = root.first("ResourceList")
    return iter(()) if listed is None else listed.iterchildren(*(kinds or ("*",)))


def read_recordings(source: Source, root: Node) -> tuple[SoundRecording, ...]:
    works = _works(source, root)
    return tuple(_recording(source, Node(found), works) for found in all_resources(root, "SoundRecording"))


def _recording(source: Source, resource: Node, works: Mapping[str, Node]) -> SoundRecording:
    scopes = scopes_of(resource)
    ids = list(resource.nodes("SoundRecordingId"))
    duration = source.child(resource, "Duration")
    own_works = _works_of(source, resource, works)
    sequence = source.first(scopes, "SequenceNumber")
    instrumental = source.child(resource, "IsInstrumental")
    writers = inherited(scopes, "IndirectResourceContributor") or _work_writers(own_works)
    territories, excluded = read_territories(source, scopes)
    return SoundRecording(
        line=source.line(resource.element),
        reference=source.child(resource, "ResourceReference"),
        isrc=source.first([*ids, resource], "ISRC"),
        type=source.child(resource, "SoundRecordingType"),
        catalog_number=source.first(ids, "CatalogNumber"),
        proprietary_ids=read_identifiers(source, [child for each in ids for child in each.every("ProprietaryId")]),
        iswcs=_iswcs(source, resource, own_works),
        title=read_reference_title(source, resource),
        titles=read_titles(source, scopes),
        duration=duration,
        duration_seconds=seconds(duration),
        language=source.child(resource, "LanguageOfPerformance"),
        is_instrumental=None if instrumental is None else flag(instrumental.value),
        territories=territories,
        excluded_territories=excluded,
        display_artists=read_artists(source, inherited(scopes, "DisplayArtist")),
        display_artist_name=source.first(scopes, "DisplayArtistName"),
        contributors=read_artists(source, inherited(scopes, "ResourceContributor")),
        writers=read_artists(source, writers),
        label_name=read_label_name(source, scopes),
        genres=read_genres(source, scopes),
        parental_warnings=source.texts(inherited(scopes, "ParentalWarningType")),
        p_lines=read_lines(source, scopes, "PLine"),
        sequence=None if sequence is None else whole(sequence.value),
        technical_details=read_technical_details(source, scopes),
        ids_line=source.line(ids[0].element) if ids else None,
        block_line=source.line(scopes[0].element) if scopes[0] is not resource else None,
        blocks=read_blocks(source, scopes),
    )


def _works(source: Source, root: Node) -> dict[str, Node]:
    """The works of the WorkList by their references."""
    listed = root.first("WorkList")
    works = () if listed is None else map(Node, listed.iterchildren("*"))
    found = [(source.child(work, "MusicalWorkReference"), work) for work in works]
    return {reference.value: work for reference, work in found if reference is not None}


def _works_of(source: Source, resource: Node, works: Mapping[str, Node]) -> list[Node]:
    found = resource.element.iter("ResourceMusicalWorkReference") if works else ()
    references = dict.fromkeys(reference.value for reference in source.texts(found))
    return [works[reference] for reference in references if reference in works]


def _iswcs(source: Source, resource: Node, works: Sequence[Node]) -> tuple[Text, ...]:
    """The ISWCs that stand at the recording; else those of its works."""
    own = source.texts(code for each in resource.nodes("IndirectSoundRecordingId") for code in each.every("ISWC"))
    return own or source.texts(
        code for work in works for each in work.nodes("MusicalWorkId") for code in each.every("ISWC")
    )


def _work_writers(works: Sequence[Node]) -> list[Element]:
    return [writer for work in works for writer in inherited(scopes_of(work), "MusicalWorkContributor")]


def read_images(source: Source, root: Node) -> tuple[ImageResource, ...]:
    return tuple(
        ImageResource(
            line=source.line(image.element),
            reference=source.child(image, "ResourceReference"),
            type=source.child(image, "ImageType"),
            proprietary_ids=read_identifiers(
                source, [child for each in image.nodes("ImageId") for child in each.every("ProprietaryId")]
            ),
            technical_details=read_technical_details(source, scopes_of(image)),
        )
        for image in map(Node, all_resources(root, "Image"))
    )


def read_others(source: Source, root: Node) -> tuple[OtherResource, ...]:
    found = (element for element in all_resources(root) if element.tag not in ("SoundRecording", "Image"))
    return tuple(
        OtherResource(
            line=source.line(resource.element),
            kind=resource.element.tag,
            reference=source.child(resource, "ResourceReference"),
            technical_details=read_technical_details(source, scopes_of(resource)),
        )
        for resource in map(Node, found)
    )
