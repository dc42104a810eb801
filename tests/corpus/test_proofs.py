"""D01 to D09 over HTTP: what shows that a caller holds its key (RFC 9449)."""

import http.client
import secrets
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest
import requests

from federation import keys
from tests.corpus.attacks import STRANGER, claiming, headed, saying
from tests.corpus.cases import case
from tests.corpus.doors import AT_RESOURCE, DOORS, Door, NodeToken, Proof, ProofOfToken
from tests.corpus.siege import VISITS, Siege
from tests.corpus.target import worded

pytestmark = pytest.mark.peer
DOORS_OF_PROOFS = [name for name, door in DOORS.items() if door.kind == "PROOF"]
PRIVATE = {name: value for name, value in keys.make().public_jwk().items() if name in {"kty", "crv", "x", "y"}}


@pytest.fixture(params=DOORS_OF_PROOFS)
def door(request: pytest.FixtureRequest, siege: Siege) -> Door:
    return DOORS[request.param](siege)


def refused(answer: requests.Response) -> bool:
    return (answer.status_code, worded(answer)) in AT_RESOURCE


@case("D01")
def test_without_a_proof_nothing_is_given(siege: Siege) -> None:
    token, url = siege.node_token(siege.host, "feed").text(), siege.host.origin + VISITS
    with siege.host.unmoved():
        assert refused(requests.get(url, headers={"Authorization": f"DPoP {token}"}, timeout=30))
        assert refused(siege.call("GET", url, token, scheme="Bearer"))
        assert refused(siege.call("GET", url, token, scheme="Basic"))
        assert worded(siege.ask_for_itself(siege.host, proof="")) == "invalid_dpop_proof"
    assert siege.call("GET", url, token).status_code == 200


@case("D01")
@pytest.mark.parametrize("name", ["DPoP", "Authorization"])
def test_two_headers_are_none(siege: Siege, name: str) -> None:
    token, url = siege.node_token(siege.host, "feed").text(), siege.host.origin + VISITS

    def sent(*names: str) -> int:
        shown = {"DPoP": siege.proof("GET", url, token).text(), "Authorization": f"DPoP {token}"}
        with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as line:
            line.putrequest("GET", VISITS)
            for each in names:
                line.putheader(each, shown[each])
            line.endheaders()
            return line.getresponse().status

    with siege.host.unmoved():
        assert sent("DPoP", "Authorization", name) == 401
    assert sent("DPoP", "Authorization") == 200


@case("D01", "D07")
def test_a_token_bound_to_no_key_of_ours_opens_nothing(siege: Siege) -> None:
    thumbprint = siege.dpop.kid
    bindings = [
        ...,
        {},
        None,
        {"x5t#S256": thumbprint},
        {"jkt": STRANGER.kid},
        {"jkt": thumbprint, "x5t#S256": thumbprint},
    ]
    NodeToken(siege).withstands({repr(cnf): claiming(cnf=cnf) for cnf in bindings})


@case("D02")
def test_a_proof_has_its_own_header_and_all_its_claims(door: Door) -> None:
    jwk = door.draft().head["jwk"]
    keys_ = [..., None, "x", {}, PRIVATE, {**jwk, "d": "AAAA"}, {**jwk, "crv": "P-384"}, {"kty": "oct", "k": "AAAA"}]
    attacks = {f"jwk {value!r}": headed(jwk=value) for value in keys_}
    attacks |= {f"no {claim}": claiming(**{claim: ...}) for claim in ("jti", "htm", "htu", "iat", "ath")}
    attacks |= {f"{claim} a number": claiming(**{claim: 1}) for claim in ("jti", "htm", "htu", "ath", "nonce")}
    door.withstands(attacks)


@case("D03")
def test_a_proof_is_for_this_request(door: Door) -> None:
    url = str(door.draft().claims["htu"])
    origin = door.target.origin
    others = [
        url + "/", url + "x", url.upper(), url.replace("localhost", "127.0.0.1"), url.replace("http:", "https:"), origin,
        f"{door.siege.bait.origin}/oauth/token", url.replace("://", "://user@"), url.replace("/", "//"), "/oauth/token", "",
        f"{origin}/x/..{urlsplit(url).path}",
    ]  # fmt: skip
    attacks = {f"htu {other}": claiming(htu=other) for other in others}
    door.withstands(attacks | {f"htm {method}": claiming(htm=method) for method in ("PUT", "get", "post", "", "GETT")})


@case("D03")
@pytest.mark.parametrize(
    "change", [lambda url: f"{url}?a=b", lambda url: f"{url}#a", lambda url: url.replace("localhost", "LOCALHOST")]
)
def test_query_fragment_and_case_of_the_host_do_not_matter(door: Door, change: "object") -> None:
    draft = door.draft()
    door.welcomes(draft.claiming(htu=change(draft.claims["htu"])).text())  # type: ignore[operator]


@case("D03")
def test_a_forged_address_of_the_request_changes_nothing(siege: Siege) -> None:
    bait, host = siege.bait.origin, siege.host
    forged = {
        "X-Forwarded-Host": urlsplit(bait).netloc,
        "X-Forwarded-Proto": "https",
        "Forwarded": f"host={urlsplit(bait).netloc}",
    }
    theirs = siege.proof("POST", f"{host.origin}/oauth/token").claiming(htu=f"{bait}/oauth/token")
    with host.unmoved():
        answer = siege.ask_for_itself(host, proof=theirs.text(), headers=forged)
        assert worded(answer) == "invalid_dpop_proof"
        misled = requests.post(f"{host.origin}/oauth/token", headers={"Host": urlsplit(bait).netloc}, timeout=30)
        assert misled.status_code == 421
    assert siege.ask_for_itself(host, headers=forged).status_code == 200


@case("D04")
def test_a_proof_is_of_this_minute(door: Door) -> None:
    now = int(time.time())
    door.withstands({f"iat {age}": saying(iat=now + age) for age in (-3600, -120, -75, 60, 3600)})
    for age in (-50, 5):
        door.welcomes(door.draft().claiming(iat=int(time.time()) + age).text())


@case("D05")
def test_a_proof_counts_once_for_any_url(siege: Siege) -> None:
    """The id is remembered by its key, whatever the proof was for."""
    jti, first, second = secrets.token_urlsafe(16), Proof(siege), ProofOfToken(siege)
    first.welcomes(first.draft().claiming(jti=jti).text())
    with siege.host.unmoved(lines=0):
        second.refuses(second.draft().claiming(jti=jti).text())
    second.welcomes()


@case("D06")
def test_a_proof_names_the_token_it_comes_with(siege: Siege) -> None:
    door = ProofOfToken(siege)
    other = siege.proof("GET", door.url, siege.node_token(siege.host, "feed").text()).claims["ath"]
    door.withstands({repr(ath): saying(ath=ath) for ath in (other, "", "x", 1, door.draft().claims["ath"] + "=")})


@case("D07")
def test_another_key_than_the_tokens_shows_nothing(siege: Siege) -> None:
    door, thief = ProofOfToken(siege), keys.make()
    with siege.host.unmoved(lines=0):
        door.refuses(siege.proof("GET", door.url, door.token, key=thief).text())
    grant = siege.grant().claiming(cnf={"jkt": thief.kid}).text()
    with siege.host.unmoved(lines=1):
        assert worded(siege.redeem(grant)) == "invalid_grant"
    door.welcomes()


@case("D08")
def test_a_proof_carries_a_nonce_of_this_server(siege: Siege) -> None:
    """A missing nonce is no refusal but a question, which is why nothing is written down."""
    host, url = siege.host, f"{siege.host.origin}/oauth/token"
    other = siege.proof("POST", f"{siege.registry.origin}/oauth/token").claims["nonce"]
    with host.unmoved(lines=0):
        for nonce in (..., "x", other):
            answer = siege.ask_for_itself(host, proof=siege.proof("POST", url).claiming(nonce=nonce).text())
            assert (answer.status_code, worded(answer)) == (400, "use_dpop_nonce")
            assert answer.headers["DPoP-Nonce"]
    door = ProofOfToken(siege)
    with host.unmoved(lines=0):
        answer = door.knock(door.draft().claiming(nonce=other).text())
        assert answer.status_code == 401
        assert "use_dpop_nonce" in answer.headers["WWW-Authenticate"]
    door.welcomes()


@case("D09")
def test_a_proofs_signature_holds_and_further_claims_do_not_matter(door: Door) -> None:
    door.withstands({"signed by another": lambda draft: draft.by(STRANGER).text()})
    door.welcomes(door.draft().claiming(further={"a": [1]}).text())
