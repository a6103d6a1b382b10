"""The transport that a configuration asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Dsp
from ingest.outbound.dsp.directory_transport import DirectoryTransport
from ingest.outbound.dsp.open_transport import open_transport
from ingest.outbound.dsp.sftp_transport import SftpTransport
from ingest.outbound.dsp.transport import TransportError
from tests.outbound.dsp.servers import openssh


def test_a_path_is_a_directory_and_a_server_a_login(tmp_path: Path) -> None:
    with open_transport(Dsp(path=tmp_path)) as transport:
        assert isinstance(transport, DirectoryTransport)
    with openssh(tmp_path) as server, open_transport(Dsp(kind="sftp", sftp=server.target)) as transport:
        assert isinstance(transport, SftpTransport)
        assert transport.names("acknowledgements") == []


def test_a_dsp_without_a_place_is_refused() -> None:
    bare = Dsp(path=Path("/srv")).model_copy(update={"path": None})
    with pytest.raises(TransportError, match="neither path nor sftp"), open_transport(bare):
        pass
