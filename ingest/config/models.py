"""The tables of the configuration, each a frozen model; `config.example.toml` explains every key."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from ingest.config.values import (
    CENTURY,
    Bytes,
    Code,
    Count,
    Counts,
    DatabaseUrl,
    Days,
    Email,
    Encryption,
    Flag,
    HeloName,
    Number,
    Patience,
    Place,
    Port,
    Seconds,
    WholeDays,
    WholeSeconds,
)
from ingest.core import defaults
from ingest.core.dossier import Policy
from ingest.core.finding import Severity

SUBMISSIONS: Final = 465
"""The port for submission with TLS from the first byte (RFC 8314, section 7.3)."""

USUAL: Final = Policy(received=date.min)
"""The thresholds of the rules where the configuration says nothing else."""


class Section(BaseModel):
    """A table of the configuration: unknown keys, infinities and NaN are refused, and values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Operator(Section):
    """Who runs this server: shown in every email, report and page."""

    name: str = "InterSpace"
    public_host: str = "sftp.interspacemusic.com"
    public_port: Port = 22
    support_email: Email = "support@interspacemusic.com"
    qc_emails: tuple[Email, ...] = ()
    ops_emails: tuple[Email, ...] = ()
    guide_url: str = ""
    logo: Place | None = None


class Paths(Section):
    """Where the daemon keeps its files. `data` holds the others unless they are set:

    `labels/` (one home per label), `spool/` (sealed packages), `state/` (keys, locks, database) and `shelves/` (the
    read-only folders of labels, under a stored name).
    """

    data: Place = Path("/var/lib/ingest")
    labels: Place | None = None
    spool: Place | None = None
    state: Place | None = None

    @property
    def labels_dir(self) -> Path:
        return self.labels or self.data / "labels"

    @property
    def spool_dir(self) -> Path:
        return self.spool or self.data / "spool"

    @property
    def state_dir(self) -> Path:
        return self.state or self.data / "state"

    @property
    def read_only_dir(self) -> Path:
        """The folder of all labels' read-only folders. Its name on the disk is a stored one."""
        return self.data / "shelves"

    def reports(self, label: str) -> Path:
        """The folder that a label sees as `/reports/`: one folder per package, written by the daemon."""
        return self.read_only_dir / label / "reports"

    def acknowledgements(self, label: str) -> Path:
        """The folder that a label sees as `/acknowledgements/`, once it exists.

        A file is written under another name and then renamed, so that labels never see part of one.
        """
        return self.read_only_dir / label / "acknowledgements"

    def home(self, label: str) -> Path:
        """The label's home: it holds its `incoming/`."""
        return self.labels_dir / label

    def incoming(self, label: str) -> Path:
        """The label's release folders; what it sees as `/incoming/`."""
        return self.home(label) / "incoming"


class Database(Section):
    """Empty `url`: SQLite in the state directory. Else a SQLAlchemy URL, as `postgresql://ingest@/ingest`."""

    url: DatabaseUrl = ""


class Sftp(Section):
    """The SFTP server: address, limits in seconds, in numbers and in bytes."""

    host: str = ""
    port: Port = 22
    host_keys: tuple[Place, ...] = ()
    login_seconds: Patience = 30
    idle_seconds: Patience = 900
    keepalive_seconds: Patience = 30
    max_connections: Count = 500
    max_connections_per_address: Count = 50
    max_connections_per_label: Count = 16
    max_logins_pending: Count = 64
    max_password_attempts: Count = 4
    max_open_files: Count = 64
    max_files_per_folder: Count = 2000
    max_bytes_per_label: Count = 200_000_000_000
    max_files_per_label: Count = 50_000
    max_folders_per_label: Count = 10_000
    max_bytes_kept_per_label: Count = 5_000_000_000_000
    min_free_bytes: Bytes = 2_000_000_000
    accelerator: Flag = True
    processes: Annotated[int, Field(ge=1, le=64, strict=True)] = 1


class Intake(Section):
    """When a release folder is settled, in seconds without a change; see docs/architecture.md."""

    settle_seconds: Seconds = 30
    marker_seconds: Seconds = 5
    incomplete_seconds: Seconds = 240
    connected_limit_seconds: Seconds = 3600
    empty_seconds: Seconds = 900
    stray_seconds: Seconds = 300
    rescan_seconds: Patience = 60


class Validation(Section):
    """The child processes that read labels' files. `workers` 0: one per core."""

    workers: Annotated[int, Field(ge=0, strict=True)] = 0
    memory_bytes: Bytes = defaults.CHILD_MEMORY_BYTES
    cpu_seconds_per_file: WholeSeconds = defaults.CHILD_CPU_SECONDS
    wall_seconds_per_file: WholeSeconds = defaults.CHILD_WALL_SECONDS
    max_starts: Count = 3
    late_seconds: WholeSeconds = 300
    message_max_bytes: Bytes = defaults.MESSAGE_MAX_BYTES


with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # the field hides pydantic's deprecated method `schema`

    class Ern(Section):
        """`schema`: the operator's own XSD instead of ours; the files that it imports lie in the same folder."""

        schema: Place | None = None  # type: ignore[assignment]


class Audio(Section):
    """Guide, "Audio File Requirements"; levels in dBFS and dBTP."""

    sample_rates: Counts = USUAL.sample_rates
    min_bits: Count = USUAL.min_bits
    preferred_bits: Count = USUAL.preferred_bits
    channels: Count = USUAL.channels
    max_true_peak: Number = USUAL.max_true_peak
    max_edge_silence_seconds: Seconds = USUAL.max_edge_silence
    silence_level: Annotated[float, Field(lt=0, strict=True)] = USUAL.silence_level
    max_inner_silence_seconds: Seconds = USUAL.max_inner_silence
    min_duration_seconds: Seconds = USUAL.min_duration
    max_duration_seconds: Seconds = USUAL.max_duration
    max_dc_offset: Number = USUAL.max_dc_offset
    many_flat_tops: Count = USUAL.many_flat_tops
    max_duration_difference_seconds: Seconds = USUAL.max_duration_difference


class ArtworkLimits(Section):
    """Guide, "Artwork Requirements"; sides in pixels."""

    min_side: Count = USUAL.artwork_min_side
    recommended_side: Count = USUAL.artwork_recommended_side
    max_bytes: Bytes = USUAL.artwork_max_bytes
    max_pixels: Count = USUAL.artwork_max_pixels


class Rules(Section):
    """Codes to silence, and codes to report with another severity. The wording of a finding never changes."""

    silenced: frozenset[Code] = frozenset()
    severity: dict[Code, Severity] = Field(default_factory=dict)
    single_max_tracks: Count = USUAL.single_max_tracks
    album_one_track_min_seconds: Seconds = USUAL.album_one_track_min_seconds
    lead_time_days: WholeDays = USUAL.lead_time_days


class EmailSettings(Section):
    """How emails leave: `smtp`, `maildir`, or not at all. `starttls` is the old key for `tls`."""

    transport: Literal["smtp", "maildir", "off"] = "maildir"
    sender: Email = "delivery@interspacemusic.com"
    sender_name: str = ""
    maildir: Place | None = None
    host: str = "localhost"
    port: Port = 587
    tls: Encryption | None = None
    starttls: Flag | None = None
    helo_name: HeloName = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Place | None = None
    timeout_seconds: Patience = 30
    max_connections: Count = 4
    retry_days: Days = 5

    @field_validator("starttls")
    @classmethod
    def _old_key_agrees(cls, starttls: bool | None, info: ValidationInfo) -> bool | None:
        tls = info.data.get("tls")
        if tls is not None and starttls is not None and starttls != (tls == "starttls"):
            raise ValueError(f"starttls is {str(starttls).lower()} but tls is {tls!r}; leave starttls out")
        return starttls

    @field_validator("username")
    @classmethod
    def _login_is_encrypted(cls, username: str, info: ValidationInfo) -> str:
        tls, starttls = info.data.get("tls"), info.data.get("starttls")
        if username and tls == "off":
            raise ValueError("username is set but tls is 'off': a login must be encrypted")
        if username and tls is None and starttls is False:
            raise ValueError("username is set but starttls is false: a login must be encrypted")
        return username

    @property
    def encryption(self) -> Encryption:
        """How the connection to the mail server is encrypted: as set, else by what the port is for (RFC 8314)."""
        if self.tls is not None:
            return self.tls
        if self.starttls is not None:
            return "starttls" if self.starttls else "off"
        return "implicit" if self.port == SUBMISSIONS else "starttls"


class Delivery(Section):
    """Deliveries to DSPs: for how many days a failing one is retried, and how many run at one time for each DSP."""

    retry_days: Days = 7
    parallel_per_dsp: Count = 4


class Retention(Section):
    """For how many days data is kept; 0 means for ever, except for `workflow_days`, which is at least 1."""

    invalid_days: WholeDays = 30
    delivered_days: WholeDays = 90
    report_days: WholeDays = 180
    webhook_days: WholeDays = 30
    workflow_days: Annotated[int, Field(ge=1, le=CENTURY, strict=True)] = 14


class Log(Section):
    """What is written to the log, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
