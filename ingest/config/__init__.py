"""The configuration: one frozen model, loaded from one TOML file, every mistake reported at once with its line.

`config.example.toml` at the top of the project names every key with its default. `load` here knows no rule codes;
`ingest.config.codes.load`, which programs use, checks those too.
"""

from ingest.config.file import SEARCH, VARIABLE, Config, ConfigError, find, load, read_source
from ingest.config.models import DirectoryDsp, EmailSettings, Intake, Paths, Sftp

__all__ = [
    "SEARCH",
    "VARIABLE",
    "Config",
    "ConfigError",
    "DirectoryDsp",
    "EmailSettings",
    "Intake",
    "Paths",
    "Sftp",
    "find",
    "load",
    "read_source",
]
