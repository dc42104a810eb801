"""A town as relying party at another: what goes from node to node when a visitor signs in with their home (FAPI 2.0, 5.3.3).

The request is pushed (RFC 9126), so that the browser carries nothing but a reference; the code is redeemed with our
client assertion and bound to our DPoP key. Endpoints come from the member as trust verified it, and from nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from federation.answer import Answer, Granted
from federation.errors import PeerAnsweredBadly
from federation.peer import Peer
from federation.trust import VerifiedMember

PROVIDER = "openid_provider"
_LONGEST = 512


@dataclass(frozen=True)
class Redeemed:
    """What a code was worth: the ID token, unverified, and the access token that its ``at_hash`` may name."""

    id_token: str
    access_token: str


class RemoteProvider:
    """A member's OpenID Provider, as ``peer`` asks it. Raises ``TrustBroken`` where the member declares no such endpoint."""

    def __init__(self, peer: Peer, home: VerifiedMember) -> None:
        """Take the member as trust verified it."""
        self._peer = peer
        self._home = home

    def push(self, request: Mapping[str, str]) -> str:
        """Push an authorization request, bound to our key; return the address to which the browser goes."""
        form = {**request, "dpop_jkt": self._peer.jkt}
        answer = self._ask("pushed_authorization_request_endpoint", form).expect(200, 201)
        given = answer.json if isinstance(answer.json, dict) else {}
        reference = given.get("request_uri")
        if not _is_plain(reference):
            raise PeerAnsweredBadly(f"{answer.url}: no request_uri")
        return self._with_query("authorization_endpoint", request_uri=str(reference))

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Redeemed:
        """Redeem a code (RFC 6749, 4.1.3; RFC 7636, 4.5); raises ``PeerRefused`` where the home says no."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = self._ask("token_endpoint", form).expect(200)
        granted, id_token = Granted.read(answer), answer.json.get("id_token")
        if not isinstance(id_token, str):
            raise PeerAnsweredBadly(f"{answer.url}: no ID token")
        return Redeemed(id_token, granted.token)

    def sign_out(self, back: str) -> str:
        """Return where the browser signs out at home too (RP-Initiated Logout 1.0, 2); ``back`` is where it returns."""
        return self._with_query("end_session_endpoint", post_logout_redirect_uri=back)

    def _ask(self, endpoint: str, form: Mapping[str, str]) -> Answer:
        return self._peer.ask(self._home.endpoint(PROVIDER, endpoint), self._home.entity_id, form)

    def _with_query(self, endpoint: str, **parameters: str) -> str:
        url = self._home.endpoint(PROVIDER, endpoint)
        if not _is_plain(url):
            raise PeerAnsweredBadly(f"{self._home.entity_id}: no browser can be led to {endpoint}")
        query = urlencode({"client_id": self._peer.entity_id, **parameters})
        return f"{url}{'&' if '?' in url else '?'}{query}"


def _is_plain(text: object) -> bool:
    """Say whether a text can stand in a header and in an address as it is, and breaks out of neither."""
    return isinstance(text, str) and 0 < len(text) <= _LONGEST and all("!" <= letter <= "~" for letter in text)
