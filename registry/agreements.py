"""Agreements as their hosts offer them, kept so that a search compares them with a wish in its own statement."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from federation.messages.offer import MINUTES_OF_A_DAY, AgreementOffer
from registry.models import Offer, OfferHome, OfferRoom, OfferSite
from registry.offered import EVER, EVERY_DAY

_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"


def keep(db: Session, member_id: int, offers: Sequence[AgreementOffer]) -> None:
    """Keep a member's offers in the place of what was said of them before."""
    drop(db, member_id, [offer.id for offer in offers])
    for offer in offers:
        key = {"member_id": member_id, "offer_id": offer.id}
        db.add(_row(member_id, offer))
        db.add_all(OfferHome(**key, code=code) for code in sorted({*offer.homes, *offer.prefectures}))
        db.add_all(OfferSite(**key, site_id=site_id) for site_id in sorted(set(offer.site_ids)))
        db.add_all(OfferRoom(**key, room_id=room_id) for room_id in sorted(set(offer.room_ids)))
    db.flush()


def _row(member_id: int, offer: AgreementOffer) -> Offer:
    opens, closes = _hours(offer)
    return Offer(
        member_id=member_id,
        id=offer.id,
        everyone=offer.everyone,
        every_site=not offer.site_ids,
        every_room=not offer.room_ids,
        starts_on=offer.starts_on or _FIRST_DAY,
        ends_on=offer.ends_on or _LAST_DAY,
        price_yen=offer.price_yen,
        per_hour=offer.per == "hour",
        name=offer.name,
        weekdays=sum(1 << day for day in set(offer.weekdays)) or EVERY_DAY,
        opens=opens,
        closes=closes,
        shortest_minutes=offer.shortest_minutes or 0,
        longest_minutes=offer.longest_minutes or EVER,
        lead_minutes=offer.lead_minutes or 0,
        horizon_days=EVER if offer.horizon_days is None else offer.horizon_days,
        closes_at=offer.closes_at,
        work_kinds=f" {' '.join(sorted(set(offer.work_kinds)))} " if offer.work_kinds else "",
    )


def _hours(offer: AgreementOffer) -> tuple[int, int]:
    """Return agreed hours in minutes after midnight; where only one end is agreed, the other is that of the day."""
    if offer.opens is None and offer.closes is None:
        return 0, EVER
    return offer.opens or 0, MINUTES_OF_A_DAY if offer.closes is None else offer.closes


def drop(db: Session, member_id: int, ids: Sequence[str]) -> None:
    """Forget a member's offers with the towns, sites and rooms they name."""
    for table in (OfferHome, OfferSite, OfferRoom):
        named = delete(table).where(table.member_id == member_id, table.offer_id.in_(ids))
        db.execute(named.execution_options(synchronize_session="fetch"))
    offers = delete(Offer).where(Offer.member_id == member_id, Offer.id.in_(ids))
    db.execute(offers.execution_options(synchronize_session="fetch"))
