"""What a party knows of the others, and whom it asks to know it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from federation import mandate, trust
from federation.errors import MemberSuspended, NotAMember, PeerUnreachable, TrustBroken
from federation.keys import make, ring_of
from federation.members import Member, Members, Witness, find
from federation.status import Status
from federation.storage import Storage
from federation.trust import VerifiedMember
from tests.corpus.cases import case
from tests.federation.world import HOME, HOST, NOISE, NOW, REGISTRY, Registry, Town

HOST_CODE = "012025"


@pytest.fixture
def registry() -> Registry:
    """A registry with two towns, the first of them noise."""
    made = Registry()
    made.admit(Town(NOISE, code="011002", name="雑音町", index=0))
    return made


@pytest.fixture
def home() -> Town:
    return Town(HOME, index=1)


class Heard(Witness):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.moved: list[tuple[str, str, bool]] = []
        self.own: list[tuple[str, str]] = []

    def anchor_moved(self, db: Session, before: str, after: str, *, lost: bool) -> None:
        self.moved.append((before, after, lost))

    def own_entry(self, db: Session, held: Member | None, said: VerifiedMember) -> None:
        self.own.append((held.name if held else "", said.name))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def members(storage: Storage, registry: Registry, home: Town, heard: Heard) -> Members:
    """What the host town knows, after one reading."""
    registry.admit(home)
    known = Members(storage, registry.pins, HOST, registry, witness=heard)
    known.refresh(NOW)
    registry.calls.clear()
    return known


def stored(members: Members, entity_id: str = HOME) -> Member:
    with members.storage.transaction() as db:
        row = find(db, entity_id)
        assert row is not None
        return row


def test_a_member_is_known_after_a_reading(members: Members, registry: Registry) -> None:
    member = members.verified(HOME, NOW)
    assert (member.code, member.name) == ("131130", "帰宅市")
    assert members.by_code("131130", NOW).entity_id == HOME
    assert registry.calls == []


@pytest.mark.parametrize(
    "variant",
    [
        "https://unknown.example",
        HOME + "/",
        HOME + ":443",
        HOME.upper(),
        HOME.replace("https", "http"),
        HOME.replace("://", "://user@"),
        "https://169.254.169.254",
        "",
        "x" * 10_000,
        HOME + "\x00",
        "https://\ud800.example",
        HOME + "\r\nINFO forged",
    ],
)
def test_who_is_not_in_the_table_is_refused_without_a_call(members: Members, registry: Registry, variant: str) -> None:
    with pytest.raises(NotAMember):
        members.verified(variant, NOW)
    with pytest.raises(NotAMember):
        members.refetch(variant, NOW)
    assert registry.calls == []


def test_before_the_first_reading_nobody_is_known(storage: Storage, registry: Registry) -> None:
    known = Members(storage, registry.pins, HOST, registry)
    with pytest.raises(NotAMember):
        known.verified(HOME, NOW)
    with pytest.raises(NotAMember):
        known.anchor()


def test_a_suspension_takes_effect_with_the_next_list(members: Members, registry: Registry) -> None:
    registry.statuses[1] = "suspended"
    members.verified(HOME, NOW)
    assert members.refresh_status(registry.later(minutes=1))
    with pytest.raises(MemberSuspended):
        members.verified(HOME, registry.now)
    assert members.verified(NOISE, registry.now).code == "011002"


def test_a_lifted_suspension_takes_effect_too(members: Members, registry: Registry) -> None:
    lifted: tuple[Status, ...] = ("suspended", "valid")
    for status in lifted:
        registry.statuses[1] = status
        members.refresh_status(registry.later(minutes=1))
    assert members.verified(HOME, registry.now).code == "131130"


def test_an_invalid_member_is_none(members: Members, registry: Registry) -> None:
    registry.statuses[1] = "invalid"
    members.refresh_status(registry.later(minutes=1))
    with pytest.raises(NotAMember):
        members.verified(HOME, registry.now)


def test_an_unchanged_list_is_not_read_again(members: Members, registry: Registry) -> None:
    assert not members.refresh_status(NOW)


def test_a_rolled_back_list_changes_nothing(members: Members, registry: Registry) -> None:
    registry.statuses[1] = "suspended"
    members.refresh_status(registry.later(minutes=2))
    registry.statuses[1] = "valid"
    registry.later(minutes=-1)
    with pytest.raises(TrustBroken):
        members.refresh_status(registry.now + timedelta(minutes=1))
    with pytest.raises(MemberSuspended):
        members.verified(HOME, registry.now)


def test_a_member_without_a_status_yet_is_not_believed(members: Members, registry: Registry) -> None:
    newcomer = Town("https://new.example", code=HOST_CODE, name="新市", index=2)
    registry.admit(newcomer)
    del registry.statuses[2]
    members.refresh(registry.later(minutes=1))
    with pytest.raises(NotAMember):
        members.verified(newcomer.entity_id, registry.now)
    registry.statuses[2] = "valid"
    members.refresh_status(registry.later(minutes=1))
    assert members.verified(newcomer.entity_id, registry.now).code == HOST_CODE


def test_a_tombstone_expels_nobody(members: Members, registry: Registry) -> None:
    registry.publish(HOME, None)
    members.refresh(registry.later(minutes=1))
    assert members.verified(HOME, registry.now).code == "131130"


@case("X03")
def test_a_dead_registry_stops_nobody_for_a_day(members: Members, registry: Registry) -> None:
    registry.down = True
    assert members.verified(HOME, NOW + timedelta(hours=23, minutes=59)).code == "131130"
    with pytest.raises(TrustBroken):
        members.verified(HOME, NOW + timedelta(hours=24))


@case("X03")
def test_in_a_disaster_members_last_known_good_are_honoured_for_seven_days(
    members: Members, registry: Registry
) -> None:
    lenient = Members(members.storage, registry.pins, HOST, registry, grace=lambda _db, _now: timedelta(days=30))
    assert lenient.verified(HOME, NOW + timedelta(days=7)).code == "131130"
    with pytest.raises(TrustBroken):
        lenient.verified(HOME, NOW + timedelta(days=8, seconds=1))


def test_a_known_suspension_stays_in_a_disaster(members: Members, registry: Registry) -> None:
    registry.statuses[1] = "suspended"
    members.refresh_status(registry.later(minutes=1))
    lenient = Members(members.storage, registry.pins, HOST, registry, grace=lambda _db, _now: trust.DISASTER)
    with pytest.raises(MemberSuspended):
        lenient.verified(HOME, NOW + timedelta(days=2))


def test_fresher_statements_prolong(members: Members, registry: Registry, home: Town) -> None:
    registry.later(hours=6)
    registry.admit(home)
    members.refresh(registry.now)
    assert members.verified(HOME, NOW + timedelta(hours=29)).expires == NOW + timedelta(hours=30)


def test_an_older_statement_is_not_taken(members: Members, registry: Registry, home: Town) -> None:
    registry.later(hours=-1)
    registry.admit(home)
    registry.later(hours=2)
    members.refresh(registry.now)
    assert stored(members).issued == NOW
    assert "older" in stored(members).trouble


def test_a_broken_word_leaves_the_last_good_copy_and_the_others_alone(members: Members, registry: Registry) -> None:
    registry.later(hours=1)
    imposter = Town(HOME, index=1)
    registry.admit(imposter, configuration=Town(HOME, index=1).configuration(registry.now))
    registry.publish("nonsense", {"entity_id": "https://nonsense.example"})
    registry.admit(Town("https://after.example", code=HOST_CODE, index=3))
    members.refresh(registry.now)
    assert members.verified(HOME, NOW).code == "131130"
    assert stored(members).trouble.startswith("trust-broken")
    assert members.verified("https://after.example", registry.now).code == HOST_CODE


def test_the_feeds_own_words_about_code_and_id_count_for_nothing(
    members: Members, registry: Registry, home: Town
) -> None:
    registry.later(hours=1)
    registry.admit(home, code=HOST_CODE, name="別の市")
    members.refresh(registry.now)
    assert (stored(members).code, stored(members).name) == ("131130", "帰宅市")
    registry.admit(home, entity_id="https://other.example")
    members.refresh(registry.later(minutes=1))
    with pytest.raises(NotAMember):
        members.verified("https://other.example", registry.now)


def test_two_members_never_share_a_code(members: Members, registry: Registry) -> None:
    second = Town("https://second.example", code="131130", index=2)
    registry.admit(second)
    members.refresh(registry.later(minutes=1))
    with pytest.raises(NotAMember):
        members.verified(second.entity_id, registry.now)
    assert members.by_code("131130", registry.now).entity_id == HOME


def test_a_code_moves_once_its_former_holder_is_invalid(members: Members, registry: Registry) -> None:
    registry.statuses[1] = "invalid"
    members.refresh_status(registry.later(minutes=1))
    registry.admit(Town("https://second.example", code="131130", index=2))
    members.refresh(registry.later(minutes=1))
    assert members.by_code("131130", registry.now).entity_id == "https://second.example"
    assert stored(members).gone


def test_the_registry_itself_is_a_party_but_no_member(members: Members) -> None:
    assert members.party(REGISTRY, NOW).entity_id == REGISTRY
    assert members.party(HOME, NOW).entity_id == HOME
    with pytest.raises(NotAMember):
        members.verified(REGISTRY, NOW)
    with pytest.raises(TrustBroken):
        members.party(REGISTRY, NOW + timedelta(hours=24))


def test_an_imposter_of_the_registry_changes_nothing(members: Members, registry: Registry) -> None:
    true = registry.online
    registry.online = make()
    registry.later(hours=1)
    with pytest.raises(TrustBroken):
        members.refresh(registry.now)
    with pytest.raises(TrustBroken):
        members.refresh_status(registry.now)
    assert list(members.anchor().keys) == [true.kid]


# --- The registry's online key ------------------------------------------------------------------------------------------


def test_a_planned_rotation_of_the_online_key_is_followed_without_a_gap(
    members: Members, registry: Registry, home: Town, heard: Heard
) -> None:
    """Announced while the old key signs, then used, then the old one ends by its term."""
    old, new = registry.online, make()
    registry.later(hours=1)
    registry.name_keys((old, NOW + timedelta(days=3)), (new, None))
    with_both = registry.own_configuration(old, [old, new])
    take(members, with_both, registry.now)
    registry.statements[HOME] = registry.about(home)
    registry.online = new
    members.refresh_status(registry.later(minutes=1))
    assert members.refetch(HOME, registry.now)
    take(members, registry.own_configuration(new, [new, old]), registry.later(hours=1))
    assert heard.moved == [(old.kid, new.kid, False)]
    registry.now = NOW + timedelta(days=3)
    take(members, registry.own_configuration(new, [new, old]), registry.now)
    assert list(members.anchor().keys) == [new.kid]


def test_a_lost_online_key_is_replaced_by_the_recovery_keys_word(
    members: Members, registry: Registry, home: Town, heard: Heard
) -> None:
    lost, registry.online = registry.online, make()
    registry.later(hours=1)
    registry.name_keys((registry.online, None))
    registry.admit(home)
    members.refresh(registry.now)
    assert members.verified(HOME, registry.now).code == "131130"
    assert list(members.anchor().keys) == [registry.online.kid]
    assert heard.moved == [(lost.kid, registry.online.kid, True)]


def test_a_status_list_of_the_new_key_leads_to_it_too(members: Members, registry: Registry) -> None:
    registry.online = make()
    registry.name_keys((registry.online, None))
    assert members.refresh_status(registry.later(minutes=1))
    assert list(members.anchor().keys) == [registry.online.kid]


def test_a_node_that_was_away_for_a_month_finds_the_new_key_by_itself(members: Members, registry: Registry) -> None:
    registry.online = make()
    registry.name_keys((registry.online, None))
    registry.later(days=30)
    members.refresh(registry.now)
    assert list(members.anchor().keys) == [registry.online.kid]


def test_the_former_online_key_says_nothing_any_more(members: Members, registry: Registry) -> None:
    lost = registry.online
    registry.online = make()
    registry.name_keys((registry.online, None))
    members.refresh(registry.later(hours=1))
    registry.later(hours=1)
    with pytest.raises(TrustBroken):
        take(members, registry.own_configuration(lost, [lost]), registry.now)
    statuses = registry.list_token(federation=ring_of(lost))
    with pytest.raises(TrustBroken):
        trust.verify_status_list(statuses, anchor=members.anchor(), now=registry.now)


def test_a_thief_with_the_online_key_alone_names_no_other_key(members: Members, registry: Registry) -> None:
    """Neither by listing it, nor by a mandate of another recovery key, nor by leaving the mandate out or going back."""
    true, thief, earlier = registry.online, make(), registry.name_keys((registry.online, None))
    take(members, registry.own_configuration(true, [true, thief]), registry.later(minutes=1))
    assert list(members.anchor().keys) == [true.kid]
    registry.name_keys((true, None))
    take(members, registry.own_configuration(), registry.later(minutes=1))
    registry.later(minutes=1)
    forged = mandate.draw_up(make(), REGISTRY, [(thief.public, None)], now=registry.now)
    signed_online = mandate.draw_up(true, REGISTRY, [(thief.public, None)], now=registry.now)
    for registry.mandate in ("", earlier, forged, signed_online, "x"):
        for signer in (true, thief):
            with pytest.raises(TrustBroken):
                take(members, registry.own_configuration(signer, [true, thief]), registry.now)


def take(members: Members, configuration: str, now: datetime) -> None:
    """Have the party read this configuration of the registry."""
    with members.storage.transaction(write=True) as db:
        members._anchorage.read(db, configuration, now)


# --- One member fetched -------------------------------------------------------------------------------------------------


def test_an_unknown_key_leads_to_one_refetch_in_thirty_seconds(members: Members, registry: Registry) -> None:
    fresh = Town(HOME, index=1)
    registry.statements[HOME], registry.configurations[HOME] = registry.about(fresh), fresh.configuration()
    assert members.refetch(HOME, NOW)
    assert list(members.verified(HOME, NOW).protocol_keys) == [fresh.protocol.kid]
    assert members.refetch(HOME, NOW + timedelta(seconds=29))
    assert registry.calls == [f"statement {HOME}", f"configuration {HOME}"]
    assert members.refetch(HOME, NOW + timedelta(seconds=30))
    assert len(registry.calls) == 4


def test_many_who_meet_an_unknown_key_at_once_fetch_once(members: Members, registry: Registry) -> None:
    with ThreadPoolExecutor(4) as pool:
        fetched = list(pool.map(lambda _: members.refetch(HOME, NOW), range(8)))
    assert fetched == [True] * 8
    assert registry.calls == [f"statement {HOME}", f"configuration {HOME}"]


def test_that_the_registry_knows_no_such_member_stands_for_a_minute(members: Members, registry: Registry) -> None:
    del registry.statements[HOME]
    for seconds in (0, 59, 60):
        assert not members.refetch(HOME, NOW + timedelta(seconds=seconds))
    assert registry.calls == [f"statement {HOME}"] * 2


def test_a_new_key_of_the_registry_is_fetched_too(members: Members, registry: Registry) -> None:
    registry.protocol = make()
    registry.later(minutes=1)
    assert members.refetch(REGISTRY, registry.now)
    assert list(members.party(REGISTRY, registry.now).protocol_keys) == [registry.protocol.kid]


def test_members_that_do_not_answer_hold_no_more_than_two_threads(
    storage: Storage, registry: Registry, home: Town, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.admit(Town("https://third.example", code="011011", index=2))
    members.refresh(NOW)
    answered, held = threading.Event(), threading.Semaphore(0)

    def statement(_subject: str) -> str:
        held.release()
        assert answered.wait(10)
        raise PeerUnreachable("silent")

    monkeypatch.setattr(registry, "statement", statement)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(members.refetch, entity_id, NOW) for entity_id in (HOME, NOISE)]
        assert held.acquire(timeout=10)
        assert held.acquire(timeout=10)
        assert not members.refetch("https://third.example", NOW)
        answered.set()
        assert not any(one.result() for one in waiting)


def test_a_registry_that_answers_with_another_member_changes_nothing(members: Members, registry: Registry) -> None:
    registry.statements[HOME], registry.configurations[HOME] = (
        registry.statements[NOISE],
        registry.configurations[NOISE],
    )
    assert not members.refetch(HOME, NOW)
    assert members.verified(HOME, NOW).code == "131130"


def test_a_failed_refetch_changes_nothing_and_cools_down_too(members: Members, registry: Registry) -> None:
    registry.down = True
    assert not members.refetch(HOME, NOW)
    assert not members.refetch(HOME, NOW)
    assert len(registry.calls) == 1
    assert members.verified(HOME, NOW).code == "131130"


def test_a_member_that_cannot_be_reached_keeps_its_own_word(members: Members, registry: Registry, home: Town) -> None:
    del registry.configurations[HOME]
    registry.later(hours=1)
    registry.statements[HOME] = registry.about(home)
    assert members.refetch(HOME, registry.now)
    assert stored(members).issued == registry.now


def test_each_word_about_oneself_is_shown_to_the_witness(
    storage: Storage, registry: Registry, home: Town, heard: Heard
) -> None:
    registry.admit(home)
    own = Members(storage, registry.pins, HOME, registry, witness=heard)
    own.refresh(NOW)
    registry.admit(replace(home, name="別市"))
    own.refresh(registry.later(hours=1))
    assert heard.own == [("", "帰宅市"), ("帰宅市", "別市")]


def test_the_registry_knows_its_members_without_asking_anybody(
    storage: Storage, members: Members, registry: Registry
) -> None:
    itself = Members(storage, registry.pins, REGISTRY, None, own_anchor=lambda: registry.anchor)
    assert itself.verified(HOME, NOW).code == "131130"
    assert not itself.refetch(HOME, NOW)
    assert registry.calls == []
