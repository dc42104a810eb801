"""A party under attack, seen from behind: its tables, its audit log, and what its process writes into its own log."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, func, select

from federation.audit import AuditEntry
from federation.keys import KeyRing
from federation.storage import Storage
from tests.corpus.bait import Bait

REMEMBERED = {"audit_entries", "audit_heads", "used_tokens"}
"""What a refusal may write: a line in the log, and that a token was used."""
REFETCHED = frozenset({"members"})
"""A key we have not seen makes us read a member's statements anew, from the registry, at most twice a minute."""
STRANGERS = {"stranger", "strangers"}
"""Who proved nothing may be anybody: such lines are folded where there are many, and are not counted here."""
Line = tuple[str, str, str, str]


@dataclass
class Target:
    """One party: where it answers, the keys it signs with, and what can be read of it."""

    origin: str
    storage: Storage
    metadatas: Sequence[MetaData]
    log: Path
    protocol: KeyRing
    federation: KeyRing
    bait: Bait = field(repr=False)

    def state(self) -> dict[str, str]:
        """Return a digest of each table but those that a refusal may write."""
        tables = [table for each in self.metadatas for table in each.sorted_tables if table.name not in REMEMBERED]
        with self.storage.transaction() as db:
            return {table.name: _digest(db.execute(select(table).order_by(*table.primary_key))) for table in tables}

    def lines(self, after: int = 0) -> list[Line]:
        """Return the audit log from a row on: event, actor, verdict and reason."""
        with self.storage.transaction() as db:
            rows = db.scalars(select(AuditEntry).where(AuditEntry.number > after).order_by(AuditEntry.number))
            return [(row.event, row.actor, row.verdict, row.reason) for row in rows]

    def newest_line(self) -> int:
        """Return the number of the audit log's newest row."""
        with self.storage.transaction() as db:
            return db.scalar(select(func.max(AuditEntry.number))) or 0

    @contextmanager
    def unmoved(self, *, lines: int | None = None, but: frozenset[str] = frozenset()) -> Iterator[list[Line]]:
        """Hold that nothing in the block moved this party: no row, no call to an unlisted host, no failure in its log.

        ``lines`` is how many decisions about known parties the audit log must have gained; the list given out holds them afterwards. ``but``
        are tables that may change.
        """
        before, newest, spoken, calls = self.state(), self.newest_line(), self._spoken(), self.bait.calls
        gained: list[Line] = []
        yield gained
        gained += self.lines(after=newest)
        moved = {name for name, digest in self.state().items() if digest != before[name]}
        assert moved <= but, f"rows were written in {moved}"
        assert self.bait.calls == calls, "somebody called an address that a token named"
        assert "Traceback" not in self.said(spoken)
        if lines is not None:
            of_parties = [line for line in gained if line[1] not in STRANGERS]
            assert len(of_parties) == lines, of_parties

    def _spoken(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def said(self, since: int = 0) -> str:
        """Return what the process has written into its log since then."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")


def _digest(rows: Any) -> str:
    return hashlib.sha256("\n".join(map(repr, rows)).encode()).hexdigest()


def worded(answer: Any) -> str:
    """Return what a refusal says it is: the OAuth error, or the last part of the problem's type (RFC 6749, 8935, 9457)."""
    try:
        said = answer.json()
    except ValueError:
        pytest.fail(f"{answer.status_code} without a reason: {answer.text[:200]}")
    return str(said.get("error") or said.get("err") or said["type"].rpartition("/")[2].rpartition("#")[2])
