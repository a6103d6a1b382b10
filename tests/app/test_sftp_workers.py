"""The read-only folders beside /incoming: reports from the first login on, acknowledgements once there are any."""

from __future__ import annotations

from pathlib import Path

from ingest.app.sftp_workers import read_only_folders
from ingest.config import Paths
from tests.sftp_clients import running_server


def test_a_label_sees_reports_at_once_and_acknowledgements_when_there_are_any(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path)
    with (
        running_server(tmp_path, read_only=lambda account: read_only_folders(paths, account.name)) as running,
        running.paramiko() as client,
    ):
        assert sorted(client.listdir("/")) == ["incoming", "reports"]
        written = paths.acknowledgements("anna") / "batch-1.xml"
        written.parent.mkdir(parents=True)
        written.write_text("<ack/>")
        assert sorted(client.listdir("/")) == ["acknowledgements", "incoming", "reports"]
        with client.open("/acknowledgements/batch-1.xml") as file:
            assert file.read() == b"<ack/>"


def test_one_label_does_not_see_the_read_only_folders_of_another(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path)
    paths.acknowledgements("anna").mkdir(parents=True)
    with running_server(tmp_path, read_only=lambda account: read_only_folders(paths, account.name)) as running:
        running.add_label("ben")
        with running.paramiko("ben") as client:
            assert sorted(client.listdir("/")) == ["incoming", "reports"]
