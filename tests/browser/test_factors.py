"""Second factors in a real browser: passkeys from Chromium's own virtual authenticator, codes without any script."""

import pyotp
import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser import axe
from tests.browser.actors import Person
from tests.browser.conftest import Opener
from tests.browser.demo import KOMAE, TOKYO, Account, Demo

pytestmark = pytest.mark.browser
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}


def plugs_in(person: Person, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """Give the window an authenticator, whose owner is recognised or is not."""
    devtools = person.page.context.new_cdp_session(person.page)
    devtools.send("WebAuthn.enable")
    options = {**DEVICE, "isUserVerified": verifies, "automaticPresenceSimulation": True}
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def is_for_everybody(person: Person) -> None:
    """Fail where axe finds something on the page, wide or narrow."""
    for width in (1280, 320):
        person.page.set_viewport_size({"width": width, "height": 800})
        assert not [*axe.overflow(person.page), *axe.violations(person.page)]


def first_code(person: Person) -> str:
    """Read code number 1 off the sheet that is on the page."""
    first = person.page.get_by_role("rowheader", name="1", exact=True)
    return person.page.get_by_role("row").filter(has=first).get_by_role("cell").inner_text()


def leaves(person: Person) -> None:
    person.page.get_by_role("button", name="サインアウト").click()
    person.is_at("サインイン")


@pytest.fixture
def account(demo: Demo) -> Account:
    """Somebody whom no other test signs in as."""
    return demo.account(KOMAE, "staff")


def test_a_passkey_is_made_and_signs_in_without_a_password(demo: Demo, arrives: Opener) -> None:
    account = demo.account(TOKYO, "staff")
    person = arrives(account.origin)
    plugs_in(person)
    person.goes_to("/signin")
    person.signs_in(account)
    person.goes_to("/me/factors")
    person.fills("パスキーの名前", "机のパソコン")
    person.presses("パスキーを登録する")
    person.reads("パスキーを登録しました。")
    is_for_everybody(person)
    leaves(person)
    person.presses("パスキーでサインイン")
    expect(person.page.get_by_role("button", name="サインアウト")).to_be_visible()
    leaves(person)
    person.fills("職員番号", account.username)
    person.fills("パスワード", account.password)
    person.presses("サインイン")
    person.is_at("本人の確認")
    is_for_everybody(person)
    person.presses("パスキーで確認する")
    expect(person.page.get_by_role("button", name="サインアウト")).to_be_visible()
    person.goes_to("/me/factors")
    person.presses("机のパソコンを削除")
    person.reads("パスキーを削除しました。")


def test_a_device_that_does_not_know_its_owner_is_not_enough(demo: Demo, arrives: Opener) -> None:
    account = demo.account(TOKYO, "manager")
    person = arrives(account.origin)
    plugs_in(person, verifies=False)
    person.goes_to("/signin")
    person.signs_in(account)
    person.goes_to("/me/factors")
    person.fills("パスキーの名前", "机のパソコン")
    person.presses("パスキーを登録する")
    person.reads("パスキーを登録できませんでした。")
    person.goes_to("/me/factors")
    expect(person.page.get_by_text("机のパソコン", exact=True)).to_have_count(0)


def test_codes_need_no_script(account: Account, arrives: Opener) -> None:
    person = arrives(account.origin, narrow=True, scripts=False)
    person.goes_to("/signin")
    expect(person.page.get_by_role("button", name="パスキーでサインイン")).to_have_count(0)
    person.signs_in(account)
    person.goes_to("/me/factors/app")
    term = person.page.get_by_role("term").filter(has_text="読み取れないときに入力する文字")
    totp = pyotp.TOTP(term.locator("xpath=following-sibling::dd[1]").inner_text().replace(" ", ""))
    person.fills("6桁の数字", totp.now())
    person.presses("登録する")
    person.reads("認証アプリを登録しました。")
    person.presses("新しいコード表を作る")
    person.is_at("コード表")
    code = first_code(person)
    leaves(person)
    person.fills("職員番号", account.username)
    person.fills("パスワード", account.password)
    person.presses("サインイン")
    person.is_at("本人の確認")
    person.fills("確認コード", code)
    person.presses("確認する")
    person.goes_to("/me/factors")
    for button in ("認証アプリを削除", "コード表を無効にする"):
        person.presses(button)


def test_the_sheet_and_its_question_are_for_everybody(demo: Demo, arrives: Opener) -> None:
    account = demo.account(KOMAE, "reception")
    person = arrives(account.origin)
    person.goes_to("/signin")
    person.signs_in(account)
    person.goes_to("/me/factors")
    person.presses("新しいコード表を作る")
    person.is_at("コード表")
    is_for_everybody(person)
    code = first_code(person)
    person.goes_to("/signin/second?next=/me/factors")
    is_for_everybody(person)
    person.fills("確認コード", "ZZZZ-ZZZZ")
    person.presses("確認する")
    person.reads("確認できませんでした")
    is_for_everybody(person)
    person.fills("確認コード", code)
    person.presses("確認する")
    person.is_at("本人確認の方法")
    person.presses("コード表を無効にする")
