"""What an operator may say of a directory server and of a proxy, and what is refused before anything starts."""

from pathlib import Path

import pytest

from federation.errors import BadInput
from node import ldap, proxy


@pytest.fixture
def said(tmp_path: Path) -> dict[str, str]:
    """A server that is described well."""
    secret = tmp_path / "ldap.secret"
    secret.write_text("account-password\n")
    secret.chmod(0o600)
    return {
        "NODE_LDAP_URL": "ldaps://dc1.city.example",
        "NODE_LDAP_BASE": "ou=staff,dc=city,dc=example",
        "NODE_LDAP_FILTER": "(sAMAccountName={number})",
        "NODE_LDAP_BIND_DN": "cn=desks,dc=city,dc=example",
        "NODE_LDAP_PASSWORD_FILE": str(secret),
        "NODE_LDAP_ATTRIBUTES": "employeeNumber=職員番号; displayName=氏名; department=所属",
        "NODE_LDAP_ROLES": "cn=HR,ou=groups,dc=city,dc=example=人事担当",
    }


def test_a_server_is_read_whole(said: dict[str, str]) -> None:
    found = ldap.from_environment(said)
    assert found is not None
    assert (found.theirs("section"), found.subject, found.password()) == (
        "department",
        "objectGUID",
        "account-password",
    )
    assert found.groups == (("cn=HR,ou=groups,dc=city,dc=example", "personnel"),)
    assert ldap.from_environment({}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"NODE_LDAP_URL": "ldap://dc1.city.example"},
        {"NODE_LDAP_URL": "ldaps://dc1.city.example", "NODE_LDAP_STARTTLS": "yes"},
        {"NODE_LDAP_URL": "http://dc1.city.example"},
        {"NODE_LDAP_URL": ""},
        {"NODE_LDAP_FILTER": "(sAMAccountName=*)"},
        {"NODE_LDAP_FILTER": ""},
        {"NODE_LDAP_USER_DN": "uid={number},dc=city,dc=example"},
        {"NODE_LDAP_BIND_DN": ""},
        {"NODE_LDAP_PASSWORD_FILE": ""},
        {"NODE_LDAP_CA_BUNDLE": "/nowhere.pem"},
        {"NODE_LDAP_SUBJECT": "a b"},
        {"NODE_LDAP_ATTRIBUTES": "displayName=氏名"},
        {"NODE_LDAP_ATTRIBUTES": "a=職員番号; b=氏名; c=氏名"},
        {"NODE_LDAP_ROLES": "cn=HR=町長"},
    ],
)
def test_a_server_described_badly_stops_the_start(said: dict[str, str], change: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        ldap.from_environment({**said, **change})


def test_a_password_that_others_can_read_stops_the_start(said: dict[str, str]) -> None:
    Path(said["NODE_LDAP_PASSWORD_FILE"]).chmod(0o644)
    with pytest.raises(BadInput):
        ldap.from_environment(said)


@pytest.mark.parametrize(
    "change",
    [
        {"NODE_PROXY_ADDRESSES": ""},
        {"NODE_PROXY_ADDRESSES": "10.0.0.0/8"},
        {"NODE_PROXY_ADDRESSES": "proxy.city.example"},
        {"NODE_PROXY_HEADER": "Remote-User"},
        {"NODE_PROXY_HEADER": "Remote_User"},
        {"NODE_PROXY_LEVEL": "3"},
    ],
)
def test_a_proxy_without_a_pinned_address_or_a_plain_header_stops_the_start(change: dict[str, str]) -> None:
    good = {"NODE_PROXY_HEADER": "TachiyoriUser", "NODE_PROXY_ADDRESSES": "127.0.0.1 ::1"}
    assert proxy.from_environment(good)
    with pytest.raises(BadInput):
        proxy.from_environment({**good, **change})
