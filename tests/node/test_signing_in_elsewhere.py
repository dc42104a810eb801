"""Two whole towns: somebody signs in at the host with home as OpenID Provider, and a host that asks for two factors."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from federation import entity
from federation.errors import PeerRefused, SurerSignInNeeded
from federation.tokens import VISIT_GRANT
from node.app import app_of
from node.home import asking
from node.models.trips import Trip
from node.people import assurance
from node.people import staff as directory
from tests.node.pair import HOME, HOST, Pair
from tests.node.test_two_towns import trip, wish

PASSWORD = "tachiyori-desu-yo"


@dataclass
class Browser:
    """One browser that keeps the cookies of both towns apart, follows links by hand and sends forms as they stand."""

    home: FlaskClient
    host: FlaskClient

    def opens(self, url: str) -> TestResponse:
        parts = urlsplit(url)
        origin, path = f"{parts.scheme}://{parts.netloc}", f"{parts.path}?{parts.query}"
        return (self.home if origin == HOME else self.host).get(path, base_url=origin)

    def sends(self, shown: TestResponse, url: str, form: Mapping[str, str]) -> TestResponse:
        token = re.search(r'name="form_token" value="([^"]+)"', shown.text)
        assert token is not None, shown.text
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        client = self.home if origin == HOME else self.host
        return client.post(parts.path, data={**form, "form_token": token[1]}, base_url=origin)


@pytest.fixture
def browser(towns: Pair) -> Browser:
    with towns.home.storage.transaction(write=True) as db:
        person = directory.get(db, towns.person.staff_id)
        directory.set_password(db, person, PASSWORD)
    return Browser(towns.home_app.test_client(), towns.wire.apps[HOST].test_client())


def test_a_visitor_signs_in_at_the_host_with_home(towns: Pair, browser: Browser) -> None:
    begun = browser.opens(f"{HOST}/visit/signin?town=112089")
    onward = browser.sends(begun, f"{HOST}/visit/signin", {"town": "112089", "desk": ""})
    address = onward.headers["Refresh"].partition("; url=")[2]
    assert address.startswith(f"{HOME}{entity.AUTHORIZE}?client_id=")

    signing_in = browser.opens(address)
    form_page = browser.opens(HOME + signing_in.location)
    credentials = {"number": "012345", "password": PASSWORD, "next": address.removeprefix(HOME)}
    led = browser.sends(form_page, f"{HOME}/signin", credentials)
    asked = browser.opens(HOME + led.location)
    assert "千代田区" in asked.text
    request_uri = re.search(r'name="request_uri" value="([^"]+)"', asked.text)
    assert request_uri is not None
    decision = {"client_id": HOST, "request_uri": request_uri[1], "decision": "allow"}
    back = browser.sends(asked, HOME + entity.AUTHORIZE, decision)

    assert back.location.startswith(f"{HOST}/visit/callback?code=")
    arrived = browser.opens(back.location)
    assert (arrived.status_code, arrived.location) == (303, "/visit"), arrived.text
    assert browser.opens(f"{HOST}/visit").status_code == 200
    assert ("POST", entity.PUSHED, 201) in towns.wire.passed
    assert browser.opens(back.location).status_code == 403


def test_one_round_trip_a_request_once_the_nonce_is_known(towns: Pair) -> None:
    for _ in range(3):
        towns.home.hosts(HOST).listing(towns.desk)
    statuses = [status for method, path, status in towns.wire.passed]
    assert statuses == [400, 200, 200, 200, 200]


# --- A host that asks for more --------------------------------------------------------------------------------


@pytest.fixture
def strict(towns: Pair) -> Pair:
    """The host takes visitors with two factors only."""
    config = replace(towns.host.config, visitors_level=2)
    towns.wire.apps[HOST] = app_of(replace(towns.host, config=config))
    return towns


def test_a_visitor_with_one_factor_is_told_to_show_more_and_nothing_is_booked(strict: Pair) -> None:
    with pytest.raises(SurerSignInNeeded):
        asking.submit(strict.home, wish(strict), strict.person, now=strict.clock())
    with strict.home.storage.transaction() as db:
        (refused,) = db.query(Trip).all()
        assert (refused.state, refused.cause) == ("refused", "surer-sign-in-needed")
    assert not [path for _method, path, _status in strict.wire.passed if "/bookings/" in path]


def test_the_host_says_which_levels_would_do(strict: Pair) -> None:
    peer = strict.home.peer
    claims = {
        "iss": HOME,
        "client_id": HOME,
        "aud": HOST,
        "sub": "somebody",
        "acr": assurance.ONE_FACTOR,
        "auth_time": strict.clock(),
        "cnf": {"jkt": peer.jkt},
    }
    grant = VISIT_GRANT.sign(strict.home.keys.protocol.current, claims, now=strict.clock())
    with pytest.raises(PeerRefused) as caught:
        peer.person_token(HOST, HOST + entity.TOKEN, grant)
    said = json.loads(caught.value.body)
    assert (said["error"], said["acr_values"]) == ("insufficient_user_authentication", assurance.TWO_FACTORS)
    assert caught.value.answered == 400


def test_the_same_visitor_with_two_factors_books(strict: Pair) -> None:
    surer = replace(strict.person, acr=assurance.TWO_FACTORS)
    trip_id = asking.submit(strict.home, wish(strict), surer, now=strict.clock())
    assert trip(strict, trip_id).state == "confirmed"


def test_the_pages_lead_to_the_second_factor_and_back_to_the_same_booking(strict: Pair, browser: Browser) -> None:
    signing_in = browser.opens(f"{HOME}/signin?next=/")
    browser.sends(signing_in, f"{HOME}/signin", {"number": "012345", "password": PASSWORD, "next": "/"})
    form = {
        "desk": f"{HOST}/desks/{strict.desk}",
        "day": "2026-11-24",
        "slot": "hours",
        "from": "13:00",
        "to": "15:00",
        "work_kind": "satellite",
        "confidentiality": "2",
        "consent": "1",
        "consent_version": "3",
    }
    page = browser.sends(browser.opens(f"{HOME}/me"), f"{HOME}/book", form)
    assert page.status_code == 403
    onward = re.search(r'href="(/signin/second\?next=[^"]+)"', page.text)
    assert onward is not None, page.text
    assert all(part in onward[1] for part in (strict.desk, "2026-11-24", "13%253A00"))
