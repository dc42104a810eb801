"""A proxy's header: whom it signs in, and from where it is not believed."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.storage import Storage
from node.people import assurance
from node.people import staff as people
from node.proxy import Proxy
from node.views import EXTENSION
from tests.node.home.conftest import NOW
from tests.node.views.conftest import OWN, Person
from tests.node.views.factors import gets_a_sheet

PINNED, ELSEWHERE = "10.1.1.5", "10.1.1.6"


@pytest.fixture
def proxied(app: Flask, stranger: Person) -> Person:
    """Somebody in front of a proxy that the town trusts."""
    trust(app)
    return stranger


def trust(app: Flask, **changes: object) -> None:
    town = app.extensions[EXTENSION]
    trusted = replace(Proxy("TachiyoriUser", frozenset({PINNED})), **changes)  # type: ignore[arg-type]  # As named.
    app.extensions[EXTENSION] = replace(town, config=replace(town.config, proxy=trusted))


def comes(who: Person, said: str | None = "012345", *, address: str = PINNED, **headers: str) -> int:
    """Press the button behind the proxy; returns the status."""
    sent = {**({"TachiyoriUser": said} if said is not None else {}), **headers}
    peer = {"REMOTE_ADDR": address}
    who.client.get("/signin", headers=sent, environ_overrides=peer)
    with who.client.session_transaction(base_url=OWN) as kept:
        token = kept["form_token"]
    form = {"form_token": token, "next": "/bookings"}
    return who.client.post("/signin/proxy", data=form, headers=sent, environ_overrides=peer).status_code


def test_the_proxy_signs_in_whom_it_names(proxied: Person) -> None:
    page = proxied.client.get("/signin", headers={"TachiyoriUser": "012345"}, environ_overrides={"REMOTE_ADDR": PINNED})
    assert "パソコンにサインインしているアカウントで続ける" in page.text
    assert comes(proxied) == 303
    assert proxied.opens("/me").status_code == 200


def test_a_header_from_elsewhere_is_ignored_and_written_down(proxied: Person, storage: Storage) -> None:
    page = proxied.client.get(
        "/signin", headers={"TachiyoriUser": "012345"}, environ_overrides={"REMOTE_ADDR": ELSEWHERE}
    )
    assert "パソコンにサインインしているアカウントで続ける" not in page.text
    forged = {"X-Forwarded-For": PINNED, "X-Real-IP": PINNED, "Forwarded": f"for={PINNED}"}
    assert comes(proxied, address=ELSEWHERE, **forged) == 403
    assert proxied.opens("/me").status_code == 303
    with storage.transaction() as db:
        line = db.scalars(select(AuditEntry).where(AuditEntry.event == "proxy-header")).one()
    assert (line.verdict, line.actor, line.subject) == ("refused", "stranger", repr(ELSEWHERE))


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "999999",
        "012345,012345",
        "012345@CITY.EXAMPLE",
        "012345 ",
        "' OR 1=1",
        "0" * 99,
        "\xff\xfe",
        "012345\t",
    ],
)
def test_whom_it_does_not_name_is_not_signed_in(proxied: Person, said: str | None) -> None:
    assert comes(proxied, said) == 403


def test_a_realm_must_be_the_towns_own(proxied: Person, app: Flask) -> None:
    trust(app, realm="CITY.EXAMPLE")
    assert [comes(proxied, said) for said in ("012345", "012345@EVIL.EXAMPLE", "012345@CITY.EXAMPLE")] == [
        403,
        403,
        303,
    ]


def test_a_leaver_is_not_let_in(proxied: Person, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        (staff,) = [people.find(db, "012345")]
        assert staff is not None
        staff.left_on = NOW.date()
    assert comes(proxied) == 403


def test_a_card_is_two_factors_where_the_town_says_so(proxied: Person, app: Flask) -> None:
    trust(app, level=2)
    comes(proxied)
    with proxied.client.session_transaction(base_url=OWN) as kept:
        assert kept["who"]["acr"] == assurance.TWO_FACTORS


def test_who_has_a_second_factor_shows_it_here_too(proxied: Person) -> None:
    proxied.signs_in()
    gets_a_sheet(proxied)
    again = Person(proxied.client.application.test_client())
    assert comes(again) == 303
    assert again.opens("/me").headers["Location"].startswith("/signin")


def test_without_a_trusted_proxy_there_is_no_such_door(stranger: Person) -> None:
    assert comes(stranger) == 404
