"""Names of sites, rooms and desks, to be searched."""

import sqlalchemy as sa
from alembic import op

from federation.folding import folded

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NAMED = {"site": ("name", "name_kana", "name_en"), "desk": ("room_name", "name")}


def upgrade() -> None:
    """Add the columns, and fill them from what was read before."""
    connection = op.get_bind()
    for table, names in _NAMED.items():
        op.add_column(table, sa.Column("names", sa.String(), nullable=False, server_default=""))
        rows = sa.table(table, sa.column("member_id"), sa.column("id"), sa.column("data", sa.JSON), sa.column("names"))
        for member_id, id_, data in connection.execute(sa.select(rows.c.member_id, rows.c.id, rows.c.data)).all():
            line = "\n".join(folded(data.get(name, "")) for name in names)
            one = sa.update(rows).where(rows.c.member_id == member_id, rows.c.id == id_)
            connection.execute(one.values(names=line))


def downgrade() -> None:
    """Drop the columns."""
    for table in _NAMED:
        op.drop_column(table, "names")
