"""Terms that two towns signed: read back years later, and refused as soon as anything about them is not what was signed."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import agreed, agreedfile
from federation.agreed import Side
from federation.errors import BadInput, TokenRefused, TrustBroken
from federation.keys import make, ring_of
from federation.messages.agreement import SignedAgreement, SignersChain
from federation.tokens import AGREEMENT
from federation.trust import Pins
from tests.federation.world import HOME, HOST, NOW, Registry, Town

ID = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"
TERMS: Mapping[str, Any] = {"name": "相互利用協定", "homes": ["131130"], "seats_a_day": 5}
REGISTRY = Registry()
AT_HOME = Town(HOME)
AT_HOST = Town(HOST, code="131016", name="千代田区", index=1)
YEARS = timedelta(days=1500)


def chain(town: Town, registry: Registry = REGISTRY) -> SignersChain:
    return SignersChain(
        configuration=town.configuration(), statement=registry.about(town), anchor=registry.own_configuration()
    )


def signed(town: Town, side: Side, **changed: Any) -> str:
    facts = {"agreement": ID, "version": 2, "terms": TERMS, "now": NOW, "issuer": town.entity_id}
    facts["audience"] = HOME if side == "host" else HOST
    return agreed.sign(town.protocol, side=side, **{**facts, **changed})


def file(**changed: Any) -> bytes:
    parts = {
        "kind": "tachiyori-agreement",
        "offer": signed(AT_HOST, "host"),
        "offer_chain": chain(AT_HOST),
        "acceptance": signed(AT_HOME, "home", now=NOW + timedelta(hours=1)),
        "acceptance_chain": chain(AT_HOME),
    }
    return SignedAgreement.model_validate({**parts, **changed}).text().encode()


def test_a_file_is_verified_years_later_by_the_pinned_anchor_alone() -> None:
    proven = agreedfile.verify(file(), REGISTRY.pins)
    assert (proven.host.code, proven.home.code) == ("131016", "131130")
    assert proven.offer.terms == TERMS
    assert proven.acceptance.at == NOW + timedelta(hours=1)


def forged_anchor() -> bytes:
    other = Registry()
    return file(offer_chain=chain(AT_HOST, other), acceptance_chain=chain(AT_HOME, other))


TAMPERED: Mapping[str, Callable[[], bytes]] = {
    "other terms on one side": lambda: file(acceptance=signed(AT_HOME, "home", terms={**TERMS, "seats_a_day": 9})),
    "another version": lambda: file(acceptance=signed(AT_HOME, "home", version=1)),
    "another agreement": lambda: file(acceptance=signed(AT_HOME, "home", agreement=ID.replace("6", "7"))),
    "the same side twice": lambda: file(acceptance=signed(AT_HOST, "host"), acceptance_chain=chain(AT_HOST)),
    "somebody else's key": lambda: file(
        offer=agreed.sign(
            make(), side="host", issuer=HOST, audience=HOME, agreement=ID, version=2, terms=TERMS, now=NOW
        )
    ),
    "the other's chain": lambda: file(acceptance_chain=chain(AT_HOST)),
    "a registry nobody pinned": forged_anchor,
    "signed after its chain had ended": lambda: file(acceptance=signed(AT_HOME, "home", now=NOW + YEARS)),
    "confirmed before it was offered": lambda: file(acceptance=signed(AT_HOME, "home", now=NOW - timedelta(hours=1))),
    "a home the terms do not name": lambda: file(
        offer=signed(AT_HOST, "host", terms={**TERMS, "homes": ["110001"]}),
        acceptance=signed(AT_HOME, "home", terms={**TERMS, "homes": ["110001"]}),
    ),
}


@pytest.mark.parametrize("name", sorted(TAMPERED))
def test_a_file_that_was_touched_is_refused(name: str) -> None:
    content = TAMPERED[name]()
    with pytest.raises((TrustBroken, TokenRefused)):
        agreedfile.verify(content, REGISTRY.pins)


@pytest.mark.parametrize("member", ["offer", "acceptance", "offer_chain", "acceptance_chain"])
def test_a_file_without_a_signature_or_its_chain_is_none(member: str) -> None:
    members = json.loads(file())
    del members[member]
    with pytest.raises(BadInput):
        agreedfile.verify(json.dumps(members).encode(), REGISTRY.pins)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"kind": "bill"}', b"\xff\xfe", b" " * (agreedfile.MOST_BYTES + 1)])
def test_what_is_no_such_file_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(BadInput):
        agreedfile.verify(content, REGISTRY.pins)


def test_before_joining_nothing_is_believed() -> None:
    with pytest.raises(TrustBroken):
        agreedfile.verify(file(), Pins("https://registry.example", "", ""))


@settings(max_examples=60, deadline=None)
@given(place=st.integers(min_value=0, max_value=10**6), letter=st.sampled_from("ABCxyz019-_."))
def test_no_letter_of_a_signature_may_change(place: int, letter: str) -> None:
    members = json.loads(WHOLE)
    token = members["acceptance"]
    at = place % len(token)
    members["acceptance"] = token[:at] + letter + token[at + 1 :]
    if members["acceptance"] == token:
        return
    with pytest.raises((TrustBroken, TokenRefused)):
        agreedfile.verify(json.dumps(members).encode(), REGISTRY.pins)


WHOLE = file()


def test_a_digest_of_other_terms_is_refused() -> None:
    claims = {"iss": HOST, "aud": HOME, "side": "host", "agreement": ID, "version": 1, "terms": TERMS}
    token = AGREEMENT.sign(AT_HOST.protocol, {**claims, "digest": agreed.digest({})}, now=NOW)
    with pytest.raises(TokenRefused, match="other terms"):
        agreed.read(token, ring_of(AT_HOST.protocol).public(), side="host", issuer=HOST, audience=HOME, now=NOW)


def test_a_signature_for_another_town_is_refused() -> None:
    with pytest.raises(TokenRefused):
        agreed.read(
            signed(AT_HOST, "host", audience="https://node.other.example"),
            ring_of(AT_HOST.protocol).public(),
            side="host", issuer=HOST, audience=HOME, now=NOW,
        )  # fmt: skip


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers(), st.lists(st.integers()))))
def test_terms_have_one_spelling_however_they_were_ordered(terms: dict[str, Any]) -> None:
    assert agreed.digest(dict(reversed(terms.items()))) == agreed.digest(terms)
    assert agreed.digest({**terms, "further": 1}) != agreed.digest({**terms, "further": 2})
