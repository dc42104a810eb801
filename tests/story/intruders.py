"""The acts in which somebody tries what must not work: forged, replayed and foreign tokens at a host's door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import requests

from federation import keys
from federation.keys import KeyPair
from federation.peer import ASSERTION_TYPE, JWT_BEARER
from federation.tokens import CLIENT_ASSERTION, VISIT_GRANT, sign_dpop_proof
from node.people import assurance
from node.town import Town
from tests.nonce import nonce_of

if TYPE_CHECKING:
    from tests.story.acts import Day


class Caller:
    """Somebody at the host's token endpoint, who may say and sign what they like."""

    def __init__(self, home: Town, host: str, *, key: KeyPair | None = None, entity_id: str = "") -> None:
        """Begin as the true home: its key, its id; ``key`` or ``entity_id`` make it somebody else."""
        self.host, self.clock = host, home.clock
        self.entity_id = entity_id or home.config.entity_id
        self.key = key or home.keys.protocol.current
        self.dpop = keys.make()

    def grant(self, **other: Any) -> str:
        """Sign a visit grant for some person; ``other`` claims replace the right ones."""
        claims = {
            "iss": self.entity_id,
            "client_id": self.entity_id,
            "aud": self.host,
            "sub": "a-visitor-of-the-story",
            "acr": assurance.ONE_FACTOR,
            "auth_time": self.clock() - timedelta(minutes=5),
            "cnf": {"jkt": self.dpop.kid},
            **other,
        }
        return VISIT_GRANT.sign(self.key, claims, now=self.clock())

    def ask(self, grant: str) -> requests.Response:
        """Present a grant with a fresh assertion and a fresh proof."""
        url = f"{self.host}/oauth/token"
        claims = {"iss": self.entity_id, "sub": self.entity_id, "aud": self.host}
        form = {
            "grant_type": JWT_BEARER,
            "assertion": grant,
            "client_id": self.entity_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": CLIENT_ASSERTION.sign(self.key, claims, now=self.clock()),
        }
        proof = sign_dpop_proof(self.dpop, method="POST", url=url, now=self.clock(), nonce=nonce_of(self.host))
        return requests.post(url, data=form, headers={"DPoP": proof}, timeout=30)


def refused(answer: requests.Response, error: str) -> None:
    """Hold that a token was refused for this reason."""
    assert answer.status_code in {400, 401}, f"{answer.status_code}: {answer.text}"
    assert answer.json()["error"] == error, answer.text


def a_true_grant_is_taken_once(day: Day) -> None:
    """本物の認証情報は一度だけ使え、再送は断られる."""
    caller = Caller(day.stage.home.open(), day.stage.host.origin)
    grant = caller.grant()
    answer = caller.ask(grant)
    assert answer.status_code == 200, answer.text
    refused(caller.ask(grant), "invalid_grant")


def a_forged_grant_is_refused(day: Day) -> None:
    """書き換えた認証情報も、偽の鍵で署名したものも断られる."""
    home, host = day.stage.home.open(), day.stage.host.origin
    honest, forger = Caller(home, host), Caller(home, host, key=keys.make())
    head, _, signature = honest.grant().split(".")
    other = honest.grant(sub="somebody-else-entirely").split(".")[1]
    refused(honest.ask(f"{head}.{other}.{signature}"), "invalid_grant")
    refused(honest.ask(forger.grant(cnf={"jkt": honest.dpop.kid})), "invalid_grant")
    refused(forger.ask(forger.grant()), "invalid_client")


def nobody_speaks_for_another_town(day: Day) -> None:
    """ほかの団体の名で職員を保証することはできない."""
    caller = Caller(day.stage.home.open(), day.stage.host.origin)
    for other in (day.stage.registry.urls[0], "https://desks.city.elsewhere.example"):
        refused(caller.ask(caller.grant(iss=other, client_id=other)), "invalid_grant")


def a_stranger_is_refused_without_being_called(day: Day) -> None:
    """参加していない団体は、問い合わせることなく断られる."""
    stranger = Caller(
        day.stage.home.open(), day.stage.host.origin, key=keys.make(), entity_id="https://desks.city.stranger.example"
    )
    refused(stranger.ask(stranger.grant()), "invalid_client")


ACTS: tuple[Callable[[Day], None], ...] = (
    a_true_grant_is_taken_once,
    a_forged_grant_is_refused,
    nobody_speaks_for_another_town,
    a_stranger_is_refused_without_being_called,
)
