"""What integrators send: the fields of releases, tracks, artists and deliveries (guide, "API Reference").

Fields stand in the guide's order, which is that of the messages about them. Unknown ones are ignored.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationInfo, field_validator

from ingest.web.values import (
    Barcode,
    Clock,
    Date,
    Email,
    FileReference,
    Flag,
    Ids,
    Isrc,
    Kind,
    Lyrics,
    OptionalDate,
    OptionalText,
    OptionalTexts,
    Text,
    Texts,
    Year,
    said,
)

NO_WORDS: Final = frozenset({"instrumental", "zxx"})
"""Languages of a track without words: its lyrics may be empty."""


class Fields(BaseModel):
    """Fields of a request: others are ignored, and values are never converted from another type."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def given(self) -> dict[str, Any]:
        """The fields that have a value, by name."""
        return self.model_dump(exclude_none=True)


def _same_length(roles: list[str] | None, names: list[str] | None, field: str) -> list[str] | None:
    """Names and roles stand side by side in two arrays."""
    if len(roles or ()) != len(names or ()):
        said(f"must have as many values as {field}")
    return roles


class ReleaseFields(Fields):
    """Guide, "Create Release"."""

    releaseTitle: Text
    releasePhoto: FileReference
    releaseType: Kind
    releaseDate: Date
    yearOfCopyright: Year
    copyrightHolder: Text
    language: Text
    genre: Text
    labelId: Text
    labelName: Text
    primaryArtistName: Text
    primaryArtistId: Text
    albumCopyright: Texts
    distroStores: Texts
    userId: Text
    userEmail: Email
    releaseVersion: OptionalText = None
    pastReleaseDate: OptionalDate = None
    remixer: OptionalText = None
    smartLink: OptionalText = None
    distroSpeedType: OptionalText = None
    upcCode: Barcode = None
    subGenre: OptionalText = None
    otherArtist: OptionalTexts = None
    otherArtistRole: OptionalTexts = Field(default=None, validate_default=True)

    @field_validator("otherArtistRole")
    @classmethod
    def _a_role_for_each(cls, roles: list[str] | None, info: ValidationInfo) -> list[str] | None:
        return _same_length(roles, info.data.get("otherArtist"), "otherArtist")


class TrackFields(Fields):
    """Guide, "Create Track"; `explicitContent` and `previewStart...` are in its example only."""

    trackTitle: Text
    language: Text
    lyrics: Lyrics
    primaryArtistName: Text
    primaryArtistId: Text
    writer: Texts
    collaboratorName: Texts
    collaboratorRole: Texts
    trackAudio: FileReference
    releaseId: Text
    userId: Text
    userEmail: Email
    trackVersion: OptionalText = None
    pastReleaseDate: OptionalDate = None
    otherArtist: OptionalTexts = None
    otherArtistRole: OptionalTexts = Field(default=None, validate_default=True)
    isrcCode: Isrc = None
    explicitContent: Flag = None
    previewStartMin: Clock = None
    previewStartSec: Clock = None

    @field_validator("lyrics")
    @classmethod
    def _words_are_written_down(cls, lyrics: str, info: ValidationInfo) -> str:
        language = info.data.get("language", "instrumental")
        if not lyrics.strip() and language.lower() not in NO_WORDS:
            said("should not be empty")
        return lyrics

    @field_validator("collaboratorRole")
    @classmethod
    def _a_role_for_each_collaborator(cls, roles: list[str], info: ValidationInfo) -> list[str]:
        if "collaboratorName" in info.data:
            _same_length(roles, info.data["collaboratorName"], "collaboratorName")
        return roles

    @field_validator("otherArtistRole")
    @classmethod
    def _a_role_for_each(cls, roles: list[str] | None, info: ValidationInfo) -> list[str] | None:
        return _same_length(roles, info.data.get("otherArtist"), "otherArtist")


class ArtistFields(Fields):
    """Guide, "Create Artist"."""

    name: Text
    country: OptionalText = None
    primaryGenre: OptionalText = None
    profileImage: OptionalText = None
    externalIds: Ids | None = None


class SubmitFields(Fields):
    """Guide, "Submit Delivery"."""

    releaseId: Text
    destinations: Texts
    scheduledDate: OptionalDate = None
    notes: OptionalText = None


class RedeliverFields(Fields):
    """Guide, "Redeliver / Update Delivery", which prints no body: without destinations all that have the release."""

    releaseId: Text
    destinations: OptionalTexts = None
    scheduledDate: OptionalDate = None
    notes: OptionalText = None


class NotesFields(Fields):
    """The optional body of a decision about a release."""

    notes: OptionalText = None
    reasons: OptionalTexts = None


class TokenFields(Fields):
    """A user's token: `ttl` in seconds."""

    userId: Text
    ttl: Annotated[StrictInt, Field(ge=1, le=3600)] = 900


class EndpointFields(Fields):
    """A webhook endpoint; it gets all events where none is named."""

    url: Text
    events: OptionalTexts = None
