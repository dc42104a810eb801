"""The way from a desk's label, on a phone of 320 px: home by choosing one's town, and signing in at the host with it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.actors import SiteAdmin, Typist, Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, TOKYO, Demo

pytestmark = pytest.mark.browser
HALL = "東京都防災センター"


def is_well(page: Page) -> None:
    """Fail for what axe finds, and for a page that scrolls sideways."""
    wrong = [*axe.overflow(page), *axe.violations(page)]
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def a_desk(demo: Demo, arrives: Opener, room: str) -> tuple[str, str]:
    """Have 東京都 offer a desk that is open around the clock; return its path and the code printed on it."""
    arrived = arrives(demo.towns[TOKYO])
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(TOKYO, "site_admin"))
    admin = SiteAdmin(arrived.page, arrived.origin)
    admin.opens_a_room(HALL, room)
    code = admin.publishes_a_desk(HALL, room)
    feed = admin.page.context.request.get(f"{admin.origin}/feeds/listings").json()
    ours = [item["data"] for item in feed["items"] if item.get("data", {}).get("room_name") == room]
    return urlsplit(ours[-1]["url"]).path, code


def a_phone(demo: Demo, arrives: Opener, *, scripts: bool = True) -> Visitor:
    """Return somebody of 埼玉県 with a phone, at 東京都's pages."""
    arrived = arrives(demo.towns[TOKYO], narrow=True, scripts=scripts)
    return Visitor(arrived.page, arrived.origin)


def chooses_home(phone: Visitor) -> None:
    """Find one's own town by its reading, and go on."""
    phone.is_at("所属する自治体を選択してください")
    is_well(phone.page)
    phone.fills("自治体名（漢字・かな・英字）または団体コード", "さいたまけん")
    phone.presses("探す")
    is_well(phone.page)
    phone.page.get_by_role("listitem").filter(has_text="110001").get_by_role("link", name="進む").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_label_leads_home_and_one_press_books_and_checks_in(demo: Demo, arrives: Opener, scripts: bool) -> None:
    path, code = a_desk(demo, arrives, "相談室" if scripts else "応接室")
    phone = a_phone(demo, arrives, scripts=scripts)
    phone.goes_to(path)
    phone.reads("いま空いています")
    is_well(phone.page) if scripts else None
    phone.presses("所属する自治体を選択")
    if scripts:
        chooses_home(phone)
    else:
        phone.page.get_by_role("listitem").filter(has_text="110001").get_by_role("link", name="進む").click()
    phone.signs_in(demo.account(SAITAMA, "staff", 1))
    phone.is_at("予約の確認")
    phone.fills("座席に表示されているコード", code)
    phone.consents()
    is_well(phone.page) if scripts else None
    phone.presses("予約する")
    phone.reads("予約し、入室を記録しました。")
    phone.goes_to(path)
    phone.reads("いまは予約されています") if scripts else None
    phone.presses("埼玉県の画面へ進む")
    phone.leaves()


def test_a_visitor_signs_in_at_the_host_with_their_own_town(demo: Demo, arrives: Opener) -> None:
    path, _code = a_desk(demo, arrives, "閲覧室")
    phone = a_phone(demo, arrives)
    phone.goes_to(path)
    phone.presses("所属する自治体を選択")
    phone.page.get_by_role("listitem").filter(has_text="110001").get_by_role("link", name="進む").click()
    phone.signs_in(demo.account(SAITAMA, "staff", 1))
    phone.consents()
    phone.presses("予約する")

    phone.goes_to(path)
    phone.presses("予約がある方は、この画面でサインイン")
    phone.is_at("所属する自治体でサインイン")
    is_well(phone.page)
    phone.presses("サインイン画面へ進む")
    expect(phone.page).to_have_title("東京都へのサインイン | 埼玉県")
    is_well(phone.page)
    phone.presses("同意してサインインする")
    phone.is_at("本日の予約")
    is_well(phone.page)
    phone.presses("入室する")
    phone.reads("入室を記録しました。")
    is_well(phone.page)
    phone.leaves()
    phone.page.get_by_role("button", name="サインアウト").click()
    phone.is_at("サインアウトしました")
    is_well(phone.page)


def test_the_keyboard_alone_leads_from_the_label_to_the_sign_in(demo: Demo, arrives: Opener) -> None:
    path, _code = a_desk(demo, arrives, "打合せ室")
    typist = Typist(a_phone(demo, arrives).page, demo.towns[TOKYO])
    typist.goes_to(path)
    typist.enters("所属する自治体を選択")
    typist.enters("進む（埼玉県）")
    typist.is_at("サインイン")
