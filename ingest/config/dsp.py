"""The tables of DSPs: how each is reached, what it gets in which form, and what is agreed with it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from ingest.config.dsp_values import (
    ErnVersion,
    Host,
    HostKeys,
    Hours,
    Layout,
    MarkerName,
    Models,
    OffsetDays,
    Parallel,
    PartyId,
    RemoteFolder,
    RemotePort,
    RemoteRoot,
    Required,
    Territory,
    Uses,
)
from ingest.config.models import Section
from ingest.config.values import Bytes, Flag, Patience, Place, WholeDays
from ingest.core.contract import DspNames

NOT_IN_43: Final = frozenset({"AsPerContract", "Unknown", "DubForAdvertisement"})
"""Models and uses of ERN 3.8.2 that a deal of ERN 4.3 cannot name."""


NEEDED: Final = ("ern_version", "recipients", "contract")
OF_OUR_MESSAGES: Final = (
    *NEEDED,
    *("priority_prefix", "marker", "marker_name", "marker_text", "update_indicator", "hash_algorithm"),
    *("audio", "cover", "takedown", "end_date_offset_days", "test_mode"),
)
"""Keys that say how we write a message and what it brings, and those of them that have no default."""


def _missing() -> PydanticCustomError:
    return PydanticCustomError("missing", "Field required")


def _is_default(model: type[Section], name: str | None, value: Any) -> bool:
    """Whether a key has no effect because it has its default, as where `ingest config show` prints every key."""
    return bool(model.model_fields[name or ""].get_default(call_default_factory=True) == value)


class Ddex(Section):
    """Who sends messages to DSPs: our DDEX Party Id, which comes with the Implementation Licence, and our name."""

    party_id: PartyId | None = None
    name: str = ""


class SftpLogin(Section):
    """How we log in at a host. Its key is pinned: a host that shows none of `host_keys` is not talked to."""

    host: Host
    port: RemotePort = 22
    user: Required
    password: SecretStr = SecretStr("")
    password_file: Place | None = None
    key_file: Place | None = Field(default=None, validate_default=True)
    host_keys: HostKeys

    @field_validator("password_file")
    @classmethod
    def _one_password(cls, password_file: Place | None, info: ValidationInfo) -> Place | None:
        if password_file is not None and info.data.get("password", SecretStr("")).get_secret_value():
            raise ValueError("password is set too; leave it out, the file is safer")
        return password_file

    @field_validator("key_file")
    @classmethod
    def _can_log_in(cls, key_file: Place | None, info: ValidationInfo) -> Place | None:
        data = info.data
        has_password = data.get("password_file") or data.get("password", SecretStr("")).get_secret_value()
        if key_file is None and "password_file" in data and not has_password:
            raise ValueError("there is nothing to log in with: set key_file or password_file")
        return key_file


class SftpTarget(SftpLogin):
    """A DSP's SFTP server, the folder in it that is ours, and how files are put there."""

    folder: RemoteRoot = ""
    jump: SftpLogin | None = None
    parallel: Parallel = 4
    part_names: Flag = False
    max_bytes_per_second: Bytes = 0
    keepalive_seconds: Patience = 30


class Agreed(Section):
    """What the contract with a DSP covers; a label's deal is sent only as far as it lies in here."""

    models: Models
    uses: Uses
    territories: tuple[Territory, ...] = ()
    excluded: tuple[Territory, ...] = ()
    worldwide_only: Flag = False
    without_end: Flag = False

    @field_validator("excluded")
    @classmethod
    def _one_list(cls, excluded: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if excluded and info.data.get("territories"):
            raise ValueError("territories is set too; name either those where the contract holds, or those where not")
        return excluded


class Acknowledgements(Section):
    """What the DSP answers: whether it promised to, where its files lie, and after how many hours ops are told."""

    promised: Flag = False
    folder: RemoteFolder = "acknowledgements"
    hours: Hours = 48


class Dsp(Section):
    """A DSP that gets approved releases. With the layout `as-received` it gets the label's package as it is."""

    kind: Literal["directory", "sftp"] = "directory"
    path: Place | None = Field(default=None, validate_default=True)
    sftp: SftpTarget | None = Field(default=None, validate_default=True)
    title: str = ""
    aliases: tuple[Required, ...] = ()
    layout: Layout = "as-received"
    priority_prefix: Flag = False
    marker: Literal["manifest", "empty", "text"] = "manifest"
    marker_name: MarkerName = "BatchComplete_{batch_id}.xml"
    marker_text: str = ""
    ern_version: ErnVersion | None = Field(default=None, validate_default=True)
    recipients: dict[PartyId, Required] = Field(default_factory=dict, validate_default=True)
    update_indicator: Flag = False
    hash_algorithm: Literal["MD5", "SHA-1", "SHA-256"] = "MD5"
    audio: Literal["flac", "as-received"] = "flac"
    cover: Literal["srgb-jpeg", "as-received"] = "srgb-jpeg"
    takedown: Literal["no-deal", "end-date", "purge"] = "no-deal"
    end_date_offset_days: OffsetDays = -2
    lead_days: WholeDays = 0
    test_mode: Flag = False
    sandbox: Flag = False
    contract: Agreed | None = Field(default=None, validate_default=True)
    acknowledgements: Acknowledgements = Acknowledgements()

    @property
    def writes_messages(self) -> bool:
        """Whether we write the message ourselves; else the label's is sent on."""
        return self.layout != "as-received"

    def names(self, table: str) -> DspNames:
        """How labels may call this DSP, whose table has that name. An alias may be a name or an id."""
        return DspNames((*self.recipients, *self.aliases), tuple(filter(None, (table, self.title, *self.aliases))))

    @field_validator("path", "sftp")
    @classmethod
    def _place_of_kind(cls, value: Place | SftpTarget | None, info: ValidationInfo) -> Place | SftpTarget | None:
        kind, name = info.data.get("kind"), {"path": "directory", "sftp": "sftp"}[info.field_name or ""]
        if value is None and kind == name:
            raise _missing()
        if value is not None and kind not in (None, name):
            raise ValueError(f"kind is {kind!r}; this is for kind = {name!r}")
        return value

    @field_validator(*OF_OUR_MESSAGES)
    @classmethod
    def _of_our_messages(cls, value: Any, info: ValidationInfo) -> Any:
        layout = info.data.get("layout")
        if layout == "as-received" and not _is_default(cls, info.field_name, value):
            raise ValueError("this has no effect with the layout as-received, which sends what the label sent")
        if not value and info.field_name in NEEDED and layout is not None and layout != "as-received":
            raise _missing()
        return value

    @field_validator("marker", "marker_name", "marker_text")
    @classmethod
    def _marker_of_batches(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("layout") == "release-by-release" and not _is_default(cls, info.field_name, value):
            raise ValueError("the layout release-by-release has no marker: there the message is put last")
        if info.field_name == "marker_text" and value and info.data.get("marker") not in (None, "text"):
            raise ValueError(f"marker is {info.data['marker']!r}; a text is written with marker = 'text' only")
        return value

    @field_validator("update_indicator")
    @classmethod
    def _indicator_of_version(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("ern_version") == "4.3":
            raise ValueError("ERN 4.3 has no UpdateIndicator")
        return value

    @field_validator("end_date_offset_days")
    @classmethod
    def _offset_of_end_date(cls, value: int, info: ValidationInfo) -> int:
        if info.data.get("takedown") not in (None, "end-date") and not _is_default(cls, info.field_name, value):
            raise ValueError(f"takedown is {info.data['takedown']!r}, which has no end date")
        return value

    @field_validator("contract")
    @classmethod
    def _contract_of_version(cls, contract: Agreed | None, info: ValidationInfo) -> Agreed | None:
        unknown = NOT_IN_43.intersection(() if contract is None else (*contract.models, *contract.uses))
        if unknown and info.data.get("ern_version") == "4.3":
            raise ValueError(f"a deal of ERN 4.3 cannot say {', '.join(sorted(unknown))}")
        return contract
