"""The PartyList of ERN 4.3: everyone whom a message names, once, with a reference that stands for them."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.core.release import Release
from ingest.core.release_parts import Credit, ExternalId, TerritoryDetails
from ingest.outbound.ern.markup import Element, leaf, node
from ingest.outbound.ern.outgoing import Outgoing, shown_credits

PartyKey = tuple[str, tuple[ExternalId, ...]]
IDENTIFIERS = {"ISNI": "ISNI", "DPID": "DPID", "IPN": "IPN", "IPI": "IpiNameNumber"}
"""Elements of a PartyId by the schemes that they hold; any other scheme is proprietary."""
IPI_DIGITS = 11


class Parties:
    """References (`P1`, `P2`, ...) to the parties of one message, in the order in which it names them.

    Two credits with the same name and the same identifiers are one party.
    """

    def __init__(self, outgoing: Outgoing) -> None:
        named = dict.fromkeys(_keys(outgoing))
        self._references = {key: f"P{number}" for number, key in enumerate(named, start=1)}
        self._namespace = outgoing.transmission.namespace

    def of(self, credit: Credit) -> str:
        """The reference of an artist, contributor or writer."""
        return self._references[credit.name, credit.ids]

    def label(self, outgoing: Outgoing, name: str | None) -> str:
        """The reference of the label of this name; without a name, of the release's label."""
        return self._references[name or label_of(outgoing), ()]

    def write(self, parent: Element) -> None:
        """The PartyList."""
        listed = node(parent, "PartyList")
        for (name, ids), reference in self._references.items():
            party = node(listed, "Party")
            leaf(party, "PartyReference", reference)
            leaf(node(party, "PartyName"), "FullName", name)
            for one in ids:
                _write_id(party, one, self._namespace)


def label_of(outgoing: Outgoing) -> str:
    """The label of the release, which 4.3 demands: else the company of its P line, else the sender."""
    release, sender = outgoing.release, outgoing.transmission.sender
    company = None if release.p_line is None else release.p_line.company
    return release.label_name or company or sender.name or sender.party_id


def _keys(outgoing: Outgoing) -> Iterator[PartyKey]:
    release = outgoing.release
    yield from ((credit.name, credit.ids) for credit in _credits(release))
    yield label_of(outgoing), ()
    yield from ((name, ()) for name in _label_names(release) if name)


def _label_names(release: Release) -> Iterator[str | None]:
    yield from (details.label_name for details in release.elsewhere)
    for track in release.tracks:
        yield track.label_name


def _credits(release: Release) -> Iterator[Credit]:
    yield from shown_credits(release)
    yield from _elsewhere(release.elsewhere)
    for track in release.tracks:
        yield from shown_credits(track)
        yield from _elsewhere(track.elsewhere)
        yield from track.contributors
        yield from track.writers


def _elsewhere(details: tuple[TerritoryDetails, ...]) -> Iterator[Credit]:
    return (credit for one in details for credit in one.artists)


def _write_id(parent: Element, one: ExternalId, namespace: str) -> None:
    written = node(parent, "PartyId")
    name = IDENTIFIERS.get(one.scheme or "")
    is_fit = name is not None and (name != "IpiNameNumber" or (len(one.value) == IPI_DIGITS and one.value.isdigit()))
    if name is not None and is_fit and (name != "DPID" or one.value.startswith("PADPIDA")):
        leaf(written, name, one.value)
    else:
        leaf(written, "ProprietaryId", one.value, {"Namespace": one.scheme or namespace})
