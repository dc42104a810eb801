"""What an operator writes of the town's own identity provider, and what is named at start where it is wrong."""

from pathlib import Path

import pytest

from federation.errors import BadInput
from node.upstream import Level, Upstream, from_environment

TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
WRITTEN = {
    "NODE_OIDC_ISSUER": "https://idp.city.example/realms/staff",
    "NODE_OIDC_CLIENT_ID": "desks",
    "NODE_OIDC_CLAIMS": "employee_number=職員番号; name=氏名; groups=グループ",
}


def read(**changes: str) -> Upstream:
    described = from_environment({**WRITTEN, **changes})
    assert described is not None
    return described


def test_without_an_issuer_there_is_no_provider() -> None:
    assert from_environment({}) is None


def test_what_is_left_out_has_its_usual_value() -> None:
    described = read()
    assert described.origins == {"https://idp.city.example"}
    assert (described.scope, described.secret(), described.alone) == ("openid profile", "", False)
    assert (described.link_numbers, described.is_private, described.tenant) == (False, False, None)


def test_a_group_may_have_equals_signs_in_its_name() -> None:
    described = read(NODE_OIDC_ROLES="CN=desks,OU=x=施設担当者; hr = 人事担当")
    assert described.roles == (("CN=desks,OU=x", "site_admin"), ("hr", "personnel"))


def test_levels_are_read_by_claim_and_values() -> None:
    described = read(NODE_OIDC_LEVELS="acr:urn:a+b=2; amr:hwk+pin=3")
    assert described.levels == (Level("acr", frozenset({"urn:a+b"}), 2), Level("amr", frozenset({"hwk", "pin"}), 3))


def test_an_issuer_of_entra_names_its_tenant_which_tokens_must_repeat() -> None:
    assert read(NODE_OIDC_ISSUER=ENTRA).tenant == ("tid", TENANT)


def test_a_secret_is_read_anew_each_time(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("first\n")
    secret.chmod(0o600)
    described = read(NODE_OIDC_CLIENT_SECRET_FILE=str(secret))
    secret.write_text("second\n")
    assert described.secret() == "second"


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("first")
    secret.chmod(0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        read(NODE_OIDC_CLIENT_SECRET_FILE=str(secret))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NODE_OIDC_ISSUER", "http://idp.city.example"),
        ("NODE_OIDC_ISSUER", "https://idp.city.example/?a=b"),
        ("NODE_OIDC_ISSUER", "https://login.microsoftonline.com/{tenantid}/v2.0"),
        ("NODE_OIDC_ISSUER", "https://login.microsoftonline.com/common/v2.0"),
        ("NODE_OIDC_ISSUER", "https://login.microsoftonline.com/organizations/v2.0"),
        ("NODE_OIDC_CLIENT_ID", ""),
        ("NODE_OIDC_CLIENT_SECRET_FILE", "/nowhere/secret"),
        ("NODE_OIDC_CLAIMS", ""),
        ("NODE_OIDC_CLAIMS", "employee_number=職員番号"),
        ("NODE_OIDC_CLAIMS", "a=職員番号; b=職員番号; name=氏名"),
        ("NODE_OIDC_CLAIMS", "employee_number=職員番号; name=氏名; email=メール"),
        ("NODE_OIDC_CLAIMS", "employee_number"),
        ("NODE_OIDC_ROLES", "admins=神"),
        ("NODE_OIDC_LEVELS", "acr:x=4"),
        ("NODE_OIDC_LEVELS", "x=2"),
        ("NODE_OIDC_TENANT", "ours"),
        ("NODE_OIDC_SCOPE", "profile"),
        ("NODE_OIDC_ORIGINS", "https://idp.example/path"),
        ("NODE_OIDC_PRIVATE", "maybe"),
        ("NODE_OIDC_LINK_NUMBERS", "2"),
        ("NODE_SIGN_IN", "directory"),
    ],
)
def test_what_is_wrong_is_named_at_start(name: str, value: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(**{name: value})
    assert name in refused.value.detail


def test_an_issuer_of_everybody_needs_a_tenant() -> None:
    with pytest.raises(BadInput, match="NODE_OIDC_TENANT"):
        read(NODE_OIDC_ISSUER="https://accounts.google.com")
    assert read(NODE_OIDC_ISSUER="https://accounts.google.com", NODE_OIDC_TENANT="hd=city.example").tenant


def test_roles_need_a_claim_that_tells_groups() -> None:
    with pytest.raises(BadInput, match="グループ"):
        read(NODE_OIDC_CLAIMS="n=職員番号; name=氏名", NODE_OIDC_ROLES="hr=人事担当")


@pytest.mark.parametrize(("name", "value"), [("NODE_OIDC_CLIENT_ID", "desks"), ("NODE_SIGN_IN", "oidc")])
def test_settings_without_an_issuer_are_not_overlooked(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=name):
        from_environment({name: value})
