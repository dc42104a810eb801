"""利用上の注意: the versioned rules of the house, which a visitor agrees to at booking."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.messages.booking import HouseRules
from node.models.sites import HouseRulesEdition


def in_force(db: Session, now: datetime) -> HouseRules | None:
    """Return the newest edition whose time has come, or None where none was ever published."""
    question = select(HouseRulesEdition).where(HouseRulesEdition.since <= now)
    edition = db.scalar(question.order_by(HouseRulesEdition.since.desc()).limit(1))
    return HouseRules(version=edition.version, ja=edition.ja, en=edition.en) if edition is not None else None


def publish(db: Session, version: str, ja: str, en: str, since: datetime) -> HouseRulesEdition:
    """Publish a new edition, in force from ``since``; raise ``BadInput`` for a version that exists or has no words."""
    if not version.strip() or not ja.strip() or db.get(HouseRulesEdition, version) is not None:
        raise BadInput("an edition needs a new version and words", field="version")
    edition = HouseRulesEdition(version=version, ja=ja, en=en, since=since)
    db.add(edition)
    db.flush()
    return edition
