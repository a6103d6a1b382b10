"""How far a package has been read, and the cover it came with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("packages") as packages:
        packages.add_column(sa.Column("files_read", sa.Integer(), nullable=True))
        packages.add_column(sa.Column("files_in_all", sa.Integer(), nullable=True))
        packages.add_column(sa.Column("cover_sha256", sa.String(length=64), nullable=True))
        packages.create_index("ix_packages_cover_sha256", ["cover_sha256"])


def downgrade() -> None:
    with op.batch_alter_table("packages") as packages:
        packages.drop_index("ix_packages_cover_sha256")
        packages.drop_column("cover_sha256")
        packages.drop_column("files_in_all")
        packages.drop_column("files_read")
