"""What the daemon and `ingest status` look up all the time is found by indexes, however large the catalogue is.

Packages on hold, release folders by their state, and the uploads and connections that have not ended.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_packages_on_hold", "packages", ["aside_at"], sa.text("aside_at IS NOT NULL")),
    ("ix_uploads_not_ended", "uploads", ["connection_id"], sa.text("closed_at IS NULL")),
    ("ix_connections_not_ended", "connections", ["worker"], sa.text("ended_at IS NULL")),
)


def upgrade() -> None:
    for name, table, columns, where in PARTIAL:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_folders_state", "folders", ["state"])


def downgrade() -> None:
    op.drop_index("ix_folders_state", "folders")
    for name, table, _, _ in PARTIAL:
        op.drop_index(name, table)
