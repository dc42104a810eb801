"""利用上の注意: the versioned rules of the house, which a visitor agrees to at booking."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput, BookingRefused
from federation.messages.booking import HouseRules
from federation.rules import No
from federation.wording import phrase
from node import reasons
from node.models.sites import HouseRulesEdition

_OUTDATED = No(
    "house-rules-outdated",
    phrase(
        "利用上の注意が新しくなりました。第%(version)s版を読み、「確認しました」を選択して、もう一度予約してください。"
    ),
)


def in_force(db: Session, now: datetime) -> HouseRules | None:
    """Return the newest edition whose time has come, or None where none was ever published."""
    question = select(HouseRulesEdition).where(HouseRulesEdition.since <= now)
    edition = db.scalar(question.order_by(HouseRulesEdition.since.desc()).limit(1))
    return HouseRules(version=edition.version, ja=edition.ja, en=edition.en) if edition is not None else None


def refuse_outdated(db: Session, consented: str, now: datetime) -> None:
    """Raise ``BookingRefused`` with the reason where another version was confirmed than the one in force.

    A home whose person could not be shown any, because we did not answer, names none; that is recorded as it is.
    """
    current = in_force(db, now)
    if consented and current is not None and consented != current.version:
        error = BookingRefused(f"rules {consented[:40]!r} are not in force")
        error.reasons = (reasons.reason(No(_OUTDATED.code, _OUTDATED.words, {"version": current.version}), "host"),)
        raise error


def publish(db: Session, version: str, ja: str, en: str, since: datetime) -> HouseRulesEdition:
    """Publish a new edition, in force from ``since``; raise ``BadInput`` for a version that exists or has no words."""
    if not version.strip() or not ja.strip() or db.get(HouseRulesEdition, version) is not None:
        raise BadInput("an edition needs a new version and words", field="version")
    edition = HouseRulesEdition(version=version, ja=ja, en=en, since=since)
    db.add(edition)
    db.flush()
    return edition
