"""来なかった予約 with somebody who did not come and says they did: read by 施設担当者 in both languages, on a narrow window."""

from datetime import timedelta
from pathlib import Path

import pytest

from federation import clock
from federation.storage import Storage
from node.models.bookings import Booking
from node.models.noshows import NoShowDispute
from tests.browser import axe, hall
from tests.browser.conftest import Opener
from tests.browser.hall import Hall

pytestmark = pytest.mark.browser


def stays_away(made: Hall, number: int) -> int:
    """Let a visitor's time pass without them, who then say that they came; return the number of their place."""
    storage, now = Storage(made.config.database), clock.now()
    try:
        with storage.transaction(write=True) as db:
            booking = db.get_one(Booking, made.bookings[number])
            booking.state, place = "no_show", booking.places[0]
            place.start, place.end = now - timedelta(days=1, hours=2), now - timedelta(days=1)
            db.add(NoShowDispute(booking_id=booking.id, told_at=now))
            return place.id
    finally:
        storage.close()


def test_who_says_that_they_came_is_answered_by_everybody(tmp_path: Path, arrives: Opener) -> None:
    made = hall.made(tmp_path)
    place = stays_away(made, 0)
    with made.open():
        person = arrives(made.config.entity_id)
        person.goes_to("/admin/no-shows")
        person.signs_in(made.admin)
        for language in ("ja", "en"):
            for path in ("/admin/no-shows", f"/admin/visits/{place}"):
                person.goes_to(f"{path}?lang={language}")
                for width in (1280, 320):
                    person.page.set_viewport_size({"width": width, "height": 800})
                    assert [*axe.overflow(person.page), *axe.violations(person.page)] == []
        person.goes_to("/admin/no-shows?lang=ja")
        person.presses("来庁を認める")
        person.reads("取消し済み")
