"""A keeper of children that ends a moment after it took a certain file: `python -m tests.readers.frail`."""

from __future__ import annotations

import os
import time
from typing import Any

from ingest.readers import fork_server
from ingest.readers.reads import READS
from tests.readers.hostile import HOSTILE


class Frail(fork_server.ForkServer):
    def _start(self, head: dict[str, Any]) -> None:
        if head["read"] == "poison":
            time.sleep(0.3)
            os._exit(3)
        super()._start(head)


if __name__ == "__main__":
    fork_server.ForkServer = Frail  # type: ignore[misc]
    fork_server.main(READS | HOSTILE)
