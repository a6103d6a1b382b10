"""REF: the references inside the message."""

from typing import Final

from ingest.rules.references import links

FAMILIES: Final = (
    links.links,
    links.deliveries,
    links.sold,
)
