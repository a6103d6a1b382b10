"""FileStatus: DDEX's codes for the outcome of one delivered file (ERN choreography 1.6, ErncFileStatus)."""

from __future__ import annotations

from enum import StrEnum


class FileStatus(StrEnum):
    """The codes that an acknowledgement may give; rules name theirs."""

    FILE_OK = "FileOK"
    MESSAGE_INVALID = "NewReleaseMessageInvalid"
    ERN_MISSING = "ErnMissing"
    METADATA_MISSING = "MetadataMissing"
    IDENTIFIER_INVALID = "IdentifierInvalid"
    IDENTIFIER_SYNTAX = "IdentifierSyntaxInvalid"
    RESOURCE_MISSING = "ResourceMissing"
    RESOURCE_CORRUPT = "ResourceCorrupt"
    RESOURCE_OUT_OF_SPECIFICATION = "ResourceNotMeetingSpecifications"
    HASH_SUM = "SignatureOrHashSumWrongOrMissing"
    NO_DEAL = "NoDealInNewReleaseMessage"
    NO_DEAL_FOR_TRACK = "NoDealForTrackRelease"
    UNSUPPORTED_USAGE = "UnsupportedUsage"
    CONFLICTING_PERIODS = "ConflictingAvailabilityPeriods"
    RELEASE_DATE = "CommercialReleaseDateInvalid"
    ORIGINAL_DATE_LATER = "OriginalReleaseDateLaterThanReleaseDate"
    ARTIST_MISSING = "PrimaryArtistNameMissing"
    ARTIST_ROLE_UNKNOWN = "ArtistRoleUnknown"
    DUPLICATED_PUBLISHERS = "DuplicatedPublisherNames"
    INTERNAL_ERROR = "InternalError"
    USER_DEFINED = "UserDefined"
