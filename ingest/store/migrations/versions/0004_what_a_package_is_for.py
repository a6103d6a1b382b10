"""What a package is for, the recordings of those that passed, and acknowledgements owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingest.store.models import Moment, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("packages", schema=None) as packages:
        packages.add_column(sa.Column("kind", sa.String(length=16), nullable=True))
        packages.add_column(sa.Column("made_at", Moment(), nullable=True))
        packages.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        packages.create_foreign_key(op.f("fk_packages_replaces_id"), "packages", ["replaces_id"], ["id"])
    _recordings()
    _acknowledgements()


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("isrc", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("loudness", sa.Double(), nullable=True),
        sa.Column("peak", sa.Double(), nullable=True),
        sa.Column("sold", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_recordings_package_id")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_recordings_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recordings_package_id"), "recordings", ["package_id"], unique=False)
    op.create_index("ix_recordings_isrc", "recordings", ["isrc", "label_id"], unique=False)
    op.create_index("ix_recordings_sha256", "recordings", ["sha256", "label_id"], unique=False)


def _acknowledgements() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("content", Words(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("written_at", Moment(), nullable=True),
        sa.Column("given_up_at", Moment(), nullable=True),
        sa.Column("fault", Words(), nullable=True),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_acknowledgements_package_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgements")),
        sa.UniqueConstraint("package_id", name=op.f("uq_acknowledgements_package_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_acknowledgements_written_at", "acknowledgements", ["written_at", "given_up_at"], unique=False)


def downgrade() -> None:
    op.drop_table("acknowledgements")
    op.drop_table("recordings")
    with op.batch_alter_table("packages", schema=None) as packages:
        packages.drop_constraint(op.f("fk_packages_replaces_id"), type_="foreignkey")
        packages.drop_column("replaces_id")
        packages.drop_column("made_at")
        packages.drop_column("kind")
