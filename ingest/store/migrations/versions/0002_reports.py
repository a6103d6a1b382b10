"""Reports: the files about a package in its label's tree."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingest.store.models import BEHIND, Moment, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("top", Words(), nullable=False),
        sa.Column("path", Words(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", Words(), nullable=True),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["folder_id"], ["folders.id"], name=op.f("fk_reports_folder_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_reports_label_id")),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_reports_package_id")),
        sa.PrimaryKeyConstraint("package_id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_owed", "reports", ["due_at"], sqlite_where=BEHIND, postgresql_where=BEHIND)
    op.create_index("ix_reports_label_top", "reports", ["label_id", "top"])


def downgrade() -> None:
    op.drop_table("reports")
