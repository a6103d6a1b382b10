"""Which files of a package a shipment brings, in which form, and under which names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ingest.config import Dsp
from ingest.core.conversion import Form
from ingest.core.dossier import Dossier
from ingest.core.release import Release
from ingest.core.sent_file import SentAudio, SentImage
from ingest.outbound.dsp.layouts import resource_names
from ingest.outbound.shipment.manifest import Wanted

SUFFIXES: Final = {Form.FLAC: ".flac", Form.SRGB_JPEG: ".jpg"}


def wanted_files(release: Release, dossier: Dossier, fallback: str, dsp: Dsp) -> list[Wanted]:
    """Every track, preview and image of a release that its package has, in the forms that the DSP takes.

    `fallback` names the files of a release without a barcode and GRid.
    """
    digests = {entry.path: entry.sha256 for entry in dossier.folder.entries if entry.sha256 is not None}
    tracks = [path for track in release.tracks for path in (track.file, track.preview) if path in digests]
    images = [image.file for image in release.images if image.file in digests]
    forms = {path: Form(dsp.audio) for path in tracks if path is not None}
    forms |= {path: Form(dsp.cover) for path in images if path is not None}
    suffixes = {path: SUFFIXES.get(form, Path(path).suffix.lower()) for path, form in forms.items()}
    named = resource_names(release, fallback, suffixes)
    return [
        Wanted(path, digests[path], name, forms[path], _audio(dossier, path), _image(dossier, path))
        for path, name in named.items()
    ]


def _audio(dossier: Dossier, path: str) -> SentAudio | None:
    """What a track is that is sent as received, as it was measured."""
    facts = dossier.audio_of(path)
    if facts is None:
        return None
    codec, seconds = facts.codec or facts.container.value, facts.duration or 0.0
    return SentAudio(codec, facts.sample_rate or 0, facts.bits or 0, facts.channels or 0, seconds)


def _image(dossier: Dossier, path: str) -> SentImage | None:
    """What a picture is that is sent as received."""
    facts = next((one for one in dossier.artwork if one.file == path), None)
    return None if facts is None else SentImage(facts.format, facts.width or 0, facts.height or 0)
