"""What every answer carries, and how much a request may."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from federation.web.audience import AudiencedFlask
from federation.web.base import WebSettings
from federation.web.headers import content_security_policy

Make = Callable[..., AudiencedFlask]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz", "/fails"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_nothing_is_embedded_or_based_elsewhere(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"].split("; ")
    assert {"object-src 'none'", "base-uri 'none'"} <= set(policy)


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/desk"])
def test_what_was_sent_is_never_echoed(client: FlaskClient, path: str) -> None:
    assert client.open(path, method="TRACE").status_code == 405


def test_no_other_origin_reads_an_answer(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_https_is_remembered_only_where_it_is_spoken(client: FlaskClient, make_app: Make) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    secure = make_app("https://node.city.example.lg.jp").test_client()
    assert secure.get("/").headers["Strict-Transport-Security"] == "max-age=63072000"


def test_the_cookie_is_bound_to_its_host(make_app: Make) -> None:
    cookie = make_app("https://node.city.example.lg.jp").test_client().get("/").headers["Set-Cookie"]
    assert cookie.startswith("__Host-tachiyori-")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_towns_on_one_machine_keep_their_cookies_apart() -> None:
    names = {
        WebSettings(origin=f"http://localhost:{port}", name="町", secret="s" * 32).cookie_name for port in (8001, 8002)
    }
    assert len(names) == 2


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        WebSettings(origin="http://localhost", name="町", secret="short")


def test_the_secret_is_not_shown() -> None:
    assert "hidden" not in repr(WebSettings(origin="http://localhost", name="町", secret="hidden" * 6))


def test_a_sign_in_elsewhere_can_be_reached_by_a_form() -> None:
    assert "form-action 'self' https://idp.example;" in content_security_policy(("https://idp.example",))


def test_a_large_body_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post("/write", data={"form_token": "x", "words": "x" * 70_000})
    assert answer.status_code == 413
    assert "64 KB" in answer.text


def test_a_view_may_read_more(client: FlaskClient) -> None:
    token = client.get("/").text
    assert client.post("/import", data={"form_token": token, "words": "x" * 70_000}).text == "70000"
    assert client.post("/import", data={"form_token": token, "words": "x" * (1 << 20)}).status_code == 413
