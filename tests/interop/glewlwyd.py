"""Debian's glewlwyd as a municipality's own identity provider, set up by its own administration API on a fresh database."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.interop.municipal import Browser, peer
from tests.interop.peers.environments import missing

SCHEMA = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
PASSWORD = "tachiyori-desu-yo"
SECRET = "a-plain-secret-of-some-length"
_MODULES = {"user": "user", "client": "client", "user_auth_scheme": "scheme", "plugin": "plugin"}


@contextmanager
def running(folder: Path, port: int, own: str) -> Iterator[str]:
    """Run it for a town at ``own``; gives its issuer."""
    if shutil.which("glewlwyd") is None or not SCHEMA.exists():
        missing("glewlwyd is not installed here (apt install glewlwyd)")
    with sqlite3.connect(folder / "glewlwyd.db") as database:
        database.executescript(SCHEMA.read_text())
    database.close()
    (folder / "glewlwyd.conf").write_text(_configuration(folder, port))
    command = ["glewlwyd", "-c", str(folder / "glewlwyd.conf")]
    with peer(command, f"http://localhost:{port}/config", folder=folder, log=folder / "glewlwyd.out"):
        _set_up(f"http://localhost:{port}/api", own)
        yield f"http://localhost:{port}/api/oidc"


def signs_in(browser: Browser, shown: requests.Response, account: str) -> requests.Response:
    """Do what its sign-in page does by script: show the password, grant the scopes, go on."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(shown.url).query).items()}
    api = urljoin(shown.url, "/api")
    said = browser.session.post(f"{api}/auth/", json={"username": account, "password": PASSWORD}, timeout=30)
    assert said.status_code == 200, said.text
    granted = browser.session.put(f"{api}/auth/grant/desks/", json={"scope": "openid profile"}, timeout=30)
    assert granted.status_code == 200, granted.text
    return browser.get(asked["callback_url"] + "&g_continue")


def _configuration(folder: Path, port: int) -> str:
    modules = "".join(f'{kind}_module_path="/usr/lib/glewlwyd/{place}"\n' for kind, place in _MODULES.items())
    return f"""port={port}
bind_address="127.0.0.1"
external_url="http://localhost:{port}"
login_url="login.html"
api_prefix="api"
log_mode="file"
log_level="INFO"
log_file="{folder}/glewlwyd.log"
session_key="GLEWLWYD2_SESSION_ID"
session_expiration=2419200
admin_scope="g_admin"
profile_scope="g_profile"
hash_algorithm="SHA512"
login_api_enabled=true
database = {{ type = "sqlite3"; path = "{folder}/glewlwyd.db"; }};
{modules}"""


def _set_up(api: str, own: str) -> None:
    """Add the provider, the town as its client, and one person."""
    admin = requests.Session()

    def tell(method: str, path: str, told: dict[str, Any]) -> None:
        answer = admin.request(method, api + path, json=told, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.text}"

    tell("POST", "/auth/", {"username": "admin", "password": "password"})
    users = admin.get(f"{api}/mod/user/database", timeout=30).json()
    written = {"read": True, "write": True}
    users["parameters"]["data-format"] |= {
        "employee": {"multiple": False, **written},
        "groups": {"multiple": True, **written},
    }
    tell("PUT", "/mod/user/database", users)
    tell("PUT", "/mod/user/database/reset", {})
    scope = {"name": "profile", "display_name": "profile", "password_required": True, "password_max_age": 0}
    tell("POST", "/scope/", {**scope, "scheme": {}})
    tell(
        "POST", "/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": _provider(api)}
    )
    client = {
        "client_id": "desks",
        "confidential": True,
        "enabled": True,
        "client_secret": SECRET,
        "redirect_uri": [f"{own}/upstream/callback"],
        "post_logout_redirect_uris": f"{own}/signin",
        "authorization_type": ["code"],
        "token_endpoint_auth_method": ["client_secret_basic"],
        "scope": [],
    }
    tell("POST", "/client/", client)
    facts = {"name": "立寄 太郎", "employee": "012345", "groups": ["users", "managers"]}
    known = {"username": "taro", "password": PASSWORD, "enabled": True, "scope": ["g_profile", "openid", "profile"]}
    tell("POST", "/user/", {**known, **facts})


def _provider(api: str) -> dict[str, Any]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    flows = ("token", "id-token", "none", "password", "client", "device", "refresh")
    claim = {"type": "string", "scope": ["profile"], "on-demand": False, "mandatory": True}
    return {
        **{f"auth-type-{flow}-enabled": False for flow in flows},
        "auth-type-code-enabled": True,
        "auth-type-code-revoke-replayed": True,
        "iss": f"{api}/oidc",
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": private.decode(),
        "cert": public.decode(),
        "access-token-duration": 300,
        "refresh-token-duration": 300,
        "code-duration": 60,
        "refresh-token-rolling": True,
        "allow-non-oidc": False,
        "subject-type": "public",
        "jwks-show": True,
        "pkce-allowed": True,
        "pkce-required": True,
        "pkce-method-plain-allowed": False,
        "oauth-as-iss-id": True,
        "session-management-allowed": True,
        "session-cookie-name": "GLEWLWYD2_OIDC_SID",
        "session-cookie-expiration": 600,
        "allowed-scope": ["openid", "profile"],
        "name-claim": "mandatory",
        "email-claim": "no",
        "scope-claim": "no",
        "address-claim": {"type": "no"},
        "claims": [{"name": name, "user-property": name, **claim} for name in ("employee", "groups")],
    }
