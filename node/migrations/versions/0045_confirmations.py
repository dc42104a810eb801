"""Agreements as both towns confirm them: their facts on paper, versions, signatures, and what other towns offer us."""

import sqlalchemy as sa
from alembic import op

from federation.columns import Json, UtcTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
_PREFECTURE = 2


def upgrade() -> None:
    """Leave in force what was in force, marked as entered before confirmations existed."""
    op.add_column("agreement", sa.Column("concluded_on", sa.Date(), nullable=True))
    op.add_column("agreement", sa.Column("decision_number", sa.String(100), server_default="", nullable=False))
    op.add_column("agreement", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("agreement", sa.Column("confirmed_by", Json, server_default="[]", nullable=False))
    op.add_column("agreement", sa.Column("suspended_by", Json, server_default="{}", nullable=False))
    op.add_column("agreement", sa.Column("suspended_reason", sa.String(500), server_default="", nullable=False))
    op.add_column("agreement", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    _ours()
    _theirs()
    _keep_in_force()


def _keep_in_force() -> None:
    names = (sa.column("id", sa.String), sa.column("home_code", sa.String), sa.column("home_codes", Json))
    table = sa.table("agreement", *names, sa.column("version", sa.Integer), sa.column("confirmed_by", Json))
    bind = op.get_bind()
    bind.execute(sa.update(table).values(version=1))
    for id_, code, codes in bind.execute(sa.select(table.c.id, table.c.home_code, table.c.home_codes)).all():
        towns = [one for one in [code, *codes] if one and len(one) > _PREFECTURE]
        bind.execute(sa.update(table).where(table.c.id == id_).values(confirmed_by=towns))
    op.execute(
        "INSERT INTO agreement_version (agreement_id, number, terms, digest, entered_by, earlier)"
        " SELECT id, 1, '{}', '', '', TRUE FROM agreement"
    )


def _ours() -> None:
    op.create_table(
        "agreement_document",
        sa.Column("agreement_id", sa.String(36), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
        _of_agreement("agreement_document"),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_agreement_document")),
    )
    op.create_table(
        "agreement_version",
        sa.Column("agreement_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("entered_at", UtcTime(), nullable=True),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("in_force_at", UtcTime(), nullable=True),
        sa.Column("earlier", sa.Boolean(), server_default=sa.false(), nullable=False),
        _of_agreement("agreement_version"),
        sa.PrimaryKeyConstraint("agreement_id", "number", name=op.f("pk_agreement_version")),
    )
    op.create_table(
        "agreement_confirmation",
        sa.Column("agreement_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("home_code", sa.String(6), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("offer_chain", Json, nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("said_at", UtcTime(), nullable=True),
        sa.Column("said", sa.String(1000), nullable=False),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("acceptance_chain", Json, nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('awaited', 'confirmed', 'objected')", name=op.f("ck_agreement_confirmation_state")
        ),
        _of_agreement("agreement_confirmation"),
        sa.PrimaryKeyConstraint("agreement_id", "number", "home_code", name=op.f("pk_agreement_confirmation")),
    )


def _of_agreement(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_agreement_id")
    return sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=name, ondelete="CASCADE")


def _theirs() -> None:
    op.create_table(
        "offered_agreement",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("agreement_id", sa.String(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("host_suspended_at", UtcTime(), nullable=True),
        sa.Column("host_suspended_reason", sa.String(500), nullable=False),
        sa.Column("suspended_at", UtcTime(), nullable=True),
        sa.Column("suspended_reason", sa.String(500), nullable=False),
        sa.Column("suspended_by", sa.String(64), nullable=False),
        sa.Column("word", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_agreement")),
    )
    op.create_index(
        op.f("ix_offered_agreement_host_agreement_id"), "offered_agreement", ["host", "agreement_id"], unique=True
    )
    op.create_table(
        "offered_version",
        sa.Column("offered_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("offer_chain", Json, nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("said_at", UtcTime(), nullable=True),
        sa.Column("said_by", sa.String(64), nullable=False),
        sa.Column("said", sa.String(1000), nullable=False),
        sa.Column("acceptance", sa.Text(), nullable=False),
        sa.Column("acceptance_chain", Json, nullable=False),
        sa.CheckConstraint(
            "state IN ('awaiting', 'confirmed', 'objected', 'superseded')", name=op.f("ck_offered_version_state")
        ),
        sa.ForeignKeyConstraint(
            ["offered_id"], ["offered_agreement.id"], name=op.f("fk_offered_version_offered_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("offered_id", "number", name=op.f("pk_offered_version")),
    )


def downgrade() -> None:
    """Forget who confirmed what; what nobody has confirmed yet ends here, since without versions it would be in force."""
    op.execute("DELETE FROM agreement WHERE version = 0")
    op.drop_table("offered_version")
    op.drop_index("ix_offered_agreement_host_agreement_id", "offered_agreement")
    op.drop_table("offered_agreement")
    for table in ("agreement_confirmation", "agreement_version", "agreement_document"):
        op.drop_table(table)
    for name in (
        "revision", "suspended_reason", "suspended_by", "confirmed_by", "version", "decision_number", "concluded_on",
    ):  # fmt: skip
        op.drop_column("agreement", name)
