"""The receivers a town has: added, looked at, stopped, begun again and taken away. Each of it is a line of the audit log."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation import audit, outbox
from federation.address import AddressGuard
from federation.errors import NotFound, TooMany
from federation.language import Locale
from node.models.webhooks import Webhook
from node.people.sealing import Seal
from node.webhooks.kinds import KINDS
from node.webhooks.promising import WEBHOOK, target
from node.webhooks.ring import Ring

MOST = 20
"""So many receivers a town has."""
_TAIL = 4


def add(
    db: Session,
    seal: Seal,
    guard: AddressGuard,
    *,
    name: str,
    url: str,
    style: str,
    locale: Locale,
    kinds: Iterable[str],
    by: str,
    now: datetime,
) -> tuple[Webhook, str]:
    """Add a receiver; return it with its secret, which nobody sees again.

    Raises ``PeerAddressRefused`` for a URL that this node never calls, and ``TooMany`` beyond ``MOST``.
    """
    guard.check(url)
    if (db.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
        raise TooMany(f"{MOST} webhooks", retry_after=3600)
    ring = Ring.made()
    made = Webhook(name=name, address="", secret="", shown=shown(url), style=style, locale=locale, made_at=now)
    made.kinds = _joined(kinds)
    db.add(made)
    db.flush()
    made.address, made.secret = seal.close(url, of=made.id), seal.close(ring.text, of=made.id)
    _record(db, made, by, "added", now)
    return made, ring.current


def shown(url: str) -> str:
    """Return what people and logs may see of a URL: the host and the last letters; what lies between may be a secret."""
    return f"{urlsplit(url).netloc}/…{url[-_TAIL:]}"


def every(db: Session) -> Sequence[Webhook]:
    """Return the receivers in the order in which they were added."""
    return db.scalars(select(Webhook).order_by(Webhook.id)).all()


def stopped(db: Session) -> Sequence[Webhook]:
    """Return those that stopped by themselves, for whoever is to look into it."""
    return db.scalars(select(Webhook).where(Webhook.stopped.in_(("gone", "failing"))).order_by(Webhook.id)).all()


def get(db: Session, webhook_id: int) -> Webhook:
    """Return a receiver; raise ``NotFound``."""
    found = db.get(Webhook, webhook_id)
    if found is None:
        raise NotFound(f"webhook {webhook_id}")
    return found


def choose(db: Session, webhook_id: int, *, name: str, kinds: Iterable[str], by: str, now: datetime) -> None:
    """Call it by another name, and have it hear of these kinds from now on."""
    found = get(db, webhook_id)
    found.name, found.kinds = name, _joined(kinds)
    _record(db, found, by, f"hears of {found.kinds}", now)


def turn(db: Session, seal: Seal, webhook_id: int, *, by: str, now: datetime) -> tuple[Webhook, str]:
    """Give it a new secret, which nobody sees again; the one in use until now signs along for a day.

    Returns the receiver with the new secret. Raises ``NotFound``.
    """
    found = db.scalar(select(Webhook).where(Webhook.id == webhook_id).with_for_update())
    if found is None:
        raise NotFound(f"webhook {webhook_id}")
    ring = Ring.read(seal.open(found.secret, of=found.id)).turned(now)
    found.secret = seal.close(ring.text, of=found.id)
    _record(db, found, by, "new secret", now)
    return found, ring.current


def stop(db: Session, found: Webhook, why: str, *, by: str, now: datetime) -> None:
    """Send nothing more: what has not left is dropped, and what happens meanwhile is not told later."""
    found.stopped, found.stopped_at = why, now
    outbox.withdraw(db, WEBHOOK, target(found.id))
    _record(db, found, by, f"stopped: {why}", now)


def resume(db: Session, webhook_id: int, *, by: str, now: datetime) -> None:
    """Send again what happens from now on."""
    found = get(db, webhook_id)
    found.stopped, found.stopped_at, found.failing_since = "", None, None
    _record(db, found, by, "resumed", now)


def remove(db: Session, webhook_id: int, *, by: str, now: datetime) -> None:
    """Forget a receiver, its address and its secret."""
    found = get(db, webhook_id)
    outbox.withdraw(db, WEBHOOK, target(found.id))
    _record(db, found, by, "removed", now)
    db.delete(found)


def _joined(kinds: Iterable[str]) -> str:
    chosen = frozenset(kinds)
    return " ".join(kind for kind in KINDS if kind in chosen)


def _record(db: Session, found: Webhook, by: str, what: str, now: datetime) -> None:
    about = f"webhook:{found.id}"
    audit.record(
        db, event="webhook", actor=by, subject=about, verdict="allowed", reason=f"{found.shown} {what}", now=now
    )
