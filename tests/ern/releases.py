"""The release list of a generated message."""

from __future__ import annotations

from random import Random

from tests.ern.markup import leaf, lines, maybe, node
from tests.ern.plan import Plan, Track
from tests.ern.resources import display_artist, genre, rights
from tests.ern.spelling import Spelling


def release_list(rng: Random, plan: Plan, spelling: Spelling) -> str:
    """The main release, before or after the releases of its tracks."""
    main = _main(rng, plan, spelling)
    tracks = [_track_release(track) for track in plan.tracks if spelling.track_releases]
    return node("ReleaseList", *rng.choice(([main, *tracks], [*tracks, main])))


def _main(rng: Random, plan: Plan, spelling: Spelling) -> str:
    kind = leaf("ReleaseType", plan.type)
    date = leaf("ReleaseDate", plan.released)
    marks = {"IsMainRelease": rng.choice(("true", "1"))} if spelling.marks_main else {}
    listed = node("ReleaseResourceReferenceList", *(_reference(rng, track.reference) for track in plan.tracks))
    return node(
        "Release",
        _release_id(rng, plan, spelling),
        leaf("ReleaseReference", spelling.main),
        node("ReferenceTitle", leaf("TitleText", plan.title)),
        date if spelling.date_in_release else "",
        kind if spelling.type_first else "",
        listed,
        "" if spelling.type_first else kind,
        _details(rng, plan, spelling, date) if spelling.territory_details else "",
        maybe(rng, 0.2, lambda: leaf("LanguageOfPerformance", "en")),
        rights("PLine"),
        rights("CLine"),
        maybe(rng, 0.2, lambda: leaf("GlobalOriginalReleaseDate", "2020-02-29")),
        **marks,
    )


def _release_id(rng: Random, plan: Plan, spelling: Spelling) -> str:
    ean = {"IsEan": str(len(plan.barcode) == 13).lower()} if spelling.barcode_element == "ICPN" else {}
    return node(
        "ReleaseId",
        maybe(rng, 0.2, lambda: leaf("GRid", "A1UCASE0000000401X")),
        leaf(spelling.barcode_element, plan.barcode, **(ean if rng.random() < 0.7 else {})),
        maybe(rng, 0.3, lambda: leaf("CatalogNumber", "CAT-1", Namespace="DPID:X")),
        maybe(rng, 0.3, lambda: leaf("ProprietaryId", "REL-1", Namespace="DPID:X")),
    )


def _reference(rng: Random, name: str) -> str:
    said = rng.choice(({}, {"ReleaseResourceType": "PrimaryResource"}))
    return leaf("ReleaseResourceReference", rng.choice((name, name, f"{name}\n\t\t")), **said)


def _details(rng: Random, plan: Plan, spelling: Spelling, date: str) -> str:
    return node(
        "ReleaseDetailsByTerritory",
        leaf("TerritoryCode", "Worldwide"),
        maybe(rng, 0.3, lambda: leaf("DisplayArtistName", plan.artist)),
        leaf("LabelName", "Sunrise Records"),
        maybe(rng, 0.3, lambda: node("Title", leaf("TitleText", plan.title), TitleType="FormalTitle")),
        display_artist(plan.artist, ("MainArtist",), 1),
        maybe(rng, 0.2, lambda: leaf("IsMultiArtistCompilation", "false")),
        maybe(rng, 0.2, lambda: leaf("ParentalWarningType", "NoAdviceAvailable")),
        maybe(rng, 0.2, lambda: leaf("MarketingComment", "An album")),
        _groups(rng, plan) if spelling.groups else "",
        genre(rng),
        "" if spelling.date_in_release else date,
        maybe(rng, 0.3, lambda: leaf("OriginalReleaseDate", "2019-01")),
        maybe(rng, 0.1, lambda: leaf("Keywords", "summer")),
    )


def _groups(rng: Random, plan: Plan) -> str:
    """One group per disc in one that holds all; a single disc may go without its own."""
    discs = range(1, plan.discs + 1)
    on_disc = {disc: [track for track in plan.tracks if track.disc == disc] for disc in discs}
    if plan.discs == 1 and rng.random() < 0.5:
        return node("ResourceGroup", _items(rng, on_disc[1]))
    groups = [
        node(
            "ResourceGroup",
            maybe(rng, 0.5, lambda disc=disc: node("Title", leaf("TitleText", f"Disc-{disc}"))),  # type: ignore[misc]
            leaf("SequenceNumber", disc),
            _items(rng, on_disc[disc]),
        )
        for disc in discs
    ]
    return node("ResourceGroup", *groups)


def _items(rng: Random, tracks: list[Track]) -> str:
    return lines([_item(rng, track) for track in rng.sample(tracks, len(tracks))])


def _item(rng: Random, track: Track) -> str:
    return node(
        "ResourceGroupContentItem",
        leaf("SequenceNumber", track.number),
        maybe(rng, 0.5, lambda: leaf("ResourceType", "SoundRecording")),
        leaf("ReleaseResourceReference", track.reference, ReleaseResourceType="PrimaryResource"),
        maybe(rng, 0.1, lambda: leaf("Duration", f"PT{track.seconds}S")),
        maybe(rng, 0.1, lambda: leaf("IsBonusResource", "true")),
    )


def _track_release(track: Track) -> str:
    return node(
        "Release",
        node("ReleaseId", leaf("ISRC", track.isrc)),
        leaf("ReleaseReference", f"R{track.place}"),
        node("ReferenceTitle", leaf("TitleText", track.title)),
        node("ReleaseResourceReferenceList", leaf("ReleaseResourceReference", track.reference)),
        leaf("ReleaseType", "TrackRelease"),
        node("ReleaseDetailsByTerritory", leaf("TerritoryCode", "Worldwide")),
    )
