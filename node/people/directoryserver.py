"""Asking the town's directory server who somebody is (LDAP, RFC 4511): TLS always, time limits, no referrals.

A server that cannot be asked says nothing about anybody: ``DirectoryDown``, never a refusal, and accounts that have a
password here go on.
"""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ldap3 import BASE, NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn, safe_dn

from federation.envelope import shown
from federation.errors import DirectoryDown, EntryRefused
from node.ldap import PLACE, Ldap
from node.people.entries import Said

_SECONDS = 5
_WRONG = frozenset({32, 34, 48, 49})
"""noSuchObject, invalidDNSyntax, inappropriateAuthentication, invalidCredentials (RFC 4511, A.1): not this person."""
_OK = 0
AT_ONCE = 5
"""So many requests of one process are with directory servers at a time: a silent one leaves threads for everybody else."""
_PATIENCE = 2.0
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class _Entry:
    dn: str
    values: Mapping[str, Any]


class _VerifiedTls(Tls):  # type: ignore[misc]  # ldap3 is untyped.
    """TLS as the standard library does it. ldap3's own compares names by a function that Python has given up."""

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
        """Wrap the connection's socket; the certificate must be of our authority, and of the server's name."""
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=connection.server.host, do_handshake_on_connect=do_handshake
        )


def ask(ldap: Ldap, number: str, password: str) -> Said | None:
    """Return what the server says of the person these belong to; None where they belong together for nobody.

    Raises ``DirectoryDown``, or ``EntryRefused`` for somebody it says too little of. Without a password nobody is asked:
    a bind with an empty one succeeds for anybody (RFC 4513, 5.1.2).
    """
    if not number or not password:
        return None
    if not _places.acquire(timeout=_PATIENCE):
        raise DirectoryDown(f"others are waiting for {ldap.url} already", retry_after=5)
    try:
        entry = _searched(ldap, number, password) if ldap.search else _bound(ldap, number, password)
    except (LDAPException, OSError) as error:
        raise DirectoryDown(f"{ldap.url}: {type(error).__name__} {shown(str(error))}") from None
    finally:
        _places.release()
    return _said(ldap, entry) if entry else None


def _searched(ldap: Ldap, number: str, password: str) -> _Entry | None:
    """Find the person with the account that may search, then see whether the password is theirs."""
    with _connected(ldap, ldap.bind_dn, ldap.password()) as connection:
        if connection is None:
            raise DirectoryDown(f"{ldap.url}: the account {shown(ldap.bind_dn)} is refused")
        entry = _found(ldap, connection, ldap.base, ldap.search.replace(PLACE, escape_filter_chars(number)), SUBTREE)
    if entry is None:
        return None
    with _connected(ldap, entry.dn, password) as own:
        return entry if own else None


def _bound(ldap: Ldap, number: str, password: str) -> _Entry | None:
    """Bind as the person, who then reads their own entry."""
    name = ldap.user_dn.replace(PLACE, escape_rdn(number))
    with _connected(ldap, name, password) as own:
        return _found(ldap, own, name, "(objectClass=*)", BASE) if own else None


@contextmanager
def _connected(ldap: Ldap, name: str, password: str) -> Iterator[Connection | None]:
    """Yield a connection bound by name and password; None where they do not belong together."""
    tls = _VerifiedTls(ca_certs_file=str(ldap.ca_bundle) if ldap.ca_bundle else None, validate=ssl.CERT_REQUIRED)
    server = Server(ldap.url, tls=tls, connect_timeout=_SECONDS, get_info=NONE)
    connection = Connection(
        server, name, password, read_only=True, auto_referrals=False, receive_timeout=_SECONDS, raise_exceptions=False
    )
    try:
        connection.open(read_server_info=False)
        if ldap.start_tls and not connection.start_tls(read_server_info=False):
            raise DirectoryDown(f"{ldap.url}: StartTLS is refused")
        yield connection if _is_bound(ldap, connection) else None
    finally:
        connection.unbind()
        if connection.socket is not None:
            # One whose opening failed is left open by the library.
            connection.socket.close()


def _is_bound(ldap: Ldap, connection: Connection) -> bool:
    if connection.bind(read_server_info=False):
        return True
    code = connection.result["result"]
    if code not in _WRONG:
        raise DirectoryDown(f"{ldap.url}: bind answered {code} {shown(connection.result['description'])}")
    return False


def _found(ldap: Ldap, connection: Connection, base: str, search: str, scope: str) -> _Entry | None:
    """Return the one entry there is; of two nobody knows which one was meant."""
    wanted = [*(theirs for theirs, _ours in ldap.attributes), ldap.subject, ldap.group_attribute]
    connection.search(base, search, scope, attributes=sorted(set(wanted)), size_limit=2, time_limit=_SECONDS)
    if connection.result["result"] not in {_OK, 4, 32}:
        raise DirectoryDown(f"{ldap.url}: search answered {connection.result['result']}")
    entries = [each for each in connection.response or () if each["type"] == "searchResEntry"]
    if len(entries) != 1:
        return None
    return _Entry(entries[0]["dn"], {name.lower(): values for name, values in entries[0]["raw_attributes"].items()})


def _said(ldap: Ldap, entry: _Entry) -> Said:
    """Put an entry into the directory's own words."""
    told = {ours: _text(entry, theirs) for theirs, ours in ldap.attributes}
    number, name, subject = told.pop("number"), told.pop("name"), entry.values.get(ldap.subject.lower())
    if not number or not name or not subject:
        raise EntryRefused(f"{ldap.url} says no {ldap.subject}, number or name of {shown(entry.dn)}")
    return Said(ldap.url, _key(subject[0]), number, name, roles=_roles(ldap, entry), **told)


def _key(raw: bytes) -> str:
    """Return the lasting key as text: entryUUID is text already, objectGUID is sixteen bytes."""
    text = raw.decode("ascii", "replace")
    return text if text.isascii() and text.isprintable() else raw.hex()


def _text(entry: _Entry, attribute: str) -> str | None:
    """Return the one value of an attribute; several of them say nothing."""
    values = entry.values.get(attribute.lower(), [])
    return values[0].decode("utf-8", "replace") if len(values) == 1 else None


def _roles(ldap: Ldap, entry: _Entry) -> frozenset[str] | None:
    if not ldap.groups:
        return None
    member_of = {
        _same(value.decode("utf-8", "replace")) for value in entry.values.get(ldap.group_attribute.lower(), [])
    }
    return frozenset(role for group, role in ldap.groups if _same(group) in member_of)


def _same(dn: str) -> str:
    """Return a DN in one spelling, so that case and blanks make no other group."""
    try:
        return str(safe_dn(dn)).casefold()
    except LDAPException:
        return dn.casefold()
