"""What the door notes of a visitor, and walk-ins in a roll call."""

import sqlalchemy as sa
from alembic import op

from federation.columns import UtcTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_SOMEBODY = "(place_id IS NULL) <> (walk_in_id IS NULL)"


def upgrade() -> None:
    """Make the table, and the answers' second kind of person."""
    op.create_table(
        "door_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.String(length=36), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("walk_in_id", sa.String(length=36), nullable=True),
        sa.Column("badge", sa.String(length=20), nullable=False),
        sa.Column("is_out", sa.Boolean(), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("purge_after", UtcTime(), nullable=False),
        sa.CheckConstraint(_SOMEBODY, name=op.f("ck_door_note_somebody")),
        sa.CheckConstraint("companions >= 0", name=op.f("ck_door_note_companions")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_door_note_site_id")),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_door_note_place_id")),
        sa.ForeignKeyConstraint(["walk_in_id"], ["walk_in.id"], name=op.f("fk_door_note_walk_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_note")),
        sa.UniqueConstraint("place_id", name=op.f("uq_door_note_place_id")),
        sa.UniqueConstraint("walk_in_id", name=op.f("uq_door_note_walk_in_id")),
    )
    op.create_index(
        "ix_door_note_out",
        "door_note",
        ["site_id", "badge"],
        unique=True,
        sqlite_where=sa.text("is_out"),
        postgresql_where=sa.text("is_out"),
    )
    op.create_index(op.f("ix_door_note_purge_after"), "door_note", ["purge_after"])
    with op.batch_alter_table("accounted", copy_from=_accounted(of_places_alone=True)) as batch:
        batch.alter_column("place_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("walk_in_id", sa.String(length=36), nullable=True))
        batch.create_foreign_key(op.f("fk_accounted_walk_in_id"), "walk_in", ["walk_in_id"], ["id"])
        batch.create_check_constraint(op.f("ck_accounted_somebody"), _SOMEBODY)
        batch.create_index(op.f("ix_accounted_walk_in_id_at"), ["walk_in_id", "at"])


def downgrade() -> None:
    """Drop it, with what was answered of walk-ins."""
    op.execute("DELETE FROM accounted WHERE place_id IS NULL")
    with op.batch_alter_table("accounted", copy_from=_accounted(of_places_alone=False)) as batch:
        batch.drop_index(op.f("ix_accounted_walk_in_id_at"))
        batch.drop_constraint(op.f("ck_accounted_somebody"), type_="check")
        batch.drop_constraint(op.f("fk_accounted_walk_in_id"), type_="foreignkey")
        batch.drop_column("walk_in_id")
        batch.alter_column("place_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("door_note")


def _accounted(*, of_places_alone: bool) -> sa.Table:
    """The table as it is before a change. SQLite makes it anew, and has to be told what it looks like."""
    table = sa.Table(
        "accounted",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=not of_places_alone),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("sheltering", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["booking_place.id"], name=op.f("fk_accounted_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounted")),
        sa.Index(op.f("ix_accounted_place_id_at"), "place_id", "at"),
    )
    if not of_places_alone:
        table.append_column(sa.Column("walk_in_id", sa.String(length=36), nullable=True))
        table.append_constraint(
            sa.ForeignKeyConstraint(["walk_in_id"], ["walk_in.id"], name=op.f("fk_accounted_walk_in_id"))
        )
        table.append_constraint(sa.CheckConstraint(_SOMEBODY, name=op.f("ck_accounted_somebody")))
        sa.Index(op.f("ix_accounted_walk_in_id_at"), table.c.walk_in_id, table.c.at)
    return table
