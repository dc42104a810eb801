"""What strangers need to know of a place, and photos of it."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_EMPTY, _NOTHING, _NONE = sa.text("''"), sa.text("'{}'"), sa.text("'[]'")


def _columns() -> dict[str, tuple["sa.Column[object]", ...]]:
    return {
        "site": (
            sa.Column("night_entrance", sa.String(length=300), server_default=_EMPTY, nullable=False),
            sa.Column("reception_opens", sa.String(length=5), server_default=sa.text("'08:30'"), nullable=False),
            sa.Column("reception_closes", sa.String(length=5), server_default=sa.text("'17:15'"), nullable=False),
            sa.Column("wifi", sa.String(length=300), server_default=_EMPTY, nullable=False),
            sa.Column("facility_type", sa.String(length=20), server_default=_EMPTY, nullable=False),
            sa.Column("contact", sa.String(length=300), server_default=_EMPTY, nullable=False),
            sa.Column("phone", sa.String(length=300), server_default=_EMPTY, nullable=False),
            sa.Column("access", Json, server_default=_NOTHING, nullable=False),
        ),
        "room": (
            sa.Column("features", Json, server_default=_NONE, nullable=False),
            sa.Column("web_meeting", sa.String(length=20), server_default=_EMPTY, nullable=False),
            sa.Column("screen", sa.String(length=20), server_default=_EMPTY, nullable=False),
            sa.Column("eating", sa.String(length=20), server_default=_EMPTY, nullable=False),
            sa.Column("mobile", Json, server_default=_NOTHING, nullable=False),
            sa.Column("mobile_measured_on", sa.Date(), nullable=True),
            sa.Column("access", Json, server_default=_NOTHING, nullable=False),
        ),
    }


def upgrade() -> None:
    """Add the facts and make the tables."""
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "picture",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_picture")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("place_id", sa.String(length=36), nullable=False),
        sa.Column("shows", sa.String(length=20), nullable=False),
        sa.Column("alt", sa.String(length=200), nullable=False),
        sa.Column("alt_en", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("large", sa.String(length=64), nullable=False),
        sa.Column("small", sa.String(length=64), nullable=False),
        sa.Column("large_width", sa.Integer(), nullable=False),
        sa.Column("large_height", sa.Integer(), nullable=False),
        sa.Column("small_width", sa.Integer(), nullable=False),
        sa.Column("small_height", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_photo_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index(op.f("ix_photo_site_id"), "photo", ["site_id"], unique=False)
    op.create_index(op.f("ix_photo_large"), "photo", ["large"], unique=False)
    op.create_index(op.f("ix_photo_small"), "photo", ["small"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("photo")
    op.drop_table("picture")
    for table, columns in reversed(_columns().items()):
        for column in reversed(columns):
            op.drop_column(table, column.name)
