"""承認の案内: a link in a letter that lets the approver it went to decide the one question it names, without signing in.

The link holds the question's id and a mark made from it, from who was asked, and from the town's secret: nothing about a
person, and nothing that is written down anywhere. It is good for as long as that person may decide that question, and no
longer: not once it is decided, let go by the host, or somebody else's to decide. Opening it decides nothing.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation.errors import NotFound
from node import secret_file
from node.config import Config
from node.home import needs
from node.models.approvals import Approval
from node.models.staff import Staff

PATH = "/approve"


@dataclass(frozen=True)
class Asked:
    """The question behind a link, who it went to, and whether it can still be decided."""

    row: Approval
    to: Staff
    is_open: bool


def secret_of(config: Config) -> str:
    """Return the town's secret for such links, made on first use and kept beside its keys."""
    return secret_file.kept(config.data / "keys" / "approvals.secret")


def path(row: Approval, to: int, secret: str) -> str:
    """Return where somebody (by ``Staff.id``) may decide a question."""
    return f"{PATH}/{row.id}/{_mark(row, to, secret)}"


def find(db: Session, approval_id: str, mark: str, secret: str, *, now: datetime) -> Asked:
    """Return what a link asks of whom; raises ``NotFound`` for one that nobody was sent, or whom it is asked no more."""
    row = db.get(Approval, approval_id)
    if row is None:
        raise NotFound("no such question")
    given = mark.encode()
    sent = (one for one in _sent(db, row, now) if hmac.compare_digest(_mark(row, one.id, secret).encode(), given))
    to = next(sent, None)
    if to is None:
        raise NotFound("a link of nobody who may decide")
    return Asked(row, to, row.state == "asked" and any(needs.is_open(trip, now) for trip in row.trips))


def _sent(db: Session, row: Approval, now: datetime) -> Sequence[Staff]:
    """Return who may decide, and who has: they may look at what came of it."""
    return (*needs.who(db, row, now), *([row.by] if row.by is not None else []))


def _mark(row: Approval, to: int, secret: str) -> str:
    said = f"approval link|{row.id}|{to}|{row.asked_at.isoformat()}".encode()
    mark = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mark).decode("ascii").rstrip("=")
