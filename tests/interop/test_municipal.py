"""npm's oidc-provider as a municipality's own identity provider: what it does by the standards is understood."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.demo.programs import Program
from federation.audit import AuditEntry
from federation.storage import Storage
from node.config import from_environment
from node.models.sessions import StaffSession
from node.models.tables import METADATAS
from node.people import assurance
from node.people import staff as directory
from tests.interop.municipal import Browser, peer, town
from tests.interop.peers import environments
from tests.story.stage import free_ports

pytestmark = pytest.mark.peer

ACCOUNTS: dict[str, Any] = {
    "taro": {
        "claims": {"name": "立寄 太郎", "employee": "012345", "department": "企画課", "groups": ["users", "managers"]},
        "acr": "urn:city:mfa",
        "amr": ["pwd", "otp"],
    },
    "hanako": {"claims": {"name": "立寄 花子", "employee": "012346", "groups": ["users"]}, "amr": ["pwd"]},
    "jiro": {"claims": {"name": "立寄 次郎", "employee": "012347", "department": "財政課"}, "amr": ["pwd"]},
}


@dataclass
class Municipal:
    """A town and its provider, running."""

    own: str
    issuer: str
    program: Program

    def browser(self) -> Browser:
        return Browser(self.own)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Look into the town's database, as it stands now."""
        storage = Storage(from_environment(self.program.settings).database, *METADATAS)
        with storage.transaction() as db:
            yield db
        storage.close()


@pytest.fixture(scope="module", params=["RS256 and our key", "ES256 and a secret"])
def municipal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Municipal]:
    """The town once with the provider's usual key and our private_key_jwt, and once with the other key and a secret."""
    folder = tmp_path_factory.mktemp("municipal")
    peer_folder = environments.node_peer("oidc_provider")
    script = peer_folder / "municipal.mjs"
    script.write_bytes((environments.HERE / "oidc_provider" / "municipal.mjs").read_bytes())
    own_port, idp_port = free_ports(2)
    own, issuer = f"http://localhost:{own_port}", f"http://localhost:{idp_port}"
    settings = {
        "NODE_OIDC_ISSUER": issuer,
        "NODE_OIDC_CLIENT_ID": "desks",
        "NODE_OIDC_CLAIMS": "employee=職員番号; name=氏名; department=所属; groups=グループ",
        "NODE_OIDC_ROLES": "users=利用職員; managers=所属長",
        "NODE_OIDC_LEVELS": "acr:urn:city:mfa=2; amr:hwk=3",
    }
    client: dict[str, Any] = {
        "client_id": "desks",
        "redirect_uris": [f"{own}/upstream/callback"],
        "post_logout_redirect_uris": [f"{own}/signin"],
        "backchannel_logout_uri": f"{own}/upstream/logout",
    }
    if request.param.startswith("RS256"):
        key = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256"}
        client |= {**key, "jwks_uri": f"{own}/upstream/jwks"}
    else:
        secret = folder / "secret"
        secret.write_text("a secret: with + and % in it, of some length")
        secret.chmod(0o600)
        client |= {"client_secret": secret.read_text(), "id_token_signed_response_alg": "ES256"}
        settings["NODE_OIDC_CLIENT_SECRET_FILE"] = str(secret)
    told = json.dumps({"port": idp_port, "clients": [client], "accounts": ACCOUNTS})
    command = [environments.node(), str(script), told]
    ready = f"{issuer}/.well-known/openid-configuration"
    with peer(command, ready, folder=peer_folder, log=folder / "idp.log"), town(folder, own, settings) as program:
        yield Municipal(own, issuer, program)


def signs_in(municipal: Municipal, account: str, browser: Browser | None = None) -> tuple[Browser, requests.Response]:
    browser = browser or municipal.browser()
    shown = browser.goes_to_the_provider()
    action = re.search(r'action="(/interaction/[^"]+)"', shown.text)
    assert action, shown.text
    return browser, browser.send(shown, action[1], account=account)


def test_somebody_signs_in_by_the_provider_and_is_known_with_groups_and_level(municipal: Municipal) -> None:
    browser, page = signs_in(municipal, "taro")
    assert (page.status_code, page.url) == (200, f"{municipal.own}/me"), page.text
    assert "立寄 太郎" in page.text
    assert browser.get("/manager/attendance").status_code == 200
    with municipal.reading() as db:
        staff = directory.find(db, "012345")
        assert staff is not None
        assert (staff.section, staff.role_names) == ("企画課", frozenset({"staff", "manager"}))
        session = db.scalars(select(StaffSession).where(StaffSession.staff_id == staff.id)).first()
        assert session is not None
        assert session.acr == assurance.TWO_FACTORS


def test_who_is_in_no_group_or_without_any_reads_why_they_are_outside(municipal: Municipal) -> None:
    _browser, page = signs_in(municipal, "jiro")
    assert page.status_code == 403
    assert "利用できるグループに入っていません" in page.text


def test_one_factor_is_the_lowest_level_whatever_the_provider_calls_it(municipal: Municipal) -> None:
    signs_in(municipal, "hanako")
    with municipal.reading() as db:
        staff = directory.find(db, "012346")
        assert staff is not None
        levels = set(db.scalars(select(StaffSession.acr).where(StaffSession.staff_id == staff.id)))
    assert levels == {assurance.ONE_FACTOR}


def test_whom_the_provider_denies_reads_that_in_our_words(municipal: Municipal) -> None:
    _browser, page = signs_in(municipal, "nobody")
    assert page.status_code == 403
    assert "サインインが完了しませんでした" in page.text
    with municipal.reading() as db:
        line = db.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert line is not None
    assert (line.verdict, line.reason) == ("refused", "upstream-denied")


def test_a_second_sign_in_needs_no_form_at_the_provider_unless_one_is_signed_in_here_already(
    municipal: Municipal,
) -> None:
    browser, _page = signs_in(municipal, "taro")
    assert "/interaction/" in browser.goes_to_the_provider().url
    browser.forgets("tachiyori")
    assert browser.goes_to_the_provider().url == f"{municipal.own}/me"


def test_signing_out_here_signs_out_there_and_there_tells_every_other_browser(municipal: Municipal) -> None:
    browser, _page = signs_in(municipal, "taro")
    elsewhere, page = signs_in(municipal, "taro")
    assert page.url == f"{municipal.own}/me"
    asked = browser.sign_out()
    assert asked.url.startswith(municipal.issuer + "/session/end"), asked.text
    confirm = re.search(r'action="([^"]+/session/end/confirm)"', asked.text)
    assert confirm, asked.text
    assert browser.send(asked, confirm[1], logout="yes").url.startswith(f"{municipal.own}/signin")
    assert "/signin" in elsewhere.get("/me").url
    assert "/interaction/" in browser.goes_to_the_provider().url
