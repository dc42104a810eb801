"""Agreements, conditions and approvals at a browser: entered, mistaken, mended, confirmed, by keyboard and on a phone of 320 px."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from federation import clock
from node.app import open_town
from node.config import from_environment
from node.home import mailedlinks
from node.home.wishes import JAPAN
from node.models.approvals import Approval
from node.people import staff as people
from tests.browser import axe
from tests.browser.actors import Person, SiteAdmin, Typist, Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import KOMAE, SAITAMA, TOKYO, Demo
from tests.browser.test_closing import address_of, wants
from tests.browser.test_day import OPEN_ALWAYS, signed_in

pytestmark = pytest.mark.browser
SUPERIOR = "K2001"


def somebody(demo: Demo, arrives: Opener, code: str, role: str, *, narrow: bool = False) -> Person:
    return Person(*signed_in(demo, arrives, code, role, narrow=narrow))


def a_day(ahead: int) -> str:
    return (clock.now() + timedelta(days=ahead)).astimezone(JAPAN).date().isoformat()


def is_told_of(person: Person, field: str) -> None:
    """The head of the form names a mistake and leads to its field; axe finds nothing, nothing sticks out."""
    assert axe.overflow(person.page) == []
    assert axe.violations(person.page) == []
    link = person.page.locator(f'main a[href="#{field}"]')
    expect(link).to_be_visible()
    link.click()
    expect(person.page.locator(f"#{field}")).to_be_focused()


def test_an_agreement_is_entered_on_a_phone_and_confirmed_at_home(demo: Demo, arrives: Opener) -> None:
    admin, name = somebody(demo, arrives, TOKYO, "site_admin", narrow=True), "令和の追加協定"
    admin.goes_to("/admin/agreements/new")
    admin.fills("団体コード", "110002")
    admin.fills("料金（円）", "500")
    admin.presses("協定を登録")
    for field in ("name", "home_code", "price_basis"):
        is_told_of(admin, field)
    admin.fills("協定の名称", name)
    admin.fills("文書番号", "9総総第9号")
    admin.fills("団体コード", "110001")
    admin.fills("料金（円）", "0")
    admin.page.get_by_role("radio", name="日付を指定").check()
    admin.fills("開始日", a_day(500))
    admin.fills("終了日", a_day(600))
    admin.presses("協定を登録")
    if admin.page.get_by_role("checkbox", name="重なっていることを承知で保存する").count():
        admin.ticks("重なっていることを承知で保存する")
        admin.presses("協定を登録")
    admin.reads(f"協定「{name}」を登録しました。")

    home = somebody(demo, arrives, SAITAMA, "personnel", narrow=True)
    link = home.page.get_by_role("main").get_by_role("link", name=name).first
    for _ in range(60):
        home.goes_to("/personnel/agreements")
        if link.count():
            break
        home.page.wait_for_timeout(500)
    link.click()
    home.presses("確認して署名する")
    is_told_of(home, "compared")
    home.ticks("協定書と照らし合わせ")
    home.presses("確認して署名する")
    home.reads("第1版を確認しました。")


def test_conditions_are_changed_by_keyboard_and_every_version_is_kept(demo: Demo, arrives: Opener) -> None:
    person = somebody(demo, arrives, KOMAE, "personnel", narrow=True)
    typist = Typist(person.page, person.origin)
    typist.goes_to("/personnel/conditions")
    typist.types("週に利用できる日数", "9")
    typist.enters("保存")
    is_told_of(person, "days_a_week")
    typist.page.keyboard.press("ControlOrMeta+A")
    typist.page.keyboard.type("6")
    typist.enters("保存")
    person.reads("利用条件を保存しました。")
    person.reads("利用は週6日まで")
    person.page.get_by_role("link", name="これまでの版を見る").click()
    person.reads("利用は週6日まで")
    lays_down(person, approves=False)


def test_a_budget_is_set_and_lifted(demo: Demo, arrives: Opener) -> None:
    person = somebody(demo, arrives, KOMAE, "personnel", narrow=True)
    person.goes_to("/personnel/budgets")
    person.fills("予算（円）", "たくさん")
    person.presses("保存")
    is_told_of(person, "section")
    is_told_of(person, "yen")
    for yen in ("120000", ""):
        person.chooses("所属", "総務部 政策室")
        person.fills("予算（円）", yen)
        person.presses("保存")
        person.reads("予算を保存しました。")
    person.reads("この年度の予算は設定されていません")


def test_a_town_is_blocked_for_a_time_and_let_in_again(demo: Demo, arrives: Opener) -> None:
    admin = somebody(demo, arrives, KOMAE, "site_admin", narrow=True)
    admin.goes_to("/admin/blocks")
    admin.fills("団体コード", "111008")
    admin.presses("利用を停止する")
    is_told_of(admin, "home_code")
    admin.fills("団体コード", "111007")
    admin.fills("始まりの日", a_day(500))
    admin.fills("終わりの日", a_day(510))
    admin.fills("理由", "設備の点検のため")
    admin.presses("利用を停止する")
    admin.reads("設備の点検のため")
    admin.presses("解除する")
    admin.reads("利用停止はありません")


def test_a_superior_approves_by_keyboard_by_letter_and_beforehand(demo: Demo, arrives: Opener) -> None:
    room = "第二十控室"
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin"))
    admin.opens_a_room(OPEN_ALWAYS, room)
    admin.publishes_a_desk(OPEN_ALWAYS, room)
    desk = address_of(admin, room, "Q-01")
    visitor = Visitor(*signed_in(demo, arrives, KOMAE, "staff"))
    manager = somebody(demo, arrives, KOMAE, "manager", narrow=True)
    with approving(somebody(demo, arrives, KOMAE, "personnel")):
        asks(visitor, desk, a_day(9))
        approves_by_keyboard(manager)
        visitor.page.reload()
        visitor.code()

        asks(visitor, desk, a_day(10))
        outside = arrives(demo.towns[KOMAE], narrow=True)
        for _ in range(2):
            outside.goes_to(letter(demo))
            outside.reads("このページを開いただけでは、何も決まりません。")
        assert axe.violations(outside.page) == []
        outside.presses("不承認")
        outside.reads("理由を入力してください")
        assert axe.violations(outside.page) == []
        outside.presses("承認")
        outside.reads("この予約は、もう決めることができません")
        visitor.page.reload()
        visitor.code()

        manager.goes_to("/manager/standing")
        manager.fills("職員番号", demo.account(KOMAE, "staff").username)
        manager.fills("終わりの日", "2020-01-01")
        manager.presses("包括承認を与える")
        is_told_of(manager, "until_on")
        manager.fills("終わりの日", a_day(20))
        manager.fills("始まりの時刻", "00:00")
        manager.fills("終わりの時刻", "23:45")
        manager.presses("包括承認を与える")
        manager.reads("包括承認を与えました。")
        wants(visitor, desk, a_day(11), "03:00", "04:00")
        visitor.books()


def asks(visitor: Visitor, desk: str, day: str) -> None:
    """Ask for the desk; nobody has approved it yet."""
    wants(visitor, desk, day, "03:00", "04:00")
    visitor.consents()
    visitor.presses("予約する")
    visitor.reads("承認を待っています")


def approves_by_keyboard(manager: Person) -> None:
    """Decide the one question that waits, without a mouse."""
    manager.goes_to("/manager/approvals")
    manager.reads("承認を待っている予約（1件）")
    assert axe.overflow(manager.page) == []
    typist = Typist(manager.page, manager.origin)
    typist.reaches("理由")
    typist.enters("承認")
    manager.reads("1件を承認しました。")


def letter(demo: Demo) -> str:
    """Return the link of the letter to the 所属長 about the question that waits; the demo has no mail server to read it from."""
    (folder,) = demo.folder.glob(f"data-*/towns/{KOMAE}")
    lines = (folder / "town.env").read_text(encoding="utf-8").splitlines()
    town = open_town(from_environment({**dict(line.split("=", 1) for line in lines), "NODE_DATA": str(folder)}))
    with town.storage.transaction() as db:
        row, to = db.scalars(select(Approval).where(Approval.state == "asked")).one(), people.find(db, SUPERIOR)
        assert to is not None
        path = mailedlinks.path(row, to.id, mailedlinks.secret_of(town.config))
    town.storage.close()
    town.proofs.close()
    return path


@contextmanager
def approving(personnel: Person) -> Iterator[None]:
    """Have the town ask for approval while the block runs."""
    lays_down(personnel, approves=True)
    try:
        yield
    finally:
        lays_down(personnel, approves=False)


def lays_down(personnel: Person, *, approves: bool) -> None:
    """Lay down conditions that ask for nothing but, perhaps, the approval of the 所属長."""
    personnel.goes_to("/personnel/conditions")
    personnel.fills("週に利用できる日数", "")
    personnel.chooses("予約を承認する人", "所属長" if approves else "承認は要らない")
    personnel.presses("保存")
    personnel.reads("利用条件を保存しました。")
