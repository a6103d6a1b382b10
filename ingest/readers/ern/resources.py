"""The resource list: sound recordings, images and everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.core.resources import ImageResource, OtherResource, SoundRecording
from ingest.core.text import Text
from ingest.readers.ern.document import Element
from ingest.readers.ern.parties import (
    read_artists,
    read_genres,
    read_label_name,
    read_lines,
    read_title,
    read_titles,
)
from ingest.readers.ern.technical import read_technical_details
from ingest.readers.ern.values import Source, descend, every, flag, inherited, seconds, whole


def scopes_of(resource: Element) -> list[Element]:
    """Where a resource says things: its territory blocks, the default first, then the resource itself."""
    blocks = [child for child in resource.iterchildren("*") if child.tag.endswith("DetailsByTerritory")]
    return [*blocks, resource]


def all_resources(root: Element) -> list[Element]:
    lists = descend(root, "ResourceList")
    return [] if lists is None else list(lists.iterchildren("*"))


def read_recordings(source: Source, root: Element) -> tuple[SoundRecording, ...]:
    works = _works(source, root)
    found = (resource for resource in all_resources(root) if resource.tag == "SoundRecording")
    return tuple(_recording(source, resource, works) for resource in found)


def _recording(source: Source, resource: Element, works: Mapping[str, Element]) -> SoundRecording:
    scopes = scopes_of(resource)
    ids = inherited([resource], "SoundRecordingId")
    duration = source.child(resource, "Duration")
    own_works = _works_of(source, resource, works)
    sequence = source.first(scopes, "SequenceNumber")
    instrumental = source.child(resource, "IsInstrumental")
    writers = inherited(scopes, "IndirectResourceContributor") or _work_writers(own_works)
    return SoundRecording(
        line=source.line(resource),
        reference=source.child(resource, "ResourceReference"),
        isrc=source.first([*ids, resource], "ISRC"),
        type=source.child(resource, "SoundRecordingType"),
        catalog_number=source.first(ids, "CatalogNumber"),
        proprietary_ids=source.texts(child for each in ids for child in every(each, "ProprietaryId")),
        iswcs=_iswcs(source, resource, own_works),
        title=read_title(source, descend(resource, "ReferenceTitle")),
        titles=read_titles(source, scopes),
        duration=duration,
        duration_seconds=seconds(duration),
        language=source.child(resource, "LanguageOfPerformance"),
        is_instrumental=None if instrumental is None else flag(instrumental.value),
        territories=source.texts(inherited(scopes, "TerritoryCode")),
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
    )


def _works(source: Source, root: Element) -> dict[str, Element]:
    """The works of the WorkList by their references."""
    listed = descend(root, "WorkList")
    found = [] if listed is None else [(source.child(work, "MusicalWorkReference"), work) for work in listed]
    return {reference.value: work for reference, work in found if reference is not None}


def _works_of(source: Source, resource: Element, works: Mapping[str, Element]) -> list[Element]:
    references = source.texts(resource.iter("ResourceMusicalWorkReference")) if works else ()
    return [works[reference.value] for reference in references if reference.value in works]


def _iswcs(source: Source, resource: Element, works: Sequence[Element]) -> tuple[Text, ...]:
    """The ISWCs that stand at the recording; else those of its works."""
    own = source.texts(code for each in every(resource, "IndirectSoundRecordingId") for code in every(each, "ISWC"))
    return own or source.texts(
        code for work in works for each in every(work, "MusicalWorkId") for code in every(each, "ISWC")
    )


def _work_writers(works: Sequence[Element]) -> list[Element]:
    return [writer for work in works for writer in inherited(scopes_of(work), "MusicalWorkContributor")]


def read_images(source: Source, root: Element) -> tuple[ImageResource, ...]:
    return tuple(
        ImageResource(
            line=source.line(image),
            reference=source.child(image, "ResourceReference"),
            type=source.child(image, "ImageType"),
            proprietary_ids=source.texts(
                child for each in every(image, "ImageId") for child in every(each, "ProprietaryId")
            ),
            technical_details=read_technical_details(source, scopes_of(image)),
        )
        for image in all_resources(root)
        if image.tag == "Image"
    )


def read_others(source: Source, root: Element) -> tuple[OtherResource, ...]:
    return tuple(
        OtherResource(
            line=source.line(resource),
            kind=str(resource.tag),
            reference=source.child(resource, "ResourceReference"),
            technical_details=read_technical_details(source, scopes_of(resource)),
        )
        for resource in all_resources(root)
        if resource.tag not in ("SoundRecording", "Image")
    )
