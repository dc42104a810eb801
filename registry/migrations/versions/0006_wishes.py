"""Lines, accessibility and neighbours of desks, to be searched."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from federation.folding import folded
from federation.messages.space import Access
from registry.facets import said

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BITS = {"site": ("accessible",), "desk": ("accessible", "inaccessible")}
_TEXTS = {"site": "lines", "desk": "beside"}


def upgrade() -> None:
    """Add the columns, and fill them from what was read before."""
    connection = op.get_bind()
    for table, numbers in _BITS.items():
        for name in numbers:
            op.add_column(table, sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column(_TEXTS[table], sa.String(), nullable=False, server_default=""))
        columns = (*numbers, _TEXTS[table])
        rows = sa.table(table, *map(sa.column, ("member_id", "id", *columns)), sa.column("data", sa.JSON))
        one = sa.update(rows).where(rows.c.member_id == sa.bindparam("member"), rows.c.id == sa.bindparam("key"))
        read = connection.execute(sa.select(rows.c.member_id, rows.c.id, rows.c.data)).all()
        filled = [{"member": row.member_id, "key": row.id, **_facts(table, row.data)} for row in read]
        if filled:
            connection.execute(one.values({name: sa.bindparam(name) for name in columns}), filled)


def _facts(table: str, data: dict[str, Any]) -> dict[str, object]:
    if table == "site":
        access = Access.model_validate(data.get("access", {}))
        lines = [folded(line) for station in data.get("stations", []) for line in station.get("lines", [])]
        return {"accessible": said(access, answer=True), "lines": "\n".join(lines)}
    access = Access.model_validate(data.get("room", {}).get("access", {}))
    beside = " ".join(data.get("adjacent", []))
    return {"accessible": said(access, answer=True), "inaccessible": said(access, answer=False), "beside": beside}


def downgrade() -> None:
    """Drop the columns."""
    for table, numbers in _BITS.items():
        for name in (*numbers, _TEXTS[table]):
            op.drop_column(table, name)
