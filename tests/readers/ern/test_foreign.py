"""Other documents are known by what they hold, whatever they are called; no XML is taken for one."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.core.documents import Document
from ingest.readers.ern.foreign import other_document
from tests.readers.ern.messages import GENUINE, GUIDE

OFFICE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 512


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.text" if name == "mimetype" else "<a/>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (zipped("[Content_Types].xml", "word/document.xml"), Document.WORD),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), Document.SPREADSHEET),
        (zipped("mimetype", "content.xml"), Document.OPEN_TEXT),
        (zipped("Index/Document.iwa"), Document.PAGES),
        (zipped("metadata.xml", "01.wav"), Document.ARCHIVE),
        (OFFICE + "WordDocument".encode("utf-16-le"), Document.WORD),
        (OFFICE + "Workbook".encode("utf-16-le"), Document.SPREADSHEET),
        (OFFICE, Document.OFFICE),
        (b"{\\rtf1\\ansi <NewReleaseMessage>}", Document.RTF),
        (b"%PDF-1.7\n%<<x", Document.PDF),
        (b"\x1f\x8b\x08\x00", Document.ARCHIVE),
        (b"\x89PNG\r\n\x1a\n", Document.PICTURE),
        (b"fLaC\x00", Document.AUDIO),
        (b"\x00\x00\x00\x20ftypM4A ", Document.AUDIO),
        (b"bplist00\xd1WebMainResource", Document.WEB_ARCHIVE),
        (b"<!DOCTYPE html>\n<html><body>x</body></html>", Document.WEB_PAGE),
        (b"\xef\xbb\xbf\n<html lang='en'>", Document.WEB_PAGE),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE html PUBLIC "x">', Document.WEB_PAGE),
        ("<html>".encode("utf-16"), Document.WEB_PAGE),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>', Document.WORD),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            Document.SPREADSHEET,
        ),
        (b'<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "x"><plist/>', Document.PROPERTY_LIST),
        (b'{"title": "Sunrise"}', Document.JSON),
        (b'[\n  {"title": 1}]', Document.JSON),
        (b"Title;Artist\nSunrise;Ayo Lande\n", Document.TABLE),
        (b"Title\tArtist\nSunrise\tAyo Lande\n", Document.TABLE),
        (b"Title,Artist\nSunrise,Ayo Lande\n", Document.TABLE),
        (b"From: ayo@example.org\nTo: us\n\nHello", Document.EMAIL),
        (b"The title is Sunrise.\nThe artist is Ayo, of course.\n", Document.TEXT),
        (bytes(range(1, 256)) * 4, Document.BINARY),
    ],
)
def test_a_document_is_known_by_its_bytes(data: bytes, document: Document) -> None:
    assert other_document(data) is document


@pytest.mark.parametrize(
    "data",
    [
        GUIDE.encode(),
        GENUINE.encode("utf-16"),
        GENUINE.encode("utf-16-le"),
        b"\xef\xbb\xbf" + GUIDE.encode(),
        GUIDE.encode()[:3000],
        GUIDE.encode() + b"\x00" * 9000,
        GUIDE.replace("<", "&lt;").encode(),
        b"Copied from a page: <NewReleaseMessage/>",
        b"<playlist/>",
        b"<a>&</a>",
    ],
)
def test_what_has_tags_is_no_other_document(data: bytes) -> None:
    assert other_document(data) is None


def test_many_comments_before_the_first_tag_are_read_once() -> None:
    assert other_document(b"<!-- one -->" * 5000 + b"<playlist/>") is None
    assert other_document(b"<!-- one -->\n" * 5000 + b"<html/>") is Document.WEB_PAGE
