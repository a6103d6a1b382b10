"""What becomes of a release after its first delivery, as messages: updates, takedowns, purges, tests, batches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.broken.change import Change, edit, edit_all, message_of
from tests.broken.release import PURGE
from tests.good import SHEETS, Good, write_good
from tests.messages import Sheet

LATER = ("2026-03-20T10:00:00", "2026-03-22T10:00:00")
ENDED = edit(("<StartDate>2026-04-01</StartDate>", "<EndDate>2026-03-01</EndDate>"))
USAGE = r"<Usage>.*?</Usage>"

TAKEDOWNS: dict[str, Change] = {
    "no deal list": edit_all(r"  <DealList>.*</DealList>\n", ""),
    "a deal that has ended": ENDED,
    "a deal that started and has ended": edit(
        ("<StartDate>2026-04-01</StartDate>", "<StartDate>2026-01-05</StartDate><EndDate>2026-03-10</EndDate>")
    ),
    "TakeDown": edit_all(USAGE, "<TakeDown>true</TakeDown>"),
    "AllDealsCancelled": edit_all(USAGE, "<AllDealsCancelled>true</AllDealsCancelled>"),
}
"""The forms that one message by itself can have, as changes of a good single."""


def alone(parent: Path, name: str, *changes: Change, kind: Good = Good.SINGLE) -> Path:
    """The message of a good release without its files, changed, in a folder of this name."""
    written = write_good(parent / f"of-{name}", kind)
    for path in sorted(written.rglob("*")):
        if path.is_file() and path.suffix != ".xml":
            path.unlink()
    for change in changes:
        change(written)
    return written.rename(written.with_name(name))


def whole(parent: Path, name: str, *changes: Change, kind: Good = Good.SINGLE) -> Path:
    """A good release, changed, in a folder of this name."""
    written = write_good(parent / f"of-{name}", kind)
    for change in changes:
        change(written)
    return written.rename(written.with_name(name))


def purge(parent: Path, name: str) -> Path:
    written = alone(parent, name)
    message_of(written).write_text(PURGE, "utf-8")
    return written


def batch(parent: Path, name: str, releases: Sequence[Path], marker: str = "", content: bytes = b"") -> Path:
    """A batch in the standard's layout: a folder per release, named by its barcode, and a marker at the top."""
    folder = parent / name
    folder.mkdir(parents=True)
    for release in releases:
        text = message_of(release).read_text("utf-8")
        found = re.search(r"<ICPN[^>]*>(\d+)<|<UPC>(\d+)<", text)
        assert found is not None
        shutil.move(release, folder / (found[1] or found[2]))
    if marker:
        (folder / marker).write_bytes(content)
    return folder


def with_barcode(barcode: str) -> Change:
    return edit_all(SHEETS[Good.SINGLE].barcode, barcode)


def ern_sheet() -> Sheet:
    return SHEETS[Good.ERN]


def manifest(batch: str, *entries: tuple[str, str], is_test: bool = False) -> bytes:
    """A ManifestMessage that lists releases by barcode with their DeliveryType."""
    listed = "".join(
        f"<MessageInBatch><MessageType>NewReleaseMessage</MessageType><MessageId>M</MessageId>"
        f"<URL>{barcode}/{barcode}.xml</URL><IncludedReleaseId><ICPN>{barcode}</ICPN></IncludedReleaseId>"
        f"<DeliveryType>{delivery}</DeliveryType><ProductType>AudioProduct</ProductType></MessageInBatch>"
        for barcode, delivery in entries
    )
    return (
        '<m:ManifestMessage xmlns:m="http://ddex.net/xml/ern-c-sftp/16" MessageVersionId="ern-c-sftp/16">'
        "<MessageHeader><MessageSender><PartyId>LABEL</PartyId></MessageSender><MessageRecipient>"
        "<PartyId>INTERSPACE</PartyId></MessageRecipient><MessageCreatedDateTime>2026-03-20T10:00:00Z"
        f"</MessageCreatedDateTime></MessageHeader><IsTestFlag>{str(is_test).lower()}</IsTestFlag>"
        f"<RootDirectory>/{batch}</RootDirectory><NumberOfMessages>{len(entries)}</NumberOfMessages>{listed}"
        "</m:ManifestMessage>"
    ).encode()
