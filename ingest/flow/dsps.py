"""The DSPs of the configuration as people look at them, and a trial of one."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.config import Config, Dsp
from ingest.flow.lookup import check_dsps
from ingest.outbound.dsp.probe import probe
from ingest.outbound.dsp.transport import Step


@dataclass(frozen=True, slots=True)
class DspView:
    """One DSP: its table's name, its title, where it is reached, what it gets."""

    name: str
    title: str
    place: str
    gets: str


def dsps(config: Config) -> list[DspView]:
    """All DSPs, by name."""
    return [DspView(name, dsp.title, _place(dsp), _gets(dsp)) for name, dsp in sorted(config.dsp.items())]


def try_dsp(config: Config, name: str) -> list[Step]:
    """Connect to a DSP, write a small file, list it and remove it. Raises NotFound."""
    check_dsps(config, (name,))
    return probe(config.dsp[name])


def _place(dsp: Dsp) -> str:
    if dsp.sftp is None:
        return str(dsp.path)
    return f"sftp://{dsp.sftp.user}@{dsp.sftp.host}:{dsp.sftp.port}/{dsp.sftp.folder.lstrip('/')}"


def _gets(dsp: Dsp) -> str:
    gets = f"ERN {dsp.ern_version}, {dsp.layout}" if dsp.writes_messages else "packages as received"
    return f"{gets}, of sandboxes only" if dsp.sandbox else gets
