"""Chains that hold, and every way in which one does not."""

import base64
import zlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from federation import entity
from federation.errors import TrustBroken
from federation.keys import KeyPair, KeyRing, make, ring_of
from federation.status import StatusList
from federation.tokens import ENTITY_STATEMENT, STATUS_LIST, TRUST_MARK
from federation.trust import Anchor, VerifiedMember, verify_anchor, verify_member, verify_status_list
from tests.federation.forgery import compact
from tests.federation.world import HOME, HOST, NOW, REGISTRY, Registry, Town


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def town() -> Town:
    return Town(HOME)


def chain(registry: Registry, town: Town, **parts: Any) -> VerifiedMember:
    given = {"entity_configuration": town.configuration(), "subordinate_statement": registry.about(town), "now": NOW}
    return verify_member(**{"anchor": registry.anchor, **given, **parts})


def signed(key: KeyPair, claims: Mapping[str, object]) -> str:
    return ENTITY_STATEMENT.sign(key, claims, now=NOW, life=timedelta(hours=1))


def own_claims(town: Town, **more: object) -> dict[str, object]:
    claims: dict[str, object] = {
        "iss": town.entity_id,
        "sub": town.entity_id,
        "jwks": ring_of(town.federation).jwks(),
        "metadata": town.metadata(),
        "authority_hints": [REGISTRY],
    }
    return {name: value for name, value in {**claims, **more}.items() if value is not None}


def about_claims(town: Town, **more: object) -> dict[str, object]:
    claims: dict[str, object] = {
        "iss": REGISTRY,
        "sub": town.entity_id,
        "jwks": ring_of(town.federation).jwks(),
        "metadata": dict(entity.pinned(code=town.code, name=town.name)),
        "status": {"status_list": {"idx": 0, "uri": REGISTRY + entity.STATUS}},
    }
    return {name: value for name, value in {**claims, **more}.items() if value is not None}


def test_a_sound_chain_names_the_member_in_the_registrys_words(registry: Registry, town: Town) -> None:
    member = chain(registry, town)
    assert (member.entity_id, member.code, member.name) == (HOME, "131130", "帰宅市")
    assert (member.name_en, member.name_kana, member.status_index) == ("Home", "キタク", 0)
    assert list(member.protocol_keys) == [town.protocol.kid]
    assert member.token_endpoint == HOME + entity.TOKEN
    assert member.expires == NOW + entity.LIFE


def test_the_name_a_member_gives_itself_is_overruled(registry: Registry, town: Town) -> None:
    assert chain(registry, town).metadata["federation_entity"]["organization_name"] == "帰宅市"


def test_a_code_in_the_members_own_words_is_never_read(registry: Registry, town: Town) -> None:
    metadata = town.metadata()
    metadata["federation_entity"]["municipality_code"] = "011002"
    metadata["desk_exchange"]["municipality_code"] = "011002"
    assert chain(registry, town, entity_configuration=town.configuration(metadata=metadata)).code == "131130"


@pytest.mark.parametrize("code", [None, "", "131131", "011002 ", 131130, "13113"])
def test_a_statement_without_a_sound_code_is_refused(registry: Registry, town: Town, code: object) -> None:
    pinned = {"organization_name": "帰宅市"} | ({} if code is None else {"municipality_code": code})
    about = signed(registry.online, about_claims(town, metadata={"federation_entity": pinned}))
    metadata = town.metadata()
    metadata["federation_entity"]["municipality_code"] = "131130"
    with pytest.raises(TrustBroken):
        chain(registry, town, subordinate_statement=about, entity_configuration=town.configuration(metadata=metadata))


@pytest.mark.parametrize(
    "moment", [NOW - timedelta(minutes=1), NOW + entity.LIFE + timedelta(seconds=11), NOW + timedelta(days=2)]
)
def test_outside_its_time_a_chain_does_not_hold(registry: Registry, town: Town, moment: Any) -> None:
    with pytest.raises(TrustBroken):
        chain(registry, town, now=moment)


@pytest.mark.parametrize("which", ["entity_configuration", "subordinate_statement"])
def test_one_expired_link_breaks_the_chain(registry: Registry, town: Town, which: str) -> None:
    old = NOW - timedelta(hours=25)
    links = {
        "entity_configuration": lambda: town.configuration(old),
        "subordinate_statement": lambda: registry.about(town, old),
    }
    with pytest.raises(TrustBroken):
        chain(registry, town, **{which: links[which]()})


Break = Callable[[Registry, Town], dict[str, Any]]

BROKEN: dict[str, Break] = {
    "statement signed by the leaf": lambda r, t: {"subordinate_statement": signed(t.federation, about_claims(t))},
    "statement signed by a stranger": lambda r, t: {"subordinate_statement": signed(make(), about_claims(t))},
    "statement signed by the protocol key": lambda r, t: {"subordinate_statement": signed(t.protocol, about_claims(t))},
    "configuration signed by a stranger": lambda r, t: {"entity_configuration": signed(make(), own_claims(t))},
    "configuration signed by the protocol key": lambda r, t: {
        "entity_configuration": signed(t.protocol, own_claims(t))
    },
    "registry attests another key": lambda r, t: {
        "subordinate_statement": r.about(t, subject_jwks=ring_of(make()).jwks())
    },
    "configuration of another town": lambda r, t: {
        "entity_configuration": Town(HOST, federation=t.federation).configuration()
    },
    "statement about another town": lambda r, t: {
        "subordinate_statement": r.about(Town(HOST, federation=t.federation))
    },
    "the two exchanged": lambda r, t: {
        "subordinate_statement": t.configuration(),
        "entity_configuration": r.about(t),
    },
    "statement twice": lambda r, t: {"entity_configuration": r.about(t)},
    "the anchor's own configuration as a statement": lambda r, t: {"subordinate_statement": r.own_configuration()},
    "another anchor": lambda r, t: {"anchor": Anchor("https://other.example", r.anchor.keys)},
    "the anchor's id with another key": lambda r, t: {"anchor": Registry().anchor},
    "no hints": lambda r, t: {"entity_configuration": signed(t.federation, own_claims(t, authority_hints=None))},
    "empty hints": lambda r, t: {"entity_configuration": _raw(t, authority_hints=[])},
    "other hints": lambda r, t: {
        "entity_configuration": signed(t.federation, own_claims(t, authority_hints=["https://other.example"]))
    },
    "a hint with a slash": lambda r, t: {
        "entity_configuration": signed(t.federation, own_claims(t, authority_hints=[REGISTRY + "/"]))
    },
    "a thousand hints": lambda r, t: {
        "entity_configuration": signed(t.federation, own_claims(t, authority_hints=[REGISTRY] * 1000))
    },
    "no place in the status list": lambda r, t: {
        "subordinate_statement": signed(r.online, about_claims(t, status=None))
    },
    "a place in another list": lambda r, t: {
        "subordinate_statement": signed(
            r.online, about_claims(t, status={"status_list": {"idx": 0, "uri": "https://other.example/s"}})
        )
    },
    "a negative place": lambda r, t: {
        "subordinate_statement": signed(
            r.online, about_claims(t, status={"status_list": {"idx": -1, "uri": REGISTRY + entity.STATUS}})
        )
    },
    "a policy it does not comply with": lambda r, t: {
        "subordinate_statement": signed(
            r.online, about_claims(t, metadata_policy={"openid_provider": {"contacts": {"essential": True}}})
        )
    },
    "an unknown critical policy": lambda r, t: {
        "subordinate_statement": signed(r.online, about_claims(t, metadata_policy_crit=["regexp"]))
    },
    "a policy in a configuration": lambda r, t: {"entity_configuration": _raw(t, metadata_policy={})},
    "constraints in a configuration": lambda r, t: {"entity_configuration": _raw(t, constraints={})},
    "crit": lambda r, t: {"entity_configuration": _raw(t, crit=["x"], x=1)},
    "a null in the metadata": lambda r, t: {
        "entity_configuration": _raw(t, metadata={"openid_provider": {"jwks": None}})
    },
    "an audience": lambda r, t: {"entity_configuration": _raw(t, aud=REGISTRY)},
    "a trust anchor claim": lambda r, t: {"entity_configuration": _raw(t, trust_anchor=REGISTRY)},
    "too many marks": lambda r, t: {
        "entity_configuration": signed(
            t.federation, own_claims(t, trust_marks=[{"trust_mark_type": "x", "trust_mark": "y"}] * 11)
        )
    },
    "a mark without a token": lambda r, t: {
        "entity_configuration": signed(t.federation, own_claims(t, trust_marks=[{"trust_mark_type": "x"}]))
    },
    "name excluded": lambda r, t: _constrained(r, t, naming_constraints={"excluded": [".home.example"]}),
    "name not permitted": lambda r, t: _constrained(r, t, naming_constraints={"permitted": [".lg.jp"]}),
    "the name itself where its sub-domains are meant": lambda r, t: _constrained(
        r, t, naming_constraints={"permitted": [".node.city.home.example"]}
    ),
    "naming constraints of no shape": lambda r, t: _constrained(r, t, naming_constraints=["lg.jp"]),
    "a negative path length": lambda r, t: _constrained(r, t, max_path_length=-1),
    "no text": lambda r, t: {"entity_configuration": ""},
    "not a token": lambda r, t: {"subordinate_statement": "a.b.c"},
}


def _raw(town: Town, **more: object) -> str:
    """A configuration that our own signing would refuse to make."""
    now = int(NOW.timestamp())
    claims = {**own_claims(town), "iat": now, "exp": now + 600, **more}
    return compact(
        {"alg": "ES256", "kid": town.federation.kid, "typ": "entity-statement+jwt"}, claims, pair=town.federation
    )


def _constrained(registry: Registry, town: Town, **constraints: object) -> dict[str, Any]:
    return {"subordinate_statement": signed(registry.online, about_claims(town, constraints=constraints))}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_chain_is_refused(registry: Registry, town: Town, name: str) -> None:
    with pytest.raises(TrustBroken):
        chain(registry, town, **BROKEN[name](registry, town))


def test_a_permitted_name_passes(registry: Registry, town: Town) -> None:
    chain(registry, town, **_constrained(registry, town, naming_constraints={"permitted": [".home.example"]}))


def test_entity_types_that_are_not_allowed_are_removed(registry: Registry, town: Town) -> None:
    member = chain(registry, town, **_constrained(registry, town, allowed_entity_types=["openid_provider"]))
    assert set(member.metadata) == {"federation_entity", "openid_provider"}


def _with(kind: str, **parameters: object) -> Callable[[dict[str, dict[str, Any]]], None]:
    return lambda metadata: metadata[kind].update(parameters)


ELSEWHERE: dict[str, Callable[[dict[str, dict[str, Any]]], None]] = {
    "issuer of another": _with("openid_provider", issuer=HOST),
    "issuer with a slash": _with("oauth_authorization_server", issuer=HOME + "/"),
    "token endpoint of another": _with("oauth_authorization_server", token_endpoint=HOST + entity.TOKEN),
    "a host that begins alike": _with("desk_exchange", bookings_endpoint=HOME + ".evil.example/x"),
    "a user that looks alike": _with("desk_exchange", bookings_endpoint=HOME + "@evil.example/x"),
    "plain http": _with("desk_exchange", bookings_endpoint=HOME.replace("https", "http") + "/x"),
    "a fragment": _with("desk_exchange", bookings_endpoint=HOME + "/x#y"),
    "an endpoint that is no text": _with("desk_exchange", bookings_endpoint=[HOME + "/x"]),
    "redirect elsewhere": _with("openid_relying_party", redirect_uris=[HOST + "/callback"]),
    "redirect no list": _with("openid_relying_party", redirect_uris=HOME + "/callback"),
    "keys by reference": _with("openid_provider", jwks_uri=HOME + "/jwks"),
    "keys by signed reference": _with("openid_relying_party", signed_jwks_uri=HOME + "/jwks"),
    "keys that differ by role": _with("openid_provider", jwks=ring_of(make()).jwks()),
    "keys in federation_entity": _with("federation_entity", jwks=ring_of(make()).jwks()),
    "origins that are none": _with("desk_exchange", origins=[HOST + "/x"]),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_metadata_that_points_elsewhere_is_refused(registry: Registry, town: Town, name: str) -> None:
    metadata = town.metadata()
    ELSEWHERE[name](metadata)
    with pytest.raises(TrustBroken):
        chain(registry, town, entity_configuration=town.configuration(metadata=metadata))


def test_a_further_browser_origin_may_take_redirects(registry: Registry, town: Town) -> None:
    metadata = town.metadata()
    metadata["desk_exchange"]["origins"] = ["https://node.asp.lgwan.jp"]
    metadata["openid_relying_party"]["redirect_uris"].append("https://node.asp.lgwan.jp/signin/callback")
    chain(registry, town, entity_configuration=town.configuration(metadata=metadata))


def test_links_for_people_may_lead_anywhere(registry: Registry, town: Town) -> None:
    metadata = town.metadata()
    metadata["federation_entity"]["organization_uri"] = "https://www.city.home.example/"
    chain(registry, town, entity_configuration=town.configuration(metadata=metadata))


def test_one_key_never_speaks_in_two_roles(registry: Registry) -> None:
    key = make()
    both = Town(HOME, federation=key, protocol=key)
    with pytest.raises(TrustBroken, match="federation and the protocol"):
        chain(registry, both)


def test_a_member_may_carry_its_mark(registry: Registry, town: Town) -> None:
    mark = entity.trust_mark(
        issuer=REGISTRY, federation=ring_of(registry.online), subject=HOME, code=town.code, now=NOW
    )
    member = chain(registry, town, entity_configuration=town.configuration(trust_marks=[mark]))
    assert member.marks == (REGISTRY + entity.MUNICIPALITY_MARK,)


def _mark(ring: KeyRing, subject: str = HOME, code: str = "131130", life: timedelta = timedelta(hours=1)) -> Any:
    moment = NOW - timedelta(hours=2) if life < timedelta(minutes=1) else NOW
    return entity.trust_mark(issuer=REGISTRY, federation=ring, subject=subject, code=code, now=moment, life=life)


@pytest.mark.parametrize("wrong", ["subject", "code", "typ", "forged", "delegated"])
def test_a_mark_that_does_not_hold_breaks_the_chain(registry: Registry, town: Town, wrong: str) -> None:
    ring = ring_of(registry.online)
    marks: dict[str, Callable[[], dict[str, str]]] = {
        "subject": lambda: _mark(ring, subject=HOST),
        "code": lambda: _mark(ring, code="011002"),
        "forged": lambda: _mark(ring_of(KeyPair(registry.online.kid, make().private))),
        "delegated": lambda: _delegated(registry.online),
        "typ": lambda: {"trust_mark_type": REGISTRY + entity.MUNICIPALITY_MARK, "trust_mark": registry.about(town)},
    }
    mark = marks[wrong]()
    with pytest.raises(TrustBroken):
        chain(registry, town, entity_configuration=town.configuration(trust_marks=[mark]))


def _delegated(key: KeyPair) -> dict[str, str]:
    kind = REGISTRY + entity.MUNICIPALITY_MARK
    claims = {
        "iss": REGISTRY,
        "sub": HOME,
        "trust_mark_type": kind,
        "municipality_code": "131130",
        "delegation": "a.b.c",
    }
    return {"trust_mark_type": kind, "trust_mark": TRUST_MARK.sign(key, claims, now=NOW)}


@pytest.mark.parametrize("lapsed", ["signer", "expired"])
def test_a_mark_that_has_lapsed_is_none_and_ends_no_membership(registry: Registry, town: Town, lapsed: str) -> None:
    marks = {
        "signer": _mark(ring_of(make())),
        "expired": _mark(ring_of(registry.online), life=timedelta(seconds=30)),
    }
    own = town.configuration(trust_marks=[marks[lapsed]])
    assert chain(registry, town, entity_configuration=own).marks == ()


def test_marks_of_other_types_say_nothing(registry: Registry, town: Town) -> None:
    claims = {"iss": HOST, "sub": HOME, "trust_mark_type": "https://other.example/m"}
    mark = {"trust_mark_type": "https://other.example/m", "trust_mark": TRUST_MARK.sign(make(), claims, now=NOW)}
    chain(registry, town, entity_configuration=town.configuration(trust_marks=[mark]))


# --- The anchor itself ----------------------------------------------------------------------------------------


def test_the_anchor_is_known_by_its_online_key(registry: Registry) -> None:
    anchor = verify_anchor(registry.own_configuration(), registry.pins, now=NOW)
    assert list(anchor.keys) == [registry.online.kid]
    assert list(anchor.protocol_keys) == [registry.protocol.kid]


def test_a_key_the_anchor_lists_beside_the_pinned_one_counts_for_nothing(registry: Registry) -> None:
    other = make()
    anchor = verify_anchor(registry.own_configuration(keys=[registry.online, other]), registry.pins, now=NOW)
    assert list(anchor.keys) == [registry.online.kid]
    with pytest.raises(TrustBroken):
        verify_anchor(registry.own_configuration(other, [registry.online, other]), registry.pins, now=NOW)


def test_another_key_under_the_same_id_is_no_anchor(registry: Registry) -> None:
    with pytest.raises(TrustBroken):
        verify_anchor(Registry().own_configuration(), registry.pins, now=NOW)


def test_a_key_with_the_pinned_kid_but_another_thumbprint_is_refused(registry: Registry) -> None:
    false = KeyPair(registry.online.kid, make().private)
    with pytest.raises(TrustBroken):
        verify_anchor(registry.own_configuration(false, [false]), registry.pins, now=NOW)


def test_an_older_configuration_of_the_anchor_is_refused(registry: Registry) -> None:
    with pytest.raises(TrustBroken):
        verify_anchor(registry.own_configuration(), registry.pins, now=NOW, newer_than=NOW + timedelta(seconds=1))


# --- The status list ------------------------------------------------------------------------------------------


def statuses(registry: Registry, token: str, **more: Any) -> StatusList:
    return verify_status_list(token, anchor=registry.anchor, now=NOW, **more)


def test_the_status_list_says_how_each_member_stands(registry: Registry) -> None:
    registry.statuses = {0: "valid", 1: "suspended", 2: "invalid", 5: "valid"}
    read = statuses(registry, registry.list_token())
    assert [read.status(index) for index in range(6)] == [
        "valid",
        "suspended",
        "invalid",
        "invalid",
        "invalid",
        "valid",
    ]


@pytest.mark.parametrize("index", [-1, 4, 8, 10**9])
def test_a_place_outside_the_list_is_refused(registry: Registry, index: int) -> None:
    registry.statuses = {0: "valid"}
    with pytest.raises(TrustBroken):
        statuses(registry, registry.list_token()).status(index)


def test_the_largest_list_fits(registry: Registry) -> None:
    registry.statuses = dict.fromkeys(range(20_000), "valid")
    assert statuses(registry, registry.list_token()).status(19_999) == "valid"


def test_an_older_list_is_refused(registry: Registry) -> None:
    registry.statuses = {0: "valid"}
    with pytest.raises(TrustBroken):
        statuses(registry, registry.list_token(), newer_than=NOW + timedelta(seconds=1))


def _list(key: KeyPair, **more: Any) -> str:
    claims = {"iss": REGISTRY, "sub": REGISTRY + entity.STATUS, "status_list": {"bits": 2, "lst": _packed(b"\0")}}
    return STATUS_LIST.sign(key, {**claims, **more}, now=NOW)


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(raw)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "body",
    [
        {"bits": 1, "lst": _packed(b"\0")},
        {"bits": 2, "lst": _packed(bytes(10_000_000))},
        {"bits": 2, "lst": "!!!!"},
        {"bits": 2, "lst": _packed(b"\0" * 100)[:-6]},
        {"bits": 2, "lst": _packed(b"\0") + "AAAA"},
        {"bits": 2, "lst": 7},
        {"bits": 2},
    ],
)
def test_a_list_that_is_none_is_refused(registry: Registry, body: dict[str, object]) -> None:
    with pytest.raises(TrustBroken):
        statuses(registry, _list(registry.online, status_list=body))


def test_a_list_of_another_signer_address_or_time_is_refused(registry: Registry) -> None:
    wrong = [
        _list(make()),
        _list(registry.protocol),
        _list(registry.online, sub=REGISTRY + "/other"),
        _list(registry.online, iss=HOME),
        _list(registry.online, iat=NOW - timedelta(minutes=20), exp=NOW - timedelta(minutes=11)),
        registry.own_configuration(),
    ]
    for token in wrong:
        with pytest.raises(TrustBroken):
            statuses(registry, token)


def test_a_value_nobody_defined_is_refused(registry: Registry) -> None:
    read = statuses(registry, _list(registry.online, status_list={"bits": 2, "lst": _packed(b"\xff")}))
    with pytest.raises(TrustBroken):
        read.status(0)
