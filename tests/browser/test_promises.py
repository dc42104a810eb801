"""What a room promises in its セキュリティ確認表, and what its town asks of visitors in its 利用上の注意, from form to search and booking."""

import pytest
from playwright.sync_api import expect

from federation import clock
from tests.browser import axe
from tests.browser.actors import SiteAdmin
from tests.browser.conftest import Opener
from tests.browser.demo import TOKYO, Demo
from tests.browser.test_closing import address_of, overmorrow, wants
from tests.browser.test_day import OPEN_ALWAYS, a_visitor, signed_in

pytestmark = pytest.mark.browser


def test_a_signed_sheet_is_shown_and_searched_by(demo: Demo, arrives: Opener) -> None:
    room, day = "第十二控室", overmorrow()
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin"))
    admin.opens_a_room(OPEN_ALWAYS, room)
    admin.publishes_a_desk(OPEN_ALWAYS, room)
    visitor = a_visitor(demo, arrives)
    narrowed = f"/search?near={room}&day={day}&slot=hours&from=01:00&to=02:00&security=soundproof&security=wifi_eap"
    visitor.goes_to(narrowed)
    assert visitor.page.get_by_role("listitem").filter(has_text="Q-01").count() == 0
    fills_the_sheet(admin, room)
    visitor.goes_to(narrowed)
    visitor.finds(room)
    expect(visitor.page.get_by_role("main")).to_contain_text("情報セキュリティ責任者")
    assert axe.violations(visitor.page) == []


def fills_the_sheet(admin: SiteAdmin, room: str) -> None:
    """Fill in the sheet and sign it as its 情報セキュリティ責任者."""
    admin.goes_to("/admin/sites")
    for name in (OPEN_ALWAYS, room):
        admin.page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
    admin.presses("セキュリティ確認表を記入・署名する")
    admin.fills("確認日", clock.now().date().isoformat())
    admin.page.get_by_role("group", name="防音（Web会議で声がもれない）").get_by_role("radio", name="はい").check()
    admin.ticks("Wi-Fi（利用者ごとの認証・EAP）")
    admin.presses("記入を保存")
    admin.reads("署名を待っている版")
    admin.page.get_by_role("radio", name="情報セキュリティ責任者").check()
    admin.presses("署名して掲載する")
    admin.reads("掲載中の確認表")


def test_who_has_confirmed_the_rules_is_asked_again_when_they_change(demo: Demo, arrives: Opener) -> None:
    room, day = "第十一控室", overmorrow()
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin"))
    admin.opens_a_room(OPEN_ALWAYS, room)
    admin.publishes_a_desk(OPEN_ALWAYS, room)
    desk = address_of(admin, room, "Q-01")
    visitor = a_visitor(demo, arrives)
    wants(visitor, desk, day, "03:00", "04:00")
    visitor.books()
    wants(visitor, desk, day, "04:00", "05:00")
    visitor.reads("に確認済みです")
    changes_the_rules(admin)
    wants(visitor, desk, day, "04:00", "05:00")
    visitor.reads("床に荷物を置かないでください")
    assert visitor.page.locator("main script").count() == 0
    visitor.presses("予約する")
    visitor.is_at("予約の確認")
    visitor.books()
    wants(visitor, desk, day, "05:00", "06:00")
    visitor.reads("に確認済みです")


def changes_the_rules(admin: SiteAdmin) -> None:
    """Put a new version in force at once, after looking at it."""
    admin.goes_to("/admin/house-rules")
    version = f"{clock.now():%Y%m%d%H%M%S}"
    admin.fills("版番号", version)
    admin.fills("本文（日本語）", "# 通路\n\n- **床**に荷物を置かないでください\n- <script>alert(1)</script>\n")
    admin.presses("表示を確かめる")
    admin.reads("掲載前の確認（まだ掲載されていません）")
    admin.reads("追加：")
    admin.presses("掲載する")
    admin.reads(f"現在の版：第{version}版")
