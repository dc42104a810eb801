"""Two towns, and a program that listens to one of them."""

from collections.abc import Callable, Iterator

import pytest

from federation import outbox
from federation.address import AddressGuard
from federation.language import Locale
from node import jobs
from node.models.webhooks import Webhook
from node.people.sealing import WEBHOOKS, Seal
from node.town import Town
from node.webhooks import receivers
from node.webhooks.kinds import KINDS
from node.webhooks.sending import Sender
from tests.node.pair import Pair
from tests.node.webhooks.receiver import Receiver, receiving

OWN = "http://localhost:1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def judge(receiver: Receiver) -> AddressGuard:
    """What a rehearsal allows: the one origin of the receiver."""
    return AddressGuard(frozenset({receiver.origin}), own=OWN)


Add = Callable[..., tuple[int, str]]
Send = Callable[..., outbox.Delivered]


@pytest.fixture
def add(judge: AddressGuard, receiver: Receiver) -> Add:
    """Have a town tell the receiver; returns the number and the secret."""

    def add(
        town: Town, *, url: str = "", style: str = "json", locale: Locale = "ja", kinds: tuple[str, ...] = tuple(KINDS)
    ) -> tuple[int, str]:
        with town.storage.transaction(write=True) as db:
            made, secret = receivers.add(
                db,
                Seal(town.config.data, WEBHOOKS),
                judge,
                name="総務課の掲示",
                url=url or f"{receiver.origin}/in/s3cr3t-4f9a",
                style=style,
                locale=locale,
                kinds=kinds,
                by="staff:1",
                now=town.clock(),
            )
        return made.id, secret

    return add


@pytest.fixture
def send(judge: AddressGuard) -> Send:
    """Send what a town has promised."""

    def send(town: Town, *, seconds: float = 5) -> outbox.Delivered:
        return jobs.send_webhooks(Sender(town, judge=judge, total_seconds=seconds))

    return send


def found(town: Town, number: int) -> Webhook:
    with town.storage.transaction() as db:
        return receivers.get(db, number)


def promised(towns: Pair, *, at_home: bool = False) -> int:
    town = towns.home if at_home else towns.host
    with town.storage.transaction() as db:
        return db.query(outbox.Promise).where(outbox.Promise.kind == "webhook").count()
