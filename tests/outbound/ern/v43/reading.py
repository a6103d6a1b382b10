"""What a message in ERN 4.3 says, read by another way than that by which it was written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from ingest.core.release import Release, ReleaseTrack
from ingest.core.release_parts import GRID, Credit, ExternalId, ReleaseGenre, RightsLine
from ingest.core.text import Text
from ingest.readers.ern.values import seconds

Element = etree._Element
ROLES = {"StudioProducer": "Producer"}


@dataclass(frozen=True)
class Reader:
    """One message: its parties by their references, its resources by theirs."""

    root: Element

    def release(self) -> Release:
        """The release with what both versions of ERN can say."""
        main = self.root.find("ReleaseList/Release")
        assert main is not None
        return Release(
            barcode=main.findtext("ReleaseId/ICPN"),
            grid=main.findtext("ReleaseId/GRid"),
            catalogue_number=main.findtext("ReleaseId/CatalogNumber"),
            ids=_ids(main.findall("ReleaseId/ProprietaryId")),
            title=main.findtext("DisplayTitle/TitleText"),
            version=_version(main),
            artists=self.artists(main),
            label_name=self.party(main.findtext("ReleaseLabelReference")).name,
            types=tuple(one.text or "" for one in main.findall("ReleaseType")),
            release_date=_default(main, "ReleaseDate"),
            original_date=_default(main, "OriginalReleaseDate"),
            genres=_genres(main),
            parental_warnings=_defaults(main, "ParentalWarningType"),
            p_lines=_lines(main, "PLine"),
            c_lines=_lines(main, "CLine"),
            tracks=tuple(self.tracks()),
            language=self.root.get("LanguageAndScriptCode"),
        )

    def tracks(self) -> list[ReleaseTrack]:
        group = self.root.find("ReleaseList/Release/ResourceGroup")
        assert group is not None
        discs = group.findall("ResourceGroup") or [group]
        placed = [
            (int(disc.findtext("SequenceNumber") or "1"), item.findtext("ReleaseResourceReference"))
            for disc in discs
            for item in disc.findall("ResourceGroupContentItem")
        ]
        return [self.track(number, disc, reference) for number, (disc, reference) in enumerate(placed, start=1)]

    def track(self, number: int, disc: int, reference: str | None) -> ReleaseTrack:
        recordings = self.root.findall("ResourceList/SoundRecording")
        recording = next(one for one in recordings if one.findtext("ResourceReference") == reference)
        edition = recording.find("SoundRecordingEdition")
        assert edition is not None
        contributors = recording.findall("Contributor")
        instrumental = recording.findtext("IsInstrumental")
        return ReleaseTrack(
            number=number,
            disc=disc,
            isrc=edition.findtext("ResourceId/ISRC"),
            catalogue_number=edition.findtext("ResourceId/CatalogNumber"),
            ids=_ids(edition.findall("ResourceId/ProprietaryId")),
            title=recording.findtext("DisplayTitle/TitleText"),
            version=_version(recording),
            artists=self.artists(recording),
            seconds=seconds(Text(recording.findtext("Duration") or "", 1)),
            p_lines=_lines(edition, "PLine"),
            type=recording.findtext("Type"),
            iswcs=tuple(one.text or "" for one in recording.findall("WorkId/ISWC")),
            contributors=tuple(self.credit(one, "ContributorPartyReference", "Role") for one in contributors),
            language=recording.findtext("LanguageOfPerformance"),
            is_instrumental=None if instrumental is None else instrumental == "true",
            parental_warnings=_defaults(recording, "ParentalWarningType"),
        )

    def artists(self, parent: Element) -> tuple[Credit, ...]:
        found = []
        for one in parent.findall("DisplayArtist"):
            shown = one.findtext("DisplayArtistRole") or ""
            credit = self.credit(one, "ArtistPartyReference", "ArtisticRole")
            roles = credit.roles if shown == "Artist" else tuple(sorted((shown, *credit.roles)))
            found.append(replace(credit, roles=roles))
        return tuple(found)

    def credit(self, parent: Element, reference: str, role: str) -> Credit:
        roles = (one.get("UserDefinedValue") or one.text or "" for one in parent.findall(role))
        return replace(
            self.party(parent.findtext(reference)), roles=tuple(sorted(ROLES.get(one, one) for one in roles))
        )

    def party(self, reference: str | None) -> Credit:
        parties = self.root.findall("PartyList/Party")
        party = next(one for one in parties if one.findtext("PartyReference") == reference)
        ids = [child for one in party.findall("PartyId") for child in one]
        return Credit(party.findtext("PartyName/FullName") or "", (), _ids(ids))


def _version(parent: Element) -> str | None:
    shown = parent.find("DisplayTitle")
    return None if shown is None else shown.findtext("SubTitle")


def _ids(elements: list[Element]) -> tuple[ExternalId, ...]:
    named = {"ISNI": "ISNI", "DPID": "DPID", "IPN": "IPN"}
    return tuple(ExternalId(one.text or "", one.get("Namespace") or named[str(one.tag)]) for one in elements)


def _default(parent: Element, name: str) -> str | None:
    return next(iter(_defaults(parent, name)), None)


def _defaults(parent: Element, name: str) -> tuple[str, ...]:
    return tuple(one.text or "" for one in parent.findall(name) if one.get("IsDefault") == "true")


def _genres(parent: Element) -> tuple[ReleaseGenre, ...]:
    found = [one for one in parent.findall("Genre") if one.get("IsDefault") == "true"]
    return tuple(ReleaseGenre(one.findtext("GenreText") or "", one.findtext("SubGenre")) for one in found)


def _lines(parent: Element, name: str) -> tuple[RightsLine, ...]:
    found = [one for one in parent.findall(name) if one.get("ApplicableTerritoryCode") in (None, "Worldwide")]
    parts = ("Year", f"{name}Company", f"{name}Text")
    return tuple(RightsLine(*(one.findtext(part) for part in parts)) for one in found)


def sayable(release: Release) -> Release:
    """What of a release the reader above can find in a 4.3 message, with what 4.3 demands filled in."""
    genres = release.genres or next(
        (track.genres for track in release.tracks if track.genres), (ReleaseGenre("Unknown"),)
    )
    company = None if release.p_line is None else release.p_line.company
    return replace(
        release,
        artists=_sorted(release.artists),
        label_name=release.label_name or company or "InterSpace",
        genres=genres,
        parental_warnings=release.parental_warnings or ("NoAdviceAvailable",),
        other_titles=(),
        display_name=None,
        territories=(),
        excluded=(),
        elsewhere=(),
        images=(),
        tracks=tuple(map(_sayable_track, release.tracks)),
    )


def _sayable_track(track: ReleaseTrack) -> ReleaseTrack:
    return replace(
        track,
        artists=_sorted(track.artists),
        contributors=_sorted((*track.contributors, *track.writers)),
        writers=(),
        parental_warnings=track.parental_warnings or ("NoAdviceAvailable",),
        other_titles=(),
        display_name=None,
        label_name=None,
        genres=(),
        territories=(),
        excluded=(),
        elsewhere=(),
        release_ids=(),
        file=None,
        preview=None,
    )


def _sorted(credits: tuple[Credit, ...]) -> tuple[Credit, ...]:
    return tuple(replace(one, roles=tuple(sorted(one.roles)), ids=tuple(map(_scheme, one.ids))) for one in credits)


def _scheme(one: ExternalId) -> ExternalId:
    """An identifier in the namespace in which it is written where it has none that 4.3 knows."""
    is_known = one.scheme in ("ISNI", "IPN", GRID) or (one.scheme == "DPID" and one.value.startswith("PADPIDA"))
    return one if is_known else replace(one, scheme=one.scheme or "DPID:PADPIDA2026010101A")
