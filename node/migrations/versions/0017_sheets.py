"""セキュリティ確認表 in versions, each signed once."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "security_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("filled_by", sa.Integer(), nullable=False),
        sa.Column("filled_at", UtcTime, nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("signed_role", sa.String(length=20), nullable=False),
        sa.Column("signed_at", UtcTime, nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_security_sheet_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_sheet")),
        sa.UniqueConstraint("room_id", "version", name=op.f("uq_security_sheet_room_id_version")),
    )
    op.add_column("room", sa.Column("sheet", Json, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("room", "sheet")
    op.drop_table("security_sheet")
