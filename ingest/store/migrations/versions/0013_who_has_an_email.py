"""Who of an email's recipients has it and who refused it, since when it is owed, and whether a person dropped it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingest.store.models import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("reached", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("refused", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("owed_at", Moment(), nullable=True))
        table.add_column(sa.Column("dropped_at", Moment(), nullable=True))
    op.execute("UPDATE notices SET owed_at = created_at")
    with op.batch_alter_table("notices") as table:
        table.alter_column("reached", existing_type=sa.JSON(), server_default=None)
        table.alter_column("refused", existing_type=sa.JSON(), server_default=None)
        table.alter_column("owed_at", existing_type=sa.DateTime(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("notices") as table:
        for column in ("reached", "refused", "owed_at", "dropped_at"):
            table.drop_column(column)
