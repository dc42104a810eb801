"""承認の案内: what the link of a letter shows and decides, for whom, until when, and that looking changes nothing."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.booking import Booking
from node.home import mailedlinks
from node.models.approvals import Approval
from node.people import staff as people
from node.town import Town
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person, plain


@pytest.fixture
def link(held: Booking, town: Town) -> str:
    """What the 所属長 finds in the letter about somebody's booking."""
    assert held.state == "held"
    with town.storage.transaction() as db:
        row, to = db.scalars(select(Approval)).one(), people.find(db, "012345")
        assert to is not None
        return mailedlinks.path(row, to.id, mailedlinks.secret_of(town.config))


@pytest.fixture
def outside(person: Person) -> Person:
    """A browser in which nobody has signed in."""
    return Person(person.client.application.test_client())


def _state(town: Town) -> str:
    with town.storage.transaction() as db:
        return db.scalars(select(Approval.state)).one()


def test_looking_decides_nothing_however_often(outside: Person, link: str, town: Town) -> None:
    for _ in range(3):
        answer = outside.opens(link)
        assert answer.status_code == 200
        assert "申請 三郎さん（企画課）の予約の承認" in plain(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert _state(town) == "asked"


def test_one_press_decides_once_and_says_whose_it_was(outside: Person, link: str, town: Town) -> None:
    assert outside.sends(link, {"act": "approve"}, shown_on=link).status_code == 303
    assert _state(town) == "approved"
    page = plain(outside.opens(link))
    assert "もう決めることができません" in page
    outside.sends(link, {"act": "refuse", "reason": "やはり"}, shown_on="/signin")
    assert _state(town) == "approved"
    with town.storage.transaction() as db:
        lines = db.scalars(select(AuditEntry.reason).where(AuditEntry.event == "approval")).all()
    assert [line.split(":")[0] for line in lines] == ["approved by mail"]


@pytest.mark.parametrize("sent", [{"act": "refuse"}, {"act": "return", "reason": " "}, {"act": "sure"}, {}])
def test_what_is_no_decision_decides_nothing(outside: Person, link: str, town: Town, sent: dict[str, str]) -> None:
    assert outside.sends(link, sent, shown_on=link).status_code == 400
    assert _state(town) == "asked"


def test_without_the_page_s_own_form_nothing_is_decided(outside: Person, link: str, town: Town) -> None:
    client: FlaskClient = outside.client
    assert client.post(link, data={"act": "approve"}).status_code in {400, 403}
    assert _state(town) == "asked"


def test_a_mark_that_nobody_was_sent_is_no_page(outside: Person, link: str, town: Town) -> None:
    head, _, mark = link.rpartition("/")
    for wrong in (mark[:-1] + ("A" if mark[-1] != "A" else "B"), "A" * 43, "é"):
        assert outside.opens(f"{head}/{wrong}").status_code == 404
        assert outside.sends(f"{head}/{wrong}", {"act": "approve"}, shown_on="/signin").status_code == 404
    assert _state(town) == "asked"


def test_who_may_not_decide_any_more_has_a_dead_link(outside: Person, link: str, town: Town) -> None:
    with town.storage.transaction(write=True) as db:
        chief = people.find(db, "012345")
        assert chief is not None
        chief.section = "財政課"
        people.give_roles(chief, ["staff"])
    assert outside.opens(link).status_code == 404


def test_after_the_hold_there_is_nothing_to_decide(outside: Person, link: str, clock: Clock) -> None:
    clock.now += timedelta(hours=5)
    page = outside.opens(link)
    assert "もう決めることができません" in plain(page)
    assert 'value="approve"' not in page.text


def test_somebody_else_who_is_signed_in_decides_under_their_own_name(person: Person, link: str, town: Town) -> None:
    assert person.opens(link).status_code == 200
    with town.storage.transaction(write=True) as db:
        people.add(
            db, number="000600", name="別の 者", section="企画課", password="tachiyori-desu-yo", now=town.clock()
        )
    another = Person(person.client.application.test_client())
    another.signs_in("000600")
    assert another.opens(link).status_code == 403
    assert another.sends(link, {"act": "approve"}).status_code == 403
    assert _state(town) == "asked"


def test_the_address_says_nothing_of_a_person(link: str) -> None:
    assert all(word not in link for word in ("012345", "000500", "申請", "立寄"))
    assert len(link) < 120
