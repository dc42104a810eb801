"""A town that signs people in by a provider of its own, and a browser between the two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.audit import AuditEntry
from node.app import app_of, open_town
from node.config import Config
from node.models.staff import Staff
from node.models.tables import METADATAS
from node.people import staff as directory
from node.town import Town
from node.upstream import Upstream, from_environment
from tests.databases import Databases
from tests.federation.forgery import NOW
from tests.node.people.upstream.lyingidp import LyingIdp, running
from tests.node.views.conftest import Person

OWN = "http://localhost:8001"


@dataclass
class Clock:
    """The town's clock, which stands until it is moved."""

    now: Any = NOW

    def __call__(self) -> Any:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Visit(Person):
    """A browser on its way to the provider and back."""

    idp: LyingIdp

    def goes(self, next_: str = "/me", **more: str) -> dict[str, str]:
        """Press the button; return what the provider is asked."""
        answer = self.sends("/upstream/signin", {"next": next_, **more}, shown_on="/signin?next=/")
        return self.led_there(answer)

    def led_there(self, answer: TestResponse) -> dict[str, str]:
        """Return what the provider is asked by a redirect, and let it answer that."""
        assert answer.status_code == 303, answer.text
        asked = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        self.idp.nonce = asked["nonce"]
        return asked

    def comes_back(self, asked: Mapping[str, str], **changes: str | None) -> TestResponse:
        """Come back as the provider would send the browser, with changes; None leaves a parameter out."""
        back = {"code": "a-code", "state": asked["state"], "iss": self.idp.origin, **changes}
        query = urlencode({name: value for name, value in back.items() if value is not None})
        return self.client.get(f"/upstream/callback?{query}")

    def signs_in_there(self, **changes: str | None) -> TestResponse:
        return self.comes_back(self.goes(), **changes)


@pytest.fixture
def idp() -> Iterator[LyingIdp]:
    with running() as made:
        yield made


def settings(idp: LyingIdp, **changes: str) -> Upstream:
    """What the operator wrote, with changes."""
    written = {
        "NODE_OIDC_ISSUER": idp.origin,
        "NODE_OIDC_CLIENT_ID": "desks",
        "NODE_OIDC_CLAIMS": "employee=職員番号; name=氏名; department=所属; groups=グループ",
        "NODE_OIDC_ROLES": "desk-users=利用職員; desk-managers=所属長",
        "NODE_OIDC_LEVELS": "acr:urn:mfa=2; amr:otp+pwd=2; amr:hwk+pin=3",
        "NODE_OIDC_PRIVATE": "yes",
        **changes,
    }
    described = from_environment(written)
    assert described is not None
    return described


@pytest.fixture
def changes() -> dict[str, str]:
    """Settings that a test changes, by parametrising this."""
    return {}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> str:
    """What each kind of database does is tested elsewhere, so one kind is enough here."""
    return databases.sqlite(METADATAS, tmp_path)


@pytest.fixture
def town(idp: LyingIdp, changes: dict[str, str], url: str, tmp_path: Path, clock: Clock) -> Iterator[Town]:
    own = settings(idp, **changes)
    config = Config(OWN, "112089", "所沢市", "http://localhost:8000", tmp_path / "town", url, upstream=own)
    if "NODE_SECOND_FACTOR" in changes:
        config = replace(config, second_factor_for=frozenset({"staff"}))
    opened = open_town(config, clock=clock)
    yield opened
    opened.storage.close()
    opened.proofs.close()


@pytest.fixture
def visit(town: Town, idp: LyingIdp) -> Visit:
    return Visit(app_of(town).test_client(), idp)


def audited(town: Town) -> list[tuple[str, str, str]]:
    """The log of decisions: event, verdict, reason."""
    with town.storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    return [(line.event, line.verdict, line.reason) for line in lines]


def entered(town: Town, number: str = "012345") -> Staff | None:
    """The row of a person, if there is one."""
    with town.storage.transaction() as db:
        return directory.find(db, number)
