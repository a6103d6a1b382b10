"""Genuine ERN 3.8.2 of more shapes: changes of the message of the good EP `Low Tide`, each as good as that one."""

from __future__ import annotations

import re
from typing import Final

from tests.messages import RELEASED


def discs(text: str) -> str:
    """Two discs with two tracks each."""
    second = (
        "          </ResourceGroup>\n          <ResourceGroup>\n"
        "            <Title><TitleText>Disc-2</TitleText></Title>\n            <SequenceNumber>2</SequenceNumber>\n"
    )
    items = re.findall(r" +<ResourceGroupContentItem>.*</ResourceGroupContentItem>\n", text)
    for number, item in enumerate(items[2:], start=1):
        moved = re.sub(r"<SequenceNumber>\d+", f"<SequenceNumber>{number}", item)
        text = text.replace(item, second * (number == 1) + moved)
    return text


_PERFORMERS: Final = (
    ("Lagos Symphony Orchestra", ("MainArtist", "Orchestra")),
    ("Ngozi Adeyemi", ("MainArtist", "Conductor")),
    ("Femi Oduya", ("MainArtist", "Soloist")),
)
_SOLOIST: Final = (
    '<ResourceContributor SequenceNumber="1"><PartyName><FullName>Femi Oduya</FullName></PartyName>'
    '<PartyId IsISNI="true">0000000121479135</PartyId>'
    "<ResourceContributorRole>Soloist</ResourceContributorRole></ResourceContributor>"
)
_MOVEMENTS: Final = {
    "Sand": "Cello Concerto in D Minor, Op. 12: I. Allegro",
    "Shell": "Cello Concerto in D Minor, Op. 12: II. Adagio",
    "Salt": "Cello Concerto in D Minor, Op. 12: III. Scherzo",
    "Stone": "Cello Concerto in D Minor, Op. 12: IV. Finale",
}


def classical(text: str) -> str:
    """A concerto: its movements, composer, orchestra, conductor, soloist, the works with their ISWCs."""
    artists = "".join(
        f'<DisplayArtist SequenceNumber="{number}"><PartyName><FullName>{name}</FullName></PartyName>'
        f"{''.join(f'<ArtistRole>{role}</ArtistRole>' for role in roles)}</DisplayArtist>"
        for number, (name, roles) in enumerate(_PERFORMERS, start=1)
    )
    text = re.sub(r"<DisplayArtist( [^>]*)?>.*?</DisplayArtist>", artists, text, flags=re.DOTALL)
    text = re.sub(r" *<IndirectResourceContributor>", lambda found: f"        {_SOLOIST}\n{found[0]}", text)
    text = text.replace("</SoundRecordingId>", f"</SoundRecordingId>{_WORK}")
    for title, movement in _MOVEMENTS.items():
        text = text.replace(f"<TitleText>{title}</TitleText>", f"<TitleText>{movement}</TitleText>")
    text = text.replace("<TitleText>Low Tide</TitleText>", "<TitleText>Cello Concerto in D Minor, Op. 12</TitleText>")
    genre = "<Genre><GenreText>Classical</GenreText><SubGenre>Concerto</SubGenre></Genre>"
    return text.replace("<Genre><GenreText>Afrobeats</GenreText></Genre>", genre)


_WORK: Final = "<IndirectSoundRecordingId><ISWC>T0345246801</ISWC></IndirectSoundRecordingId>"
_IN_JAPAN: Final = """      <ReleaseDetailsByTerritory>
        <TerritoryCode>JP</TerritoryCode>
        <DisplayArtistName>Ayo Lande</DisplayArtistName>
        <LabelName>Sunrise Japan</LabelName>
        <Title LanguageAndScriptCode="ja" TitleType="DisplayTitle"><TitleText>引き潮</TitleText></Title>
        <DisplayArtist SequenceNumber="1">
          <PartyName><FullName>Ayo Lande</FullName></PartyName>
          <ArtistRole>MainArtist</ArtistRole>
        </DisplayArtist>
        <ParentalWarningType>NotExplicit</ParentalWarningType>
        <Genre><GenreText>World</GenreText></Genre>
        <ReleaseDate>2026-05-01</ReleaseDate>
      </ReleaseDetailsByTerritory>
"""


def _deal(where: str, start: str, *more: str, model: str = "SubscriptionModel", use: str = "OnDemandStream") -> str:
    before, prices, after = (*more, "", "", "")[:3]
    return (
        f"<Deal><DealTerms>{before}<CommercialModelType>{model}</CommercialModelType><Usage><UseType>{use}</UseType>"
        f"</Usage>{where}{prices}<ValidityPeriod><StartDate>{start}</StartDate></ValidityPeriod>{after}</DealTerms></Deal>"
    )


def _deals(text: str, *deals: str) -> str:
    return re.sub(r"<Deal>.*</Deal>", "".join(deals), text, flags=re.DOTALL)


def territories(text: str) -> str:
    """Another title, label and day in Japan, and deals that begin there later."""
    text = re.sub(
        r"(<ReleaseDate>.*?</ReleaseDetailsByTerritory>\n)", lambda found: found[1] + _IN_JAPAN, text, flags=re.DOTALL
    )
    japan, others = "<TerritoryCode>JP</TerritoryCode>", "<ExcludedTerritoryCode>JP</ExcludedTerritoryCode>"
    return _deals(text, _deal(others, str(RELEASED)), _deal(japan, "2026-05-01"))


def pre_order(text: str) -> str:
    """Streams and downloads with a price, and a pre-order from a week before."""
    world = "<TerritoryCode>Worldwide</TerritoryCode>"
    code = "<PriceRangeType Namespace='DPID:PADPIDA2026032001X'>EPFront</PriceRangeType>"
    price = f"<PriceInformation>{code}</PriceInformation>"
    download = {"model": "PayAsYouGoModel", "use": "PermanentDownload"}
    flag, day = "<IsPreOrderDeal>true</IsPreOrderDeal>", f"<PreOrderReleaseDate>{RELEASED}</PreOrderReleaseDate>"
    early = _deal(world, "2026-03-25", flag, price, day, **download)
    return _deals(text, _deal(world, str(RELEASED)), _deal(world, str(RELEASED), "", price, **download), early)
