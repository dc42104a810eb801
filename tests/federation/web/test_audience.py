"""Nothing answers unless somebody said for whom."""

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from federation.web.audience import Audience, AudiencedFlask, Kind, Undeclared, declared_for, register


def test_a_blueprint_without_audience_is_refused(app: AudiencedFlask) -> None:
    with pytest.raises(Undeclared, match="forgotten"):
        app.register_blueprint(Blueprint("forgotten", __name__))


def test_an_audience_nobody_can_check_is_refused(app: AudiencedFlask) -> None:
    with pytest.raises(Undeclared, match="OPERATOR"):
        register(app, Blueprint("console", __name__), audience=Audience.OPERATOR)


def test_a_view_outside_blueprints_is_refused(app: AudiencedFlask) -> None:
    with pytest.raises(Undeclared, match="/back-door"):
        app.add_url_rule("/back-door", "back_door", lambda: "in")


def test_every_route_says_who_it_is_for(app: AudiencedFlask) -> None:
    stated = {rule.endpoint: declared_for(app, rule.endpoint).audience for rule in app.url_map.iter_rules()}
    assert stated["staff.bookings"] is Audience.STAFF
    assert stated["common.health"] is Audience.PUBLIC
    assert declared_for(app, "api.desk").kind is Kind.API


def test_a_browser_without_sign_in_is_sent_there_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/bookings?week=48")
    assert answer.status_code == 303
    assert answer.location == "/signin?next=/bookings?week%3D48"
    client.get("/signin")
    assert client.get("/bookings").text == "bookings"


def test_a_program_without_token_is_refused(client: FlaskClient) -> None:
    answer = client.put("/api/desk")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'DPoP algs="ES256"'


def test_health_needs_nobody(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
