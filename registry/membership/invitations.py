"""Invitations: a town named by its 団体コード may enrol once, with a secret that expires."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, municipality
from federation.errors import BadInput, InvitationRefused, NameNeeded
from registry.models import Invitation, Place

LIFE = timedelta(days=14)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_ALIKE = str.maketrans("OIL", "011", "- ")
"""Crockford's base32: letters that look like digits are read as those."""
KINDS = ("prefecture", "city", "ward", "town", "village", "union")


@dataclass(frozen=True)
class Body:
    """A local public body as the registry will vouch for it; ``lat`` and ``lon`` are of its office."""

    code: str
    name: str
    name_kana: str = ""
    name_en: str = ""
    kind: str = "city"
    lat: float | None = None
    lon: float | None = None


def known_body(db: Session, code: str, name: str = "") -> Body:
    """Return the body of that code as the imported list of municipalities has it, or one of the given name.

    Raises ``BadMunicipalityCode``, or ``NameNeeded`` when the list does not have it and no name is given: 一部事務組合 and
    広域連合 are in no national list.
    """
    place = db.get(Place, municipality.parse(code))
    if place is not None:
        return Body(code, name or place.name, place.name_kana, place.name_en, place.kind, place.lat, place.lon)
    if not name.strip():
        raise NameNeeded(code, field="name")
    return Body(code, name.strip(), kind="prefecture" if municipality.is_prefecture(code) else "union")


def invite(db: Session, body: Body, *, by: str, now: datetime, life: timedelta = LIFE, replaces: str = "") -> str:
    """Make an invitation and return its secret, which is shown this once: five groups of five letters, 125 bits.

    ``replaces`` is the entity id of the member whose place the town will take, where it moves to another domain.
    """
    if body.kind not in KINDS:
        raise BadInput(f"kind {body.kind}", field="kind")
    letters = "".join(secrets.choice(_LETTERS) for _ in range(25))
    invitation = Invitation(
        secret_hash=hashed(letters),
        code=municipality.parse(body.code),
        name=body.name,
        name_kana=body.name_kana,
        name_en=body.name_en,
        kind=body.kind,
        lat=body.lat,
        lon=body.lon,
        made_at=now,
        made_by=by,
        expires_at=now + life,
        replaces=replaces,
    )
    db.add(invitation)
    db.flush()
    audit.record(db, event="invite", actor=by, subject=body.code, verdict="allowed", reason=body.name, now=now)
    return "-".join(letters[start : start + 5] for start in range(0, 25, 5))


def redeem(db: Session, secret: str, now: datetime) -> Invitation:
    """Use an invitation up; raise ``InvitationRefused`` when it is unknown, used or expired."""
    question = select(Invitation).where(Invitation.secret_hash == hashed(secret)).with_for_update()
    invitation = db.scalar(question)
    if invitation is None:
        raise InvitationRefused("no such invitation")
    if invitation.used_at is not None:
        raise InvitationRefused(f"the invitation for {invitation.code} was used at {invitation.used_at}")
    if now >= invitation.expires_at:
        raise InvitationRefused(f"the invitation for {invitation.code} expired at {invitation.expires_at}")
    invitation.used_at = now
    return invitation


def hashed(secret: str) -> str:
    """Hash what a person may have typed: case and hyphens do not matter, and O, I and L read as 0, 1 and 1."""
    return hashlib.sha256(secret.strip().upper().translate(_READ_ALIKE).encode()).hexdigest()
