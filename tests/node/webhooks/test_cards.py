"""A card has the shape that Teams takes, in the receiver's language, and no name on it becomes a link."""

from collections.abc import Iterator
from typing import Any

from federation.address import AddressGuard
from node.host import sites
from node.models.sites import Desk
from node.webhooks import kinds, outcomes
from node.webhooks.sending import Sender
from tests.node.pair import Pair
from tests.node.test_two_towns import booked, trip
from tests.node.webhooks.conftest import Add, Send, found
from tests.node.webhooks.receiver import Receiver, saying

ELEMENTS = {"TextBlock": {"type", "text", "weight", "size", "wrap"}, "RichTextBlock": {"type", "spacing", "inlines"}}
"""Every member a card of ours has, each of Adaptive Cards 1.4 or earlier."""


def card_of(message: Any) -> Any:
    """Return the card of a message that has the shape of a workflow's trigger."""
    assert set(message) == {"type", "attachments"}
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert set(attachment) == {"contentType", "contentUrl", "content"}
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert set(card) == {"$schema", "type", "version", "lang", "body"}
    for element in card["body"]:
        assert set(element) == ELEMENTS[element["type"]]
        assert all({"TextRun"} == {run["type"]} for run in element.get("inlines", ()))
    return card


def lines(card: Any) -> Iterator[str]:
    for element in card["body"]:
        yield element.get("text") or "".join(run["text"] for run in element["inlines"])


def test_a_card_says_what_where_and_when(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    number, _ = add(towns.host, style="teams")
    receiver.answers = [saying(202)]
    trip_id = booked(towns)
    send(towns.host)
    (got,) = receiver.got
    assert list(lines(card_of(got.json))) == [
        "座席の予約が入りました",
        "座席: 千代田合同庁舎 4階 共用執務室 A-1",
        "日時: 2026年11月24日(火) 13:00〜15:00",
        "状態: 予約確定",
        "受入団体: 千代田区",
        "所属団体: 所沢市",
    ]
    assert trip_id not in got.body.decode()
    assert trip(towns, trip_id).staff.name not in got.body.decode()
    assert "webhook-signature" not in got.headers, "the address is the permission"
    assert found(towns.host, number).last_outcome == outcomes.DELIVERED
    assert len(got.body) < 28 * 1024


def test_a_card_speaks_the_language_of_its_receiver(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.home, style="teams", locale="en")
    booked(towns)
    send(towns.home)
    card = card_of(receiver.got[0].json)
    said = list(lines(card))
    assert card["lang"] == "en"
    assert said[0] == "A booking of our staff was accepted"
    assert "State: Confirmed" in said


def test_markup_in_a_name_stays_letters(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    markup = "[本庁舎](https://evil.example) **A** {{DATE(2026-01-01T00:00:00Z)}}"
    add(towns.host, style="teams")
    with towns.host.storage.transaction(write=True) as db:
        sites.site_of(db.get_one(Desk, towns.desk)).name = markup
    booked(towns)
    send(towns.host)
    card = card_of(receiver.got[0].json)
    markdown = [element for element in card["body"] if element["type"] == "TextBlock"]
    assert [element["text"] for element in markdown] == ["座席の予約が入りました"]
    assert any(markup in line for line in lines(card))


def test_a_trial_is_a_card_too(towns: Pair, add: Add, judge: AddressGuard, receiver: Receiver) -> None:
    number, _ = add(towns.host, style="teams")
    assert Sender(towns.host, judge=judge).try_out(number, now=towns.clock()).is_good
    assert list(lines(card_of(receiver.got[0].json))) == ["知らせの送信先の確認です", "団体: 千代田区"]


def test_every_kind_has_a_title() -> None:
    assert {*kinds.KINDS, kinds.TRIAL} == set(kinds.TITLES)
