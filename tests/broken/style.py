"""STY: packages that QC would have a remark about."""

from __future__ import annotations

from typing import Final

from tests.broken.change import Broken, Change, both, edit, edit_all, ep, ern, single
from tests.good import Good

_MAIN: Final = "<ArtistRole>MainArtist</ArtistRole>\n        </DisplayArtist>\n"
_GUEST: Final = """        <DisplayArtist>
          <PartyName><FullName>Bisi</FullName></PartyName>
          <ArtistRole>FeaturedArtist</ArtistRole>
        </DisplayArtist>
"""
_OWN_GUEST: Final = _GUEST.replace("Bisi", "Ayo Lande")
_FOUR: Final = ("Ada", "Eno", "Obi", "Uju")
_INSTRUMENTAL: Final = (
    "<IsInstrumental>true</IsInstrumental>\n<LanguageOfPerformance>en</LanguageOfPerformance>\n<Duration>"
)
_RELEASE_ARTIST: Final = """        <DisplayArtist SequenceNumber="1">
          <PartyName><FullName>Ayo Lande</FullName></PartyName>
          <ArtistRole>MainArtist</ArtistRole>
        </DisplayArtist>
"""


def titled(title: str) -> Broken:
    """The single, and its track, under another title."""
    return single(_titled(title))


def _titled(title: str) -> Change:
    return edit_all("<TitleText>Sunrise</TitleText>", f"<TitleText>{title}</TitleText>")


def _artist(name: str) -> Broken:
    return single(edit_all("<FullName>Ayo Lande</FullName>", f"<FullName>{name}</FullName>"))


BROKEN: Final = {
    "STY-041": titled("My Track Title"),
    "STY-001": single(both(_titled("Sunrise ft. Bisi"), edit((_MAIN, _MAIN + _GUEST)))),
    "STY-002": titled("Ayo Lande - Sunrise"),
    "STY-003": titled("SUNRISE OVER LAGOS"),
    "STY-004": titled("sunrise"),
    "STY-005": titled("Track 1"),
    "STY-006": titled("Sunrise (Original Mix)"),
    "STY-007": titled("Sunrise (Out Now)"),
    "STY-008": titled("Sunrise - Single"),
    "STY-009": titled("Sunrise ☀"),
    "STY-010": titled("Sunrise Volume 2"),
    "STY-011": titled("Sunrise (prod. by Bisi)"),
    "STY-012": titled("Sunrise (Karaoke)"),
    "STY-013": titled("sUNRISE over Lagos"),
    "STY-020": titled("Sunrise (feat. Bisi)"),
    "STY-021": single(edit((_MAIN, _MAIN + _GUEST))),
    "STY-022": _artist("Ayo Lande &amp; Bisi"),
    "STY-023": _artist("Workout"),
    "STY-024": _artist("Various Artists"),
    "STY-025": single(edit_all(r"        <IndirectResourceContributor>.*?</IndirectResourceContributor>\n", "")),
    "STY-026": titled("Sunr*se F**k"),
    "STY-027": single(both(_titled("Sunrise (feat. Ayo Lande)"), edit((_MAIN, _MAIN + _OWN_GUEST)))),
    "STY-028": titled("Sunrise Fuckery"),
    "STY-029": single(edit(("<Duration>", _INSTRUMENTAL))),
    "STY-030": single(edit(("<TitleText>Sunrise", "<TitleText>Sundown"))),
    "STY-031": ep(edit(("<TitleText>Benue", "<TitleText>Niger"))),
    "STY-032": single(edit_all(r"      <(P|C)Line>.*?</(P|C)Line>\n", "")),
    "STY-033": single(edit(("<PLine><Year>2026", "<PLine><Year>2062"))),
    "STY-034": ern(edit(("<ParentalWarningType>NotExplicit", "<ParentalWarningType>Explicit"))),
    "STY-035": single(edit_all("2026-04-01", "2025-04-01")),
    "STY-036": single(edit_all("2026-04-01", "2026-03-27")),
    "STY-037": ern(
        edit(("</ReleaseDate>", "</ReleaseDate>\n        <OriginalReleaseDate>2026-05-01</OriginalReleaseDate>"))
    ),
    "STY-038": ern(edit((_RELEASE_ARTIST, _RELEASE_ARTIST.replace("Ayo Lande", "Various Artists")))),
    "STY-039": ern(edit((_RELEASE_ARTIST, "".join(_RELEASE_ARTIST.replace("Ayo Lande", one) for one in _FOUR)))),
    "STY-040": ern(edit((_RELEASE_ARTIST, _RELEASE_ARTIST.replace("Ayo Lande", "AYO Lande")))),
}

EQUALLY_GOOD: Final = {
    "a guest as the guide of titles wants it": single(
        both(_titled("Sunrise (feat. Bisi)"), edit((_MAIN, _MAIN + _GUEST)))
    ),
    "an acronym as a title": titled("R.E.D."),
    "a title in capitals of one word": titled("ALIVE"),
    "a title of digits": titled("1999"),
    "a title in Japanese": titled("夜明け"),
    "a name with an ampersand and no blanks": _artist("R&amp;B Ayo"),
    "a title with a hyphenated word": titled("Re-Entry"),
    "a song about a track": titled("Right on Track"),
    "an album title that says exclusive": titled("Exclusive Club"),
    "a remix": titled("Sunrise (Bisi Remix)"),
    "the guide's own example": Broken(Good.GUIDE, lambda folder: None),
}
