"""知らせの送信先 as its admin sees it: added, tried, paused, taken away; its secret once, its address never again."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.models.webhooks import Webhook
from node.town import Town
from node.webhooks import receivers
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person
from tests.node.views.desks import statements
from tests.node.webhooks.receiver import Receiver, receiving, saying

PAGE, NEW = "/admin/webhooks", "/admin/webhooks/new"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def host_town(host_town: Town, receiver: Receiver) -> Town:
    """The same town, whose operator allows the receiver."""
    return replace(host_town, config=replace(host_town.config, webhook_origins=frozenset({receiver.origin})))


def filled(receiver: Receiver, **changes: object) -> dict[str, object]:
    form = {"name": "総務課", "style": "json", "url": f"{receiver.origin}/in/s3cr3t-4f9a", "locale": "ja"}
    return {**form, "kinds": ["booking.made", "booking.no_show"], **changes}


def adds(admin: Person, receiver: Receiver, **changes: object) -> str:
    """Send the form and return the page that comes."""
    answer = admin.sends(NEW, filled(receiver, **changes), shown_on=NEW)  # type: ignore[arg-type]  # A field may have several values.
    return html.unescape(answer.text)


def one(town: Town) -> Webhook:
    with town.storage.transaction() as db:
        (found,) = receivers.every(db)
    return found


def test_a_receiver_is_added_and_its_secret_shown_once(site_admin: Person, host_town: Town, receiver: Receiver) -> None:
    secret = re.search(r"whsec_[A-Za-z0-9+/]{43}=", adds(site_admin, receiver))
    assert secret
    for page in (PAGE, f"{PAGE}/{one(host_town).id}"):
        shown = html.unescape(site_admin.opens(page).text)
        assert "総務課" in shown
        assert "whsec_" not in shown
        assert "s3cr3t" not in shown
        assert "/…4f9a" in shown
    assert one(host_town).kinds == "booking.made booking.no_show"


def test_a_trial_says_at_once_what_became_of_it(
    site_admin: Person, host_town: Town, receiver: Receiver, clock: Clock
) -> None:
    secret = re.search(r"whsec_[^\"]+", adds(site_admin, receiver))
    page = f"{PAGE}/{one(host_town).id}"
    receiver.answers = [saying(202), saying(404), saying(301, Location="https://elsewhere.example/"), saying(410)]
    for words in (
        "届きました（応答202）",
        "受け付けませんでした（応答404）",
        "別のアドレスへの転送",
        "もう受け取らないと答えました",
    ):
        site_admin.sends(f"{page}/try", shown_on=page)
        assert words in site_admin.reads(page)
        clock.pass_by(seconds=5)
    assert secret
    assert all(got.is_signed_with(secret[0]) for got in receiver.got)
    site_admin.sends(f"{page}/try", shown_on=page)
    site_admin.sends(f"{page}/try", shown_on=page)
    assert "5秒に1回まで" in site_admin.reads(page)
    assert len(receiver.got) == 5


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "入力してください。"),
        ({"name": "あ" * 61}, "name", "60文字以内"),
        ({"url": ""}, "url", "入力してください。"),
        ({"url": "http://hooks.example.jp/in"}, "url", "https://"),
        ({"url": "https://169.254.169.254/"}, "url", "IPアドレス"),
        ({"url": "https://[::1]/"}, "url", "IPアドレス"),
        ({"url": "http://localhost:8001/in"}, "url", "https://"),
        ({"url": f"https://hooks.example.jp/{'a' * 2048}"}, "url", "2048文字以内"),
        ({"kinds": []}, "kinds", "一つ以上"),
        ({"kinds": ["booking.made", "everything"]}, "kinds", "選択肢から"),
        ({"style": "fax"}, "style", "選択肢から"),
    ],
)
def test_a_mistake_stands_at_its_field_and_nothing_typed_is_lost(
    site_admin: Person, host_town: Town, receiver: Receiver, changes: dict[str, object], field: str, words: str
) -> None:
    form = filled(receiver, **changes)
    answer = site_admin.sends(NEW, form, shown_on=NEW)  # type: ignore[arg-type]  # The same.
    shown = html.unescape(answer.text)
    assert answer.status_code == 400
    assert re.search(rf'id="{field}-error"[^>]*>[^<]*{re.escape(words)}', shown)
    assert str(form["name"])[:60] in shown
    with host_town.storage.transaction() as db:
        assert receivers.every(db) == []


def test_pausing_resuming_changing_and_deleting(site_admin: Person, host_town: Town, receiver: Receiver) -> None:
    adds(site_admin, receiver)
    page = f"{PAGE}/{one(host_town).id}"
    site_admin.sends(f"{page}/pause", shown_on=page)
    assert "停止中に起きたことは" in site_admin.reads(page)
    assert "停止中" in site_admin.reads(PAGE)
    site_admin.sends(f"{page}/resume", shown_on=page)
    assert one(host_town).stopped == ""
    assert (
        site_admin.sends(page, {"name": "危機管理課", "kinds": "booking.cancelled"}, shown_on=page).status_code == 303
    )
    assert (one(host_town).name, one(host_town).kinds) == ("危機管理課", "booking.cancelled")
    assert site_admin.sends(page, {"name": "", "kinds": "booking.cancelled"}, shown_on=page).status_code == 400
    site_admin.sends(f"{page}/delete", shown_on=page)
    assert "送信先はまだありません" in site_admin.reads(PAGE)
    for gone in ("", "/try", "/pause", "/resume", "/delete"):
        assert (
            site_admin.sends(f"{page}{gone}", {"name": "x", "kinds": "booking.made"}, shown_on=NEW).status_code == 404
        )


def test_one_that_stopped_by_itself_is_to_be_looked_into(
    site_admin: Person, host_town: Town, receiver: Receiver
) -> None:
    adds(site_admin, receiver)
    number = one(host_town).id
    with host_town.storage.transaction(write=True) as db:
        found = receivers.get(db, number)
        receivers.stop(db, found, "gone", by="node", now=host_town.clock())
    assert "知らせの送信先「総務課」への送信が止まっています。" in site_admin.reads("/admin")
    assert "もう受け取らないと答えたため" in site_admin.reads(f"{PAGE}/{found.id}")


def test_every_act_leaves_a_line(site_admin: Person, host_town: Town, receiver: Receiver) -> None:
    adds(site_admin, receiver)
    page = f"{PAGE}/{one(host_town).id}"
    site_admin.sends(f"{page}/delete", shown_on=page)
    with host_town.storage.transaction() as db:
        reasons = [entry.reason for entry in db.scalars(select(AuditEntry).where(AuditEntry.event == "webhook"))]
    assert [reason.rpartition(" ")[2] for reason in reasons] == ["added", "removed"]
    assert not any("s3cr3t" in reason for reason in reasons)


def test_the_list_asks_no_more_for_twenty_than_for_one(site_admin: Person, receiver: Receiver) -> None:
    adds(site_admin, receiver)
    few = statements(site_admin, PAGE)
    for _ in range(receivers.MOST - 1):
        adds(site_admin, receiver)
    assert statements(site_admin, PAGE) == few
    assert "20件までです" in adds(site_admin, receiver)


def test_the_secret_is_changed_by_one_press_and_shown_once(
    site_admin: Person, host_town: Town, receiver: Receiver
) -> None:
    before = re.search(r"whsec_[A-Za-z0-9+/]{43}=", adds(site_admin, receiver))
    page = f"{PAGE}/{one(host_town).id}"
    answer = html.unescape(site_admin.sends(f"{page}/secret", shown_on=page).text)
    after = re.search(r"whsec_[A-Za-z0-9+/]{43}=", answer)
    assert before
    assert after
    assert before[0] != after[0]
    assert "署名の鍵を替えました" in answer
    assert "whsec_" not in site_admin.opens(page).text


def test_a_secret_of_a_receiver_that_is_gone_is_not_changed(site_admin: Person) -> None:
    assert site_admin.sends(f"{PAGE}/4711/secret", shown_on=NEW).status_code == 404
