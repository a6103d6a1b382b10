"""How many files and folders a label may have under /incoming/."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("labels", sa.Column("max_files", sa.Integer(), nullable=True))
    op.add_column("labels", sa.Column("max_folders", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("labels") as labels:
        labels.drop_column("max_folders")
        labels.drop_column("max_files")
