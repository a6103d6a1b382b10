"""`Config`, the whole configuration, and the TOML file that it is loaded from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from ingest.config.api import Api
from ingest.config.dsp import Ddex, Dsp, SftpLogin, SftpTarget
from ingest.config.http import Http, Webhooks
from ingest.config.lines import lines_of
from ingest.config.logo import read_logo
from ingest.config.mistakes import Mistake, mistakes_of, toml_mistake
from ingest.config.models import (
    ArtworkLimits,
    Audio,
    Database,
    Delivery,
    EmailSettings,
    Ern,
    Intake,
    Log,
    Operator,
    Paths,
    Retention,
    Rules,
    Section,
    Sftp,
    Validation,
)
from ingest.config.values import Name
from ingest.config.web import Web
from ingest.core.contract import Contract
from ingest.core.dossier import Policy

SEARCH: Final = ("config.toml", "/etc/ingest/config.toml")
VARIABLE: Final = "INGEST_CONFIG"


Login = TypeVar("Login", bound=SftpLogin)


class ConfigError(Exception):
    """The configuration cannot be used; `mistakes` holds one entry per mistake, in the order of the file."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


class Config(Section):
    """The whole configuration, one table per field. Paths are absolute once it is loaded from a file."""

    operator: Operator = Operator()
    paths: Paths = Paths()
    database: Database = Database()
    sftp: Sftp = Sftp()
    web: Web = Web()
    intake: Intake = Intake()
    validation: Validation = Validation()
    ern: Ern = Ern()
    audio: Audio = Audio()
    artwork: ArtworkLimits = ArtworkLimits()
    rules: Rules = Rules()
    email: EmailSettings = EmailSettings()
    ddex: Ddex = Ddex()
    dsp: dict[Name, Dsp] = Field(default_factory=dict)
    delivery: Delivery = Delivery()
    http: Http = Http()
    webhooks: Webhooks = Webhooks()
    api: Api = Api()
    retention: Retention = Retention()
    log: Log = Log()

    @field_validator("dsp")
    @classmethod
    def _messages_have_a_sender(cls, dsp: dict[str, Dsp], info: ValidationInfo) -> dict[str, Dsp]:
        """Each mistake stands where the table says that we write the messages."""
        sender = info.data.get("ddex")
        if sender is None or sender.party_id is not None:
            return dsp
        told = PydanticCustomError(
            "value_error", "{error}", {"error": "our messages need [ddex] party_id, the sender's"}
        )
        places = [(name, "layout") for name, one in dsp.items() if one.writes_messages]
        if places:
            errors = [InitErrorDetails(type=told, loc=place, input="") for place in places]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return dsp

    def contract(self, name: str) -> Contract:
        """What may be sent to the DSP whose table has that name; other DSPs are known by their names."""
        one = self.dsp[name]
        others = tuple(other.names(table) for table, other in self.dsp.items() if table != name)
        if one.contract is None:
            return Contract(one.names(name), others=others)
        return Contract(one.names(name), **one.contract.model_dump(), others=others)

    @property
    def sender_name(self) -> str:
        """The name of the sender in our messages to DSPs."""
        return self.ddex.name or self.operator.name

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database; SQLite in the state folder unless another one is configured."""
        return self.database.url or f"sqlite:///{self.paths.state_dir / 'ingest.db'}"

    @property
    def maildir(self) -> Path:
        """The Maildir that emails go to when `email.transport` is `maildir`."""
        return self.email.maildir or self.paths.data / "maildir"

    def policy(self, received: date) -> Policy:
        """The thresholds and severities that the rules use, for a package received on that day."""
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
            min_duration=self.audio.min_duration_seconds,
            max_duration=self.audio.max_duration_seconds,
            max_dc_offset=self.audio.max_dc_offset,
            many_flat_tops=self.audio.many_flat_tops,
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
    return next((Path(place) for place in SEARCH if _stands(Path(place))), None)


def _stands(path: Path) -> bool:
    """Whether there is a file. True also where that may not be found out: reading it then says why."""
    try:
        return path.is_file()
    except PermissionError:
        return True


def load(path: Path) -> Config:
    """Read and check one file. Relative paths count from its folder. Raises ConfigError with every mistake in it."""
    source = read_source(path)
    try:
        raw: dict[str, Any] = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        raise ConfigError([toml_mistake(str(path), source, error)]) from None
    try:
        config = _anchored(Config.model_validate(raw), path.resolve().parent)
    except ValidationError as error:
        raise ConfigError(mistakes_of(error, str(path), source, Config)) from None
    _check_logo(config, str(path), source)
    return config


def _check_logo(config: Config, path: str, source: str) -> None:
    """Raises ConfigError where the operator's logo cannot be used."""
    try:
        if config.operator.logo is not None:
            read_logo(config.operator.logo)
    except ValueError as error:
        raise ConfigError(
            [Mistake(path, lines_of(source).get(("operator", "logo")), f"operator.logo: {error}")]
        ) from None


def read_source(path: Path) -> str:
    """The text of a config file; a byte order mark at its start is dropped. Raises ConfigError."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError([Mistake(str(path), None, f"this file cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Mistake(str(path), None, "this file is not UTF-8 text; save it as UTF-8")]) from None


def _anchored(config: Config, base: Path) -> Config:
    """The configuration with every relative path made absolute, counted from `base`, the file's folder."""
    paths = config.paths.model_copy(update=_absolute(config.paths, base, ("data", "labels", "spool", "state")))
    operator = config.operator.model_copy(update=_absolute(config.operator, base, ("logo",)))
    email = config.email.model_copy(update=_absolute(config.email, base, ("maildir", "password_file")))
    ern = config.ern.model_copy(update=_absolute(config.ern, base, ("schema",)))
    web = config.web.model_copy(update=_absolute(config.web, base, ("certificate_file", "key_file")))
    keys = tuple(base / key for key in config.sftp.host_keys)
    dsp = {name: _anchored_dsp(one, base) for name, one in config.dsp.items()}
    sftp = config.sftp.model_copy(update={"host_keys": keys})
    tables = {"operator": operator, "paths": paths, "email": email, "sftp": sftp, "web": web, "ern": ern, "dsp": dsp}
    return config.model_copy(update=tables)


def _anchored_dsp(dsp: Dsp, base: Path) -> Dsp:
    sftp = None if dsp.sftp is None else _anchored_login(dsp.sftp, base)
    return dsp.model_copy(update={**_absolute(dsp, base, ("path",)), "sftp": sftp})


def _anchored_login(login: Login, base: Path) -> Login:
    files: dict[str, Any] = {**_absolute(login, base, ("password_file", "key_file"))}
    if isinstance(login, SftpTarget) and login.jump is not None:
        files["jump"] = _anchored_login(login.jump, base)
    return login.model_copy(update=files)


def _absolute(section: Section, base: Path, names: tuple[str, ...]) -> dict[str, Path]:
    return {name: base / value for name in names if (value := getattr(section, name)) is not None}
