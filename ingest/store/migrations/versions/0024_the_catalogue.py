"""What the REST API keeps: releases and tracks by their fields, artists, assets, delivery jobs.

Releases get a status: that of the newest package which was approved or delivered, else of the newest of all.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_status()
    _add_assets()
    _add_releases()
    _add_tracks()
    _add_artists()
    _add_jobs()


def _add_status() -> None:
    for column in (
        sa.Column("status", sa.String(32), nullable=True),
        sa.Column("decision", sa.String(16), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision_notes", sa.Text(), nullable=True),
    ):
        op.add_column("releases", column)
    op.create_index("ix_releases_label_created", "releases", ["label_id", "created_at"])
    packages = sa.table("packages", *map(sa.column, ("id", "release_id", "status")))
    releases = sa.table("releases", *map(sa.column, ("id", "status")))
    went_out = sa.case((packages.c.status.in_(("QC Approved", "Delivered to DSPs")), 1), else_=0)
    newest = (
        sa.select(packages.c.status)
        .where(packages.c.release_id == releases.c.id)
        .order_by(went_out.desc(), packages.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    op.execute(sa.update(releases).values(status=newest))


def _add_releases() -> None:
    op.create_table(
        "catalogue_releases",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("composed", sa.Integer(), nullable=False),
        sa.Column("compose_at", sa.DateTime(), nullable=True),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("photo_asset", sa.String(40), nullable=True),
        *_owed(),
        sa.ForeignKeyConstraint(["folder_id"], ["folders.id"], name="fk_catalogue_releases_folder_id"),
        sa.ForeignKeyConstraint(["photo_asset"], ["assets.id"], name="fk_catalogue_releases_photo_asset"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_catalogue_releases_release_id"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_catalogue_releases_label_id"),
        sa.PrimaryKeyConstraint("release_id", name="pk_catalogue_releases"),
    )
    op.create_index("ix_catalogue_releases_label_user", "catalogue_releases", ["label_id", "user_id"])
    op.create_index("ix_catalogue_releases_photo_asset", "catalogue_releases", ["photo_asset"])
    due = sa.text("compose_at IS NOT NULL")
    op.create_index(
        "ix_catalogue_releases_compose_at",
        "catalogue_releases",
        ["compose_at"],
        sqlite_where=due,
        postgresql_where=due,
    )


def _add_tracks() -> None:
    op.create_table(
        "catalogue_tracks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("audio_asset", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(["audio_asset"], ["assets.id"], name="fk_catalogue_tracks_audio_asset"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_catalogue_tracks_release_id"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_catalogue_tracks_label_id"),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_tracks"),
        sa.UniqueConstraint("release_id", "number", name="uq_catalogue_tracks_release_id"),
    )
    op.create_index("ix_catalogue_tracks_audio_asset", "catalogue_tracks", ["audio_asset"])
    op.create_index("ix_catalogue_tracks_label_user", "catalogue_tracks", ["label_id", "user_id"])


def _add_artists() -> None:
    op.create_table(
        "artists",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("primary_genre", sa.Text(), nullable=True),
        sa.Column("profile_image", sa.Text(), nullable=True),
        sa.Column("external_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_artists_label_id"),
        sa.PrimaryKeyConstraint("id", name="pk_artists"),
    )
    op.create_index("ix_artists_label", "artists", ["label_id", "created_at"])


def _add_assets() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("media", sa.String(16), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("processed_at", sa.DateTime(), nullable=True),
        *_owed(),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_assets_label_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
    )
    op.create_index("ix_assets_label", "assets", ["label_id", "created_at"])
    op.create_index("ix_assets_sha256", "assets", ["sha256"])
    op.create_index("ix_assets_state", "assets", ["state"])


def _add_jobs() -> None:
    op.create_table(
        "delivery_jobs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("destinations", sa.JSON(), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_delivery_jobs_label_id"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_delivery_jobs_release_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_jobs"),
    )
    op.create_index("ix_delivery_jobs_release", "delivery_jobs", ["release_id", "submitted_at"])

    op.create_table(
        "code_ranges",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_code_ranges"),
    )


def _owed() -> tuple[sa.Column[int], sa.Column[int], sa.Column[str]]:
    return (
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
    )


def downgrade() -> None:
    for table in ("code_ranges", "delivery_jobs", "artists", "catalogue_tracks", "catalogue_releases", "assets"):
        op.drop_table(table)
    op.drop_index("ix_releases_label_created", "releases")
    with op.batch_alter_table("releases") as releases:
        for column in ("decision_notes", "decided_by", "decided_at", "decision", "status"):
            releases.drop_column(column)
