"""誰が私の情報を見たか: what the host's log has of a person is read by that person, in words."""

from federation.messages.trail import Trail, TrailLine
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person


def test_each_look_is_told_by_role_and_reason(person: Person, host: FakeHost) -> None:
    person.books()
    (booking,) = host.bookings.values()
    look = TrailLine(number=7, at=NOW, event="manifest.viewed", role="reception", reason="today")
    host.trails[booking.places[0].sub] = Trail(lines=(look,))
    page = person.reads("/me/views")
    assert "受付・守衛" in page
    assert "受付で当日名簿を表示" in page


def test_a_town_that_is_away_is_said_to_be(person: Person, host: FakeHost) -> None:
    person.books()
    host.down = True
    assert "照会できませんでした" in person.reads("/me/views")


def test_nobody_who_was_nowhere_was_looked_at(person: Person) -> None:
    assert "まだありません" in person.reads("/me/views")
