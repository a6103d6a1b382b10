"""The words for encodings, and the order in which an unreadable message is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.finding import Finding
from ingest.core.message import UnreadableMessage
from ingest.readers.ern.document import parse
from ingest.rules.xml.document import NOT_YET
from tests.rules.dossiers import GOOD, MESSAGE, only

UTF_8 = '<?xml version="1.0" encoding="UTF-8"?>'
SAVE = "Save the file as UTF-8: in Notepad, File > Save as, with UTF-8 chosen as the encoding"
DECLARE = f"Write {UTF_8} as the first line. The rest of the file can stay as it is."


def told(text: str, codec: str) -> Finding:
    unread = parse(text.encode(codec), MESSAGE)
    assert isinstance(unread, UnreadableMessage)
    return only(replace(GOOD, message=None, unreadable=unread, files=()))


@pytest.mark.parametrize(
    ("text", "codec", "line", "words", "found", "needed", "cure"),
    [
        (
            f"{UTF_8}\n<a>\né</a>",
            "cp1252",
            3,
            "the first line says that it is UTF-8, but the file is saved as Windows-1252",
            "Windows-1252",
            "UTF-8",
            SAVE,
        ),
        (
            "<a>\né</a>",
            "cp1252",
            2,
            "the first line names no encoding, which means UTF-8, but the file is saved as Windows-1252",
            "Windows-1252",
            "UTF-8",
            SAVE,
        ),
        (
            f"{UTF_8}\n<a>\nПривет</a>",
            "cp1251",
            3,
            "the first line says that it is UTF-8, but this line has bytes that do not fit",
            "another encoding",
            "UTF-8",
            SAVE,
        ),
        (
            UTF_8.replace("UTF-8", "ISO-8859-1") + "\n<a>\né</a>",
            "utf-8",
            1,
            "the first line says that it is ISO-8859-1, but the file is saved as UTF-8",
            'encoding="ISO-8859-1"',
            'encoding="UTF-8"',
            DECLARE,
        ),
        (
            UTF_8.replace("UTF-8", "KLINGON") + "\n<a/>",
            "utf-8",
            1,
            "the first line says that it is KLINGON, but the file is saved as UTF-8",
            'encoding="KLINGON"',
            'encoding="UTF-8"',
            DECLARE,
        ),
    ],
)
def test_the_encoding_that_fits_is_named_and_how_to_save_the_file(
    text: str, codec: str, line: int, words: str, found: str, needed: str, cure: str
) -> None:
    finding = told(text, codec)

    assert finding.text == f"metadata.xml, line {line}: {words}. {NOT_YET}"
    assert (finding.code, finding.found, finding.expected) == ("XML-003", found, needed)
    assert finding.fix.startswith(cure)
