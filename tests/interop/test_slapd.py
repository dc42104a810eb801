"""A town whose people are in OpenLDAP: who comes in, with what, and what is tried."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from sqlalchemy import MetaData, select

from federation.audit import AuditEntry
from federation.errors import DirectoryDown, EntryRefused, SignInLocked, SignInRefused
from federation.storage import Storage
from node.ldap import Ldap
from node.models.staff import Staff
from node.models.tables import METADATAS
from node.people import attempts, directoryserver, outside
from node.people import staff as directory
from tests.census import everything_must_run
from tests.interop import slapd
from tests.interop.slapd import ACCOUNT, ACCOUNT_PASSWORD, BASE, PASSWORD, SLAPD, Slapd
from tests.node.people.conftest import NOW

pytestmark = pytest.mark.peer
HR = f"cn=hr,{BASE}"


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    if not SLAPD.exists():
        (pytest.fail if everything_must_run() else pytest.skip)(f"{SLAPD} is missing; apt-get install slapd ldap-utils")
    with slapd.running(tmp_path_factory.mktemp("slapd")) as running:
        yield running


@pytest.fixture
def ldap(server: Slapd, tmp_path: Path) -> Ldap:
    """The server as the town's operator describes it."""
    secret = tmp_path / "ldap.secret"
    secret.write_text(ACCOUNT_PASSWORD)
    secret.chmod(0o600)
    return Ldap(
        url=server.url,
        base=f"ou=staff,{BASE}",
        attributes=(("employeeNumber", "number"), ("cn", "name"), ("departmentNumber", "section")),
        subject="entryUUID",
        ca_bundle=server.authority,
        search="(&(objectClass=inetOrgPerson)(uid={number}))",
        bind_dn=ACCOUNT,
        password_file=secret,
        groups=((HR.upper(), "personnel"),),
    )


def enters(storage: Storage, ldap: Ldap, number: str = "A1001", password: str = PASSWORD) -> int:
    return outside.by_directory(storage, ldap, number, password, secret="s", now=NOW).staff_id


def person(storage: Storage, staff_id: int) -> Staff:
    with storage.transaction() as db:
        return directory.get(db, staff_id)


def test_who_is_in_the_towns_server_comes_in_as_it_says(storage: Storage, ldap: Ldap) -> None:
    staff = person(storage, enters(storage, ldap))
    assert (staff.number, staff.name, staff.section) == ("A1001", "渡辺 さくら", "企画課")
    assert staff.role_names == {"staff"}
    assert not staff.password_hash
    assert enters(storage, ldap) == staff.id


def test_a_person_may_be_bound_by_name_without_an_account(storage: Storage, ldap: Ldap) -> None:
    bound = replace(ldap, search="", bind_dn="", password_file=None, user_dn=f"uid={{number}},ou=staff,{BASE}")
    assert person(storage, enters(storage, bound)).name == "渡辺 さくら"
    with pytest.raises(SignInRefused):
        enters(storage, bound, "A1001,ou=staff", PASSWORD)


def test_a_role_comes_and_goes_with_its_group(storage: Storage, ldap: Ldap, server: Slapd) -> None:
    who = f"uid=A1002,ou=staff,{BASE}"
    server.changes(f"dn: {HR}\nchangetype: add\nobjectClass: groupOfNames\ncn: hr\nmember: {who}\n")
    staff_id = enters(storage, ldap, "A1002")
    assert person(storage, staff_id).role_names == {"staff", "personnel"}
    server.changes(f"dn: {HR}\nchangetype: delete\n")
    assert enters(storage, ldap, "A1002") == staff_id
    assert person(storage, staff_id).role_names == {"staff"}


@pytest.mark.parametrize(
    ("number", "password"),
    [
        ("A1001", "wrong"),
        ("A1001", ""),
        ("", PASSWORD),
        ("*", PASSWORD),
        ("A100*", PASSWORD),
        ("A1001)(uid=*", PASSWORD),
        ("A1001))(|(uid=*", PASSWORD),
        ("\\2a", PASSWORD),
        ("A1001\0", PASSWORD),
        ("A9999", PASSWORD),
    ],
)
def test_everything_else_is_refused_in_one_way(storage: Storage, ldap: Ldap, number: str, password: str) -> None:
    with pytest.raises(SignInRefused):
        enters(storage, ldap, number, password)
    with storage.transaction() as db:
        assert db.scalars(select(Staff)).all() == []


def test_guessing_is_locked_before_the_server_is_asked(storage: Storage, ldap: Ldap) -> None:
    for _ in range(attempts.FREE):
        with pytest.raises(SignInRefused):
            enters(storage, ldap, password="wrong")
    with pytest.raises(SignInLocked):
        enters(storage, replace(ldap, url="ldaps://localhost:1"))


@pytest.mark.parametrize("spelt", ["a1001", "A\uff11001"])
def test_no_other_spelling_of_a_number_has_guesses_of_its_own(storage: Storage, ldap: Ldap, spelt: str) -> None:
    assert person(storage, enters(storage, ldap, spelt)).number == "A1001"
    for _ in range(attempts.FREE):
        with pytest.raises(SignInRefused):
            enters(storage, ldap, password="wrong")
    with pytest.raises(SignInLocked):
        enters(storage, ldap, spelt)


def test_a_number_that_is_known_here_is_taken_over_only_where_allowed(storage: Storage, ldap: Ldap) -> None:
    with storage.transaction(write=True) as db:
        known = directory.add(db, number="A1001", name="渡辺 桜", now=NOW).id
    with pytest.raises(EntryRefused):
        enters(storage, ldap)
    assert enters(storage, replace(ldap, link_numbers=True)) == known


def test_who_has_a_password_here_comes_in_without_the_server(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        directory.add(db, number="break-glass", name="非常用", password="quartz lantern umbrella", now=NOW)
    assert [outside.is_asked(storage, number) for number in ("break-glass", "A1001")] == [False, True]


def test_start_tls_protects_the_password_too(storage: Storage, ldap: Ldap, server: Slapd) -> None:
    plain = replace(ldap, url=f"ldap://localhost:{server.port + 1}", start_tls=True)
    assert enters(storage, plain)


# --- A server that cannot be asked, or is another ---------------------------------------------------------------------


def test_a_server_that_is_down_is_no_wrong_password(storage: Storage, ldap: Ldap) -> None:
    for _ in range(attempts.FREE + 1):
        with pytest.raises(DirectoryDown):
            enters(storage, replace(ldap, url="ldaps://localhost:1"))
    assert enters(storage, ldap)


def test_a_server_with_another_authoritys_certificate_is_not_asked(ldap: Ldap) -> None:
    with pytest.raises(DirectoryDown):
        directoryserver.ask(replace(ldap, ca_bundle=None), "A1001", PASSWORD)


def test_a_server_with_another_name_is_not_asked(tmp_path: Path, ldap: Ldap) -> None:
    (tmp_path / "other").mkdir()
    with slapd.running(tmp_path / "other", ("dc1.city.example",)) as other, pytest.raises(DirectoryDown):
        directoryserver.ask(replace(ldap, url=other.url, ca_bundle=other.authority), "A1001", PASSWORD)


def test_an_account_that_is_refused_is_the_operators_matter(ldap: Ldap) -> None:
    with pytest.raises(DirectoryDown):
        directoryserver.ask(replace(ldap, bind_dn=f"cn=nobody,{BASE}"), "A1001", PASSWORD)


def test_a_server_that_never_answers_is_waited_for_some_seconds(ldap: Ldap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directoryserver, "_SECONDS", 1)
    with socket.create_server(("localhost", 0)) as silent, pytest.raises(DirectoryDown):
        directoryserver.ask(replace(ldap, url=f"ldaps://localhost:{silent.getsockname()[1]}"), "A1001", PASSWORD)


def test_a_silent_server_holds_a_few_threads_and_no_more(ldap: Ldap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directoryserver, "_places", BoundedSemaphore(1))
    monkeypatch.setattr(directoryserver, "_PATIENCE", 0.01)
    with socket.create_server(("localhost", 0)) as silent, ThreadPoolExecutor(1) as pool:
        elsewhere = replace(ldap, url=f"ldaps://localhost:{silent.getsockname()[1]}")
        first = pool.submit(directoryserver.ask, elsewhere, "A1001", PASSWORD)
        asking, _address = silent.accept()
        with asking, pytest.raises(DirectoryDown, match="others are waiting"):
            directoryserver.ask(ldap, "A1001", PASSWORD)
    assert isinstance(first.exception(), DirectoryDown)
    assert directoryserver.ask(ldap, "A1001", PASSWORD)


def test_each_sign_in_says_where_it_was_checked(storage: Storage, ldap: Ldap) -> None:
    enters(storage, ldap)
    with pytest.raises(SignInRefused):
        enters(storage, ldap, password="wrong")
    with storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).where(AuditEntry.event == "sign-in").order_by(AuditEntry.number)).all()
    assert [(line.verdict, line.reason) for line in lines] == [("allowed", ldap.url), ("refused", ldap.url)]
