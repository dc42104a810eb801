"""A small application with one blueprint for each way of answering."""

from collections.abc import Callable

import pytest
from flask import Blueprint, request, session
from flask.testing import FlaskClient

from federation.errors import (
    BookingRefused,
    Forbidden,
    NotSignedIn,
    TokenMissing,
    TooMany,
)
from federation.locale import catalogue
from federation.web.audience import Audience, AudiencedFlask, register
from federation.web.base import WebSettings, create_base_app
from federation.web.forms import token
from federation.web.headers import accepts_up_to

SECRET = "a secret of at least 32 characters"


def _staff_only() -> None:
    if not session.get("signed_in"):
        raise NotSignedIn


def _nodes_only() -> None:
    if request.headers.get("Authorization") != "DPoP good":
        raise TokenMissing("no token of a member")


def _pages() -> Blueprint:
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def home() -> str:
        return token()

    @pages.get("/signin")
    def signin() -> str:
        session["signed_in"] = True
        return token()

    @pages.post("/write")
    def write() -> str:
        return request.form.get("words", "")

    @pages.post("/import")
    @accepts_up_to(1 << 20)
    def bring_in() -> str:
        return str(len(request.form["words"]))

    @pages.get("/fails")
    def fails() -> str:
        raise ZeroDivisionError("secret detail")

    @pages.get("/forbidden")
    def forbidden() -> str:
        raise Forbidden("secret detail")

    return pages


def _staff() -> Blueprint:
    staff = Blueprint("staff", __name__)
    staff.add_url_rule("/bookings", "bookings", lambda: "bookings")
    return staff


def _api() -> Blueprint:
    api = Blueprint("api", __name__)

    @api.put("/api/desk")
    def desk() -> str:
        raise BookingRefused("rules said no", field="places.0.desk")

    @api.get("/api/busy")
    def busy() -> str:
        raise TooMany(retry_after=30)

    return api


@pytest.fixture
def make_app(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AudiencedFlask]:
    """Return a maker of applications; ``origin`` may be given."""
    catalogue.compile_all()

    def make(origin: str = "http://localhost:8001") -> AudiencedFlask:
        settings = WebSettings(
            origin=origin, name="秩父市", name_en="Chichibu City", secret=SECRET, sign_in="pages.signin"
        )
        guards = {Audience.STAFF: _staff_only, Audience.NODE: _nodes_only}
        app = create_base_app("tests.federation.web", settings, guards=guards)
        register(app, _pages(), audience=Audience.PUBLIC)
        register(app, _staff(), audience=Audience.STAFF)
        register(app, _api(), audience=Audience.NODE)
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., AudiencedFlask]) -> AudiencedFlask:
    """Return the application, reached by http as in the demo."""
    return make_app()


@pytest.fixture
def client(app: AudiencedFlask) -> FlaskClient:
    """Return a browser that reads Japanese."""
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT"] = "text/html"
    return browser
