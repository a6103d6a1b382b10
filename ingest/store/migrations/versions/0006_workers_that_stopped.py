"""When a worker said that it stops."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingest.store.models import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("workers") as workers:
        workers.add_column(sa.Column("stopped_at", Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("workers") as workers:
        workers.drop_column("stopped_at")
