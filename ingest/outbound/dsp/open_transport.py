"""The transport of a DSP by its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.config import Dsp
from ingest.outbound.dsp.directory_transport import DirectoryTransport
from ingest.outbound.dsp.sftp_transport import SftpTransport
from ingest.outbound.dsp.transport import Transport, TransportError


@contextmanager
def open_transport(dsp: Dsp) -> Iterator[Transport]:
    """The DSP's folder, open for one attempt. Raises TransportError where it cannot be reached."""
    if dsp.sftp is not None:
        transport = SftpTransport(dsp.sftp)
        try:
            yield transport
        finally:
            transport.close()
    elif dsp.path is not None:
        yield DirectoryTransport(dsp.path)
    else:
        raise TransportError("neither path nor sftp is configured", "Configure one of them", permanent=True)
