"""座席配置 by keyboard alone, by pointer, and without scripts."""

import re

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.actors import SiteAdmin, Typist
from tests.browser.conftest import Opener
from tests.browser.demo import TOKYO, Demo
from tests.node.host.test_pictures import encoded
from tests.node.host.test_planpictures import pdf

pytestmark = pytest.mark.browser
HALL = "東京都防災センター"


def a_plan(demo: Demo, arrives: Opener, room: str, *, scripts: bool = True, narrow: bool = False) -> SiteAdmin:
    """Have 東京都 open a room with one desk, and return its admin at the room's plan."""
    arrived = arrives(demo.towns[TOKYO], scripts=scripts, narrow=narrow)
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(TOKYO, "site_admin"))
    admin = SiteAdmin(arrived.page, arrived.origin)
    admin.opens_a_room(HALL, room)
    admin.publishes_a_desk(HALL, room)
    admin.page.get_by_role("navigation").get_by_role("link", name=room).click()
    admin.presses("座席配置を編集する")
    admin.is_at("座席配置")
    return admin


def test_a_desk_is_placed_and_named_by_keyboard_alone(demo: Demo, arrives: Opener) -> None:
    page = a_plan(demo, arrives, "配置室").page
    typist = Typist(page, demo.towns[TOKYO])
    status = page.locator("[data-plan-said]")
    typist.reaches("Q-01")
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(status).to_have_text("Q-01：2列2行")
    page.keyboard.press("Delete")
    expect(status).to_have_text("Q-01を配置図から外しました")
    page.keyboard.press("Escape")
    expect(status).to_have_text("Q-01：2列2行")
    page.keyboard.press("F2")
    page.keyboard.type("窓側")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="窓側")).to_be_focused()
    assert axe.violations(page) == []
    typist.enters("保存")
    typist.reads("座席配置を保存しました（変更1席）。")
    place = page.locator("[data-plan-grid] > li", has_text="窓側")
    expect(place).to_have_attribute("data-column", "2")
    expect(place).to_have_attribute("data-row", "2")


def test_a_desk_is_dragged_to_its_place(demo: Demo, arrives: Opener) -> None:
    admin = a_plan(demo, arrives, "配置図室")
    page = admin.page
    page.get_by_role("button", name="Q-01").focus()
    page.keyboard.press("ArrowRight")
    box, grid = page.get_by_role("button", name="Q-01").bounding_box(), page.locator("[data-plan-grid]").bounding_box()
    assert box is not None
    assert grid is not None
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(grid["x"] + grid["width"] * 4.5 / 16, grid["y"] + grid["height"] * 2.5 / 10, steps=4)
    page.mouse.up()
    expect(page.locator("[data-plan-said]")).to_have_text("Q-01：5列3行")
    admin.presses("保存")
    admin.reads("座席配置を保存しました（変更1席）。")


def test_the_numbers_alone_do_it_on_a_narrow_page(demo: Demo, arrives: Opener) -> None:
    admin = a_plan(demo, arrives, "配置表室", scripts=False, narrow=True)
    row = admin.page.get_by_role("group", name="Q-01")
    row.get_by_label("列").fill("16")
    row.get_by_label("行").fill("10")
    admin.presses("保存")
    admin.reads("座席配置を保存しました（変更1席）。")
    assert admin.page.locator(".dads-plan__mark[data-column='16'][data-row='10']").bounding_box() is not None


def test_a_drawing_is_laid_under_and_desks_are_put_on_it(demo: Demo, arrives: Opener) -> None:
    page = a_plan(demo, arrives, "図面室").page
    typist, status = Typist(page, demo.towns[TOKYO]), page.locator("[data-plan-said]")
    typist.enters("配置図の画像やPDFを敷く")
    for name, content, number in (
        ("plan.png", encoded((1600, 800), "PNG"), ""),
        ("plan.pdf", pdf((9, 9), (842, 595)), "2"),
    ):
        page.get_by_label("画像かPDFのファイル").set_input_files({"name": name, "mimeType": "", "buffer": content})
        page.get_by_label("PDFのページ番号").fill(number)
        typist.enters("保存")
        typist.reads("配置図の画像を保存しました。")
        expect(page.locator(".dads-plan__drawing image")).to_have_attribute("width", "1152")
        if name == "plan.png":
            typist.enters("配置図の画像を変更・削除する")
    typist.reaches("Q-01")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(status).to_have_text("Q-01：11列5行")
    typist.reaches("配置図に座席を追加")
    page.keyboard.press("Enter")
    expect(status).to_have_text("Q-02を追加しました：4列4行")
    page.keyboard.press("ArrowDown")
    expect(status).to_have_text("Q-02：4列10行")
    page.locator("[data-plan-grid]").click(position={"x": 300, "y": 200})
    expect(status).to_contain_text("Q-03を追加しました")
    page.keyboard.press("Delete")
    expect(status).to_have_text("Q-03を配置図から外しました")
    page.keyboard.press("Escape")
    expect(status).to_contain_text("Q-03：")
    expect(page.get_by_role("button", name="Q-03", exact=True)).to_be_focused()
    page.keyboard.press("Delete")
    expect(status).to_have_text("Q-03を配置図から外しました")
    assert axe.violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert axe.overflow(page) == []
    typist.enters("保存")
    typist.reads("座席配置を保存しました（変更2席）。")
    expect(page.locator("[data-plan-grid] > li")).to_have_count(2)


def test_ten_stickers_fit_on_a_sheet_and_none_is_cut(demo: Demo, arrives: Opener) -> None:
    admin = a_plan(demo, arrives, "ラベル室")
    admin.page.get_by_role("navigation").get_by_role("link", name="ラベル室").click()
    admin.presses("座席を追加")
    admin.fills("番号の前につける文字", "R-")
    admin.fills("座席の数", "10")
    admin.presses("座席を追加")
    admin.presses("座席ラベルを印刷")
    printed = pypdfium2.PdfDocument(admin.page.pdf(prefer_css_page_size=True, format="A4"))
    names = [re.findall(r"[QR]-\d\d", page.get_textpage().get_text_range()) for page in printed]
    assert [len(page) for page in names] == [10, 1]
    admin.page.get_by_text("印刷する座席を選ぶ").click()
    admin.ticks("R-03")
    admin.presses("選んだ座席だけを表示する")
    assert admin.page.locator(".dads-sticker__desk").all_inner_texts() == ["R-03"]


def test_an_open_page_follows_what_happens_in_the_room(demo: Demo, arrives: Opener) -> None:
    admin = a_plan(demo, arrives, "状況室")
    admin.page.get_by_role("button", name="Q-01").focus()
    admin.page.keyboard.press("ArrowRight")
    admin.presses("保存")
    room = admin.page.url.removesuffix("/plan")
    admin.goes_to(f"/rooms/{room.rpartition('/')[2]}/plan")
    page = admin.page
    state = page.locator("[data-seat-state='Q-01']")
    before = state.text_content()
    other = page.context.new_page()
    other.goto(f"{room}/plan")
    other.get_by_role("group", name="Q-01").get_by_label("座席の名称").fill("窓側")
    other.get_by_role("button", name="保存").click()
    page.locator("#plan-view").focus()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-seat-state='窓側']")).to_have_text(before or "")
    expect(page.locator("#plan-view")).to_be_focused()
    expect(page.locator("[data-live-said]")).to_have_text(f"窓側 {before}")
    page.route("**/plan/now", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-live-said]")).to_contain_text("更新できません")
