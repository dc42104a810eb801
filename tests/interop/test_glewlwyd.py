"""Debian's glewlwyd as a second municipal provider: another implementation, another reading of the standards."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.interop import glewlwyd
from tests.interop.municipal import Browser, town
from tests.story.stage import free_ports

pytestmark = pytest.mark.peer


@dataclass
class Municipal:
    """A town and its provider, running."""

    own: str
    issuer: str


@pytest.fixture(scope="module")
def municipal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Municipal]:
    """A town whose people are in glewlwyd."""
    folder = tmp_path_factory.mktemp("glewlwyd")
    own_port, idp_port = free_ports(2)
    own = f"http://localhost:{own_port}"
    secret = folder / "secret"
    secret.write_text(glewlwyd.SECRET)
    secret.chmod(0o600)
    with glewlwyd.running(folder, idp_port, own) as issuer:
        settings = {
            "NODE_OIDC_ISSUER": issuer,
            "NODE_OIDC_CLIENT_ID": "desks",
            "NODE_OIDC_CLIENT_SECRET_FILE": str(secret),
            "NODE_OIDC_CLAIMS": "employee=職員番号; name=氏名; groups=グループ",
            # Its auth_time is always zero.
            "NODE_OIDC_ALWAYS_ANEW": "yes",
            "NODE_OIDC_LEVELS": "amr:password+totp=2",
            "NODE_OIDC_ROLES": "users=利用職員; managers=所属長",
        }
        with town(folder, own, settings):
            yield Municipal(own, issuer)


def test_somebody_signs_in_by_glewlwyd_and_is_known_with_their_groups(municipal: Municipal) -> None:
    browser = Browser(municipal.own)
    page = glewlwyd.signs_in(browser, browser.goes_to_the_provider(), "taro")
    assert (page.status_code, page.url) == (200, f"{municipal.own}/me"), page.text
    assert "立寄 太郎" in page.text
    assert browser.get("/manager/attendance").status_code == 200


def test_signing_out_here_leads_to_its_sign_out(municipal: Municipal) -> None:
    browser = Browser(municipal.own)
    glewlwyd.signs_in(browser, browser.goes_to_the_provider(), "taro")
    browser.sign_out()
    assert any(url.startswith(f"{municipal.issuer}/end_session") for url in browser.passed), browser.passed
