"""The configuration: one frozen model, loaded from one TOML file, every mistake reported at once with its line.

`config.example.toml` at the top of the project names every key with its default. `load` here does not know which rule
codes exist; `ingest.config.codes.load`, which the command line uses, checks them too.
"""

from ingest.config.api import Api
from ingest.config.dsp import Dsp, SftpLogin, SftpTarget
from ingest.config.file import SEARCH, VARIABLE, Config, ConfigError, find, load, read_source
from ingest.config.models import EmailSettings, Intake, Paths, Sftp
from ingest.config.values import Encryption
from ingest.config.web import Web

__all__ = [
    "SEARCH",
    "VARIABLE",
    "Api",
    "Config",
    "ConfigError",
    "Dsp",
    "EmailSettings",
    "Encryption",
    "Intake",
    "Paths",
    "Sftp",
    "SftpLogin",
    "SftpTarget",
    "Web",
    "find",
    "load",
    "read_source",
]
