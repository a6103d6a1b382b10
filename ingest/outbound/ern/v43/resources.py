"""The ResourceList in ERN 4.3: a SoundRecording for each track, an Image for each picture."""

from __future__ import annotations

from ingest.core.release import ReleaseTrack
from ingest.core.release_parts import ReleaseImage
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
from ingest.outbound.ern.markup import Element, duration, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing, digest_of
from ingest.outbound.ern.v43.parties import Parties
from ingest.outbound.ern.v43.parts import (
    NO_ADVICE,
    placed,
    term,
    write_contributors,
    write_display_artists,
    write_titles,
    write_warnings,
)


def write_resources(parent: Element, outgoing: Outgoing, parties: Parties) -> None:
    """The ResourceList."""
    listed = node(parent, "ResourceList")
    for track in outgoing.release.tracks:
        _write_recording(listed, outgoing, parties, track)
    for place, image in enumerate(outgoing.release.images):
        _write_image(listed, outgoing, place, image)


def _write_recording(parent: Element, outgoing: Outgoing, parties: Parties, track: ReleaseTrack) -> None:
    namespace = outgoing.transmission.namespace
    written = node(parent, "SoundRecording")
    leaf(written, "ResourceReference", recording_reference(track))
    term(written, "Type", track.type or SOUND_RECORDING_TYPE, "SoundRecordingType", namespace)
    _write_edition(written, outgoing, track)
    for iswc in track.iswcs:
        leaf(node(written, "WorkId"), "ISWC", iswc)
    write_titles(written, track)
    write_display_artists(written, track, parties, namespace)
    write_contributors(written, (*track.contributors, *track.writers), parties, namespace)
    leaf(written, "Duration", duration(track.seconds or 0))
    write_warnings(written, track, namespace)
    leaf(written, "IsInstrumental", None if track.is_instrumental is None else flag(track.is_instrumental))
    leaf(written, "LanguageOfPerformance", track.language)


def _write_edition(parent: Element, outgoing: Outgoing, track: ReleaseTrack) -> None:
    """The SoundRecordingEdition: identifiers, rights lines, and the files that are sent."""
    edition = node(parent, "SoundRecordingEdition")
    write_recording_ids(node(edition, "ResourceId"), outgoing, track)
    write_lines(edition, "PLine", track.p_lines)
    for attributes, details in placed(track.elsewhere):
        write_lines(edition, "PLine", details.p_lines, attributes)
    file, preview = outgoing.sent(track.file), outgoing.sent(track.preview)
    if file is None:
        return
    technical = node(edition, "TechnicalDetails")
    leaf(technical, "TechnicalResourceDetailsReference", f"T{track.number}")
    _write_audio(technical, outgoing, file)
    if preview is not None:
        clip = node(technical, "ClipDetails")
        leaf(clip, "TechnicalResourceDetailsReference", f"T{track.number}p")
        leaf(clip, "ClipType", "Preview")
        leaf(clip, "ExpressionType", "Informative")
        _write_audio(clip, outgoing, preview)


def _write_audio(parent: Element, outgoing: Outgoing, file: SentFile) -> None:
    delivered = node(parent, "DeliveryFile")
    leaf(delivered, "Type", "AudioFile")
    if file.audio is not None:
        term(delivered, "AudioCodecType", file.audio.codec, "AudioCodecType", outgoing.transmission.namespace)
        leaf(delivered, "NumberOfChannels", file.audio.channels)
        leaf(delivered, "SamplingRate", f"{file.audio.sample_rate / 1000:g}", {"UnitOfMeasure": "kHz"})
        leaf(delivered, "BitsPerSample", file.audio.bits)
        leaf(delivered, "Duration", duration(file.audio.seconds))
    _write_file(delivered, outgoing, file)
    leaf(delivered, "IsProvidedInDelivery", flag(True))


def _write_image(parent: Element, outgoing: Outgoing, place: int, image: ReleaseImage) -> None:
    namespace, reference = outgoing.transmission.namespace, image_reference(outgoing, place)
    written = node(parent, "Image")
    leaf(written, "ResourceReference", reference)
    term(written, "Type", image.type or FRONT_COVER, "ImageType", namespace)
    write_proprietary_ids(node(written, "ResourceId"), image.ids or (our_id(outgoing, reference),), namespace)
    leaf(written, "ParentalWarningType", NO_ADVICE)
    file = outgoing.sent(image.file)
    if file is not None:
        details = node(written, "TechnicalDetails")
        leaf(details, "TechnicalResourceDetailsReference", f"T{reference[1:]}")
        if file.image is not None:
            term(details, "ImageCodecType", file.image.codec, "ImageCodecType", namespace)
            leaf(details, "ImageHeight", file.image.height, {"UnitOfMeasure": "Pixel"})
            leaf(details, "ImageWidth", file.image.width, {"UnitOfMeasure": "Pixel"})
        _write_file(details, outgoing, file)
        leaf(details, "IsProvidedInDelivery", flag(True))


def _write_file(parent: Element, outgoing: Outgoing, file: SentFile) -> None:
    """The File by its path relative to the message, with the hash sum of its bytes as sent."""
    written = node(parent, "File")
    leaf(written, "URI", file.path)
    hash_sum = node(written, "HashSum")
    leaf(hash_sum, "Algorithm", algorithm(outgoing))
    leaf(hash_sum, "DataType", "HexBinary")
    leaf(hash_sum, "HashSumValue", digest_of(file, outgoing.hash_algorithm))
