"""The configuration: frozen models, loaded from one TOML file, every mistake reported at once with its line.

`config.example.toml` at the top of the project names every key with its default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from ingest.config_mistakes import Mistake, mistakes_of, toml_mistake
from ingest.core.dossier import Policy
from ingest.core.finding import Severity

SEARCH: Final = ("config.toml", "/etc/ingest/config.toml")
VARIABLE: Final = "INGEST_CONFIG"

Seconds = Annotated[float, Field(ge=0)]
Bytes = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
Email = Annotated[str, Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class ConfigError(Exception):
    """The configuration cannot be used; `mistakes` holds one entry per mistake, in the order of the file."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Operator(Section):
    """Who runs this door: used by every email, report and page."""

    name: str = "InterSpace"
    public_host: str = "sftp.interspacemusic.com"
    public_port: Port = 22
    support_email: Email = "support@interspacemusic.com"
    qc_emails: tuple[Email, ...] = ()
    ops_emails: tuple[Email, ...] = ()
    guide_url: str = ""


class Paths(Section):
    """`data` holds `labels/` (one home per label), `spool/` (sealed packages) and `state/` (keys, locks, database)."""

    data: Path = Path("/var/lib/ingest")
    labels: Path | None = None
    spool: Path | None = None
    state: Path | None = None

    @property
    def labels_dir(self) -> Path:
        return self.labels or self.data / "labels"

    @property
    def spool_dir(self) -> Path:
        return self.spool or self.data / "spool"

    @property
    def state_dir(self) -> Path:
        return self.state or self.data / "state"

    def home(self, label: str) -> Path:
        """The directory that a label sees as `/`."""
        return self.labels_dir / label

    def incoming(self, label: str) -> Path:
        return self.home(label) / "incoming"

    def sealed(self, label: str, folder: int, name: str) -> Path:
        """Where a sealed release folder lies; its own name is kept below its number."""
        return self.spool_dir / label / str(folder) / name


class Database(Section):
    """Empty `url`: SQLite in the state directory. Else a SQLAlchemy URL, as `postgresql://ingest@/ingest`."""

    url: str = ""


class Sftp(Section):
    host: str = ""
    port: Port = 22
    host_keys: tuple[Path, ...] = ()
    login_seconds: Seconds = 30
    idle_seconds: Seconds = 900
    keepalive_seconds: Seconds = 30
    max_connections: Count = 500
    max_connections_per_address: Count = 50
    max_connections_per_label: Count = 16
    max_logins_pending: Count = 64
    max_password_attempts: Count = 4
    max_open_files: Count = 64
    max_files_per_folder: Count = 2000
    min_free_bytes: Bytes = 2_000_000_000


class Intake(Section):
    """When a release folder is settled (seconds of quiet), see docs/architecture.md."""

    settle_seconds: Seconds = 30
    marker_seconds: Seconds = 5
    incomplete_seconds: Seconds = 240
    connected_limit_seconds: Seconds = 3600
    stray_seconds: Seconds = 900
    rescan_seconds: Annotated[float, Field(gt=0)] = 60
    max_folder_bytes: Bytes = 50_000_000_000


class Validation(Section):
    """The child processes that read labels' files. `workers` 0: one per core."""

    workers: Annotated[int, Field(ge=0)] = 0
    memory_bytes: Bytes = 1_500_000_000
    cpu_seconds_per_file: Count = 300
    wall_seconds_per_file: Count = 600
    message_max_bytes: Bytes = 20_000_000


class Audio(Section):
    """Guide, "Audio File Requirements"; levels in dBFS and dBTP."""

    sample_rates: tuple[Count, ...] = (44100, 48000)
    min_bits: Count = 16
    preferred_bits: Count = 24
    channels: Count = 2
    max_true_peak: float = -0.3
    max_edge_silence_seconds: Seconds = 1.0
    silence_level: Annotated[float, Field(lt=0)] = -60.0
    max_inner_silence_seconds: Seconds = 10.0
    max_duration_difference_seconds: Seconds = 2.0


class ArtworkLimits(Section):
    """Guide, "Artwork Requirements"; sides in pixels."""

    min_side: Count = 3000
    recommended_side: Count = 3000
    max_bytes: Bytes = 20_000_000
    max_pixels: Count = 144_000_000


class Rules(Section):
    """Codes to silence, and codes whose severity to change; neither rewords a finding."""

    silenced: frozenset[str] = frozenset()
    severity: dict[str, Severity] = Field(default_factory=dict)
    single_max_tracks: Count = 6
    album_one_track_min_seconds: Seconds = 600
    lead_time_days: Annotated[int, Field(ge=0)] = 7


class EmailSettings(Section):
    transport: Literal["smtp", "maildir", "off"] = "maildir"
    sender: Email = "delivery@interspacemusic.com"
    sender_name: str = ""
    maildir: Path | None = None
    host: str = "localhost"
    port: Port = 587
    starttls: bool = True
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    timeout_seconds: Seconds = 30
    retry_days: Annotated[float, Field(gt=0)] = 5

    @model_validator(mode="after")
    def _login_is_encrypted(self) -> EmailSettings:
        if self.username and not self.starttls:
            raise ValueError("username is set but starttls is false: a login must be encrypted")
        return self


class DirectoryDsp(Section):
    """A DSP that takes packages as folders in a directory."""

    kind: Literal["directory"] = "directory"
    path: Path
    title: str = ""


class Delivery(Section):
    retry_days: Annotated[float, Field(gt=0)] = 7
    parallel_per_dsp: Count = 4


class Retention(Section):
    """Days that things are kept; 0 keeps for ever."""

    invalid_days: Annotated[int, Field(ge=0)] = 30
    delivered_days: Annotated[int, Field(ge=0)] = 90
    workflow_days: Annotated[int, Field(ge=1)] = 14


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Config(Section):
    operator: Operator = Operator()
    paths: Paths = Paths()
    database: Database = Database()
    sftp: Sftp = Sftp()
    intake: Intake = Intake()
    validation: Validation = Validation()
    audio: Audio = Audio()
    artwork: ArtworkLimits = ArtworkLimits()
    rules: Rules = Rules()
    email: EmailSettings = EmailSettings()
    dsp: dict[Name, DirectoryDsp] = Field(default_factory=dict)
    delivery: Delivery = Delivery()
    retention: Retention = Retention()
    log: Log = Log()

    @field_validator("rules")
    @classmethod
    def _codes_look_like_codes(cls, rules: Rules) -> Rules:
        for code in (*rules.silenced, *rules.severity):
            if len(code.split("-")) != 2:
                raise ValueError(f"{code!r} is no rule code; codes look like ART-001")
        return rules

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.paths.state_dir / 'ingest.db'}"

    @property
    def maildir(self) -> Path:
        return self.email.maildir or self.paths.data / "maildir"

    def policy(self, received: date) -> Policy:
        """The thresholds as the rules take them."""
        return Policy(
            received=received,
            sample_rates=self.audio.sample_rates,
            min_bits=self.audio.min_bits,
            preferred_bits=self.audio.preferred_bits,
            channels=self.audio.channels,
            max_true_peak=self.audio.max_true_peak,
            max_edge_silence=self.audio.max_edge_silence_seconds,
            silence_level=self.audio.silence_level,
            max_inner_silence=self.audio.max_inner_silence_seconds,
            max_duration_difference=self.audio.max_duration_difference_seconds,
            artwork_min_side=self.artwork.min_side,
            artwork_recommended_side=self.artwork.recommended_side,
            artwork_max_bytes=self.artwork.max_bytes,
            artwork_max_pixels=self.artwork.max_pixels,
            single_max_tracks=self.rules.single_max_tracks,
            album_one_track_min_seconds=self.rules.album_one_track_min_seconds,
            lead_time_days=self.rules.lead_time_days,
            silenced=self.rules.silenced,
            softened=dict(self.rules.severity),
        )


def find(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The config file to use: `--config`, then INGEST_CONFIG, ./config.toml, /etc/ingest/config.toml; None if none."""
    if given is not None:
        return given
    if named := environment.get(VARIABLE):
        return Path(named)
    return next((Path(place) for place in SEARCH if Path(place).is_file()), None)


def load(path: Path) -> Config:
    """Read and check one file. Raises ConfigError with every mistake in it; relative paths count from the file."""
    try:
        source = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError([Mistake(str(path), None, f"cannot be read: {fault}")]) from None
    try:
        raw: dict[str, Any] = tomllib.loads(source)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError([toml_mistake(str(path), source, fault)]) from None
    try:
        return _anchored(Config.model_validate(raw), path.resolve().parent)
    except ValidationError as fault:
        raise ConfigError(mistakes_of(fault, str(path), source, Config)) from None


def _anchored(config: Config, base: Path) -> Config:
    """Make every relative path of the file absolute, counted from the file's folder."""
    paths = config.paths.model_copy(update=_absolute(config.paths, base, ("data", "labels", "spool", "state")))
    email = config.email.model_copy(update=_absolute(config.email, base, ("maildir", "password_file")))
    keys = tuple(base / key for key in config.sftp.host_keys)
    dsp = {name: one.model_copy(update=_absolute(one, base, ("path",))) for name, one in config.dsp.items()}
    sftp = config.sftp.model_copy(update={"host_keys": keys})
    return config.model_copy(update={"paths": paths, "email": email, "sftp": sftp, "dsp": dsp})


def _absolute(section: Section, base: Path, names: tuple[str, ...]) -> dict[str, Path]:
    return {name: base / value for name in names if (value := getattr(section, name)) is not None}
