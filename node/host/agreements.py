"""協定: who may come, how many a day, at what price. Nobody comes without one."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation import municipality
from federation.errors import BadInput, Conflict
from federation.members import Member
from federation.messages.agreement import Suspended
from federation.messages.base import written
from federation.messages.booking import OCCUPYING
from node.host import claims, listings, versions
from node.host.holding import end
from node.host.homes import Home
from node.models.agreements import Agreement, AgreementVersion
from node.models.bookings import Booking, BookingPlace


def conclude(db: Session, facts: Mapping[str, Any], *, now: datetime, by: str = "") -> Agreement:
    """Enter an agreement with its facts (columns of ``Agreement``) and ask the towns it names to confirm it.

    Until one has, none of its people come; an offer to every member is in force at once. Raises ``BadInput`` with the field.
    """
    agreement = Agreement(id=str(uuid.uuid4()))
    _apply(agreement, facts)
    db.add(agreement)
    db.flush()
    _check(agreement)
    versions.enter(db, agreement, versions.copy(agreement), by=by, now=now)
    return agreement


def locked(db: Session, agreement_id: str) -> Agreement:
    """Return an agreement as it is now, locked until the transaction ends."""
    found = select(Agreement).where(Agreement.id == agreement_id).with_for_update()
    return db.scalars(found.execution_options(populate_existing=True)).one()


def amend(
    db: Session, agreement: Agreement, facts: Mapping[str, Any], *, now: datetime, by: str = "", again: bool = False
) -> AgreementVersion | None:
    """Propose other terms for bookings still to be made; those made keep theirs, and those in force stay so until confirmed.

    Returns the version; None where nothing differs, unless the same terms are to be confirmed ``again``. Raises ``BadInput``
    with the field. The caller has it ``locked``.
    """
    made, last = versions.proposed(db, agreement), versions.newest(db, agreement.id)
    _apply(made, facts)
    _check(made)
    for name in versions.OWN & facts.keys():
        setattr(agreement, name, facts[name])
    so_far = last.terms if last is not None and last.terms else versions.terms_of(db, agreement)
    if not again and not versions.differences(so_far, versions.terms_of(db, made)):
        return None
    return versions.enter(db, agreement, made, by=by, now=now)


def suspend(db: Session, agreement: Agreement, now: datetime, reason: str = "") -> tuple[str, ...]:
    """Offer nothing more under an agreement: bookings inside its notice period are honoured, the rest cancelled and told.

    Returns the ids of those cancelled.
    """
    agreement.suspended_at, agreement.suspended_reason = agreement.suspended_at or now, reason
    listings.agreement_changed(db, agreement)
    versions.tell(db, agreement, agreement.confirmed_by, now=now)
    last = agreement.suspended_at + timedelta(days=agreement.notice_days)
    return _cancel(db, _beyond(db, agreement, last), now)


def suspended_by_home(db: Session, agreement: Agreement, home: Home, said: Suspended, now: datetime) -> tuple[str, ...]:
    """Take no more of one town's people, which has stopped them itself; its bookings end as by ``suspend``."""
    agreement.suspended_by = {**agreement.suspended_by, home.code: {"at": written(said.at), "reason": said.reason}}
    listings.agreement_changed(db, agreement)
    last = now + timedelta(days=agreement.notice_days)
    beyond = [booking for booking in _beyond(db, agreement, last) if booking.home_id == home.id]
    return _cancel(db, beyond, now)


def left_out(db: Session, agreement: Agreement, codes: Collection[str], now: datetime) -> tuple[str, ...]:
    """End what people of these towns have booked beyond the notice period: a new version is open to them no longer."""
    theirs = set(db.scalars(select(Member.id).where(Member.code.in_(codes), ~Member.gone))) if codes else set()
    beyond = _beyond(db, agreement, now + timedelta(days=agreement.notice_days)) if theirs else ()
    return _cancel(db, [booking for booking in beyond if booking.home_id in theirs], now)


def resumed_by_home(db: Session, agreement: Agreement, home: Home) -> None:
    """Take a town's people again, which has taken its own suspension back; ours is lifted by ``resume`` alone."""
    agreement.suspended_by = {code: said for code, said in agreement.suspended_by.items() if code != home.code}
    listings.agreement_changed(db, agreement)


def last_day(agreement: Agreement, today: date) -> date:
    """Return the last day of an agreement that is ended with notice ``today``; never later than it ends anyway."""
    last = today + timedelta(days=agreement.notice_days)
    return last if agreement.ends_on is None else min(last, agreement.ends_on)


def end_with_notice(db: Session, agreement: Agreement, zone: tzinfo, now: datetime) -> tuple[str, ...]:
    """End an agreement once its notice period is over: bookings until then stay, those wholly beyond are cancelled and told.

    The last day is counted from today in ``zone``. Returns the ids of those cancelled.
    """
    agreement.ends_on = last_day(agreement, now.astimezone(zone).date())
    if versions.awaits(agreement, versions.newest(db, agreement.id)):
        # What is proposed ends then too: confirmed later, it must not begin anew what has been ended.
        amend(db, agreement, {"ends_on": agreement.ends_on}, now=now, again=True)
    listings.agreement_changed(db, agreement)
    versions.tell(db, agreement, agreement.confirmed_by, now=now)
    after = datetime.combine(agreement.ends_on + timedelta(days=1), time(), zone)
    return _cancel(db, _beyond(db, agreement, after - timedelta(microseconds=1)), now)


def renew(db: Session, agreement: Agreement, *, now: datetime, by: str = "") -> Agreement:
    """Prepare an agreement for the 年度 (until 31 March) that follows its last day, on the same terms; one that is prepared
    already is returned.

    The caller has it ``locked``. Raises ``Conflict`` for one without a last day, or suspended.
    """
    if agreement.ends_on is None or agreement.suspended_at is not None:
        raise Conflict("nothing to renew")
    first = agreement.ends_on + timedelta(days=1)
    following = db.scalars(select(Agreement).where(Agreement.starts_on == first, Agreement.closes_at.is_(None)))
    prepared = next((one for one in following if one.homes == agreement.homes), None)
    if prepared is not None:
        return prepared
    terms = {name: getattr(agreement, name) for name in sorted(versions.COLUMNS - {"starts_on", "ends_on"})}
    return conclude(db, {**terms, "starts_on": first, "ends_on": _last_of_year(first)}, now=now, by=by)


def renewed(found: Iterable[Agreement]) -> frozenset[str]:
    """Return which of these agreements (by id) another one of them follows."""
    every = list(found)
    begun = {(one.homes, one.starts_on) for one in every}
    ended = ((one, one.ends_on) for one in every)
    return frozenset(one.id for one, last in ended if last and (one.homes, last + timedelta(days=1)) in begun)


def _last_of_year(first: date) -> date:
    """Return the 31 March that ends the 年度 of a day."""
    return date(first.year + (1 if first.month >= 4 else 0), 3, 31)


def _cancel(db: Session, beyond: Sequence[Booking], now: datetime) -> tuple[str, ...]:
    claims.lock_desks(db, [place.desk_id for booking in beyond for place in booking.places])
    for booking in beyond:
        db.refresh(booking)
    ended = [booking for booking in beyond if booking.state in OCCUPYING]
    for booking in ended:
        end(db, booking, "cancelled", "agreement-ended", now)
    return tuple(booking.id for booking in ended)


def _beyond(db: Session, agreement: Agreement, last: datetime) -> Sequence[Booking]:
    """Return the bookings all of whose places begin after ``last``."""
    question = select(Booking).where(Booking.agreement_id == agreement.id, Booking.state.in_(OCCUPYING))
    return db.scalars(question.where(~Booking.places.any(BookingPlace.start <= last)).order_by(Booking.id)).all()


def resume(db: Session, agreement: Agreement, now: datetime) -> None:
    """Offer again under an agreement that we suspended; what a home has suspended is for that home to resume."""
    agreement.suspended_at, agreement.suspended_reason = None, ""
    listings.agreement_changed(db, agreement)
    versions.tell(db, agreement, agreement.confirmed_by, now=now)


def after_restore(db: Session) -> None:
    """Count on from where no word of ours has been yet: the towns have heard newer ones than the backup knows."""
    db.execute(update(Agreement).values(revision=Agreement.revision + 100_000))


def _apply(agreement: Agreement, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if name not in versions.COLUMNS | versions.OWN:
            raise BadInput(f"an agreement has no {name}", field=name)
        setattr(agreement, name, value)


def _check(agreement: Agreement) -> None:
    _check_homes(agreement)
    if not agreement.name.strip():
        raise BadInput("a name is needed", field="name")
    if agreement.starts_on and agreement.ends_on and agreement.ends_on < agreement.starts_on:
        raise BadInput("it ends before it starts", field="ends_on")
    if not 1 <= agreement.assurance <= 3:
        raise BadInput("there are three levels", field="assurance")
    for name in ("seats_a_week", "uses_a_day", "uses_a_week", "shortest_minutes", "longest_minutes"):
        if (value := getattr(agreement, name)) is not None and value < 1:
            raise BadInput("a limit is one at least", field=name)
    if not 0 <= (agreement.opens or 0) < (1440 if agreement.closes is None else agreement.closes) <= 1440:
        raise BadInput("the hours end before they begin", field="closes")
    if agreement.longest_minutes is not None and agreement.longest_minutes < (agreement.shortest_minutes or 1):
        raise BadInput("the longest use is shorter than the shortest", field="longest_minutes")
    if agreement.price_yen and not agreement.price_basis.strip():
        raise BadInput("a price rests on a 条例", field="price_basis")


def _check_homes(agreement: Agreement) -> None:
    if agreement.home_code is not None:
        municipality.parse(agreement.home_code)
    if agreement.authorities and (not agreement.named or len(agreement.named) < len(agreement.homes)):
        raise BadInput("only towns that confirm it name the 任命権者 of their people", field="authorities")
    if agreement.home_code is not None and agreement.home_codes:
        raise BadInput("either one town or several", field="home_codes")
    for code in agreement.home_codes:
        municipality.parse_part(code)
