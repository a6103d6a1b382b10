"""What an alarm is about, by which it is found when that is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingest.store.models import Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("about", Words(), nullable=True))
        table.create_index("ix_notices_about", ["about"])


def downgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.drop_index("ix_notices_about")
        table.drop_column("about")
