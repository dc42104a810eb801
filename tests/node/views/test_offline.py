"""What a reception takes along for a time without connection, and what it hands in afterwards."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.base import written
from node.host import approvals
from node.models.bookings import BookingPlace
from node.models.staff import Staff
from node.people import staff as people
from node.town import Town
from node.views import unsent
from tests.node.views.conftest import OWN, Person
from tests.node.views.desks import NOON, NOW, TEN, Came, Offered, books, offer, statements

LIST, RECORDS = "/reception/offline/list", "/reception/offline/records"


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town, desks=2)


@pytest.fixture
def came(host_town: Town, offered: Offered) -> Came:
    return books(host_town, offered, name="井上 彩")


def later(town: Town, moment: datetime) -> None:
    town.clock.now = moment  # type: ignore[attr-defined]  # The tests' clock can be set.


def test_signing_out_warns_of_records_that_were_not_sent(site_admin: Person) -> None:
    site_admin.client.set_cookie(unsent.COOKIE, "2", domain="localhost")
    answer = site_admin.sends("/signout")
    assert answer.headers["Location"] == "/signout/unsent"
    assert "Clear-Site-Data" not in answer.headers
    assert "まだ送っていない入退室の記録が2件" in site_admin.reads("/signout/unsent")
    assert "Clear-Site-Data" in site_admin.sends("/signout", {"drop": "1"}).headers
    assert site_admin.client.get_cookie(unsent.COOKIE, domain="localhost") is None


@pytest.mark.parametrize("said", ["", "0", "-1", "many", "9999999999", "\u0663"])
def test_a_cookie_that_says_nothing_keeps_nobody_from_signing_out(site_admin: Person, said: str) -> None:
    site_admin.client.set_cookie(unsent.COOKIE, said, domain="localhost")
    assert "Clear-Site-Data" in site_admin.sends("/signout").headers


def hands_in(person: Person, *records: tuple[object, str, datetime], token: str | None = None) -> list[dict[str, str]]:
    told = token if token is not None else person.opens(LIST).get_json()["form_token"]
    body = {
        "records": [{"id": str(uuid4()), "key": str(key), "what": what, "at": written(at)} for key, what, at in records]
    }
    answer = person.client.post(RECORDS, base_url=OWN, json=body, headers={"X-Form-Token": told})
    return list(answer.get_json()["answers"]) if answer.status_code == 200 else [{"verdict": str(answer.status_code)}]


def place_of(town: Town, came: Came) -> BookingPlace:
    with town.storage.transaction() as db:
        return db.get_one(BookingPlace, came.place)


def test_the_list_names_nobody(site_admin: Person, came: Came, host_town: Town) -> None:
    answer = site_admin.opens(LIST)
    (one,) = answer.get_json()["expected"]
    assert (one["booking"], one["code"], one["key"]) == (came.id, came.code.replace("-", ""), str(came.place))
    assert answer.get_json()["keys"] == host_town.keys.passes.jwks()["keys"]
    assert "井上" not in answer.get_data(as_text=True)
    with host_town.storage.transaction() as db:
        assert not db.scalars(select(AuditEntry).where(AuditEntry.event == "manifest.viewed")).all()


@pytest.mark.parametrize("path", ["/reception/offline", "/reception/offline.js"])
def test_what_the_browser_keeps_names_nobody(site_admin: Person, came: Came, host_town: Town, path: str) -> None:
    with host_town.storage.transaction() as db:
        (me,) = db.scalars(select(Staff.name)).all()
    kept = site_admin.opens(path).get_data(as_text=True)
    assert me not in kept
    assert "井上" not in kept


def test_the_worker_keeps_parts_that_are_there(site_admin: Person) -> None:
    script = site_admin.opens("/reception/offline.js")
    assert script.mimetype == "text/javascript"
    parts = [part for part in script.get_data(as_text=True).split('"') if part.startswith("/static/")]
    assert len(parts) == 8
    for part in parts:
        answer = site_admin.opens(part)
        answer.close()
        assert answer.status_code == 200


def test_true_times_are_written_down_afterwards(site_admin: Person, came: Came, host_town: Town) -> None:
    later(host_town, NOON)
    gone = NOON - timedelta(minutes=10)
    answers = hands_in(site_admin, (came.place, "leave", gone), (came.place, "arrive", TEN))
    assert [one["verdict"] for one in answers] == ["recorded", "recorded"]
    assert (place_of(host_town, came).arrived_at, place_of(host_town, came).left_at) == (TEN, gone)


def test_two_receptions_make_one_visit(site_admin: Person, came: Came, host_town: Town) -> None:
    later(host_town, NOON)
    for moment in (TEN, TEN + timedelta(minutes=7)):
        assert hands_in(site_admin, (came.place, "arrive", moment))[0]["verdict"] == "recorded"
    assert place_of(host_town, came).arrived_at == TEN


def test_a_booking_cancelled_meanwhile_does_not_pass_unnoticed(site_admin: Person, came: Came, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        approvals.call_off(db, came.id, NOW)
    later(host_town, NOON)
    (answer,) = hands_in(site_admin, (came.place, "arrive", TEN))
    assert answer["verdict"] == "refused"
    assert answer["why"]
    with host_town.storage.transaction() as db:
        (entry,) = db.scalars(select(AuditEntry).where(AuditEntry.event == "visit.offline")).all()
    assert (entry.verdict, entry.subject) == ("refused", str(came.place))


@pytest.mark.parametrize(
    ("what", "at"), [("arrive", NOW - timedelta(days=1)), ("arrive", NOON + timedelta(minutes=5)), ("leave", TEN)]
)
def test_what_cannot_have_been_is_refused(
    site_admin: Person, came: Came, host_town: Town, what: str, at: datetime
) -> None:
    later(host_town, NOON)
    assert hands_in(site_admin, (came.place, what, at))[0]["verdict"] == "refused"
    assert place_of(host_town, came).arrived_at is None


def test_one_record_that_does_not_stand_takes_no_other_with_it(site_admin: Person, came: Came, host_town: Town) -> None:
    later(host_town, NOON)
    answers = hands_in(
        site_admin,
        (999_999, "arrive", TEN),
        (came.place, "arrive", TEN),
        (str(uuid4()), "leave", TEN),
        (str(uuid4()), "arrive", TEN),
    )
    assert sorted(one["verdict"] for one in answers) == ["recorded", "refused", "refused", "refused"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"records": 1}', b'{"records": [{"id": "1"}]}'])
def test_what_cannot_be_read_is_told(site_admin: Person, body: bytes) -> None:
    token = site_admin.opens(LIST).get_json()["form_token"]
    answer = site_admin.client.post(RECORDS, base_url=OWN, data=body, headers={"X-Form-Token": token})
    assert answer.status_code == 400


def test_no_other_page_hands_in(site_admin: Person, came: Came) -> None:
    assert hands_in(site_admin, (came.place, "arrive", TEN), token="")[0]["verdict"] == "403"


@pytest.mark.parametrize("path", ["/reception/offline", "/reception/offline.js", LIST])
def test_it_is_receptions_own(site_admin: Person, host_town: Town, path: str) -> None:
    with host_town.storage.transaction(write=True) as db:
        people.give_roles(db.scalars(select(Staff)).one(), ("staff",))
    assert site_admin.opens(path).status_code == 403


def test_more_visitors_need_no_more_statements(
    site_admin: Person, came: Came, offered: Offered, host_town: Town
) -> None:
    site_admin.opens(LIST)
    few = statements(site_admin, LIST)
    books(host_town, offered, 1)
    assert statements(site_admin, LIST) == few
