"""Signing in by what the town has already: its directory server, or a proxy in front that has checked a ticket or a card."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from federation import audit
from federation.envelope import shown
from federation.errors import EntryRefused, Forbidden, SignInRefused
from federation.refusals import Refusals
from federation.storage import Storage
from node.ldap import Ldap
from node.models.staff import Staff
from node.people import assurance, attempts, directoryserver
from node.people import staff as directory
from node.people.entries import enter, entering
from node.people.signin import SignedIn, has_left
from node.proxy import Proxy


def is_asked(storage: Storage, number: str) -> bool:
    """Say whether the directory server decides about this number. Who has a password here is checked here.

    So accounts for the day on which the server is down are simply those with a password.
    """
    with storage.transaction() as db:
        staff = directory.find(db, number.strip())
        return staff is None or not staff.password_hash


def by_directory(storage: Storage, ldap: Ldap, number: str, password: str, *, secret: str, now: datetime) -> SignedIn:
    """Sign somebody in whom the directory server knows, under the lock that guards passwords here.

    Raises ``SignInRefused``, ``SignInLocked``, ``EntryRefused``, and ``DirectoryDown``, which is no wrong password.
    """
    number, mark = number.strip(), attempts.mark_of(secret, number)
    with storage.transaction() as db:
        attempts.refuse_locked(db, mark, now)
        known = directory.find(db, number)
    said = directoryserver.ask(ldap, number, password)
    if said is None:
        with storage.transaction(write=True) as db:
            attempts.count(db, mark, now)
            _record(db, known, "refused", ldap.url, now)
        raise SignInRefused("the directory server does not know number and password")

    def let_in(db: Session) -> SignedIn:
        attempts.refuse_locked(db, mark, now)
        attempts.forgive(db, mark)
        staff = enter(db, said, link_numbers=ldap.link_numbers, now=now)
        _record(db, staff, "allowed", ldap.url, now)
        return SignedIn(staff.id, staff.session_epoch, assurance.ONE_FACTOR, now)

    return entering(storage, let_in)


def by_proxy(storage: Storage, refusals: Refusals, proxy: Proxy, said: str, address: str, *, now: datetime) -> SignedIn:
    """Sign in whom the proxy's header names; raise ``Forbidden`` for a header from elsewhere, ``EntryRefused`` else.

    Nobody is entered: a header says no name, so the person must be in the directory.
    """
    if not proxy.is_at(address):
        refusals.of_stranger("proxy-header", address, Forbidden.code)
        raise Forbidden(f"a proxy's header from {shown(address)}")
    number = proxy.number(said)
    with storage.transaction(write=True) as db:
        staff = directory.find(db, number) if number else None
        serving = staff if staff is not None and not has_left(staff, now) else None
        _record(db, staff, "allowed" if serving else "refused", f"header {proxy.header}", now)
    if serving is None:
        raise EntryRefused(f"{proxy.header} names nobody who serves here: {shown(said)}")
    return SignedIn(serving.id, serving.session_epoch, assurance.LEVELS[proxy.level - 1], now)


def _record(
    db: Session, staff: Staff | None, verdict: Literal["allowed", "refused"], source: str, now: datetime
) -> None:
    """Log a sign-in as the built-in one does: of somebody known, and of nobody else."""
    if staff is not None:
        who = f"staff:{staff.id}"
        audit.record(db, event="sign-in", actor=who, subject=who, verdict=verdict, reason=source, now=now)
