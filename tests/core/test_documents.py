from __future__ import annotations

import pytest

from ingest.core.documents import Document, document_named, split_name


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("metadata.docx", Document.WORD),
        ("texts/METADATA.DOCX", Document.WORD),
        ("metadata.xml.txt", Document.TEXT),
        ("metadata.rtf", Document.RTF),
        ("metadata.xml", None),
        ("docx", None),
        (".docx", None),
        ("metadata.docx/readme", None),
    ],
)
def test_a_document_is_known_by_its_suffix(path: str, document: Document | None) -> None:
    assert document_named(path) is document


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a/b.c/metadata.xml.txt", ("metadata.xml", ".txt")),
        ("metadata", ("metadata", "")),
        (".xml", (".xml", "")),
        ("metadata.", ("metadata.", "")),
    ],
)
def test_a_name_is_split_at_its_suffix(path: str, parts: tuple[str, str]) -> None:
    assert split_name(path) == parts
