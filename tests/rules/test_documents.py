from __future__ import annotations

import pytest

from ingest.core.documents import Document
from ingest.rules.documents import cure_of


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (Document.WORD, "copy it into a plain text editor"),
        (Document.RTF, "save it as metadata.xml, encoded as UTF-8"),
        (Document.ARCHIVE, "Unpack it on your computer"),
        (Document.WEB_PAGE, "Download the XML file itself"),
        (Document.SPREADSHEET, "Export the release from your distribution program"),
    ],
)
def test_a_document_has_the_cure_of_its_kind(document: Document, words: str) -> None:
    assert words in cure_of(document)
