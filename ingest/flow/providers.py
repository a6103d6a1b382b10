"""DSPs as integrators name them: by title, alias or slug, in any spelling (`Apple Music`, `apple_music`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ingest.config import Config, Dsp
from ingest.flow.errors import NotFound


@dataclass(frozen=True)
class Providers:
    """The DSPs of the configuration by all their names."""

    config: Config

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        known: dict[str, str] = {}
        for table, dsp in self.config.dsp.items():
            for name in (table, dsp.title, *dsp.aliases):
                known.setdefault(_plain(name), table)
        return known

    def find(self, name: str) -> str | None:
        """The DSP's name in the configuration; None where there is none of this name."""
        return self._by_name.get(_plain(name)) if _plain(name) else None

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these names that are DSPs of ours, each once."""
        return tuple(dict.fromkeys(filter(None, map(self.find, names))))

    def all(self, names: Iterable[str]) -> tuple[str, ...]:
        """The DSPs of these names, each once. Raises NotFound where one is none of ours."""
        listed = list(names)
        unknown = tuple(name for name in listed if self.find(name) is None)
        if unknown:
            raise NotFound("dsp", unknown[0], unknown=unknown, known=tuple(sorted(self.config.dsp)))
        return self.known(listed)

    def slug(self, dsp: str) -> str:
        """What integrators read as the provider: `apple_music`."""
        return dsp.replace("-", "_")

    def items(self) -> Iterable[tuple[str, Dsp]]:
        """All DSPs by their names in the configuration, in its order."""
        return self.config.dsp.items()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())
