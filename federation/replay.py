"""What may be used once is used once: token ids are remembered until their tokens are dead.

Grants and client assertions are remembered in the transaction that acts on them. DPoP proofs (RFC 9449, 11.1) come
with every request and are worthless after a minute: they survive a killed process, not a lost machine.
"""

import hashlib
import json
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import String, Table, bindparam, delete, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from federation.errors import TokenReplayed
from federation.prepared import Prepared
from federation.storage import Base, Storage, UtcTime

LEEWAY = timedelta(seconds=10)
"""How far two towns' clocks may differ; a token is accepted, and so remembered, this long after it expired."""


class UsedToken(Base):
    """The mark of a token that was used; digests, since an issuer chooses how long its ids are."""

    __tablename__ = "used_tokens"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires: Mapped[datetime] = mapped_column(UtcTime, index=True)


def _table() -> Table:
    table = UsedToken.__table__
    assert isinstance(table, Table)  # noqa: S101 - the mapper's promise, told to the type checker.
    return table


_KNOWN = Prepared("SELECT mark FROM used_tokens WHERE mark = :used")


def once(db: Session, *, issuer: str, jti: str, expires: datetime, now: datetime) -> None:
    """Use the token ``jti`` of ``issuer`` up; raise TokenReplayed when it was used before.

    It is remembered until ``expires`` and the leeway, if the transaction commits. Of two at once the second waits
    for the first.
    """
    values = _values(issuer, jti, expires, now)
    _taken(db.connection().execute(_use(db.get_bind().dialect.name), values).first(), issuer, jti)


@cache
def _use(dialect: str) -> ReturningInsert[tuple[str]]:
    """Return the statement that answers the mark where it was not used before; built once, since every request asks it."""
    row = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(_table())
    row = row.values(mark=bindparam("used"), expires=bindparam("until"))
    # An id may come back when its first token is long dead (RFC 7519, 4.1.7 promises no more).
    dead = UsedToken.expires < bindparam("dead")
    return row.on_conflict_do_update(
        index_elements=["mark"], set_={"expires": row.excluded.expires}, where=dead
    ).returning(_table().c.mark)


def _values(issuer: str, jti: str, expires: datetime, now: datetime) -> dict[str, object]:
    return {"used": _mark(issuer, jti), "until": expires, "dead": now - LEEWAY}


def _taken(row: object, issuer: str, jti: str) -> None:
    if row is None:
        raise TokenReplayed(f"{issuer} used {jti!r} before")


def was_used(db: Session, *, issuer: str, jti: str) -> bool:
    """Say whether ``jti`` of ``issuer`` was used up and is still remembered."""
    return bool(_KNOWN.rows(db, {"used": _mark(issuer, jti)}))


def _mark(issuer: str, jti: str) -> str:
    return hashlib.sha256(json.dumps([issuer, jti]).encode()).hexdigest()


def forget(db: Session, *, now: datetime) -> int:
    """Drop the marks of tokens that nobody accepts any more; their number."""
    dead = delete(UsedToken).where(UsedToken.expires < now - LEEWAY)
    return len(db.scalars(dead.returning(UsedToken.mark)).all())


class Proofs:
    """The memory of DPoP proofs, shared by all workers of one node."""

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        """Beside the database at ``url``: on PostgreSQL its own table, on SQLite a file next to the main one.

        There it keeps no request waiting for the main file's writer.
        """
        parsed = make_url(url)
        beside = parsed.get_backend_name() == "sqlite"
        if beside:
            file = Path(parsed.database or "")
            parsed = parsed.set(database=str(file.with_name(f"{file.stem}-proofs{file.suffix}")))
        self._storage = Storage(parsed.render_as_string(hide_password=False), pool_size=pool_size, durable=False)
        if beside:
            with self._storage.transaction(write=True) as db:
                _table().create(db.connection(), checkfirst=True)

    def once(self, *, issuer: str, jti: str, expires: datetime, now: datetime) -> None:
        """As the function ``once``, by one statement alone; ``issuer`` is the key's thumbprint (jkt)."""
        whose = f"dpop:{issuer}"
        row = self._storage.alone(_use(self._storage.dialect), _values(whose, jti, expires, now))
        _taken(row, whose, jti)

    def forget(self, *, now: datetime) -> int:
        """Drop the marks of dead proofs; their number."""
        with self._storage.transaction(write=True) as db:
            return forget(db, now=now)

    def close(self) -> None:
        """Close the connections."""
        self._storage.close()
