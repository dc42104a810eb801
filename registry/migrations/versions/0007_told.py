"""What a search tells and by what it orders, made once when a listing is read."""

import json
from collections.abc import Iterator, Mapping
from math import cos, radians, sin
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_AXES = ("x", "y", "z")
_OF_DESK = ["member_id", "site_id", "privacy", "features", "assured", "assured_until", "id"]


def upgrade() -> None:
    """Add the columns, and fill them from what was read before."""
    for axis in _AXES:
        op.add_column("site", sa.Column(axis, sa.Double(), nullable=False, server_default="0"))
    for table, columns in (("site", (*_AXES, "told")), ("desk", ("told",))):
        op.add_column(table, sa.Column("told", sa.String(), nullable=False, server_default=""))
        rows = sa.table(table, *map(sa.column, ("member_id", "id", *columns)), sa.column("data", sa.JSON))
        mine = sa.and_(rows.c.member_id == sa.bindparam("member"), rows.c.id == sa.bindparam("key"))
        one = sa.update(rows).where(mine).values({name: sa.bindparam(name) for name in columns})
        read = op.get_bind().execute(sa.select(rows.c.member_id, rows.c.id, rows.c.data)).all()
        filled = [{"member": row.member_id, "key": row.id, **dict(_facts(table, row.data))} for row in read]
        if filled:
            op.get_bind().execute(one, filled)
    op.drop_index("ix_desk_member_id_site_id", table_name="desk")
    op.create_index("ix_desk_site", "desk", _OF_DESK, unique=False)
    op.drop_index("ix_site_lat_lon", table_name="site")
    op.create_index("ix_site_place", "site", ["lat", "lon", *_AXES, "member_id", "id"], unique=False)


def _facts(table: str, data: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    brief = {**data, "photos": data["photos"][:1]} if data.get("photos") else data
    yield "told", json.dumps(brief, ensure_ascii=False, separators=(",", ":"))
    if table == "site":
        lat, lon = radians(data["lat"]), radians(data["lon"])
        yield from zip(_AXES, (cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)), strict=True)


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index("ix_desk_site", table_name="desk")
    op.create_index("ix_desk_member_id_site_id", "desk", ["member_id", "site_id"], unique=False)
    op.drop_index("ix_site_place", table_name="site")
    op.create_index("ix_site_lat_lon", "site", ["lat", "lon"], unique=False)
    op.drop_column("desk", "told")
    for name in ("told", *_AXES):
        op.drop_column("site", name)
