"""X01 to X08: several workers, a restart, a wrong clock, a lost store, a log that is written to by enemies."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from federation.errors import NotAMember
from tests import nonce
from tests.conftest import BOTH
from tests.corpus.attacks import claiming, headed
from tests.corpus.cases import case
from tests.corpus.doors import DOORS, ClientAssertion, Door, NodeToken, Proof, VisitGrant
from tests.corpus.hostile import LEAF, Captive
from tests.corpus.siege import Siege, laid
from tests.corpus.skewed import SKEW
from tests.corpus.target import REFETCHED, worded
from tests.corpus.test_signin import Visitor
from tests.interop.conftest import SQLITE

pytestmark = pytest.mark.peer
ONCE = [name for name, door in DOORS.items() if door.once and "registry" not in name]


@pytest.fixture(scope="module", params=BOTH)
def crew(request: pytest.FixtureRequest) -> Iterator[Siege]:
    """A host of two workers, on either database."""
    with laid(request.param, workers=2) as made:
        yield made


def restart(siege: Siege, *, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Stop the host, do something, and start it again."""
    program = siege.stage.host.program
    program.stop()
    meanwhile()
    program.start()
    program.wait()
    nonce.forget()


@case("X05", "J18", "D05")
def test_of_two_workers_one_takes_a_token_and_neither_after_a_restart(crew: Siege) -> None:
    """Every kind that counts once is shown eight times at once, and again when both workers are new."""
    doors: list[Door] = [DOORS[name](crew) for name in ONCE]
    shown = [(door, door.draft().text()) for door in doors]
    for door, token in shown:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(door.knock, [token] * 8))
        taken = [answer for answer in answers if answer.status_code in door.welcome]
        assert len(taken) == 1, f"{door.name}: {[answer.status_code for answer in answers]}"
    code = Visitor(crew).code()
    assert crew.redeem_code(code).status_code == 200
    restart(crew)
    for door, token in shown:
        door.refuses(token)
    assert worded(crew.redeem_code(code)) == "invalid_grant"
    doors[0].welcomes()


@case("X02")
@pytest.mark.parametrize("crew", [SQLITE], indirect=True)
def test_a_lost_store_of_proofs_costs_a_minute_and_nothing_that_counts(crew: Siege) -> None:
    """Proofs survive a killed process, not a lost disk: one can come again for as long as it is fresh. Grants cannot."""
    grant, proof = VisitGrant(crew), Proof(crew)
    granted, proven = grant.draft().text(), proof.draft().text()
    grant.welcomes(granted)
    proof.welcomes(proven)
    restart(crew, meanwhile=lambda: _lose_proofs(crew))
    grant.refuses(granted)
    assert proof.knock(proven).status_code == 200
    proof.refuses(proven)


def _lose_proofs(crew: Siege) -> None:
    main = Path(str(make_url(crew.stage.host.open().config.database).database))
    for path in main.parent.glob(f"{main.stem}-proofs{main.suffix}*"):
        path.unlink()


# --- Clocks -----------------------------------------------------------------------------------------------------------


@contextmanager
def skewed(siege: Siege, seconds: int) -> Iterator[None]:
    """Run the host by a clock that is wrong by so much."""
    program = siege.stage.host.program
    module, settings = program.module, program.settings
    program.module, program.settings = "tests.corpus.skewed", {**settings, SKEW: str(seconds)}
    try:
        restart(siege)
        yield
    finally:
        program.module, program.settings = module, settings
        restart(siege)


@case("X01")
@pytest.mark.parametrize("seconds", [300, -300])
def test_a_clock_that_is_five_minutes_off_is_named(siege: Siege, seconds: int) -> None:
    """Refused at every door, in words that send the reader to the clocks; nothing is done meanwhile."""
    with skewed(siege, seconds):
        client, api = ClientAssertion(siege), NodeToken(siege)
        with siege.host.unmoved():
            asked = client.knock(client.draft().text())
            assert (asked.status_code, asked.json()["error_description"]) == (401, "token-expired")
            used = api.knock(api.draft().text())
            assert (used.status_code, worded(used)) == (401, "token-expired")
            assert "時計" in used.json()["ja"]
            assert "clock" in used.json()["en"]
        assert siege.host.lines()[-1][3] == "token-expired"
    ClientAssertion(siege).welcomes()


# --- Enemies of the log and of limits --------------------------------------------------------------------------------


INK = ["\r\nINFO forged", "\x1b[31mforged", "\u202eforged", "\u2028forged", "\0forged"]


@case("X06")
def test_no_claim_writes_a_line_of_the_log(siege: Siege) -> None:
    door, begun = ClientAssertion(siege), siege.host.log.stat().st_size
    with siege.host.unmoved(but=REFETCHED):
        for ink in INK:
            issuer = siege.home.config.entity_id + ink
            door.refuses(claiming(iss=issuer, sub=issuer)(door.draft()) or "")
            door.refuses(headed(kid=ink)(door.draft()) or "")
            door.refuses(claiming(jti=ink)(door.draft()) or "")
            siege.get(siege.host, f"/desks/{ink}")
            siege.ask_for_itself(siege.host, f"feed{ink}")
    written = siege.host.said(begun)
    assert not [line for line in written.splitlines() if line.lstrip().startswith(("INFO forged", "forged"))]
    assert not {"\x1b", "\u202e", "\u2028", "\0"} & set(written)
    for event, actor, verdict, reason in siege.host.lines():
        assert all(text.isprintable() for text in (event, actor, verdict, reason))


@case("X08")
def test_variants_of_a_member_make_nobody_call_the_registry(prisoner: Captive) -> None:
    """A member is read anew twice a minute at most; another spelling of it is nobody, and is not read at all."""
    members, now = prisoner.town.members, prisoner.town.clock()
    spellings = [
        f"{LEAF}/",
        LEAF.upper(),
        f"{LEAF}:443",
        f"{LEAF}.",
        LEAF.replace("leaf", "ⅼeaf"),
        f"{LEAF}?",
        f" {LEAF}",
    ]
    seen = len(prisoner.server.seen)
    for spelling in spellings * 3:
        with pytest.raises(NotAMember):
            members.refetch(spelling, now)
    assert len(prisoner.server.seen) == seen
    for _ in range(5):
        members.refetch(LEAF, now)
    assert len(prisoner.server.seen) <= seen + 2


@case("X07")
def test_who_is_no_member_is_refused_no_sooner_than_who_is(siege: Siege) -> None:
    """Membership is public; the bound only shows that no list is walked and nobody is called for a stranger."""
    door = ClientAssertion(siege)

    def took(**claims: str) -> float:
        tokens = [(claiming(**claims)(door.draft()) or "") for _ in range(15)]
        spans = []
        for token in tokens:
            begun = time.perf_counter()
            door.refuses(token)
            spans.append(time.perf_counter() - begun)
        return sorted(spans)[7]

    known, unknown = took(jti=""), took(iss="https://stranger.example", sub="https://stranger.example")
    assert abs(known - unknown) < 0.05
