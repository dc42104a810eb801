"""The day behind nginx with TLS, as operators run it: the shipped site file, https entity ids, a private authority."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from federation import keys
from federation.address import AddressGuard
from federation.errors import PeerUnreachable
from federation.peer import Peer
from tests.interop.conftest import federation
from tests.interop.nginx import Nginx, nginx
from tests.story import acts
from tests.story.acts import Day, desks_found, soon, wish

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here"),
]

THE_BOOKING = acts.ACTS[
    acts.ACTS.index(acts.the_visitor_books) : acts.ACTS.index(acts.a_wish_outlives_the_host_being_away)
]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx, whom people's browsers here trust as those of the closed network do."""
    with nginx(tmp_path_factory.mktemp("nginx")) as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(running.authority))
        patch.setenv("REQUESTS_CA_BUNDLE", str(running.authority))
        yield running


@pytest.fixture(scope="module")
def day(proxy: Nginx) -> Iterator[Day]:
    with federation("sqlite", proxy.front) as day:
        yield day


def test_from_booking_to_closure_behind_nginx(day: Day) -> None:
    day.links = soon(lambda: desks_found(day, day.visitor, **wish()), "the registry has read the host's feeds")
    for act in THE_BOOKING:
        act(day)


def test_queries_stay_out_of_nginxs_log(day: Day, proxy: Nginx) -> None:
    desks_found(day, day.visitor, **wish())
    assert "GET /search" in proxy.logged("home")
    assert "near=" not in proxy.logged("home")
    assert "?" not in proxy.logged("registry")


def test_without_tls_people_are_led_to_it(proxy: Nginx) -> None:
    answer = requests.get(f"{proxy.plain[1]}/signin?next=/me", allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/signin?next=/me")


def test_cookies_insist_on_tls(day: Day) -> None:
    assert day.visitor.session.cookies
    assert all(cookie.secure for cookie in day.visitor.session.cookies)


def test_another_name_is_of_no_town(day: Day) -> None:
    answer = requests.get(f"{day.stage.home.origin}/signin", headers={"Host": "desks.city.other.example"}, timeout=10)
    assert answer.status_code == 421


@pytest.mark.parametrize("path", ["/signin", "/api/v1/pings"])
def test_ten_megabytes_are_refused_in_our_own_words(day: Day, path: str) -> None:
    body = {"feed": "x" * 10_000_000}
    near = day.stage.home.program.settings["NODE_LISTEN"]
    host = {"Host": day.stage.home.origin.removeprefix("https://")}
    for origin in (day.stage.home.origin, f"http://{near}"):
        answer = requests.post(f"{origin}{path}", data=body, headers=host, timeout=30)
        assert answer.status_code == 413
        assert "大きすぎ" in answer.text


def test_what_the_private_authority_did_not_sign_is_not_called(day: Day) -> None:
    """The bundle alone is trusted, and without it the public authorities are: there is no way around."""
    town = day.stage.home.open()
    town.peer.fetch_entity_configuration(day.stage.registry.urls[0])
    config = replace(town.config, peer_ca_bundle=None)
    guard = AddressGuard(config.peer_origins_allowed, own=config.entity_id)
    trusting = Peer(config.entity_id, guard, town.keys.protocol, keys.make(), town.clock)
    with pytest.raises(PeerUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
        trusting.fetch_entity_configuration(day.stage.registry.urls[0])
