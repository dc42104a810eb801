"""F01 to F21 and S02: what a registry believes of a member, and a node of its registry, when both are lied to over HTTP."""

import base64
import time
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
import requests

from federation import entity, keys
from federation.keys import ring_of
from registry.membership import anchor, invitations
from registry.membership import enrolment as enrolling
from tests.corpus.attacks import FORMS, STRANGER, claiming, headed, injected, later, saying
from tests.corpus.cases import case
from tests.corpus.doors import ClientAssertion, Configuration, NodeToken
from tests.corpus.draft import Attack, Draft
from tests.corpus.hostile import LEAF, Captive
from tests.corpus.siege import Siege
from tests.corpus.target import worded

pytestmark = pytest.mark.peer
WORDS = ("anchor", "about", "own", "status")
STATEMENTS = ("anchor", "about", "own")
FORMS_OF_WORDS = [id_ for id_ in FORMS if id_ != "J18"]


@pytest.fixture
def door(siege: Siege) -> Configuration:
    return Configuration(siege)


# --- What a node hears from its registry ------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", FORMS_OF_WORDS)
@pytest.mark.parametrize("name", WORDS)
def test_a_forged_word_is_not_believed(prisoner: Captive, name: str, id_: str) -> None:
    prisoner.disbelieves(name, FORMS[id_])


@case("J11", "F15")
@pytest.mark.parametrize("name", WORDS)
def test_no_key_of_a_word_comes_from_its_header(prisoner: Captive, name: str) -> None:
    prisoner.disbelieves(name, injected(prisoner.target.bait.origin))


@case("F01", "F02", "F12")
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_lacks_nothing_and_has_nothing_of_others(prisoner: Captive, name: str) -> None:
    attacks: dict[str, Attack] = {
        f"no {claim}": claiming(**{claim: ...}) for claim in ("iss", "sub", "iat", "exp", "jwks")
    }
    attacks |= {f"{claim} of another": claiming(**{claim: "https://another.example"}) for claim in ("iss", "sub")}
    keys_: list[Any] = [{}, {"keys": []}, {"keys": [{}]}, [], None, "x", {"keys": [STRANGER.public_jwk()]}]
    attacks |= {f"jwks {value!r}": claiming(jwks=value) for value in keys_}
    attacks |= {f"crit {value!r}": saying(crit=value) for value in (["urn:x"], ["exp"], [], "x")}
    prisoner.disbelieves(name, attacks)


@case("F03", "F13")
def test_a_member_stands_under_the_registry_and_its_hints_are_not_followed(prisoner: Captive) -> None:
    bait, own = prisoner.target.bait.origin, prisoner.registry.origin
    hints: list[Any] = [
        [],
        [bait],
        ["https://another.example"],
        [own] * 1000,
        [LEAF],
        "x",
        None,
        [own, "http://10.0.0.1/x"],
    ]
    prisoner.disbelieves("own", {repr(hint)[:60]: claiming(authority_hints=hint) for hint in hints})


@case("F04")
def test_only_attested_keys_speak(prisoner: Captive) -> None:
    registry = prisoner.registry
    others = {
        "leaf": registry.leaf.federation,
        "protocol": registry.protocol,
        "stranger": STRANGER,
        "recovery": registry.recovery,
    }
    for name in WORDS:
        good = registry.good(name)
        signers = {
            who: key for who, key in others.items() if key.kid != good.key.kid and (name, who) != ("anchor", "recovery")
        }
        prisoner.disbelieves(name, {who: _by(key) for who, key in signers.items()})
    listed = {"jwks": ring_of(STRANGER).jwks()}
    prisoner.disbelieves("anchor", {"another key, same id": lambda draft: _by(STRANGER)(draft.claiming(**listed))})


def _by(key: keys.KeyPair) -> Attack:
    return lambda draft: draft.headed(kid=key.kid).by(key).text()


@case("F06")
@pytest.mark.parametrize("name", STATEMENTS)
def test_one_expired_statement_breaks_the_chain(prisoner: Captive, name: str) -> None:
    now = int(time.time())
    prisoner.disbelieves(name, {"expired": saying(iat=now - 7200, exp=now - 60)})


@case("F09")
def test_a_trust_mark_is_of_this_member_by_this_registry(prisoner: Captive) -> None:
    registry, now = prisoner.registry, prisoner.town.clock()
    ring, code = ring_of(registry.online), "131130"

    def marked(**changes: Any) -> Attack:
        by = ring_of(changes.pop("key")) if "key" in changes else ring
        subject, own = changes.pop("subject", LEAF), changes.pop("code", code)
        made = entity.trust_mark(issuer=registry.origin, federation=by, subject=subject, code=own, now=now)
        return saying(trust_marks=[{**made, **changes}])

    good = marked()(registry.good("own"))
    for own, held in ((good, 1), (marked(key=STRANGER)(registry.good("own")), 0)):
        prisoner.hear(own=own or "")
        assert len(prisoner.town.members.verified(LEAF, now).marks) == held, "a mark by a key of nobody's says nothing"
    statement = registry.good("about").text()
    wrong = {
        "subject": marked(subject="https://another.example"),
        "code": marked(code="011002"),
        "typ": marked(trust_mark=statement),
        "no token": marked(trust_mark="x"),
        "null": marked(trust_mark=None),
        "twenty": saying(trust_marks=[{"trust_mark_type": "x", "trust_mark": "a.b.c"}] * 20),
    }
    prisoner.disbelieves("own", wrong)


@case("F10", "F11")
def test_policies_and_constraints_stand_above_and_are_kept(prisoner: Captive) -> None:
    misplaced: dict[str, Any] = {
        "metadata_policy": {},
        "metadata_policy_crit": ["x"],
        "constraints": {},
        "source_endpoint": "x",
    }
    prisoner.disbelieves("own", {name: saying(**{name: value}) for name, value in misplaced.items()})
    above: dict[str, dict[str, Any]] = {
        "unknown operator": {"metadata_policy_crit": ["urn:x"]},
        "value": {"metadata_policy": {"desk_exchange": {"api_version": {"value": "2", "one_of": ["1"]}}}},
        "one_of": {"metadata_policy": {"desk_exchange": {"api_version": {"one_of": ["2"]}}}},
        "essential": {"metadata_policy": {"desk_exchange": {"absent": {"essential": True}}}},
        "path": {"constraints": {"max_path_length": -1}},
        "excluded": {"constraints": {"naming_constraints": {"excluded": [".leaf.example"]}}},
        "excluded whole": {"constraints": {"naming_constraints": {"excluded": ["node.city.leaf.example"]}}},
        "not permitted": {"constraints": {"naming_constraints": {"permitted": [".lg.jp"]}}},
        "types": {"constraints": {"allowed_entity_types": "x"}},
    }
    prisoner.disbelieves("about", {name: saying(**claims) for name, claims in above.items()})
    sub_domains = {"naming_constraints": {"permitted": [".leaf.example"]}, "max_path_length": 0}
    permitted = prisoner.registry.good("about").claiming(constraints=sub_domains).text()
    prisoner.hear(about=permitted)
    assert prisoner.believed("about") == permitted


@case("F08", "F18")
def test_only_the_signed_list_suspends_and_silence_never_does(prisoner: Captive) -> None:
    """A tombstone in the feed, a 404 for the statement and a status list that is away change nothing."""
    registry = prisoner.registry
    for path in (entity.FETCH, entity.STATUS):
        registry.acts[path] = lambda request: request.answer(404, body=b"{}")
        prisoner.disbelieves("own", {"nothing": lambda _draft: "a.b.c"}) if path == entity.FETCH else None
        registry.acts.clear()
    assert prisoner.leaf.status == "valid"
    retired = keys.make()
    prisoner.disbelieves("own", {"a key that was never attested": _by(retired)})


@case("F21")
@pytest.mark.parametrize("name", WORDS)
def test_an_older_word_than_was_heard_is_let_go(prisoner: Captive, name: str) -> None:
    prisoner.hear()
    prisoner.disbelieves(name, {"an hour old": lambda draft: _older(draft, 300 if name == "status" else 3600)})


def _older(draft: Draft, seconds: int) -> str:
    return draft.claiming(iat=draft.claims["iat"] - seconds, exp=draft.claims["exp"] - seconds).text()


@case("S02")
def test_a_status_list_is_small_whole_and_of_this_address(prisoner: Captive) -> None:
    def packed(raw: bytes) -> str:
        return base64.urlsafe_b64encode(zlib.compress(raw)).rstrip(b"=").decode()

    bodies: list[Any] = [
        {}, None, [], {"bits": 1, "lst": packed(b"\0")}, {"bits": 2, "lst": 1}, {"bits": 2, "lst": "!"}, {"bits": 2},
        {"bits": 2, "lst": "eNo"}, {"bits": 2, "lst": packed(b"\0" * 10_000_000)}, {"bits": "2", "lst": packed(b"\0")},
    ]  # fmt: skip
    attacks: dict[str, Attack] = {repr(body)[:60]: claiming(status_list=body) for body in bodies}
    attacks |= {f"sub {sub}": claiming(sub=sub) for sub in (LEAF, f"{prisoner.registry.origin}/status", "", None)}
    attacks |= {"ttl": saying(ttl="x"), "aud": saying(aud=LEAF), "life": later("exp", 86400), "typ": headed(typ="jwt")}
    prisoner.disbelieves("status", attacks)


@case("S02")
def test_a_status_list_that_leads_away_is_not_followed(prisoner: Captive) -> None:
    bait = prisoner.target.bait
    before = prisoner.believed("status")
    prisoner.registry.acts[entity.STATUS] = lambda request: request.answer(302, Location=bait.origin)
    with pytest.raises(Exception, match=r"302|redirect"):
        prisoner.hear()
    prisoner.registry.acts.clear()
    assert (prisoner.believed("status"), bait.calls) == (before, 0)
    prisoner.hear()


# --- What a registry hears from a member ------------------------------------------------------------------------------


@case("F01", "F02", "F03", "F12")
def test_the_registry_takes_only_whole_configurations(door: Configuration, siege: Siege) -> None:
    own, other = siege.thief.config.entity_id, siege.home.config.entity_id
    attacks: dict[str, Attack] = {
        f"no {claim}": claiming(**{claim: ...}) for claim in ("iss", "sub", "iat", "exp", "jwks")
    }
    attacks |= {
        "about another": claiming(sub=other),
        "as another": claiming(iss=other, sub=other),
        "to us": saying(aud=own),
    }
    attacks |= {repr(hint): claiming(authority_hints=hint) for hint in ([], [siege.bait.origin], [own], "x", ...)}
    attacks |= {f"crit {value!r}": saying(crit=value) for value in (["urn:x"], ["exp"], [])}
    door.withstands(attacks)


@case("F10")
def test_a_member_lays_nothing_down_and_leaves_nothing_out(door: Configuration) -> None:
    misplaced: dict[str, Any] = {
        "metadata_policy": {}, "metadata_policy_crit": ["x"], "constraints": {}, "source_endpoint": "x", "trust_anchor": "x",
    }  # fmt: skip
    attacks = {name: saying(**{name: value}) for name, value in misplaced.items()}
    bad: list[Any] = [None, [], {"a": None}, {"a": {"b": None}}]
    door.withstands(attacks | {repr(value): claiming(metadata=value) for value in bad})


@case("F13", "F16")
def test_every_endpoint_stands_on_the_members_own_origin(door: Configuration, siege: Siege) -> None:
    """Audience injection, and requests to where nobody should send any: nothing of it is called."""
    own, bait = siege.thief.config.entity_id, siege.bait.origin
    places = [
        f"{bait}/oauth/token", f"{siege.home.config.entity_id}/oauth/token", "http://169.254.169.254/latest", "//x/y", "/x",
        f"{own}.evil.example/token", f"{own}@evil.example/", f"{own}/token#x", "", None, 1, "file:///etc/passwd", f"{own}:1/x",
    ]  # fmt: skip

    def pointing(kind: str, name: str, value: Any) -> Attack:
        def attack(draft: Draft) -> str:
            metadata = dict(draft.claims["metadata"])
            metadata[kind] = {**metadata[kind], name: value}
            return draft.claiming(metadata=metadata).text()

        return attack

    server, exchange = "oauth_authorization_server", "desk_exchange"
    attacks = {repr(place): pointing(server, "token_endpoint", place) for place in places}
    attacks |= {f"exchange {place!r}": pointing(exchange, "bookings_endpoint", place) for place in places}
    attacks["jwks_uri"] = pointing(server, "jwks_uri", f"{own}/jwks")
    attacks["issuer"] = pointing(server, "issuer", siege.home.config.entity_id)
    door.withstands(attacks)


@case("F17")
def test_a_key_speaks_in_one_role(door: Configuration, siege: Siege) -> None:
    protocol, federation = siege.thief.keys.protocol.current, siege.thief.keys.federation.current
    own = siege.home.keys.federation.current

    def mixed(draft: Draft) -> str:
        return draft.claiming(jwks={"keys": [federation.public_jwk(), protocol.public_jwk()]}).text()

    door.withstands({"signed by the protocol key": _by(protocol), "one key for both": mixed})
    ClientAssertion(siege).withstands({"signed by the federation key": _by(own)}, but=frozenset({"members"}))
    NodeToken(siege).withstands({"issued by the federation key": _by(siege.host.federation.current)})


def rekeyed(draft: Draft, jwks: Mapping[str, Any]) -> Draft:
    """Have a configuration name other protocol keys."""
    roles = draft.claims["metadata"].items()
    return draft.claiming(metadata={name: {**said, "jwks": jwks} if "jwks" in said else said for name, said in roles})


def _naming(jwks: Mapping[str, Any]) -> Attack:
    return lambda draft: rekeyed(draft, jwks).text()


@case("J04", "J19")
def test_a_key_that_cannot_sign_is_not_taken(door: Configuration) -> None:
    jwk = keys.make().public_jwk()
    bad = [
        {**jwk, "use": "enc"}, {**jwk, "alg": "ES384"}, {**jwk, "crv": "P-384"}, {**jwk, "d": "AAAA"},
        {**jwk, "revoked": {"revoked_at": 1, "reason": "compromised"}}, {**jwk, "key_ops": ["encrypt"]},
        {"kty": "oct", "k": "AAAA", "kid": "k"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "k"},
    ]  # fmt: skip
    door.withstands({repr(key)[:90]: _naming({"keys": [key]}) for key in bad})


@case("J19", "F18")
def test_a_key_that_was_taken_away_speaks_no_more(door: Configuration, siege: Siege) -> None:
    """The thief rolls over to another key; from then on the old one is as good as anybody's."""
    client, other = ClientAssertion(siege), keys.make()

    def signed(key: keys.KeyPair) -> str:
        return siege.assertion(siege.host, siege.thief).headed(kid=key.kid).by(key).text()

    old = siege.thief.keys.protocol.current
    for mine, gone in ((other, old), (old, other)):
        door.welcomes(rekeyed(door.draft(), ring_of(mine).jwks()).text())
        siege.host_hears()
        with siege.host.unmoved(but=frozenset({"members"})):
            client.refuses(signed(gone))
        client.welcomes(signed(mine))


@case("F21")
def test_an_older_configuration_changes_nothing(door: Configuration) -> None:
    older = _older(door.draft(), 3600)
    door.welcomes()
    with door.target.unmoved():
        assert door.knock(older).status_code == 204


@case("F19", "A04")
def test_one_town_speaks_for_one_code(siege: Siege) -> None:
    """The thief is invited as itself, but the code has its node already; and it is invited for a code of another."""
    door, thief = Configuration(siege), siege.thief
    for code, name in ((thief.config.code, "さいたま市"), ("110001", "埼玉県"), ("132195", "狛江市")):
        with siege.bureau.storage.transaction(write=True) as db:
            body = invitations.known_body(db, code, name)
            secret = invitations.invite(db, body, by="operator", now=siege.bureau.clock())
        proof = siege.assertion(siege.registry, thief).headed(kid=door.draft().key.kid).by(door.draft().key)
        enrolment = {"invitation": secret, "configuration": door.draft().text(), "proof": proof.text()}
        if code == thief.config.code:
            assert (
                requests.post(siege.registry.origin + anchor.ENROLMENT, json=enrolment, timeout=30).status_code == 202
            )
            _turn_down(siege)
        else:
            with siege.registry.unmoved():
                refused = requests.post(siege.registry.origin + anchor.ENROLMENT, json=enrolment, timeout=30)
                assert (refused.status_code, worded(refused)) == (409, "already-a-member")


def _turn_down(siege: Siege) -> None:
    """Decline what waits: while a town asks anew, its old key vouches for nothing."""
    with siege.bureau.storage.transaction(write=True) as db:
        for asked in enrolling.waiting(db):
            enrolling.decline(db, asked.enrolment.id, by="operator", now=siege.bureau.clock())


@case("F20")
def test_fetch_and_list_refuse_in_the_words_of_the_standard(siege: Siege) -> None:
    own = siege.registry.origin
    asked = {
        "/federation/fetch": (400, "invalid_request"),
        "/federation/fetch?sub=": (400, "invalid_request"),
        f"/federation/fetch?sub={own}": (400, "invalid_request"),
        "/federation/fetch?sub=https://stranger.example": (404, "not_found"),
        "/federation/fetch?sub=http://a%0d%0aSet-Cookie:x=y": (404, "not_found"),
        f"/federation/fetch?sub={'x' * 3000}": (404, "not_found"),
        "/federation/list?trust_marked=true": (400, "unsupported_parameter"),
    }
    with siege.registry.unmoved():
        for path, expected in asked.items():
            refused = siege.get(siege.registry, path)
            assert (refused.status_code, worded(refused)) == expected
            assert "Set-Cookie" not in refused.headers or "x=y" not in refused.headers["Set-Cookie"]
    assert siege.get(siege.registry, f"/federation/fetch?sub={siege.home.config.entity_id}").status_code == 200
    assert siege.home.config.entity_id in siege.get(siege.registry, "/federation/list").json()
