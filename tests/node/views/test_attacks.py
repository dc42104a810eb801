"""What somebody tries at a town's own pages, and what they get."""

import pytest

from tests.node.home.conftest import Clock
from tests.node.views.conftest import OWN, Person


def test_a_copied_cookie_is_worth_nothing_after_signing_out(person: Person) -> None:
    cookie = person.client.get_cookie("tachiyori-" + _distinct(person), domain="localhost")
    assert cookie is not None
    assert person.sends("/signout").status_code == 303
    person.client.set_cookie(cookie.key, cookie.value, domain="localhost")
    assert person.opens("/me").status_code == 303


def test_a_session_that_never_rests_ends_all_the_same(person: Person, clock: Clock) -> None:
    for _ in range(10):
        assert person.opens("/me").status_code == 200
        clock.pass_by(hours=1)
    assert person.opens("/me").headers["Location"].startswith("/signin")


@pytest.mark.parametrize("desk", ["http://[/desks/x", "http://a%E2%84%80b/desks/x", "//", "%00", "javascript:alert(1)"])
def test_what_is_no_desks_address_is_not_found(person: Person, desk: str) -> None:
    assert person.opens(f"/book?desk={desk}").status_code == 404


def _distinct(person: Person) -> str:
    name: str = person.client.application.config["SESSION_COOKIE_NAME"]
    assert OWN not in name
    return name.removeprefix("tachiyori-")
