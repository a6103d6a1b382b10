"""Which roots are read, and how the others are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.message import MessageProblem, UnreadableMessage
from tests.readers.ern.messages import GENUINE, GUIDE, NAME, read, refused

DDEX = "http://ddex.net/xml/"


@pytest.mark.parametrize("version", ["371", "38", "381", "382", "383"])
def test_neighbouring_versions_are_read_as_382(tmp_path: Path, version: str) -> None:
    for text in (GUIDE, GENUINE):
        message = read(tmp_path, text.replace("xml/ern/382", f"xml/ern/{version}"))
        assert (message.version, message.schema_faults) == (version, ())


def test_the_version_is_taken_from_the_namespace_alone(tmp_path: Path) -> None:
    text = GENUINE.replace("xml/ern/382", "xml/ern/381").replace('Id="ern/382"', 'Id="/ern/43"')
    message = read(tmp_path, text)
    assert message.version == "381"
    assert message.schema_version_id is not None
    assert message.schema_version_id.value == "/ern/43"


@pytest.mark.parametrize(
    ("namespace", "found"),
    [
        (f"{DDEX}ern/43", "4.3"),
        (f"{DDEX}ern/411", "4.1.1"),
        (f"{DDEX}ern/36", "3.6"),
        (f"{DDEX}ern/37", "3.7"),
        (f"{DDEX}ern/37D2", "3.7 D2"),
        (f"{DDEX}2010/ern-main/32", "3.2"),
        (f"{DDEX}2011/ern-main/33", "3.3"),
        ("http://example.com/ern", "http://example.com/ern"),
    ],
)
def test_other_versions_are_named(tmp_path: Path, namespace: str, found: str) -> None:
    text = f'<?xml version="1.0"?>\n\n<x:NewReleaseMessage xmlns:x="{namespace}"/>'
    assert refused(tmp_path, text) == UnreadableMessage(NAME, MessageProblem.OTHER_VERSION, 3, found)


@pytest.mark.parametrize(
    ("text", "problem", "found"),
    [
        ("<playlist><body/></playlist>", MessageProblem.OTHER_XML, "playlist"),
        ('<rss xmlns="http://example.com"/>', MessageProblem.OTHER_XML, "rss"),
        (f'<e:ManifestMessage xmlns:e="{DDEX}ern-c-sftp/16"/>', MessageProblem.OTHER_MESSAGE, "ManifestMessage"),
        (f'<e:CatalogListMessage xmlns:e="{DDEX}ern/382"/>', MessageProblem.OTHER_MESSAGE, "CatalogListMessage"),
    ],
)
def test_other_documents_are_named(tmp_path: Path, text: str, problem: MessageProblem, found: str) -> None:
    assert refused(tmp_path, text) == UnreadableMessage(NAME, problem, 1, found)


def test_a_purge_is_read_with_its_release(tmp_path: Path) -> None:
    header = GENUINE[GENUINE.index("  <MessageHeader>") : GENUINE.index("  <UpdateIndicator>")]
    text = (
        f'<e:PurgeReleaseMessage xmlns:e="{DDEX}ern/382" MessageSchemaVersionId="ern/382">\n{header}'
        "<PurgedRelease><ReleaseId><ICPN>7031234567897</ICPN></ReleaseId>"
        "<Title><TitleText>Vinter</TitleText></Title></PurgedRelease></e:PurgeReleaseMessage>"
    )
    message = read(tmp_path, text)
    release = message.main_release
    assert (message.root, message.schema_faults, message.tracks) == ("PurgeReleaseMessage", (), ())
    assert release is not None and release.barcode is not None and release.title is not None
    assert release.title.text is not None
    assert (release.barcode.value, release.title.text.value) == ("7031234567897", "Vinter")
