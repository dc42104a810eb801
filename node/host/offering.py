"""What the registry is told of an agreement: who may see what, when, and at which price."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages.offer import AgreementOffer
from node.models.agreements import PREFECTURE, Agreement
from node.models.sites import Room


def agreement_offer(db: Session, agreement: Agreement) -> AgreementOffer | None:
    """Return what the registry needs to know to show nothing that would be refused; how many seats are left is not of it.

    None for rooms of which none is left, and where no town may come: nobody has confirmed it, or all have stopped.
    """
    homes = tuple(code for code in agreement.named if agreement.stands_for(code))
    prefectures = tuple(one for one in agreement.homes if len(one) == PREFECTURE)
    if not agreement.signed_off or not (homes or prefectures or agreement.everyone):
        return None
    site_ids = _sites(db, agreement)
    if agreement.room_ids and not site_ids:
        return None
    in_disaster = agreement.closes_at is not None
    return AgreementOffer(
        id=agreement.id,
        name=agreement.name,
        everyone=agreement.everyone,
        homes=homes,
        prefectures=prefectures,
        site_ids=site_ids,
        room_ids=tuple(agreement.room_ids),
        starts_on=agreement.starts_on.isoformat() if agreement.starts_on else None,
        ends_on=agreement.ends_on.isoformat() if agreement.ends_on else None,
        price_yen=agreement.price_yen,
        per=agreement.per,
        weekdays=tuple(agreement.weekdays),
        opens=agreement.opens,
        closes=agreement.closes,
        shortest_minutes=agreement.shortest_minutes,
        longest_minutes=agreement.longest_minutes,
        work_kinds=tuple(agreement.work_kinds),
        lead_minutes=None if in_disaster else agreement.lead_minutes or None,
        horizon_days=None if in_disaster else agreement.horizon_days,
        closes_at=agreement.closes_at,
    )


def _sites(db: Session, agreement: Agreement) -> tuple[str, ...]:
    """Return the sites it names, or those of the rooms it names: who knows nothing of rooms takes no site for covered as well."""
    if not agreement.room_ids:
        return tuple(agreement.site_ids)
    found = db.scalars(select(Room.site_id).where(Room.id.in_(agreement.room_ids)).distinct().order_by(Room.site_id))
    return tuple(id_ for id_ in found if not agreement.site_ids or id_ in agreement.site_ids)
