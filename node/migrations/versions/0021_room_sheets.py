"""Rooms come by a file of their own."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

_BEFORE = "kind IN ('facilities', 'desks', 'hours', 'closures')"
_AFTER = "kind IN ('facilities', 'rooms', 'desks', 'hours', 'closures')"


def upgrade() -> None:
    """Let files be of rooms."""
    _kinds(_BEFORE, _AFTER)


def downgrade() -> None:
    """Forget files of rooms, with their rows."""
    rooms = "SELECT id FROM import WHERE kind = 'rooms'"
    op.execute(f"DELETE FROM import_row WHERE import_id IN ({rooms})")  # noqa: S608 - no word of anybody's in it.
    op.execute("DELETE FROM import WHERE kind = 'rooms'")
    _kinds(_AFTER, _BEFORE)


def _kinds(before: str, after: str) -> None:
    """Say otherwise which kinds there are. SQLite makes the table anew, and has to be told what it looks like."""
    as_it_is = sa.Table(
        "import",
        sa.MetaData(),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("heading", Json, nullable=False),
        sa.Column("remarks", Json, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.CheckConstraint(before, name=op.f("ck_import_kind")),
        sa.CheckConstraint("state IN ('checked', 'running', 'done')", name=op.f("ck_import_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
        sa.Index(op.f("ix_import_expires"), "expires"),
    )
    with op.batch_alter_table("import", copy_from=as_it_is) as batch:
        batch.drop_constraint(op.f("ck_import_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_import_kind"), after)
