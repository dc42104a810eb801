"""Requests between being pushed by a town (RFC 9126) and being decided by a person: opened once, by one browser.

The reference is good for a minute and for the browser that opens it first; from then on that browser has the time a
person needs to sign in. Who got hold of the reference alone, by a log or over a shoulder, opens nothing.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation.errors import SignInRequestGone, TooMany
from node.models.provider import PushedRequest
from node.people.provider.asked import Asked

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFE = timedelta(seconds=60)
MOST_WAITING = 500
"""So many requests of one town may wait at once; who pushes more is not sending people."""
TO_DECIDE = timedelta(minutes=10)


def push(db: Session, client_id: str, asked: Asked, *, now: datetime) -> str:
    """Keep a request and return its ``request_uri``; raise ``TooMany`` where too many of the client's wait already."""
    forget(db, now=now)
    waiting = select(func.count()).select_from(PushedRequest).where(PushedRequest.client_id == client_id)
    if (db.scalar(waiting) or 0) >= MOST_WAITING:
        raise TooMany(f"{client_id} has {MOST_WAITING} requests waiting", retry_after=int(LIFE.total_seconds()))
    reference = secrets.token_urlsafe(32)
    row = PushedRequest(mark=digest(reference), client_id=client_id, asked=asked.to_keep(), expires=now + LIFE)
    db.add(row)
    db.flush()
    return PREFIX + reference


def opened(db: Session, client_id: str, request_uri: str, browser: str, *, now: datetime) -> PushedRequest:
    """Return the request for ``browser`` (a secret of its own), which has opened it before or opens it now.

    Raises ``SignInRequestGone`` for a request that is over, was decided, is another client's, or is open elsewhere.
    """
    mark = digest(request_uri.removeprefix(PREFIX))
    row = db.scalar(select(PushedRequest).where(PushedRequest.mark == mark).with_for_update())
    if row is None or row.client_id != client_id or now >= row.expires:
        raise SignInRequestGone("unknown, over, or another client's")
    if not row.browser:
        row.browser, row.opened_at, row.expires = digest(browser), now, now + TO_DECIDE
        db.flush()
    if not hmac.compare_digest(row.browser, digest(browser)):
        raise SignInRequestGone("opened by another browser")
    return row


def lead_away(db: Session, request_uri: str) -> None:
    """Note that the person is sent to a form of ours before they can decide."""
    mark = digest(request_uri.removeprefix(PREFIX))
    db.execute(update(PushedRequest).where(PushedRequest.mark == mark).values(led_away=True))


def close(db: Session, request_uri: str) -> bool:
    """Take a request away that has been decided; False where somebody was quicker."""
    mark = digest(request_uri.removeprefix(PREFIX))
    return db.scalar(delete(PushedRequest).where(PushedRequest.mark == mark).returning(PushedRequest.mark)) is not None


def forget(db: Session, *, now: datetime) -> None:
    """Drop what was never decided. Part of a job."""
    db.execute(delete(PushedRequest).where(PushedRequest.expires <= now))


def digest(secret: str) -> str:
    """Return what is kept of a secret of full entropy, so that who reads the database can use none."""
    return hashlib.sha256(secret.encode()).hexdigest()
