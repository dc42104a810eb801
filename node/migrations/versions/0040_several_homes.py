"""Agreements with several towns or a whole prefecture, and for certain rooms."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_LISTS = ("home_codes", "room_ids")


def upgrade() -> None:
    """Name nothing more than was named."""
    for name in _LISTS:
        op.add_column("agreement", sa.Column(name, Json, server_default="[]", nullable=False))


def downgrade() -> None:
    """Suspend what is with several towns or for certain rooms: without these words it would be for everyone, everywhere."""
    columns = (sa.column("id", sa.String), sa.column("suspended_at", UtcTime))
    table = sa.table("agreement", *columns, *(sa.column(name, Json) for name in _LISTS))
    rows = op.get_bind().execute(sa.select(table.c.id, *(table.c[name] for name in _LISTS)))
    narrow = [id_ for id_, *lists in rows.all() if any(lists)]
    one = sa.update(table).where(table.c.id.in_(narrow), table.c.suspended_at.is_(None))
    op.get_bind().execute(one.values(suspended_at=datetime.now(UTC)))
    for name in reversed(_LISTS):
        op.drop_column("agreement", name)
