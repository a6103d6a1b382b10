"""A message to a DSP before it is written: the same value for every version of ERN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from ingest.core.offer import Offer
from ingest.core.release import Release, ReleaseTrack, joined_names
from ingest.core.release_parts import Credit
from ingest.core.sent_file import SentFile

LANGUAGE: Final = "en"
"""The language of a message whose label did not say one."""

HashAlgorithm = Literal["MD5", "SHA-1", "SHA-256"]
UpdateIndicator = Literal["OriginalMessage", "UpdateMessage"]


@dataclass(frozen=True, slots=True)
class MessageParty:
    """A sender or recipient: its DDEX Party Id (`PADPIDA...`) and its name."""

    party_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Transmission:
    """Who sends to whom, and when. `created` has a time zone.

    `on_behalf_of` is the label where it has a Party Id. A `message_id` is never used again for other bytes;
    `thread_id` is the same for all messages about one release to one DSP. `update_indicator` None: not said, as the
    standard advises.
    """

    message_id: str
    thread_id: str
    sender: MessageParty
    recipients: tuple[MessageParty, ...]
    created: datetime
    on_behalf_of: MessageParty | None = None
    is_test: bool = False
    update_indicator: UpdateIndicator | None = None

    @property
    def namespace(self) -> str:
        """The namespace of identifiers that have none of their own."""
        return f"DPID:{self.sender.party_id}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message about one release.

    `offers` are all that this DSP may have; without any the message takes the release down. `files` are those of the
    shipment by their paths in the package; without any the message describes no files, as an update of metadata or
    deals must not.
    """

    transmission: Transmission
    release: Release
    offers: tuple[Offer, ...] = ()
    files: Mapping[str, SentFile] = field(default_factory=dict)
    hash_algorithm: HashAlgorithm = "MD5"

    def sent(self, path: str | None) -> SentFile | None:
        """The file that was made of this one; None where it is not part of the message."""
        return None if path is None else self.files.get(path)


def shown_artist(said: Release | ReleaseTrack) -> str:
    """The artists as they are to be shown."""
    return said.display_name or joined_names(said.artists) or ""


def shown_credits(said: Release | ReleaseTrack) -> tuple[Credit, ...]:
    """The credited artists; the name that is shown where nobody is credited."""
    return said.artists or ((Credit(said.display_name),) if said.display_name else ())


def digest_of(file: SentFile, algorithm: HashAlgorithm) -> str:
    """The hash sum of a file as sent, in lower-case hex."""
    return {"MD5": file.md5, "SHA-1": file.sha1, "SHA-256": file.sha256}[algorithm]
