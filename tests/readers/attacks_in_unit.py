"""The keeper of `attacks` as the unit confines it: `python -m tests.readers.attacks_in_unit`."""

from __future__ import annotations

from ingest.host.data_files import data_dir
from tests.confined import allowed, confine
from tests.readers import attacks

if __name__ == "__main__":
    unit = (data_dir("systemd") / "ingestd.service").read_text("utf-8")
    confine(allowed(unit), unit)
    attacks.main()
