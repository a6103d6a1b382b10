"""Folders are found by their names, of which a label may have tens of thousands."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_folders_label_name", "folders", ["label_id", "name"])


def downgrade() -> None:
    op.drop_index("ix_folders_label_name", "folders")
