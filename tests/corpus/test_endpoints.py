"""J20 at every route: whatever is sent to a node or a registry, by nobody, by a signed-in person or by a member, is answered.

Every route of both route maps is walked with every method and a store of bad values; hypothesis goes further. It repeats
itself exactly, and goes on for longer where ``TACHIYORI_FUZZ`` says how many examples to try.
"""

import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from federation import keys
from federation.keys import KeyPair, KeyRing
from federation.tokens import NODE_TOKEN, PERSON_TOKEN, sign_dpop_proof
from node.models.staff import ROLES
from node.people import assurance
from node.people import staff as directory
from registry import operators
from registry.app import app_of, open_bureau
from registry.config import Config
from registry.jobs import first_words
from tests.corpus.cases import case
from tests.node.pair import HOME, HOST, Clock, pair
from tests.registry.towns import REGISTRY

EXAMPLES = int(os.environ.get("TACHIYORI_FUZZ", "120"))
MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TACHIYORI_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
PASSWORD = "tachiyori-desu-yo"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
FOREIGN = ("TRACE", "BREW")
ROUNDS = 3
"""How often each method a route knows is tried, with other values each time."""
ENDS_THE_SESSION = ("/signout", "/console/sign-out", "/oauth/logout")
NASTY = (
    "", "0", "-1", "9" * 400, "1e400", "NaN", "null", "true", "\0", "\ud83d", "\u202e", "é", "%00", "%ff", "../../etc/passwd",
    "' OR 1=1 --", "<script>", "{{7*7}}", "2026-02-30", "25:00", "9999-12-31T23:59:59Z", "0001-01-01", "a.b.c",
    "https://evil.example", "//evil.example", "urn:x", "[" * 500, "{" * 500, "x" * 5000, "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009",
)  # fmt: skip
BODIES: tuple[tuple[bytes, str], ...] = (
    (b"", "application/json"), (b"{}", "application/json"), (b"[]", "application/json"), (b'{"places":[{}]}', "application/json"),
    (b'{"a":' * 900 + b"1" + b"}" * 900, "application/json"), (b"\xff\xfe", "application/json"), (b"a=b&a=c", "application/x-www-form-urlencoded"),
    (b"%ff=%00&%", "application/x-www-form-urlencoded"), (b"--x\r\n", "multipart/form-data; boundary=x"), (b"a.b.c", "application/secevent+jwt"),
    (b"x", "x/"), (b"x" * 70_000, "text/plain"), (b"1", ""), (b"\0", "application/entity-statement+jwt; charset=utf-99"),
)  # fmt: skip
FIELDS = [
    "q",
    "next",
    "sub",
    "start",
    "end",
    "from",
    "to",
    "near",
    "date",
    "day",
    "slot",
    "desk",
    "number",
    "name",
    "code",
    "token",
    "assertion",
    "client_assertion",
    "grant_type",
    "scope",
    "client_id",
    "request",
    "request_uri",
    "redirect_uri",
    "state",
    "iss",
    "lang",
    "epoch",
    "afterChangeNumber",
    "feed",
    "trust_mark",
    "version",
    "account",
    "password",
    "decision",
    "label",
    "capacity",
    "opens",
    "closes",
    "weekday",
    "reason",
    "message",
    "places",
    "mark",
]
"""What queries and forms call their fields, here and there."""
_PLACE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


@dataclass
class Party:
    """An application, and how to come to it as nobody, as one of its people, or as a member."""

    app: Flask
    origin: str
    ring: KeyRing
    clock: Callable[[], Any]
    member: str
    person: FlaskClient = field(init=False)
    form_token: str = ""
    dpop: KeyPair = field(default_factory=keys.make)

    def sign_in(self, path: str, form: Mapping[str, str]) -> None:
        """Sign one of its people in, and remember the token of their forms."""
        self.person = self.app.test_client()
        shown = self.person.get(path, base_url=self.origin).text
        answer = self.person.post(path, data={**form, "form_token": _token(shown)}, base_url=self.origin)
        assert answer.status_code == 303, answer.text
        with self.person.session_transaction(base_url=self.origin) as session:
            self.form_token = session["form_token"] = secrets.token_urlsafe(32)

    def bound(self, method: str, path: str, *, person: bool) -> dict[str, str]:
        """Return the headers of a member's own token, or of one of its people, with a proof for this request."""
        own = {"iss": self.origin, "aud": self.origin, "client_id": self.member, "cnf": {"jkt": self.dpop.kid}}
        now = self.clock()
        if person:
            who = {"sub": "a-person", "acr": assurance.ONE_FACTOR, "auth_time": now}
            token = PERSON_TOKEN.sign(self.ring.current, {**own, **who}, now=now)
        else:
            claims = {**own, "sub": self.member, "scope": "feed manage search"}
            token = NODE_TOKEN.sign(self.ring.current, claims, now=now)
        nonce = self.app.test_client().post("/oauth/token", base_url=self.origin).headers["DPoP-Nonce"]
        proof = sign_dpop_proof(
            self.dpop, method=method, url=self.origin + path, now=now, access_token=token, nonce=nonce
        )
        return {"Authorization": f"DPoP {token}", "DPoP": proof}

    def come(self, who: str, method: str, path: str, headers: Mapping[str, str], **sent: Any) -> TestResponse:
        """Send a request as ``nobody``, a ``signed in`` person, a ``member`` or a ``visitor``."""
        merged = dict(headers)
        if who == "signed in":
            merged["X-Form-Token"] = self.form_token
        elif who != "nobody":
            merged |= self.bound(method, path, person=who == "visitor")
        client = self.person if who == "signed in" else self.app.test_client(use_cookies=False)
        return client.open(path, method=method, headers=merged, base_url=self.origin, **sent)


def _token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    folder = tmp_path_factory.mktemp("endpoints")
    towns = pair(folder, *(f"sqlite:///{folder}/{name}.db" for name in ("home", "host")))
    host = towns.host
    with host.storage.transaction(write=True) as db:
        directory.add(
            db, number="1", name="受付 花子", now=host.clock(), roles=sorted(ROLES), password=PASSWORD, section="企画課"
        )
    party = Party(towns.wire.apps[HOST], HOST, host.keys.protocol, host.clock, HOME)
    party.sign_in("/signin", {"number": "1", "password": PASSWORD, "next": "/"})
    yield party
    for town in (towns.home, host):
        town.storage.close()
        town.proofs.close()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    folder, clock = tmp_path_factory.mktemp("registry"), Clock()
    config = Config(REGISTRY, "連携基盤", folder, f"sqlite:///{folder}/registry.db")
    bureau = open_bureau(config, clock=clock)
    bureau.storage.create_all()
    first_words(bureau)
    with bureau.storage.transaction(write=True) as db:
        operators.add(db, account="alice", name="運営者", password=PASSWORD, now=clock())
    party = Party(app_of(bureau), REGISTRY, bureau.seal.protocol, clock, HOME)
    party.sign_in("/console/sign-in", {"account": "alice", "password": PASSWORD})
    yield party
    bureau.storage.close()
    bureau.proofs.close()


@pytest.fixture(params=["node", "registry"])
def party(request: pytest.FixtureRequest) -> Party:
    found: Party = request.getfixturevalue(request.param)
    return found


def rules(party: Party) -> list[Rule]:
    return sorted(party.app.url_map.iter_rules(), key=lambda rule: rule.rule)


def filled(rule: Rule, value: str) -> str:
    """Return an address of the rule, with this value wherever it takes one."""
    plain = {"uuid": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009", "int": "1"}
    return _PLACE.sub(
        lambda found: plain.get(found[1] or "", quote(value, safe="", errors="surrogatepass")) or "x", rule.rule
    )


def encoded(fields: Mapping[str, str]) -> str:
    """Return fields as a query or a form, half a surrogate pair too."""
    return urlencode(fields, errors="surrogatepass")


def held(answer: TestResponse, caplog: pytest.LogCaptureFixture) -> None:
    """Hold that an answer is one of ours: never a 500, never a trace, and no line of the log that is two."""
    assert answer.status_code < 500 or answer.status_code in {501, 502, 503}, caplog.text
    assert "Traceback" not in answer.text
    answer.close()


@case("J20")
@pytest.mark.parametrize("who", ["nobody", "signed in", "member", "visitor"])
def test_every_route_answers_whatever_is_sent(party: Party, who: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        for number, rule in enumerate(rules(party)):
            if rule.rule not in ENDS_THE_SESSION:
                for step, method in enumerate([*sorted(rule.methods or ()) * ROUNDS, *FOREIGN]):
                    path, sent = spoilt(rule, number + step)
                    held(party.come(who, method, path, {"If-Match": f'"{number}"'}, **sent), caplog)


def spoilt(rule: Rule, turn: int) -> tuple[str, dict[str, Any]]:
    """Return an address of the rule and what to send there: another bad value at each turn, in a form every other time."""
    value, (body, media) = NASTY[turn % len(NASTY)], BODIES[turn // 2 % len(BODIES)]
    fields = encoded(dict.fromkeys(FIELDS, value))
    if turn % 2:
        body, media = fields.encode(), "application/x-www-form-urlencoded"
    return filled(rule, value), {"query_string": fields, "data": body, "content_type": media}


TEXT = st.sampled_from(NASTY) | st.text(max_size=30)
NAMES = st.sampled_from(FIELDS)
HEADERS = st.sampled_from(
    [
        "Accept",
        "Accept-Language",
        "Content-Type",
        "If-Match",
        "If-None-Match",
        "Range",
        "Cookie",
        "Authorization",
        "DPoP",
        "Host",
        "X-Forwarded-For",
        "Origin",
    ]
)
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)


@case("J20")
@MANY
@given(data=st.data())
def test_every_route_answers_whatever_hypothesis_sends(
    party: Party, caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    who = data.draw(st.sampled_from(["nobody", "signed in", "member", "visitor"]))
    rule = data.draw(st.sampled_from([rule for rule in rules(party) if rule.rule not in ENDS_THE_SESSION]))
    path = filled(rule, data.draw(TEXT))
    body, media = data.draw(st.sampled_from(BODIES) | st.tuples(st.binary(max_size=200), st.just("application/json")))
    form = data.draw(st.none() | st.dictionaries(NAMES, TEXT, max_size=6))
    if form is not None:
        body, media = encoded(form).encode(), "application/x-www-form-urlencoded"
    sent: dict[str, Any] = {"data": body, "content_type": media}
    query = data.draw(st.dictionaries(NAMES, TEXT, max_size=4))
    headers = data.draw(st.dictionaries(HEADERS, LATIN, max_size=3))
    method = data.draw(st.sampled_from(METHODS))
    held(party.come(who, method, path, headers, query_string=encoded(query), **sent), caplog)
