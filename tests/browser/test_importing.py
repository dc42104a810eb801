"""CSVの取り込み on a screen of 320 px: a real city's list, its office building chosen by POI code, and a page a person can use."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.actors import Person
from tests.browser.conftest import Opener
from tests.browser.demo import TOKYO, Demo

pytestmark = pytest.mark.browser
REAL = Path(__file__).parents[3] / "shared/data/172120_public-facility.csv"
MADE = (
    "ID,名称,POIコード,所在地_連結表記,緯度,経度,電話番号\r\n"
    "Z1,髙﨑①役場,1302,東京都千代田区丸の内3,139.7634,35.6778,03-0000-0000\r\n"
    "Z2,吉祥寺公園,1003,東京都武蔵野市御殿山1,35.7003,139.5763,\r\n"
    "Z3,どこかの館,1307,東京都武蔵野市,,,\r\n"
)


def is_well(page: Page) -> None:
    """Fail for what axe finds, and for a page that scrolls sideways."""
    wrong = [*axe.overflow(page), *axe.violations(page)]
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def an_admin(demo: Demo, arrives: Opener, *, scripts: bool = True) -> Person:
    """Return 東京都's 施設担当者 with a narrow screen, where a file is chosen."""
    admin = arrives(demo.towns[TOKYO], narrow=True, scripts=scripts)
    admin.goes_to("/signin")
    admin.signs_in(demo.account(TOKYO, "site_admin"))
    admin.goes_to("/admin/sites")
    admin.presses("CSVの取り込み")
    admin.is_at("CSVの取り込み")
    return admin


def sends(admin: Person, name: str, content: bytes) -> None:
    """Choose a file and have it checked."""
    admin.page.get_by_label("ファイル（CSV）").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    admin.presses("内容を確認する")


@pytest.mark.skipif(not REAL.exists(), reason="the trial data is not beside this checkout")
def test_the_office_building_of_a_real_list_becomes_a_site(demo: Demo, arrives: Opener) -> None:
    admin = an_admin(demo, arrives)
    sends(admin, REAL.name, REAL.read_bytes())
    admin.is_at("内容の確認")
    admin.reads("189")
    is_well(admin.page)
    admin.presses("取り込む行を選ぶ")
    is_well(admin.page)
    admin.fills("POIコード・分類", "1302")
    admin.presses("絞り込む")
    admin.ticks("野々市市役所")
    admin.page.get_by_role("radio", name="掲載する", exact=False).last.check()
    is_well(admin.page)
    admin.presses("取り込む")
    admin.is_at("取り込みが終わりました")
    is_well(admin.page)
    admin.presses("施設・部屋・座席を開く")
    named = admin.page.get_by_role("heading", name="野々市市役所")
    expect(admin.page.get_by_role("listitem").filter(has=named)).to_contain_text("掲載中")
    expect(admin.page.get_by_text("新庄東公園")).to_have_count(0)


def test_a_list_is_mended_and_taken_over_without_scripts(demo: Demo, arrives: Opener) -> None:
    admin = an_admin(demo, arrives, scripts=False)
    sends(admin, "一覧.csv", MADE.encode("cp932"))
    admin.reads("Shift_JIS")
    admin.reads("緯度と経度が入れ替わっていたので、入れ替えました。")
    admin.presses("直す")
    admin.is_at("4行目を直す")
    admin.fills("緯度", "北")
    admin.presses("読み取り直す")
    admin.reads("このままでは取り込めません")
    admin.fills("緯度", "35.70")
    admin.fills("経度", "139.56")
    admin.presses("読み取り直す")
    admin.reads("4行目を直しました。")
    admin.presses("取り込む行を選ぶ")
    admin.ticks("髙﨑①役場")
    admin.fills("名称の一部", "公園")
    admin.page.get_by_label("名称の一部").press("Enter")
    admin.reads("2行を選んでいます。")
    admin.presses("選んだ行だけを表示")
    expect(admin.page.get_by_role("checkbox", name="髙﨑①役場")).to_be_checked()
    admin.presses("取り込む")
    admin.is_at("取り込みが終わりました")
    admin.goes_to("/admin/sites")
    admin.reads("髙﨑①役場")


def test_an_exception_and_a_room_come_by_files_that_were_given_out(demo: Demo, arrives: Opener) -> None:
    admin = an_admin(demo, arrives)
    for kind, label, before, after in (
        ("hours", "利用時間", "\r\n", ",臨時に開く,2026-12-05,,,,,,,,,,,土,はい,9:00-12:00,開放日,\r\n"),
        ("rooms", "部屋", ",静かに利用,", ",会話可,"),
    ):
        content = admin.page.request.get(f"{admin.page.url.partition('/admin')[0]}/admin/export/{kind}.csv").text()
        head, first = content.split("\r\n")[:2]
        changed = first.replace(before, after) if kind == "rooms" else ",".join(first.split(",")[:4]) + after
        admin.goes_to("/admin/import")
        admin.page.get_by_label(label, exact=True).check()
        sends(admin, f"{kind}.csv", f"{head}\r\n{changed.strip()}\r\n".encode())
        is_well(admin.page)
        admin.presses("取り込む行を選ぶ")
        admin.reads("1行を選んでいます。")
        is_well(admin.page)
        admin.presses("取り込む")
        admin.is_at("取り込みが終わりました")
