"""An agreement between two whole towns: offered, confirmed by both, changed, suspended by either, over a wire that is cut."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import agreed as signing
from federation import agreedfile, cards, outbox
from federation.audit import AuditEntry
from federation.errors import Conflict, TachiyoriError
from federation.messages.booking import BookingRequest, Place, QuoteRequest, Visitor
from node import jobs
from node.home import asking, conditions, manifest, offered, trips
from node.host import agreements, confirmations, reasking, reception, versions
from node.host.passes import Passes
from node.models.agreements import Agreement, Confirmation
from node.models.bookings import ManifestName
from node.models.notices import Notice
from node.models.offered import OfferedAgreement, OfferedVersion
from node.models.staff import Staff
from node.models.trips import Trip
from node.people import staff as people
from tests.node.pair import HOME, HOST, Pair, pair

FACTS = {"name": "二つ目の協定", "number": "7千総第2号", "home_code": "112089", "seats_a_day": 3}


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Pair]:
    made = pair(tmp_path, f"sqlite:///{tmp_path}/home.db", f"sqlite:///{tmp_path}/host.db")
    with made.host.storage.transaction(write=True) as db:
        db.scalars(select(Agreement)).one().suspended_at = made.clock()
    yield made
    made.home.storage.close()
    made.host.storage.close()


def entered(both: Pair, **facts: object) -> str:
    with both.host.storage.transaction(write=True) as db:
        return agreements.conclude(db, {**FACTS, **facts}, by="staff:1", now=both.clock()).id


def carried(both: Pair, minutes: float = 0) -> None:
    both.clock.pass_by(minutes=minutes)
    for _ in range(2):
        jobs.deliver(both.host)
        jobs.deliver(both.home)


def at_home(both: Pair) -> tuple[OfferedAgreement, list[OfferedVersion]]:
    with both.home.storage.transaction() as db:
        (found,) = offered.every(db)
        return found, list(offered.versions_of(db, [found.id])[found.id])


def confirm(both: Pair) -> None:
    found, versions = at_home(both)
    with both.home.storage.transaction(write=True) as db:
        offered.confirm(db, both.home, found.id, versions[0].number, versions[0].digest, by="staff:1", now=both.clock())


def at_host(both: Pair, made: str) -> Agreement:
    with both.host.storage.transaction() as db:
        return db.get_one(Agreement, made)


def place(both: Pair) -> Place:
    start = both.clock().replace(hour=1, minute=0) + timedelta(days=1)
    return Place(desk=both.desk, start=start, end=start.replace(hour=3), sub="subject-number-0001")


def allowed(both: Pair) -> bool:
    return both.home.hosts(HOST).quote(QuoteRequest(places=(place(both),))).allowed


def test_nobody_comes_before_both_have_signed(both: Pair) -> None:
    made = entered(both)
    assert not allowed(both)
    carried(both)
    found, (version,) = at_home(both)
    assert (found.host, found.in_force, version.state, version.terms["seats_a_day"]) == (HOST, 0, "awaiting", 3)
    assert not allowed(both)
    confirm(both)
    carried(both)
    assert allowed(both)
    assert at_host(both, made).version == at_home(both)[0].in_force == 1


def test_what_both_signed_is_one_file_at_both_towns(both: Pair) -> None:
    made = entered(both)
    carried(both)
    confirm(both)
    carried(both)
    with both.host.storage.transaction() as db:
        theirs = confirmations.file_of(db.get_one(Confirmation, (made, 1, "112089")))
    ours = offered.file_of(at_home(both)[1][0])
    assert ours == theirs
    proven = agreedfile.verify(ours.text().encode(), both.home.members.pins)
    assert (proven.host.code, proven.home.code, proven.offer.terms["number"]) == ("131016", "112089", "7千総第2号")


def test_a_change_holds_only_once_it_is_confirmed(both: Pair) -> None:
    made = entered(both)
    carried(both)
    confirm(both)
    carried(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"seats_a_day": 9}, now=both.clock())
    carried(both)
    assert (at_host(both, made).seats_a_day, at_host(both, made).version) == (3, 1)
    assert [one.state for one in at_home(both)[1]] == ["awaiting", "confirmed"]
    confirm(both)
    carried(both)
    assert (at_host(both, made).seats_a_day, at_host(both, made).version) == (9, 2)


@pytest.mark.parametrize("away", [HOME, HOST])
def test_either_may_be_away_for_an_hour(both: Pair, away: str) -> None:
    made = entered(both)
    if away == HOST:
        carried(both)
        confirm(both)
    both.wire.down.add(away)
    carried(both)
    both.wire.down.clear()
    carried(both, minutes=61)
    if away == HOME:
        confirm(both)
        carried(both, minutes=61)
    assert at_host(both, made).confirmed_by == ["112089"]


def test_a_word_that_was_laid_aside_is_promised_again_after_a_day(both: Pair) -> None:
    entered(both)
    with both.host.storage.transaction(write=True) as db:
        outbox.withdraw(db, versions.OFFER, "112089")
        assert reasking.remind(db, both.clock()) == 0
        assert reasking.remind(db, both.clock.pass_by(hours=25)) == 1
        assert reasking.remind(db, both.clock()) == 1
    assert outbox_of(both) == ["112089"]


def outbox_of(both: Pair) -> list[str]:
    with both.host.storage.transaction() as db:
        return list(db.scalars(select(outbox.Promise.target).where(outbox.Promise.kind == versions.OFFER)))


def test_an_answer_that_was_lost_is_given_again(both: Pair) -> None:
    made = entered(both)
    both.wire.lose_answers = True
    carried(both)
    confirm(both)
    carried(both)
    both.wire.lose_answers = False
    carried(both, minutes=10)
    assert at_host(both, made).version == 1
    assert len(at_home(both)[1]) == 1


def test_what_does_not_match_reaches_the_host_and_a_new_version_comes_back(both: Pair) -> None:
    made = entered(both)
    carried(both)
    found, _ = at_home(both)
    with both.home.storage.transaction(write=True) as db:
        offered.object_to(db, found.id, 1, "1日の席数は5席です。", by="staff:1", now=both.clock())
    carried(both)
    with both.host.storage.transaction(write=True) as db:
        assert db.get_one(Confirmation, (made, 1, "112089")).said == "1日の席数は5席です。"
        agreements.amend(db, agreements.locked(db, made), {"seats_a_day": 5}, now=both.clock())
    carried(both)
    assert [one.state for one in at_home(both)[1]] == ["awaiting", "superseded"]
    confirm(both)
    carried(both)
    assert at_host(both, made).seats_a_day == 5


def test_a_version_that_was_replaced_meanwhile_is_not_confirmed(both: Pair) -> None:
    made = entered(both)
    carried(both)
    confirm(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"seats_a_day": 4}, now=both.clock())
    jobs.deliver(both.home)
    assert at_host(both, made).version == 0
    assert not allowed(both)
    carried(both, minutes=10)
    assert [one.state for one in at_home(both)[1]] == ["awaiting", "confirmed"]


def test_home_confirms_only_what_it_read(both: Pair) -> None:
    entered(both)
    carried(both)
    found, _ = at_home(both)
    with pytest.raises(Conflict), both.home.storage.transaction(write=True) as db:
        offered.confirm(db, both.home, found.id, 1, "0" * 64, by="staff:1", now=both.clock())


def in_force(both: Pair) -> str:
    made = entered(both)
    carried(both)
    confirm(both)
    carried(both)
    return made


def stop(both: Pair, act: Callable[..., object], *more: str) -> None:
    found, _ = at_home(both)
    with both.home.storage.transaction(write=True) as db:
        act(db, found.id, *more, by="staff:1", now=both.clock())


def refused_at_home(both: Pair) -> set[str]:
    site, desk = both.host.hosts(HOST).listing(both.desk)
    with both.home.storage.transaction() as db:
        judge = conditions.judge_for(db, db.scalars(select(Staff)).one(), "112089", now=both.clock())
    return {no.code for no in judge.reasons(site, desk, place(both).start, place(both).end)}


def test_home_stops_at_once_and_the_host_follows_when_it_is_back(both: Pair) -> None:
    made = in_force(both)
    both.wire.down.add(HOST)
    stop(both, offered.suspend, "人事異動のため")
    assert "agreement-stopped" in refused_at_home(both)
    carried(both)
    both.wire.down.clear()
    carried(both, minutes=61)
    assert at_host(both, made).suspended_by["112089"]["reason"] == "人事異動のため"
    assert not allowed(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.resume(db, agreements.locked(db, made), both.clock())
    assert not allowed(both)
    stop(both, offered.resume)
    carried(both)
    assert allowed(both)


def test_the_host_stops_and_home_is_told_and_cannot_lift_it(both: Pair) -> None:
    made = in_force(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.suspend(db, agreements.locked(db, made), both.clock(), "改修工事")
    carried(both)
    assert at_home(both)[0].host_suspended_reason == "改修工事"
    stop(both, offered.resume)
    carried(both)
    assert not allowed(both)


def test_every_word_is_in_both_logs_with_the_digest(both: Pair) -> None:
    in_force(both)
    digest = at_home(both)[1][0].digest
    for town in (both.home, both.host):
        with town.storage.transaction() as db:
            said = select(AuditEntry.reason).where(AuditEntry.event == "agreement-confirmed")
            assert f"version 1 {digest}" in db.scalars(said).all()


# --- Who means harm ---------------------------------------------------------------------------------------------------


def test_no_unconfirmed_or_tampered_version_yields_a_yes(both: Pair) -> None:
    made = entered(both)
    carried(both)
    found, (version,) = at_home(both)
    with both.home.storage.transaction(write=True) as db:
        row = db.get_one(OfferedVersion, (found.id, 1))
        offered.confirm(db, both.home, found.id, 1, version.digest, by="staff:1", now=both.clock())
        row.acceptance = signing.sign(
            both.home.keys.protocol.current,
            side="home", issuer=HOME, audience=HOST, agreement=made, version=1,
            terms={**version.terms, "seats_a_day": 900}, now=both.clock(),
        )  # fmt: skip
    carried(both)
    assert at_host(both, made).version == 0
    assert not allowed(both)
    with both.host.storage.transaction() as db:
        refused = select(AuditEntry.reason).where(
            AuditEntry.event == "agreement.answer", AuditEntry.verdict == "refused"
        )
        assert set(db.scalars(refused)) == {"token-refused"}


def test_terms_signed_by_another_key_are_refused_at_home(both: Pair) -> None:
    made = entered(both)
    carried(both)
    with both.host.storage.transaction(write=True) as db:
        row = db.get_one(Confirmation, (made, 1, "112089"))
        head, body, mark = row.offer.split(".")
        row.offer = f"{head}.{body}.{'A' * len(mark)}"
        agreement = db.get_one(Agreement, made)
        agreement.revision += 1
    with pytest.raises(TachiyoriError):
        confirmations.offer(both.host, made, "112089")
    assert at_home(both)[0].revision == 1


def test_an_older_word_of_the_host_is_refused(both: Pair) -> None:
    made = in_force(both)
    with both.host.storage.transaction(write=True) as db:
        db.get_one(Agreement, made).revision = 1
    with pytest.raises(Conflict):
        confirmations.offer(both.host, made, "112089")


def test_a_version_may_not_read_otherwise_than_before(both: Pair) -> None:
    made = entered(both)
    carried(both)
    with both.host.storage.transaction(write=True) as db:
        row = db.get_one(Confirmation, (made, 1, "112089"))
        row.offer = signing.sign(
            both.host.keys.protocol.current,
            side="host", issuer=HOST, audience=HOME, agreement=made, version=1,
            terms={"name": "別の内容", "homes": ["112089"]}, now=both.clock(),
        )  # fmt: skip
        db.get_one(Agreement, made).revision += 1
    with pytest.raises(Conflict):
        confirmations.offer(both.host, made, "112089")


def test_what_lies_beyond_the_notice_ends_and_home_is_told(both: Pair) -> None:
    made = entered(both, notice_days=0)
    carried(both)
    confirm(both)
    carried(both)
    wish = BookingRequest(places=(place(both),), not_after=both.clock() + timedelta(hours=1))
    uuid = "0b9f3f5e-52f5-4d0a-8d2c-0d6a4a4f8c11"
    assert both.home.hosts(HOST).put_booking(uuid, wish, None).state == "confirmed"
    stop(both, offered.suspend, "確認のため")
    carried(both)
    ended = both.home.hosts(HOST).get_booking(uuid)
    assert (ended.state, ended.cause) == ("cancelled", "agreement-ended")
    assert at_home(both)[0].told == 1
    assert set(at_host(both, made).suspended_by) == {"112089"}


def test_a_town_that_an_amendment_leaves_out_is_told_and_its_bookings_end_by_notice(both: Pair) -> None:
    with both.home.storage.transaction(write=True) as db:
        people.add(db, number="000900", name="人事 花子", roles=("personnel",), now=both.clock())
    made = entered(both, notice_days=0)
    carried(both)
    confirm(both)
    carried(both)
    wish = BookingRequest(places=(place(both),), not_after=both.clock() + timedelta(hours=1))
    uuid = "0b9f3f5e-52f5-4d0a-8d2c-0d6a4a4f8c12"
    assert both.home.hosts(HOST).put_booking(uuid, wish, None).state == "confirmed"
    with both.host.storage.transaction(write=True) as db:
        agreement = agreements.locked(db, made)
        agreements.amend(db, agreement, {"home_code": "131130"}, now=both.clock())
        row = db.scalars(select(Confirmation).where(Confirmation.home_code == "131130")).one()
        confirmations.confirmed(db, agreement, row, now=both.clock())
    carried(both)
    found, versions_ = at_home(both)
    assert offered.standing(found, versions_, both.clock().date()) == "ended"
    ended = both.home.hosts(HOST).get_booking(uuid)
    assert (ended.state, ended.cause) == ("cancelled", "agreement-ended")
    assert not allowed(both)
    with both.home.storage.transaction() as db:
        told = [notice.words for notice in db.scalars(select(Notice).order_by(Notice.id))]
    assert "当団体の職員は対象ではなくなりました" in told[-1]


def test_the_authority_is_named_only_to_a_host_whose_agreement_asks_for_it(both: Pair) -> None:
    def named() -> str | None:
        with both.home.storage.transaction() as db:
            return offered.authority_for(db, both.host.config.entity_id, db.scalars(select(Staff)).one())

    made = in_force(both)
    assert named() is None
    with both.home.storage.transaction(write=True) as db:
        db.scalars(select(Staff)).one().authority = "教育委員会"
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"authorities": ["教育委員会"]}, now=both.clock())
    carried(both)
    assert named() is None
    confirm(both)
    carried(both)
    assert (named(), at_host(both, made).authorities) == ("教育委員会", ["教育委員会"])


def test_with_a_pseudonymous_manifest_home_tells_nobodys_name(both: Pair) -> None:
    def told() -> Visitor:
        site, desk = both.home.hosts(HOST).listing(both.desk)
        start, end = place(both).start, place(both).end
        with both.home.storage.transaction(write=True) as db:
            wish = trips.Wish(both.person.staff_id, HOST, "千代田区", site, desk, start, end, "satellite", "2", "3")
            trip = trips.ask(db, wish, now=both.clock())
            said = manifest.of(db, trip)
            db.rollback()
        return said

    made = in_force(both)
    assert told().name != manifest.UNNAMED
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"named_manifest": False}, now=both.clock())
    carried(both)
    assert told().name != manifest.UNNAMED
    confirm(both)
    carried(both)
    assert (told().name, told().section) == (manifest.UNNAMED, "")


def test_the_host_knows_the_card_of_whom_it_was_told_no_name(both: Pair) -> None:
    made = in_force(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"named_manifest": False}, now=both.clock())
    carried(both)
    confirm(both)
    carried(both)
    site, desk = both.home.hosts(HOST).listing(both.desk)
    start, end = place(both).start, place(both).end
    with both.home.storage.transaction(write=True) as db:
        wish = trips.Wish(both.person.staff_id, HOST, "千代田区", site, desk, start, end, "satellite", "2", "3")
        trip_id = trips.ask(db, wish, now=both.clock()).id
    asking.carry(both.home, trip_id, None, now=both.clock())
    with both.home.storage.transaction() as db:
        trip = db.get_one(Trip, trip_id)
        text, person = manifest.in_hand(db, trip), trip.staff
    held = cards.in_hand(text)
    passes = Passes(HOST, both.host.keys.passes)
    with both.host.storage.transaction(write=True) as db:
        checked = reception.check_pass(db, passes, held.shown, start, by="staff:1")
        names = db.scalars(select(ManifestName)).all()
    assert (checked.verdict, checked.guests[0].name, names, held.name) == ("on_list", "", [], person.name)
    assert cards.is_met(checked.card, held, held.name, person.number)
    assert not cards.is_met(checked.card, held, held.name, "9999")
    assert not cards.is_met(checked.card, held, "ほかの 人", person.number)
