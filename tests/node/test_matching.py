"""Which lines of two logs speak of the same thing: the same matter, and not merely the same minute."""

from datetime import UTC, datetime, timedelta

import pytest

from node import matching
from node.matching import Met, Side, Step

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def line(side: Side, event: str, *, after: float = 0, jti: str = "") -> Step:
    return Step(NOW + timedelta(minutes=after), side, event, "allowed", "", jti)


def met(ours: Step, *theirs: Step) -> Met:
    return next(one.met for one in matching.laid([ours], theirs, asked=True) if one.side == ours.side)


@pytest.mark.parametrize(("home", "host"), [
    ("trip-asked", "booking.put"), ("trip-move", "booking.move"), ("approval", "booking.confirm"),
    ("trip-cancelled", "booking.delete"), ("page bookings.arrive", "booking.arrive"),
])  # fmt: skip
def test_what_home_does_meets_what_reaches_its_host(home: str, host: str) -> None:
    assert met(line("home", home), line("host", host, after=1)) == "met"
    assert met(line("host", host), line("home", home, after=-1)) == "met"


def test_another_thing_in_the_same_minute_is_no_like() -> None:
    assert met(line("home", "trip-asked"), line("host", "door-note"), line("host", "booking.leave")) == "missing"
    assert met(line("host", "booking.leave"), line("home", "paper.viewed")) == "missing"


def test_a_wish_that_was_carried_later_is_met_and_none_before_it() -> None:
    assert met(line("home", "trip-asked"), line("host", "booking.put", after=40)) == "met"
    assert met(line("home", "trip-asked"), line("host", "booking.put", after=-40)) == "missing"


def test_an_act_at_the_desk_is_of_its_own_time() -> None:
    assert met(line("home", "page bookings.leave"), line("host", "booking.leave", after=40)) == "missing"


def test_what_one_town_alone_does_is_its_own() -> None:
    assert met(line("host", "door-note"), line("home", "trip-asked")) == "own"
    assert met(line("home", "approval"), line("host", "booking.put")) == "own"


def test_one_token_is_one_thing_whatever_it_is_called_there() -> None:
    assert met(line("host", "of-a-later-release", jti="a1"), line("home", "elsewhere", after=99, jti="a1")) == "met"
    assert met(line("host", "of-a-later-release"), line("home", "elsewhere")) == "own"


def test_nothing_is_missed_at_a_town_that_was_not_asked() -> None:
    assert [one.met for one in matching.laid([line("home", "trip-asked")], (), asked=False)] == ["unknown"]
