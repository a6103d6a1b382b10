"""The ResourceList in ERN 3.8.2: a SoundRecording for each track, an Image for each picture."""

from __future__ import annotations

from ingest.core.release import ReleaseTrack
from ingest.core.release_parts import ReleaseImage, TerritoryDetails
from ingest.core.sent_file import SentFile
from ingest.outbound.ern.composites import (
    FRONT_COVER,
    SOUND_RECORDING_TYPE,
    algorithm,
    image_reference,
    our_id,
    recording_reference,
    write_lines,
    write_proprietary_ids,
    write_recording_ids,
)
from ingest.outbound.ern.markup import Element, allowed, duration, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing, digest_of, shown_artist, shown_credits
from ingest.outbound.ern.v382.parts import (
    AVS,
    term,
    write_artists,
    write_contributors,
    write_genres,
    write_reference_title,
    write_territories,
    write_title,
    write_titles,
    write_warnings,
)


def write_resources(parent: Element, outgoing: Outgoing) -> None:
    """The ResourceList."""
    listed = node(parent, "ResourceList")
    for track in outgoing.release.tracks:
        _write_recording(listed, outgoing, track)
    for place, image in enumerate(outgoing.release.images):
        _write_image(listed, outgoing, place, image)


def _write_recording(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    namespace = outgoing.transmission.namespace
    written = node(parent, "SoundRecording")
    term(written, "SoundRecordingType", track.type or SOUND_RECORDING_TYPE, "SoundRecordingType", namespace)
    write_recording_ids(node(written, "SoundRecordingId"), outgoing, track)
    for iswc in track.iswcs:
        leaf(node(written, "IndirectSoundRecordingId"), "ISWC", iswc)
    leaf(written, "ResourceReference", recording_reference(track))
    write_reference_title(written, track.title, track.version)
    leaf(written, "IsInstrumental", None if track.is_instrumental is None else flag(track.is_instrumental))
    if track.language in allowed(AVS, "IsoLanguageCode"):
        leaf(written, "LanguageOfPerformance", track.language)
    leaf(written, "Duration", duration(track.seconds or 0))
    _write_details(written, outgoing, track)
    for other in track.elsewhere:
        _write_elsewhere(written, other, namespace)


def _write_details(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    namespace = outgoing.transmission.namespace
    block = node(parent, "SoundRecordingDetailsByTerritory")
    write_territories(block, track.territories, track.excluded)
    write_titles(block, track.title, track.version, track.other_titles)
    write_artists(block, shown_credits(track), namespace)
    write_contributors(block, "ResourceContributor", track.contributors, namespace)
    write_contributors(block, "IndirectResourceContributor", track.writers, namespace)
    leaf(block, "DisplayArtistName", shown_artist(track))
    leaf(block, "LabelName", track.label_name)
    write_lines(block, "PLine", track.p_lines)
    write_genres(block, track.genres)
    write_warnings(block, track.parental_warnings, namespace)
    files = (outgoing.sent(track.file), outgoing.sent(track.preview))
    for file, letter in zip(files, ("", "p"), strict=True):
        if file is not None:
            _write_audio(block, outgoing, file, f"T{track.number}{letter}", is_preview=bool(letter))


def _write_elsewhere(parent: Element, other: TerritoryDetails, namespace: str) -> None:
    block = node(parent, "SoundRecordingDetailsByTerritory")
    write_territories(block, other.territories, other.excluded)
    for title in other.titles:
        write_title(block, title)
    write_artists(block, other.artists, namespace)
    leaf(block, "DisplayArtistName", other.display_name)
    leaf(block, "LabelName", other.label_name)
    write_lines(block, "PLine", other.p_lines)
    write_genres(block, other.genres)
    write_warnings(block, other.parental_warnings, namespace)


def _write_audio(parent: Element, outgoing: Outgoing, file: SentFile, reference: str, *, is_preview: bool) -> None:
    details = node(parent, "TechnicalSoundRecordingDetails")
    leaf(details, "TechnicalResourceDetailsReference", reference)
    if file.audio is not None:
        term(details, "AudioCodecType", file.audio.codec, "AudioCodecType", outgoing.transmission.namespace)
        leaf(details, "NumberOfChannels", file.audio.channels)
        leaf(details, "SamplingRate", f"{file.audio.sample_rate / 1000:g}", {"UnitOfMeasure": "kHz"})
        leaf(details, "BitsPerSample", file.audio.bits)
        leaf(details, "Duration", duration(file.audio.seconds))
    leaf(details, "IsPreview", flag(is_preview))
    if is_preview:
        leaf(node(details, "PreviewDetails"), "ExpressionType", "Informative")
    _write_file(details, outgoing, file)


def _write_image(parent: Element, outgoing: Outgoing, place: int, image: ReleaseImage) -> None:
    namespace, reference = outgoing.transmission.namespace, image_reference(outgoing, place)
    written = node(parent, "Image")
    term(written, "ImageType", image.type or FRONT_COVER, "ImageType", namespace)
    write_proprietary_ids(node(written, "ImageId"), image.ids or (our_id(outgoing, reference),), namespace)
    leaf(written, "ResourceReference", reference)
    block = node(written, "ImageDetailsByTerritory")
    write_territories(block, ())
    file = outgoing.sent(image.file)
    if file is not None:
        details = node(block, "TechnicalImageDetails")
        leaf(details, "TechnicalResourceDetailsReference", f"T{reference[1:]}")
        if file.image is not None:
            term(details, "ImageCodecType", file.image.codec, "ImageCodecType", namespace)
            leaf(details, "ImageHeight", file.image.height, {"UnitOfMeasure": "Pixel"})
            leaf(details, "ImageWidth", file.image.width, {"UnitOfMeasure": "Pixel"})
        _write_file(details, outgoing, file)


def _write_file(parent: Element, outgoing: Outgoing, file: SentFile) -> None:
    """The File, by name and folder, with the hash sum of its bytes as sent."""
    folder, _, name = file.path.rpartition("/")
    written = node(parent, "File")
    leaf(written, "FileName", name)
    leaf(written, "FilePath", f"{folder}/" if folder else None)
    hash_sum = node(written, "HashSum")
    leaf(hash_sum, "HashSum", digest_of(file, outgoing.hash_algorithm))
    term(hash_sum, "HashSumAlgorithmType", algorithm(outgoing), "HashSumAlgorithmType", outgoing.transmission.namespace)
    leaf(hash_sum, "HashSumDataType", "HexBinary")
