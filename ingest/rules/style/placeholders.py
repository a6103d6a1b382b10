"""STY: the names of the guide's own example, sent as they stand there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.finding import Fault, Severity
from ingest.core.text import Text
from ingest.rules.style.publishing import release
from ingest.rules.subjects import Main, said, songs
from ingest.rules.units import listed

PLACEHOLDERS: Final = frozenset({"artist name", "my track title", "my album title", "your_label_id", "your label name"})
"""Guide, "Minimal example", in small letters."""


@release.rule(
    "STY-041",
    Severity.WARNING,
    text="{place}: {found} {verb} from our own example of the XML, and would appear like this in the stores.",
    fix="Write the real names of your label, artists, release and tracks instead.",
    source="Guide, Minimal example",
)
def placeholder(main: Main, _: Policy) -> Iterator[Fault]:
    """Whoever starts from the example must replace every name in it; one that is forgotten is soon in the stores."""
    found: dict[str, Text] = {}
    for text in _named(main):
        if said(text).casefold() in PLACEHOLDERS:
            found.setdefault(said(text), text)
    if found:
        names = listed([f'"{name}"' for name in found])
        verb = "is" if len(found) == 1 else "are"
        line = min(text.line for text in found.values())
        yield main.fault(line, found=names, expected="your own names", verb=verb)


def _named(main: Main) -> Iterator[Text]:
    """The names of the sender, the release and its tracks."""
    header = main.message.header
    sender = header.sender if header is not None else None
    recordings = [song.recording for song in songs(main.dossier)]
    titles = [title.text for title in (main.release.title, *(one.title for one in recordings)) if title is not None]
    artists = [artist.name for one in recordings for artist in one.display_artists]
    artists += (artist.name for artist in main.release.display_artists)
    ids = (*sender.ids, sender.name) if sender is not None else ()
    yield from (text for text in (*ids, *titles, *artists) if text is not None)
