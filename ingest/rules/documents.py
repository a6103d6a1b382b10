"""What to do where another document stands in place of the XML."""

from __future__ import annotations

from ingest.core.documents import WRITTEN, Document


def cure_of(document: Document) -> str:
    """What to do where such a document stands in place of the XML."""
    if document in WRITTEN:
        return (
            "Export the release as an XML file (DDEX ERN 3.8.2) and upload that. If the XML was pasted into the"
            " document, copy it into a plain text editor (Notepad, or TextEdit with Format > Make Plain Text) and"
            " save it as metadata.xml, encoded as UTF-8."
        )
    if document is Document.ARCHIVE:
        return "Unpack it on your computer, and upload the files inside it in a new folder."
    if document in (Document.WEB_PAGE, Document.WEB_ARCHIVE):
        return "Download the XML file itself, not the page that shows it, or export the release as DDEX ERN 3.8.2."
    return "Export the release from your distribution program as DDEX ERN 3.8.2 and upload the XML file."
