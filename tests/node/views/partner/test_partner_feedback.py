"""What a visitor says, as their home sends it: idempotent, of the home's own visits, once they are over."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.feedback import Feedback
from node.host import visits
from node.models.bookings import Booking
from node.models.feedback import FeedbackAnswer
from node.town import Town
from node.views import partner
from tests.node.host.conftest import CHIBA, NOON, NOW, SAITAMA, TEN, Clock, Desks, wish
from tests.node.views.partner.conftest import Api, node, problem, visitor

BOOKING = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"
PATH = f"/api/v1/bookings/{BOOKING}/feedback"
SAID = Feedback(quiet="yes", network="no", again="yes", note="秘密の一言").text()


@pytest.fixture
def over(api: Api, here: Town, offered: Desks) -> str:
    """A visit of Saitama's that is over, an hour before its time."""
    assert api.put(BOOKING, wish(offered.first)).status_code == 200
    with here.storage.transaction(write=True) as db:
        place = db.get_one(Booking, BOOKING).places[0]
        visits.arrive(db, place, TEN)
        visits.leave(db, place, NOON - timedelta(hours=1))
    cast(Clock, here.clock).now = NOON
    return BOOKING


def kept(here: Town) -> list[str]:
    with here.storage.transaction() as db:
        return list(db.scalars(select(FeedbackAnswer.quiet)))


def test_it_is_taken_as_often_as_it_comes_and_kept_once(api: Api, here: Town, over: str) -> None:
    assert [api.client.put(PATH, data=SAID).status_code for _ in range(2)] == [204, 204]
    assert kept(here) == ["yes"]


def test_the_log_says_that_it_came_and_not_what(api: Api, here: Town, over: str) -> None:
    api.client.put(PATH, data=SAID)
    with here.storage.transaction() as db:
        (line,) = db.scalars(select(AuditEntry).where(AuditEntry.event == "booking.feedback"))
    assert (line.actor, line.subject, line.verdict) == (SAITAMA.entity_id, over, "allowed")
    assert "一言" not in str(vars(line))


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (node(CHIBA.entity_id, CHIBA.code, "manage"), 404),
        (node(SAITAMA.entity_id, SAITAMA.code, "feed"), 403),
        (visitor(), 403),
        (None, 401),
    ],
)
def test_nobody_but_the_home_may_say_it(api: Api, here: Town, over: str, caller: object, status: int) -> None:
    api.calls(caller)  # type: ignore[arg-type]  # One of the callers of the table above.
    assert (api.client.put(PATH, data=SAID).status_code, kept(here)) == (status, [])


@pytest.mark.parametrize("now", [NOW, NOON + timedelta(days=30)])
def test_before_the_end_and_long_after_it_it_is_refused(api: Api, here: Town, over: str, now: object) -> None:
    cast(Clock, here.clock).now = now  # type: ignore[assignment]  # The clock's own moment, which a test may set.
    if now == NOW:
        with here.storage.transaction(write=True) as db:
            booking = db.get_one(Booking, over)
            booking.state, booking.places[0].left_at, booking.places[0].arrived_at = "confirmed", None, None
    answer = api.client.put(PATH, data=SAID)
    assert (answer.status_code, problem(answer).code, kept(here)) == (409, "feedback-closed", [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{}", "quiet"),
        (SAID.replace('"no"', '"never"'), "network"),
        (SAID.replace("秘密", "長" * 400), "note"),
        ("[]", ""),
        ("nothing", ""),
    ],
)
def test_what_is_no_answer_is_told_with_its_field(api: Api, over: str, body: str, field: str) -> None:
    answer = api.client.put(PATH, data=body)
    assert (answer.status_code, problem(answer).field or "") == (400, field)


def test_a_home_sends_so_many_a_minute_and_no_more(
    api: Api, here: Town, over: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner, "FEEDBACK_A_MINUTE", 1)
    assert [api.client.put(PATH, data=SAID).status_code for _ in range(2)] == [204, 429]
