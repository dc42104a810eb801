"""An agreement that somebody tampered with on its way is refused by either side, and leaves everything as it stood."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from federation import agreed as signing
from federation.agreed import Side
from federation.errors import BadInput, Conflict, TachiyoriError, TokenRefused, TrustBroken
from federation.keys import KeyPair, make
from federation.messages.agreement import OfferedTerms, SignersChain, TermsAnswer
from node.home import offered
from node.host import agreements, confirmations
from node.host.homes import Home
from node.models.agreements import Agreement, Confirmation
from node.signing import own_chain
from node.town import Town
from tests.node.pair import HOME, HOST, Pair, pair
from tests.node.test_agreeing import at_home, at_host, carried, entered

CODE = "112089"
OTHER = "https://node.elsewhere.example"
ANOTHER_ID = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Pair]:
    made = pair(tmp_path, f"sqlite:///{tmp_path}/home.db", f"sqlite:///{tmp_path}/host.db")
    with made.host.storage.transaction(write=True) as db:
        db.scalars(select(Agreement)).one().suspended_at = made.clock()
    yield made
    made.home.storage.close()
    made.host.storage.close()


def chain(both: Pair, town: Town) -> SignersChain:
    with town.storage.transaction(write=True) as db:
        return own_chain(db, town, both.clock())


def signed(both: Pair, town: Town, side: Side, key: KeyPair | None = None, **changed: Any) -> str:
    """Sign the newest version as home was offered it, but for what is changed."""
    found, (version, *_) = at_home(both)
    facts = {"agreement": found.agreement_id, "version": version.number, "terms": version.terms, "now": both.clock()}
    facts |= {"issuer": town.config.entity_id, "audience": HOST if side == "home" else HOME}
    return signing.sign(key or town.keys.protocol.current, side=side, **{**facts, **changed})


def with_more_seats(both: Pair) -> Mapping[str, Any]:
    return {**at_home(both)[1][0].terms, "seats_a_day": 900}


ANSWERS: Mapping[str, Callable[[Pair], str]] = {
    "changed terms": lambda both: signed(both, both.home, "home", terms=with_more_seats(both)),
    "a key that is not the signer's": lambda both: signed(both, both.home, "home", make()),
    "the other side's signature": lambda both: signed(both, both.host, "host"),
    "an older version": lambda both: signed(both, both.home, "home", version=1),
    "for another town": lambda both: signed(both, both.home, "home", audience=OTHER),
    "of another agreement": lambda both: signed(both, both.home, "home", agreement=ANOTHER_ID),
}


@pytest.fixture
def second(both: Pair) -> str:
    """An agreement whose second version home has been offered and not answered."""
    made = entered(both)
    carried(both)
    with both.host.storage.transaction(write=True) as db:
        agreements.amend(db, agreements.locked(db, made), {"seats_a_day": 4}, now=both.clock())
    carried(both)
    assert at_home(both)[1][0].number == 2
    return made


def answered(both: Pair, made: str, **said: Any) -> None:
    with both.host.storage.transaction(write=True) as db:
        home = Home(both.host.members.row(db, HOME).id, HOME, CODE)
        confirmations.take_answer(db, both.host, home, made, TermsAnswer(id=made, **said), now=both.clock())


def stays_unanswered(both: Pair, made: str) -> None:
    assert at_host(both, made).version == 0
    with both.host.storage.transaction() as db:
        assert db.get_one(Confirmation, (made, 2, CODE)).state == "awaited"


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_tampered_answer_confirms_nothing(both: Pair, second: str, name: str) -> None:
    token, theirs = ANSWERS[name](both), chain(both, both.home)
    with pytest.raises((TokenRefused, TrustBroken)):
        answered(both, second, version=2, token=token, chain=theirs)
    stays_unanswered(both, second)


def test_an_answer_to_an_older_version_is_replayed_in_vain(both: Pair, second: str) -> None:
    old = signed(both, both.home, "home", version=1)
    with pytest.raises(Conflict):
        answered(both, second, version=1, token=old, chain=chain(both, both.home))
    stays_unanswered(both, second)


@pytest.mark.parametrize("left_out", ["token", "chain"])
def test_a_signature_and_its_chain_come_together(both: Pair, second: str, left_out: str) -> None:
    whole = {"token": signed(both, both.home, "home"), "chain": chain(both, both.home)}
    with pytest.raises(BadInput):
        answered(both, second, version=2, objection="合わない", **{**whole, left_out: None})
    stays_unanswered(both, second)


def test_a_true_answer_with_another_s_chain_is_refused(both: Pair, second: str) -> None:
    with pytest.raises((TokenRefused, TrustBroken)):
        answered(both, second, version=2, token=signed(both, both.home, "home"), chain=chain(both, both.host))
    stays_unanswered(both, second)


OFFERS: Mapping[str, Callable[[Pair], str]] = {
    "a key that is not the host's": lambda both: signed(both, both.host, "host", make(), version=3),
    "for another town": lambda both: signed(both, both.host, "host", version=3, audience=OTHER),
    "home's own signature": lambda both: signed(both, both.home, "home", version=3),
    "of another agreement": lambda both: signed(both, both.host, "host", version=3, agreement=ANOTHER_ID),
    "terms that do not name us": lambda both: signed(
        both, both.host, "host", version=3, terms={**with_more_seats(both), "homes": ["131130"]}
    ),
    "other terms for a version that is known": lambda both: signed(
        both, both.host, "host", version=2, terms=with_more_seats(both)
    ),
}


def offers(both: Pair, made: str, token: str, theirs: SignersChain) -> None:
    host, revision = both.home.members.verified(HOST, both.clock()), at_host(both, made).revision + 1
    said = OfferedTerms(id=made, revision=revision, token=token, chain=theirs)
    with both.home.storage.transaction(write=True) as db:
        offered.take(db, both.home, host, made, said, now=both.clock())


@pytest.mark.parametrize("name", sorted(OFFERS))
def test_a_tampered_offer_is_not_shown_to_anybody(both: Pair, second: str, name: str) -> None:
    token, theirs = OFFERS[name](both), chain(both, both.host)
    with pytest.raises(TachiyoriError):
        offers(both, second, token, theirs)
    found, (newest, *_) = at_home(both)
    assert (newest.number, newest.terms["seats_a_day"], found.revision) == (2, 4, at_host(both, second).revision)


def test_a_true_offer_with_another_s_chain_is_refused(both: Pair, second: str) -> None:
    with pytest.raises((TokenRefused, TrustBroken)):
        offers(both, second, signed(both, both.host, "host", version=3), chain(both, both.home))
    assert at_home(both)[1][0].number == 2


def test_an_offer_without_its_chain_is_no_message() -> None:
    with pytest.raises(BadInput):
        OfferedTerms.read(b'{"id": "' + ANOTHER_ID.encode() + b'", "revision": 1, "token": "a.b.c"}')
