"""知らせの送信先 at a browser: every state of its pages is well, wide and narrow."""

import pytest

from tests.browser.actors import SiteAdmin
from tests.browser.conftest import Opener
from tests.browser.demo import TOKYO, Demo
from tests.browser.test_day import signed_in
from tests.browser.test_hours import is_well

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_a_receiver_is_added_tried_and_deleted(demo: Demo, arrives: Opener, narrow: bool) -> None:
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin", narrow=narrow))
    admin.goes_to("/admin/webhooks/new")
    admin.is_at("送信先の追加")
    admin.fills("名称", "総務課の掲示")
    admin.fills("アドレス（URL）", "http://hooks.example/in/4f9a")
    admin.presses("追加")
    admin.reads("名前で書いたアドレスを入力してください")
    is_well(admin.page)
    # Nobody is called that this machine could reach: the name leads nowhere (RFC 2606, 2).
    admin.fills("アドレス（URL）", f"https://hooks.invalid/{'in' * 60}/4f9a")
    admin.presses("追加")
    admin.reads("送信先を追加しました")
    assert admin.page.get_by_label("署名の鍵").input_value().startswith("whsec_")
    is_well(admin.page)
    admin.presses("確認のために送る")
    admin.reads("接続できないか、時間内に応答がありませんでした")
    assert "whsec_" not in admin.page.content()
    is_well(admin.page)
    admin.presses("停止する")
    admin.reads("送信を停止しています")
    admin.goes_to("/admin/webhooks")
    admin.reads("停止中")
    is_well(admin.page)
    admin.presses("総務課の掲示")
    admin.presses("この送信先を削除する")
    admin.reads("送信先を削除しました")
