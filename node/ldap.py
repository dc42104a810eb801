"""The town's own directory server (Active Directory, OpenLDAP) as its operator describes it: frozen, from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from federation.errors import BadInput
from federation.settings import file, mapped, needed, said_yes, secret_in
from node.staffwords import FACTS, ROLES

_URL = re.compile(r"(ldaps?)://[A-Za-z0-9.\-]+(:[0-9]{1,5})?")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
PLACE = "{number}"
"""Stands in a filter or a DN for what a person types."""


@dataclass(frozen=True)
class Ldap:
    """One server. A person is found by ``search`` with the account ``bind_dn``, or is bound as ``user_dn`` says."""

    url: str
    base: str
    attributes: tuple[tuple[str, str], ...]
    """Pairs (theirs, ours)."""
    subject: str
    """The attribute that never changes and never comes back: objectGUID, or entryUUID."""
    start_tls: bool = False
    ca_bundle: Path | None = None
    search: str = ""
    bind_dn: str = ""
    password_file: Path | None = None
    user_dn: str = ""
    groups: tuple[tuple[str, str], ...] = ()
    """Pairs (group's DN, role); without any the directory here alone gives roles."""
    group_attribute: str = "memberOf"
    link_numbers: bool = False

    def theirs(self, ours: str) -> str:
        """Return the attribute that tells a fact, empty where none does."""
        return next((attribute for attribute, fact in self.attributes if fact == ours), "")

    def password(self) -> str:
        """Read the account's password anew, so that a changed one needs no restart."""
        return secret_in(self.password_file, "NODE_LDAP_PASSWORD_FILE") if self.password_file else ""


def from_environment(environ: Mapping[str, str]) -> Ldap | None:
    """Return what ``NODE_LDAP_…`` describe, or None; raise ``BadInput`` naming the variable that is missing or wrong."""
    if not environ.get("NODE_LDAP_URL", "").strip():
        orphans = sorted(name for name, value in environ.items() if name.startswith("NODE_LDAP_") and value.strip())
        if orphans:
            raise BadInput(f"{orphans[0]} is set, but NODE_LDAP_URL is not", field="NODE_LDAP_URL")
        return None
    start_tls = said_yes(environ, "NODE_LDAP_STARTTLS")
    described = Ldap(
        url=_url(needed(environ, "NODE_LDAP_URL"), start_tls=start_tls),
        start_tls=start_tls,
        ca_bundle=file(environ, "NODE_LDAP_CA_BUNDLE"),
        base=needed(environ, "NODE_LDAP_BASE"),
        search=_with_place(environ, "NODE_LDAP_FILTER"),
        bind_dn=environ.get("NODE_LDAP_BIND_DN", "").strip(),
        password_file=file(environ, "NODE_LDAP_PASSWORD_FILE"),
        user_dn=_with_place(environ, "NODE_LDAP_USER_DN"),
        subject=_attribute(environ, "NODE_LDAP_SUBJECT", "objectGUID"),
        attributes=_attributes(environ),
        groups=mapped(environ, "NODE_LDAP_ROLES", ROLES),
        group_attribute=_attribute(environ, "NODE_LDAP_GROUPS", "memberOf"),
        link_numbers=said_yes(environ, "NODE_LDAP_LINK_NUMBERS"),
    )
    _check_way(described)
    return described


def _url(text: str, *, start_tls: bool) -> str:
    """Return the address of a server that passwords reach encrypted, and no other."""
    found = _URL.fullmatch(text)
    if not found or (found[1] == "ldap") is not start_tls:
        raise BadInput(
            f"NODE_LDAP_URL must be ldaps://host, or ldap://host with NODE_LDAP_STARTTLS=yes: {text}",
            field="NODE_LDAP_URL",
        )
    return text


def _with_place(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "").strip()
    if text and text.count(PLACE) != 1:
        raise BadInput(f"{name} must say {PLACE} once, where the number belongs: {text}", field=name)
    return text


def _attribute(environ: Mapping[str, str], name: str, usual: str) -> str:
    text = environ.get(name, "").strip() or usual
    if not _ATTRIBUTE.fullmatch(text):
        raise BadInput(f"{name} is no attribute: {text}", field=name)
    return text


def _attributes(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found = mapped(environ, "NODE_LDAP_ATTRIBUTES", FACTS)
    told = [ours for _theirs, ours in found]
    if len(set(told)) < len(told) or not {"number", "name"} <= set(told):
        raise BadInput(
            "NODE_LDAP_ATTRIBUTES must tell 職員番号 and 氏名, and each fact once", field="NODE_LDAP_ATTRIBUTES"
        )
    return found


def _check_way(ldap: Ldap) -> None:
    """Raise ``BadInput`` unless there is exactly one way to find a person, and an account where one searches."""
    if bool(ldap.search) is bool(ldap.user_dn):
        raise BadInput("set NODE_LDAP_FILTER or NODE_LDAP_USER_DN, and not both", field="NODE_LDAP_FILTER")
    if ldap.search and not (ldap.bind_dn and ldap.password()):
        raise BadInput(
            "NODE_LDAP_FILTER needs NODE_LDAP_BIND_DN and NODE_LDAP_PASSWORD_FILE", field="NODE_LDAP_BIND_DN"
        )
