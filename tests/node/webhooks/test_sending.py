"""Delivery against a real server: signed, tried again, given up; what it answers is never trusted and never in the way."""

import logging

import pytest
from sqlalchemy import select

from federation import outbox
from federation.address import AddressGuard
from federation.errors import PeerAddressRefused, TooMany
from federation.outbox import Promise
from node import jobs, notices
from node.home import asking
from node.models.webhooks import Webhook
from node.people import staff as directory
from node.people.sealing import WEBHOOKS, Seal
from node.town import Town
from node.webhooks import outcomes, receivers, sending
from node.webhooks.sending import Sender
from tests.node.pair import Pair
from tests.node.test_two_towns import booked
from tests.node.webhooks.conftest import OWN, Add, Send, found
from tests.node.webhooks.receiver import Handler, Receiver, saying


def pieces(receiver: Receiver, name: str) -> list[str]:
    return [got.headers[name] for got in receiver.got]


def test_a_message_is_signed_for_its_receiver(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    number, secret = add(towns.host)
    booked(towns)
    assert send(towns.host) == outbox.Delivered(1, 0)
    (got,) = receiver.got
    assert got.is_signed_with(secret)
    assert not got.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert got.headers["webhook-timestamp"] == str(int(towns.clock().timestamp()))
    assert got.headers["content-type"].startswith("application/json")
    assert (found(towns.host, number).last_outcome, found(towns.host, number).last_status) == ("delivered", 200)


def test_after_a_failure_the_same_message_comes_again_with_a_time_of_its_own(
    towns: Pair, add: Add, send: Send, receiver: Receiver
) -> None:
    number, secret = add(towns.host)
    receiver.answers = [saying(500), saying(202)]
    booked(towns)
    assert send(towns.host) == outbox.Delivered(0, 1)
    assert found(towns.host, number).failing_since == towns.clock()
    towns.clock.pass_by(minutes=1)
    assert send(towns.host) == outbox.Delivered(1, 0)
    assert len(set(pieces(receiver, "webhook-id"))) == 1
    assert len(set(pieces(receiver, "webhook-timestamp"))) == 2
    assert all(got.is_signed_with(secret) for got in receiver.got)
    assert receiver.got[0].body == receiver.got[1].body
    assert found(towns.host, number).failing_since is None


def test_a_receiver_may_ask_us_to_wait(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.host)
    receiver.answers = [saying(429, Retry_After="1800"), saying(200)]
    booked(towns)
    send(towns.host)
    towns.clock.pass_by(minutes=29)
    assert send(towns.host) == outbox.Delivered(0, 0)
    towns.clock.pass_by(minutes=2)
    assert send(towns.host) == outbox.Delivered(1, 0)


def test_a_receiver_that_is_gone_is_stopped_and_the_admin_told(
    towns: Pair, add: Add, send: Send, receiver: Receiver
) -> None:
    with towns.host.storage.transaction(write=True) as db:
        who = directory.add(db, number="9", name="担当", section="管財課", roles=("site_admin",), now=towns.clock())
        db.flush()
    number, _ = add(towns.host)
    receiver.answers = [saying(410)]
    booked(towns)
    assert send(towns.host) == outbox.Delivered(1, 0)
    assert found(towns.host, number).stopped == "gone"
    with towns.host.storage.transaction() as db:
        (told,) = notices.latest(db, who.id)
        assert db.scalars(select(Promise).where(Promise.kind == "webhook")).all() == []
    assert "もう受け取らない" in told.words
    assert told.link == f"/admin/webhooks/{number}"


def test_days_of_failure_stop_it_and_drop_what_waits(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    number, _ = add(towns.host)
    receiver.answers = [saying(503)]
    booked(towns)
    send(towns.host)
    towns.clock.pass_by(days=2, hours=23)
    send(towns.host)
    assert found(towns.host, number).stopped == ""
    towns.clock.pass_by(hours=2)
    send(towns.host)
    assert found(towns.host, number).stopped == "failing"
    towns.clock.pass_by(days=1)
    assert send(towns.host) == outbox.Delivered(0, 0)
    assert len(receiver.got) == 3


def test_a_stopped_receiver_hears_nothing_and_a_resumed_one_what_comes(
    towns: Pair, add: Add, send: Send, receiver: Receiver
) -> None:
    number, _ = add(towns.host)
    with towns.host.storage.transaction(write=True) as db:
        receivers.stop(db, receivers.get(db, number), "admin", by="staff:1", now=towns.clock())
    booked(towns)
    with towns.host.storage.transaction(write=True) as db:
        receivers.resume(db, number, by="staff:1", now=towns.clock())
    assert send(towns.host) == outbox.Delivered(0, 0)
    assert receiver.got == []


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (saying(302, Location="http://localhost:1/elsewhere"), outcomes.ODD),
        (saying(307, Location="http://169.254.169.254/latest"), outcomes.ODD),
        (saying(200, b"x" * (sending.ANSWER_BYTES + 1)), outcomes.ODD),
        (saying(200, b"", Content_Encoding="gzip"), outcomes.ODD),
        (saying(400, b"bad"), outcomes.REFUSED),
    ],
    ids=["redirect", "redirect inside", "huge", "compressed", "refused"],
)
def test_an_odd_answer_is_no_delivery_and_leads_nowhere(
    towns: Pair, add: Add, send: Send, receiver: Receiver, answer: object, word: str
) -> None:
    number, _ = add(towns.host)
    receiver.answers = [answer]  # type: ignore[list-item]
    booked(towns)
    assert send(towns.host) == outbox.Delivered(0, 1)
    assert found(towns.host, number).last_outcome == word
    assert len(receiver.got) == 1


def test_a_receiver_that_drips_is_cut_off(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not receiver.over.wait(0.05):
            handler.wfile.write(b".")
            handler.wfile.flush()

    number, _ = add(towns.host)
    receiver.answers = [drip]
    booked(towns)
    assert send(towns.host, seconds=0.5) == outbox.Delivered(0, 1)
    assert found(towns.host, number).last_outcome == outcomes.UNREACHABLE


def test_a_dead_receiver_delays_nobody_else(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    dead, _ = add(towns.host, url=f"{receiver.origin}/dead")
    alive, _ = add(towns.host, url=f"{receiver.origin}/alive")
    receiver.answers = [lambda handler: handler.says(503 if handler.path == "/dead" else 200)]
    booked(towns)
    with towns.host.storage.transaction(write=True) as db:
        outbox.promise(db, "letter", "mail", {}, now=towns.clock())
    send(towns.host)
    with towns.host.storage.transaction() as db:
        waits = {row.target: row.attempts for row in db.scalars(select(Promise))}
    assert waits == {f"webhook:{dead}": 1, "mail": 0}
    assert found(towns.host, alive).last_outcome == outcomes.DELIVERED


def test_promises_to_hosts_and_webhooks_are_carried_apart(towns: Pair, add: Add, receiver: Receiver) -> None:
    add(towns.host)
    booked(towns)
    assert jobs.deliver(towns.host) == outbox.Delivered(0, 0)
    assert receiver.got == []


def test_neither_address_nor_secret_is_logged_or_kept_in_the_clear(
    towns: Pair, add: Add, send: Send, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    number, secret = add(towns.host)
    receiver.answers = [saying(500)]
    booked(towns)
    send(towns.host)
    with towns.host.storage.transaction() as db:
        rows = [str(vars(row)) for row in (*db.scalars(select(Promise)), *db.scalars(select(Webhook)))]
    written = caplog.text + "".join(rows)
    assert "was not delivered" in caplog.text
    assert f"webhook {number}: refused 500" in caplog.text
    assert "s3cr3t" not in written
    assert secret.removeprefix("whsec_") not in written
    assert found(towns.host, number).shown == f"{receiver.origin.removeprefix('http://')}/…4f9a"


NEVER_CALLED = (
    "http://hooks.example.jp/in",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/in",
    "https://127.0.0.1/in",
    "https://2130706433/in",
    "https://0x7f000001/in",
    "https://user:password@hooks.example.jp/in",
    "https://hooks.example.jp/in#part",
    "http://localhost:1/in",
    "ftp://hooks.example.jp/in",
    f"https://hooks.example.jp/{'a' * 2048}",
    "https://hooks.example.jp/in put",
    "nothing",
)
INSIDE = ("10.0.0.7", "127.0.0.1", "169.254.169.254", "::1", "fd00::7", "::ffff:10.0.0.7", "64:ff9b::a00:7")


def test_what_is_never_called_is_not_taken(towns: Pair, add: Add) -> None:
    for url in NEVER_CALLED:
        with pytest.raises(PeerAddressRefused):
            add(towns.host, url=url)
    with towns.host.storage.transaction() as db:
        assert receivers.every(db) == []


def test_a_name_that_leads_inside_is_not_called(towns: Pair, add: Add) -> None:
    number, _ = add(towns.host, url="https://hooks.example.jp/in")
    booked(towns)
    for address in INSIDE:
        judge = AddressGuard(own=OWN, resolver=lambda _host, _port, found=address: [found])  # type: ignore[misc]
        towns.clock.pass_by(hours=1)
        assert jobs.send_webhooks(Sender(towns.host, judge=judge)) == outbox.Delivered(0, 1)
        assert found(towns.host, number).last_outcome == outcomes.FORBIDDEN


def test_origins_of_other_towns_are_not_thereby_allowed(towns: Pair) -> None:
    assert sending.guard(towns.host.config).allowed == towns.host.config.webhook_origins == frozenset()


def test_a_trial_is_answered_at_once(towns: Pair, add: Add, judge: AddressGuard, receiver: Receiver) -> None:
    number, secret = add(towns.host)
    outcome = Sender(towns.host, judge=judge).try_out(number, now=towns.clock())
    assert (outcome.word, outcome.status) == ("delivered", 200)
    (got,) = receiver.got
    assert got.json["type"] == "webhook.test"
    assert got.json["data"] == {"town": {"code": "131016", "name": "千代田区"}}
    assert got.is_signed_with(secret)


def test_trials_do_not_hammer_a_receiver(towns: Pair, add: Add, judge: AddressGuard, receiver: Receiver) -> None:
    number, _ = add(towns.host)
    sender = Sender(towns.host, judge=judge)
    sender.try_out(number, now=towns.clock())
    with pytest.raises(TooMany):
        sender.try_out(number, now=towns.clock())
    sender.try_out(number, now=towns.clock.pass_by(seconds=5))
    assert len(receiver.got) == 2


def test_a_failed_trial_gives_nobody_up(towns: Pair, add: Add, judge: AddressGuard, receiver: Receiver) -> None:
    number, _ = add(towns.host)
    receiver.answers = [saying(410)]
    outcome = Sender(towns.host, judge=judge).try_out(number, now=towns.clock())
    assert outcome.word == outcomes.GONE
    assert (found(towns.host, number).stopped, found(towns.host, number).failing_since) == ("", None)


def test_a_town_has_so_many_receivers_and_no_more(towns: Pair, add: Add) -> None:
    for _ in range(receivers.MOST):
        add(towns.host)
    with pytest.raises(TooMany):
        add(towns.host)


def test_what_was_removed_is_forgotten(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    number, _ = add(towns.host)
    booked(towns)
    with towns.host.storage.transaction(write=True) as db:
        receivers.remove(db, number, by="staff:1", now=towns.clock())
    assert send(towns.host) == outbox.Delivered(0, 0)
    assert receiver.got == []


def turned(town: Town, number: int) -> str:
    with town.storage.transaction(write=True) as db:
        _, secret = receivers.turn(db, Seal(town.config.data, WEBHOOKS), number, by="staff:1", now=town.clock())
    return secret


def test_a_new_secret_signs_at_once_and_the_old_one_for_a_day(
    towns: Pair, add: Add, judge: AddressGuard, receiver: Receiver
) -> None:
    number, old = add(towns.host)
    new, sender = turned(towns.host, number), Sender(towns.host, judge=judge)
    sender.try_out(number, now=towns.clock())
    assert (receiver.got[-1].is_signed_with(new), receiver.got[-1].is_signed_with(old)) == (True, True)
    towns.clock.pass_by(hours=24)
    sender.try_out(number, now=towns.clock())
    assert (receiver.got[-1].is_signed_with(new), receiver.got[-1].is_signed_with(old)) == (True, False)


def test_a_secret_that_leaked_is_worth_nothing_after_two_turns(
    towns: Pair, add: Add, judge: AddressGuard, receiver: Receiver
) -> None:
    number, leaked = add(towns.host)
    turned(towns.host, number)
    newest = turned(towns.host, number)
    Sender(towns.host, judge=judge).try_out(number, now=towns.clock())
    assert receiver.got[-1].is_signed_with(newest)
    assert not receiver.got[-1].is_signed_with(leaked)


def test_bookings_keep_their_pseudonyms_when_the_secret_is_changed(
    towns: Pair, add: Add, send: Send, receiver: Receiver
) -> None:
    number, _ = add(towns.host)
    trip_id = booked(towns)
    send(towns.host)
    turned(towns.host, number)
    asking.cancel(towns.home, trip_id, towns.person.staff_id, now=towns.clock())
    send(towns.host)
    assert len(receiver.got) == 2
    assert len({got.json["data"]["booking"] for got in receiver.got}) == 1
