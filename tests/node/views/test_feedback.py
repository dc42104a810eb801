"""感想: three taps on the booking's page, what comes of them on the site's page, and what the 施設担当者 reads."""

from datetime import timedelta

import pytest

from federation.errors import NotFound
from federation.messages.feedback import FeedbackFacts
from federation.storage import Storage
from node.app import app_of
from node.host import feedback
from node.models.feedback import FeedbackAnswer
from node.models.sites import Room
from node.town import Town
from tests.node.fakehost import CODE, DESK, FakeHost
from tests.node.home.conftest import NOW, Clock
from tests.node.views import conftest
from tests.node.views.conftest import FakeRegistry, Person
from tests.node.views.desks import Offered, offer, statements

GOOD = {"quiet": "yes", "network": "so_so", "again": "yes", "note": ""}


@pytest.fixture
def over(person: Person, clock: Clock) -> str:
    """The page of a booking whose person has come and gone."""
    at = person.books().headers["Location"]
    clock.now = NOW + timedelta(hours=4)
    person.sends(f"{at}/arrive", {"code": CODE})
    clock.pass_by(hours=1)
    person.sends(f"{at}/leave")
    return at


def test_the_page_asks_when_the_visit_is_over(person: Person, clock: Clock) -> None:
    at = person.books().headers["Location"]
    assert "静かに仕事ができましたか" not in person.reads(at)
    clock.now = NOW + timedelta(hours=4)
    person.sends(f"{at}/arrive", {"code": CODE})
    person.sends(f"{at}/leave")
    assert "静かに仕事ができましたか" in person.reads(at)
    assert "感想を伝える" in person.reads("/bookings")
    assert "ご利用はいかがでしたか：千代田合同庁舎" in person.reads("/notices")


def test_three_taps_are_sent_and_the_page_says_so(person: Person, over: str, host: FakeHost) -> None:
    assert person.sends(f"{over}/feedback", GOOD).status_code == 303
    assert [said.wire() for said in host.said.values()] == [{"quiet": "yes", "network": "so_so", "again": "yes"}]
    assert "ご感想を送りました" in person.reads(over)
    assert "送信済み" in person.reads("/bookings")


def test_a_host_that_is_away_is_told_of_later(person: Person, over: str, host: FakeHost) -> None:
    host.down = True
    assert person.sends(f"{over}/feedback", GOOD).status_code == 303
    assert "つながり次第" in person.reads(over)


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(person: Person, over: str) -> None:
    answer = person.sends(f"{over}/feedback", {"quiet": "no", "again": "x", "note": "字" * 401})
    assert answer.status_code == 400
    for name in ("network", "again", "note"):
        assert f'id="{name}-error"' in answer.text
    assert 'id="quiet-error"' not in answer.text
    assert 'name="quiet" value="no" checked' in answer.text
    assert "字" * 401 in answer.text


def test_a_refusal_is_said_and_nothing_typed_is_lost(person: Person, over: str, clock: Clock, host: FakeHost) -> None:
    host.no = NotFound("older")
    answer = person.sends(f"{over}/feedback", {**GOOD, "note": "また来ます"})
    assert (answer.status_code, "受け付けていません" in answer.text, "また来ます" in answer.text) == (404, True, True)


def test_after_thirty_days_the_page_asks_no_more(person: Person, over: str, clock: Clock) -> None:
    clock.pass_by(days=30)
    person.signs_in()
    assert "静かに仕事ができましたか" not in person.reads(over)
    assert person.sends(f"{over}/feedback", GOOD).status_code == 409


def test_more_visits_need_no_more_statements(person: Person, over: str, clock: Clock) -> None:
    few = statements(person, "/bookings")
    for number in range(5):
        day = f"2026-11-{25 + number // 2:02}"
        person.books(day=day, **{"from": f"{10 + number % 2 * 2}:00", "to": f"{11 + number % 2 * 2}:00"})
    assert statements(person, "/bookings") == few


def test_a_result_says_what_visitors_say(
    person: Person, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = FeedbackFacts(answers=15, quiet="mostly", network="divided", again="mostly")
    monkeypatch.setattr(conftest, "DESK", DESK.model_copy(update={"feedback": facts}))
    page = person.reads("/search?near=九段下&day=2026-11-24&slot=afternoon")
    assert "利用した職員の声：静かだったという人が多い" in page


# --- At the host ------------------------------------------------------------------------------------------------


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def answered(town: Town, room: str, number: int, note: str = "") -> None:
    with town.storage.transaction(write=True) as db:
        for one in range(number):
            words = {"quiet": "yes", "network": "no", "again": "yes", "note": note, "told": False}
            db.add(FeedbackAnswer(id=f"5a3c9f58-7c1e-4c58-9d0e-{one:012}", room_id=room, month=NOW.date(), **words))
        db.flush()
        feedback.refresh(db, town.clock())


@pytest.mark.parametrize(("number", "shown"), [(4, False), (5, True)])
def test_the_sites_page_says_what_five_say(host_town: Town, offered: Offered, number: int, shown: bool) -> None:
    answered(host_town, offered.room, number)
    page = Person(app_of(host_town).test_client()).reads(f"/sites/{offered.site}")
    assert ("利用した職員の声（5件以上の回答）" in page) is shown
    assert ("静かだったという人が多い" in page) is shown


def test_notes_are_for_the_administrator_alone_and_are_words(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    answered(host_town, offered.room, 5, note="<script>alert(1)</script>\n椅子が低い")
    page = site_admin.opens("/admin/feedback")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert "椅子が低い" not in site_admin.reads(f"/sites/{offered.site}")
    assert "2026年11月の利用" in site_admin.reads("/admin/feedback")


def test_a_note_is_deleted(site_admin: Person, host_town: Town, offered: Offered, storage: Storage) -> None:
    answered(host_town, offered.room, 1, note="椅子が低い")
    path = "/admin/feedback/5a3c9f58-7c1e-4c58-9d0e-000000000000/delete"
    assert site_admin.sends(path, {"seen": ""}).status_code == 303
    assert "椅子が低い" not in site_admin.reads("/admin/feedback")
    assert site_admin.sends(path, {"seen": ""}).status_code == 404


def test_the_page_needs_no_more_statements_for_more_notes(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    answered(host_town, offered.room, 1, note="一")
    few = statements(site_admin, "/admin/feedback")
    with host_town.storage.transaction(write=True) as db:
        for one in range(30):
            words = {"quiet": "yes", "network": "no", "again": "yes", "note": "二", "told": False}
            db.add(FeedbackAnswer(id=f"more-{one}", room_id=offered.room, month=NOW.date(), **words))
        for room in db.query(Room):
            room.feedback, room.feedback_at = {"answers": 5, "quiet": "mostly"}, NOW
    assert statements(site_admin, "/admin/feedback") == few
