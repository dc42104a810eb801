"""What another party answered, and what its status means to us."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from federation.errors import BadInput, PeerAnsweredBadly, PeerRefused, PeerUnreachable
from federation.messages.feed import FeedPage
from federation.messages.problem import Problem

JSON = ("application/json",)
MAX_RETRY_AFTER = 3600
MAX_NONCE = 255
_BUSY = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """What another party answered; header names are lower-case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower-case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The body as JSON; raises ``PeerAnsweredBadly`` when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise PeerAnsweredBadly(f"{self.url}: not JSON") from None

    @property
    def text(self) -> str:
        """The body as ASCII text, as a JWT is; raises ``PeerAnsweredBadly``."""
        try:
            return self.body.decode("ascii").strip()
        except UnicodeDecodeError:
            raise PeerAnsweredBadly(f"{self.url}: not ASCII") from None

    def expect(self, *statuses: int, media: tuple[str, ...] = JSON) -> "Answer":
        """Return self when the answer is one of these; otherwise raise what the status means.

        ``PeerUnreachable`` when the party is busy or broken, ``PeerRefused`` when it said no, ``PeerAnsweredBadly`` else.
        """
        if self.status in _BUSY:
            raise PeerUnreachable(f"{self.url}: {self.status}", retry_after=self.retry_after)
        if 400 <= self.status < 500 and self.status not in statuses:
            raise PeerRefused(f"{self.url}: {self.status} {self._reason()}", answered=self.status, body=self.body)
        if self.status not in statuses:
            raise PeerAnsweredBadly(f"{self.url}: {self.status}")
        if self.body and self.media_type not in media:
            raise PeerAnsweredBadly(f"{self.url}: {self.media_type[:100]!r}")
        return self

    @property
    def retry_after(self) -> int | None:
        """Retry-After in seconds, within an hour; None where there is none, or a date (RFC 9110, 10.2.3)."""
        text = self.headers.get("retry-after", "")
        return min(int(text), MAX_RETRY_AFTER) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def _reason(self) -> str:
        body = self.body[:300].decode("ascii", "replace")
        return "".join(letter if letter.isprintable() else " " for letter in body)


def refuse_odd(status: int, headers: Mapping[str, str], *, url: str, limit: int) -> None:
    """Refuse by its head an answer that the protocol does not have; ``headers`` is asked without regard to case."""
    if 300 <= status < 400 and status != 304:
        raise PeerAnsweredBadly(f"{url}: a redirect")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise PeerAnsweredBadly(f"{url}: compressed, though nobody asked for that")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 12 or int(length) > limit:
        raise PeerAnsweredBadly(f"{url}: {length[:20]} bytes announced")


def problem_of(refusal: PeerRefused) -> Problem | None:
    """Return the problem another party answered with, or None when it sent something else."""
    try:
        return Problem.read(refusal.body)
    except BadInput:
        return None


@dataclass(frozen=True)
class Granted:
    """An access token, and the seconds it will live."""

    token: str
    seconds: int

    @classmethod
    def read(cls, answer: Answer) -> "Granted":
        """Read a token answer (RFC 6749, 5.1; RFC 9449, 5)."""
        given = answer.json if isinstance(answer.json, dict) else {}
        token, seconds, kind = given.get("access_token"), given.get("expires_in"), given.get("token_type")
        if not isinstance(token, str) or type(seconds) is not int or str(kind).lower() != "dpop":
            raise PeerAnsweredBadly(f"{answer.url}: not a DPoP token")
        return cls(token, min(max(seconds, 0), 3600))


class NewestNonces:
    """The newest nonce of each party, so that asking anew happens once a nonce and not at each request (RFC 9449, 8.2)."""

    def __init__(self) -> None:
        """Begin without any; threads share this, and of two nonces at once either will do."""
        self._newest: dict[str, str] = {}

    def ask(self, party: str, send: Callable[[str | None], Answer]) -> Answer:
        """Send with what is known, and once more when the party wants another nonce (RFC 9449, 8 and 9)."""
        answer = self._noted(party, send(self._newest.get(party)))
        wants = answer.status in (400, 401) and (
            "use_dpop_nonce" in answer.headers.get("www-authenticate", "") or b"use_dpop_nonce" in answer.body
        )
        if not (wants and answer.headers.get("dpop-nonce")):
            return answer
        return self._noted(party, send(self._newest.get(party)))

    def _noted(self, party: str, answer: Answer) -> Answer:
        given = answer.headers.get("dpop-nonce", "")
        if 0 < len(given) <= MAX_NONCE and given.isascii() and given.isprintable():
            self._newest[party] = given
        return answer


def page_of(answer: Answer) -> FeedPage:
    """Read a page of a feed; raise ``PeerAnsweredBadly`` for what is none, or leads away from its feed."""
    try:
        page = FeedPage.read(answer.body)
    except BadInput as error:
        raise PeerAnsweredBadly(f"{answer.url}: {error.detail}") from None
    if page.next.partition("?")[0] != answer.url.partition("?")[0]:
        raise PeerAnsweredBadly(f"{answer.url} leads away to {page.next}")
    return page
