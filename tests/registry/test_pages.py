"""The pages: the entrance for everybody, the console for operators."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from federation.audit import AuditEntry
from registry import operators, places
from registry.bureau import Bureau
from registry.membership import standing, statements
from registry.operators import LOCKED_FOR
from tests.registry.towns import Clock, Town

Join = Callable[[str], Town]
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def accounts(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    with bureau.storage.transaction(write=True) as db:
        for account in ("alice", "bob"):
            operators.add(db, account=account, name=f"運営者{account}", password=PASSWORD, now=bureau.clock())


def number_of(bureau: Bureau, town: Town) -> int:
    with bureau.storage.transaction() as db:
        return statements.get_member(db, town.entity_id).id


@pytest.fixture
def alice(client: FlaskClient) -> FlaskClient:
    assert sign_in(client, "alice").status_code == 303
    return client


def token_on(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def send(client: FlaskClient, page: str, target: str, **form: str) -> TestResponse:
    """Fill the form that stands on ``page``."""
    shown = client.get(page)
    return client.post(target, data={"form_token": token_on(shown.text), **form})


def sign_in(client: FlaskClient, account: str, password: str = PASSWORD, onwards: str = "/console") -> TestResponse:
    client.get("/console/sign-in")
    return send(client, "/console/sign-in", "/console/sign-in", account=account, password=password, next=onwards)


# --- The entrance ---------------------------------------------------------------------------------------------


def test_an_empty_registry_says_so(client: FlaskClient) -> None:
    assert "参加している自治体はまだありません" in client.get("/").text


@pytest.mark.parametrize("typed", ["狛江", "132195", "132195 town", "１３２１９５", "東京都"])
def test_a_town_is_found_by_name_code_and_prefecture(join: Join, client: FlaskClient, typed: str) -> None:
    join("狛江市")
    join("埼玉県")
    page = client.get("/", query_string={"q": typed}).text
    assert ("/go/132195" in page, "/go/110001" in page) == (True, False)


def test_prefectures_lead_to_their_towns(join: Join, client: FlaskClient) -> None:
    join("狛江市")
    join("埼玉県")
    page = client.get("/?prefecture=11").text
    assert ("/go/110001" in page, "/go/132195" in page) == (True, False)


def test_the_choice_leads_to_the_node_and_is_remembered(join: Join, client: FlaskClient) -> None:
    komae = join("狛江市")
    answer = client.get("/go/132195")
    assert (answer.status_code, answer.location) == (303, f"{komae.entity_id}/")
    assert "前回選択した自治体" in client.get("/").text
    client.get("/")
    send(client, "/", "/forget")
    assert "前回選択した自治体" not in client.get("/").text


@pytest.mark.parametrize("code", ["999999", "evil.example", "110001"])
def test_nobody_is_sent_to_anywhere_but_a_member(join: Join, client: FlaskClient, code: str) -> None:
    join("狛江市")
    assert client.get(f"/go/{code}").status_code == 404


def test_what_was_typed_comes_back_escaped(join: Join, client: FlaskClient) -> None:
    join("狛江市")
    page = client.get("/", query_string={"q": "<script>alert(1)</script>"}).text
    assert "<script>" not in page
    assert "該当する自治体が見つかりません" in page


@pytest.mark.parametrize("path", ["/", "/console/sign-in"])
def test_every_page_speaks_english_too(client: FlaskClient, path: str) -> None:
    page = client.get(f"{path}?lang=en").text
    assert '<html lang="en">' in page


# --- Signing in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/console", "/console/invite", "/console/demand", "/console/members/1"])
def test_the_console_is_for_operators(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/console/sign-in")


def test_a_wrong_password_is_refused(client: FlaskClient) -> None:
    assert sign_in(client, "alice", "wrong").status_code == 401
    assert sign_in(client, "nobody", PASSWORD).status_code == 401


def test_five_wrong_passwords_lock_the_account_for_a_while(client: FlaskClient, clock: Clock) -> None:
    for _ in range(5):
        sign_in(client, "alice", "wrong")
    assert sign_in(client, "alice").status_code == 401
    assert sign_in(client, "bob").status_code == 303
    clock.now += LOCKED_FOR
    assert sign_in(client, "alice").status_code == 303


def test_each_sign_in_of_somebody_known_leaves_one_line(client: FlaskClient, bureau: Bureau) -> None:
    for account, password in [("alice", "wrong")] * 5 + [("alice", PASSWORD), ("nobody", PASSWORD), ("bob", PASSWORD)]:
        sign_in(client, account, password)
    with bureau.storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).where(AuditEntry.event == "sign in").order_by(AuditEntry.number))
        told = [(line.actor, line.verdict, line.reason) for line in lines]
    assert told == [("alice", "refused", "password")] * 5 + [("alice", "refused", "locked"), ("bob", "allowed", "")]


def test_nobody_waits_while_a_password_is_checked(
    client: FlaskClient, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked(_kept: str, _password: str) -> bool:
        with bureau.storage.transaction(write=True):
            return True

    monkeypatch.setattr(operators, "_matches", checked)
    assert sign_in(client, "alice").status_code == 303


def test_a_copied_cookie_is_worth_nothing_after_signing_out(alice: FlaskClient) -> None:
    cookie = next(each for each in (alice._cookies or {}).values() if each.key.startswith(("tachiyori", "__Host-")))
    send(alice, "/console/invite", "/console/sign-out")
    alice.set_cookie(cookie.key, cookie.value, domain=cookie.domain, secure=cookie.secure)
    assert alice.get("/console").status_code == 303


def test_a_session_that_never_rests_ends_all_the_same(alice: FlaskClient, clock: Clock) -> None:
    for _ in range(10):
        assert alice.get("/console/invite").status_code == 200
        clock.now += timedelta(hours=1)
    assert alice.get("/console/invite").status_code == 303


@pytest.mark.parametrize("wished", ["https://evil.example", "//evil.example", "/\\evil.example", "/console\\..", ""])
def test_signing_in_leads_to_the_console_and_nowhere_else(client: FlaskClient, wished: str) -> None:
    assert sign_in(client, "alice", onwards=wished).location == "/console"


def test_a_new_password_ends_the_sessions_of_the_old(alice: FlaskClient, bureau: Bureau) -> None:
    with bureau.storage.transaction(write=True) as db:
        operators.add(db, account="alice", name="", password="another long password", now=bureau.clock())
    assert alice.get("/console").status_code == 303


def test_signing_out_ends_the_session(alice: FlaskClient) -> None:
    assert "Clear-Site-Data" in send(alice, "/console", "/console/sign-out").headers
    assert alice.get("/console").status_code == 303


def test_a_form_from_elsewhere_is_refused(alice: FlaskClient) -> None:
    assert alice.post("/console/invite", data={"code": "132195"}).status_code in {400, 403}


# --- The console ----------------------------------------------------------------------------------------------


def form_of(client: FlaskClient, rest: str) -> str:
    """The address to which a form on the console is sent, such as that of the one enrolment there."""
    found = re.search(rf'action="({rest})"', client.get("/console").text)
    assert found
    return found[1]


ENROLMENT = r"/console/enrolments/\d+"


@pytest.fixture
def asked(client: FlaskClient, invite: Callable[[str], str], clock: Clock) -> Town:
    town = Town("狛江市", 8001, clock)
    assert town.enrol(client, invite("狛江市")).status_code == 202
    return town


def test_the_operator_sees_the_thumbprint_and_admits(alice: FlaskClient, asked: Town, bureau: Bureau) -> None:
    assert asked.thumbprint in alice.get("/console").text
    answer = send(alice, "/console", form_of(alice, ENROLMENT), thumbprint=asked.thumbprint, verdict="admit")
    assert answer.status_code == 303
    page = alice.get("/console").text
    assert "狛江市の参加を承認しました。" in page
    assert bureau.members.verified(asked.entity_id, bureau.clock()).code == "132195"


def test_a_thumbprint_that_was_not_compared_admits_nobody(alice: FlaskClient, asked: Town) -> None:
    answer = send(alice, "/console", form_of(alice, ENROLMENT), thumbprint="x", verdict="admit")
    assert answer.status_code == 409


def test_the_operator_declines(alice: FlaskClient, asked: Town) -> None:
    assert send(alice, "/console", form_of(alice, ENROLMENT), verdict="decline").status_code == 303
    assert asked.thumbprint not in alice.get("/console").text


def test_two_operators_suspend_and_one_lifts(join: Join, alice: FlaskClient, bureau: Bureau) -> None:
    komae = join("狛江市")
    page = f"/console/members/{number_of(bureau, komae)}"
    send(alice, page, f"{page}/suspension", reason="点検")
    with bureau.storage.transaction() as db:
        (asked,) = standing.standing_all(db).values()
    rule = f"{page}/suspension/{asked.id}"
    assert send(alice, page, rule, verdict="confirm").status_code == 409
    sign_in(alice, "bob")
    send(alice, page, rule, verdict="confirm")
    assert "停止中" in alice.get(page).text
    assert "/go/132195" not in alice.get("/").text
    send(alice, page, rule, verdict="lift", reason="完了")
    assert "/go/132195" in alice.get("/").text


def test_an_emergency_stops_at_once(join: Join, alice: FlaskClient, bureau: Bureau) -> None:
    page = f"/console/members/{number_of(bureau, join('狛江市'))}"
    send(alice, page, f"{page}/suspension", reason="漏えい", emergency="1")
    assert "緊急停止です。" in alice.get(page).text


def test_prefectures_are_named_in_english_too(join: Join, client: FlaskClient, bureau: Bureau) -> None:
    join("狛江市")
    table = "code,name_ja,name_kana,name_en,kind,lat,lon\n130001,東京都,とうきょうと,Tokyo Metropolis,prefecture,35.68,139.69\n"
    with bureau.storage.transaction(write=True) as db:
        places.import_municipalities(db, table.encode())
    assert "Tokyo Metropolis" in client.get("/?lang=en").text
    assert "/go/132195" in client.get("/?q=tokyo").text


def test_an_invitation_is_shown_once(alice: FlaskClient, bureau: Bureau) -> None:
    send(alice, "/console/invite", "/console/invite", code="132195", name="狛江市")
    first, second = alice.get("/console/invite").text, alice.get("/console/invite").text
    assert bureau.seal.recovery in first
    assert bureau.seal.recovery not in second


@pytest.mark.parametrize(("code", "name", "words"), [
    ("132190", "", "検査数字が合いません"), ("abc", "", "団体コードではありません"), ("132195", "", "団体名も入力してください"),
])  # fmt: skip
def test_a_wrong_code_is_said_beside_its_field(alice: FlaskClient, code: str, name: str, words: str) -> None:
    answer = send(alice, "/console/invite", "/console/invite", code=code, name=name)
    assert answer.status_code == 400
    assert words in answer.text
    assert f'value="{code}"' in answer.text


def test_members_in_trouble_come_first(join: Join, alice: FlaskClient, harvest: Callable[[], None]) -> None:
    join("埼玉県")
    join("狛江市").up = False
    harvest()
    page = alice.get("/console").text
    assert page.index("132195") < page.index("110001")
    assert "peer-unreachable" in page


def test_a_member_nobody_knows_is_not_found(alice: FlaskClient) -> None:
    assert alice.get("/console/members/99").status_code == 404
