"""Sending a shipment: everything is put and listed before the marker; whatever breaks, it is never sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.outbound.dsp.layouts import Placed
from ingest.outbound.dsp.transport import Progress, Transport, TransportError


def send(transport: Transport, placed: Placed, progress: Progress) -> bool:
    """Make the DSP have the shipment, whole and once; whether anything had to be sent for that.

    It may be called again after any interruption, with the same files under the same names. Where the DSP has the
    marker, it has the shipment, even if it took the files away since. Raises TransportError.
    """
    last_path, last_size = _last(placed)
    there = transport.sizes(placed.folder)
    if there.get(last_path) == last_size and (placed.marker is not None or not _missing(placed.files, there)):
        return False
    *media, message = placed.files.items()
    transport.put(dict(media), progress)
    transport.put(dict([message]), progress)
    _check(placed.files, transport.sizes(placed.folder))
    if placed.marker is not None:
        transport.put_bytes(*placed.marker)
        if transport.sizes(placed.folder).get(last_path) != last_size:
            raise TransportError(f"{last_path} is not there after it was put", "Ask the DSP what removes it")
    return True


def _last(placed: Placed) -> tuple[str, int]:
    """What is put last, and tells the DSP that all is there, with its size."""
    if placed.marker is not None:
        path, data = placed.marker
        return path, len(data)
    path, local = list(placed.files.items())[-1]
    return path, local.stat().st_size


def _missing(files: Mapping[str, Path], there: Mapping[str, int]) -> list[str]:
    return [path for path, local in files.items() if there.get(path) != local.stat().st_size]


def _check(files: Mapping[str, Path], there: Mapping[str, int]) -> None:
    """Raise TransportError where a file that was put is not listed with its size."""
    for path in _missing(files, there):
        found = f"with {there[path]} bytes" if path in there else "not at all"
        wanted = f"{files[path].stat().st_size} bytes were put"
        raise TransportError(f"{path} is listed {found} where {wanted}", "Ask the DSP what changes our files")
