"""What the town keeps as OpenID Provider: pushed requests, codes, and what people agreed to."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "pushed_request",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("asked", Json, nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("led_away", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=True),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_pushed_request")),
    )
    op.create_index(op.f("ix_pushed_request_expires"), "pushed_request", ["expires"], unique=False)
    op.create_table(
        "sign_in_code",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("asked", Json, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("acr", sa.String(length=64), nullable=False),
        sa.Column("auth_time", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_in_code_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sign_in_code")),
    )
    op.create_index(op.f("ix_sign_in_code_expires"), "sign_in_code", ["expires"], unique=False)
    op.create_index(op.f("ix_sign_in_code_staff_id"), "sign_in_code", ["staff_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("last_used", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_consent_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "client_id", name=op.f("pk_consent")),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("consent")
    op.drop_table("sign_in_code")
    op.drop_table("pushed_request")
