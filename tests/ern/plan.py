"""What a generated release is: its tracks on its discs, its names, dates and codes, drawn from a random source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.ern.markup import some

WORDS = ("Sunrise", "Harbour", "Éclair", "夜想曲", "Дорога", "Ọ̀rọ̀", "Río", "Blå", "Tom & Jerry", "L'été", "7", "Night")
NAMES = ("Ayo Lande", "Blå Natt", "宇多田", "Sinéad & Co", "Ольга Иванова", 'The "Quotes"', "Ana María", "O'Neil")
GENRES = ("Afrobeats", "Jazz", "Hip-Hop/Rap", "Musique électronique", "J-Pop")
PLACES = ("DE", "FR", "NG", "US", "GB", "JP", "BR", "ES-CE", "XK")
WARNINGS = ("NotExplicit", "Explicit", "NoAdviceAvailable")


@dataclass(frozen=True, slots=True)
class Track:
    """One recording; `number` counts on its disc, `place` over the whole release, both from 1."""

    place: int
    disc: int
    number: int
    isrc: str
    title: str
    artist: str
    guest: str | None
    seconds: int
    suffix: str

    @property
    def reference(self) -> str:
        return f"A{self.place}"

    @property
    def file(self) -> str:
        return f"{self.disc}_{self.number:02}_track.{self.suffix}"


@dataclass(frozen=True, slots=True)
class Plan:
    tracks: tuple[Track, ...]
    title: str
    artist: str
    barcode: str
    type: str
    released: date
    discs: int


def draw_plan(rng: Random, count: int) -> Plan:
    """A release of so many tracks."""
    discs = rng.randint(1, min(3, count))
    artist, suffix = rng.choice(NAMES), rng.choice(("wav", "flac", "aiff"))
    tracks, numbers = [], dict.fromkeys(range(1, discs + 1), 0)
    for place in range(1, count + 1):
        disc = 1 + (place - 1) * discs // count
        numbers[disc] += 1
        guest = rng.choice([None, None, *(name for name in NAMES if name != artist)])
        title = f"{rng.choice(WORDS)} {rng.choice(WORDS)} {place}"
        isrc = f"GBDUM{rng.randint(10, 26)}{place:05}"
        tracks.append(Track(place, disc, numbers[disc], isrc, title, artist, guest, rng.randint(31, 700), suffix))
    kind = "Single" if count <= 3 else rng.choice(("EP", "Album")) if count <= 6 else "Album"
    released = date(2026, 4, 1) + timedelta(days=rng.randint(0, 300))
    title = f"{rng.choice(WORDS)} {rng.choice(WORDS)}" if count > 1 else tracks[0].title
    return Plan(tuple(tracks), title, artist, _barcode(rng), kind, released, discs)


def _barcode(rng: Random) -> str:
    """Twelve or thirteen digits with their check digit (GS1 General Specifications, 7.9)."""
    digits = [rng.randint(1, 9), *(rng.randint(0, 9) for _ in range(rng.choice((10, 11))))]
    weighted = sum(digit * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return "".join(map(str, digits)) + str(-weighted % 10)


def territories(rng: Random) -> list[str]:
    return rng.choice((["Worldwide"], some(rng, PLACES, 6)))
