"""The fingerprint of a sealed folder's files, and their size in bytes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("folders") as folders:
        folders.add_column(sa.Column("fingerprint", sa.String(64), nullable=True))
        folders.add_column(sa.Column("bytes", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("folders") as folders:
        folders.drop_column("bytes")
        folders.drop_column("fingerprint")
