"""A host elsewhere: the verbs of ``federation.host`` as requests of the booking API (protocol, sections 2 and 5).

A visitor at the keyboard is vouched for by a visit grant, exchanged at the host for a person token that may create one
booking (identity chaining, 2.4; the claims and typ of ID-JAG). All else goes by the node token.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from federation import depiction, errors
from federation.answer import JSON, Answer, problem_of
from federation.errors import BadInput, PeerAnsweredBadly, PeerRefused, SurerSignInNeeded, TachiyoriError
from federation.host import Person
from federation.keys import KeyRing
from federation.messages.base import Message, written
from federation.messages.booking import Availability, Booking, BookingChange, BookingRequest, Quote, QuoteRequest
from federation.messages.feedback import Feedback
from federation.messages.incident import Incident
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.plan import RoomPlan
from federation.messages.trail import Trail
from federation.peer import MESSAGE_BYTES, Peer
from federation.remote_registry import RemoteRegistry
from federation.tokens import VISIT_GRANT
from federation.trust import VerifiedMember

__all__ = ["RemoteHost", "RemoteRegistry"]

M = TypeVar("M", bound=Message)

_SAID: Mapping[str, type[TachiyoriError]] = {
    error.code: error
    for error in (
        errors.BadDeskCode,
        errors.BadInput,
        errors.BookingExists,
        errors.BookingGone,
        errors.BookingLapsed,
        errors.BookingRefused,
        errors.Conflict,
        errors.DeskTaken,
        errors.FeedbackClosed,
        errors.Forbidden,
        errors.MemberSuspended,
        errors.NotAMember,
        errors.NotFound,
        errors.NotNow,
        errors.PersonElsewhere,
        errors.PreconditionFailed,
        errors.TokenExpired,
        errors.TooMany,
    )
}
"""What a host may tell us in its own words; anything else it says is no more than a refusal."""


class RemoteHost:
    """One host, reached through ``peer``; ``ring`` holds the protocol keys that vouch for our people."""

    def __init__(self, peer: Peer, host: VerifiedMember, ring: KeyRing, clock: Callable[[], datetime]) -> None:
        """Take the host as trust verified it: its endpoints come from there and from nowhere else."""
        self._peer = peer
        self._host = host
        self._ring = ring
        self._clock = clock

    def quote(self, request: QuoteRequest) -> Quote:
        """Ask what would happen, as this node."""
        return self._managed("POST", self._exchange("quotes_endpoint"), Quote, request)

    def put_booking(self, uuid: str, request: BookingRequest, person: Person | None) -> Booking:
        """Ask for places, vouching for ``person`` if one is there."""
        token = self._person_token(person) if person else ""
        return self._managed("PUT", self._booking(uuid), Booking, request, token=token)

    def get_booking(self, uuid: str) -> Booking:
        """Ask for a booking's present state."""
        return self._managed("GET", self._booking(uuid), Booking)

    def patch_booking(self, uuid: str, change: BookingChange, version: int) -> Booking:
        """Ask for a change of the booking in exactly this version (RFC 9110, 13.1.1)."""
        return self._managed("PATCH", self._booking(uuid), Booking, change, headers={"If-Match": f'"{version}"'})

    def delete_booking(self, uuid: str) -> Booking | None:
        """Cancel; an answer without a body means that the host knew nothing of it."""
        answer = self._send("DELETE", self._booking(uuid))
        return _read(answer, Booking) if answer.status == 200 and answer.body else None

    def put_feedback(self, uuid: str, said: Feedback) -> None:
        """Say how a visit was, as this node; nobody is vouched for."""
        self._send("PUT", f"{self._booking(uuid)}/feedback", said)

    def availability(self, desk: str, start: datetime, end: datetime) -> Availability:
        """Ask when the desk is free within [start, end)."""
        wish = urlencode({"start": written(start), "end": written(end)})
        return self._managed("GET", f"{self._desk(desk)}/availability?{wish}", Availability)

    def listing(self, desk: str) -> tuple[SiteListing, DeskListing]:
        """Ask what the host publishes of the desk; listings are public, yet asked for as this node."""
        return _listed(self._send("GET", self._desk(desk)))

    def desk_by_code(self, code: str) -> tuple[SiteListing, DeskListing]:
        """Ask which desk bears a code."""
        return _listed(self._send("GET", f"{self._exchange('desks_endpoint')}?{urlencode({'code': code})}"))

    def plan(self, desk: str) -> RoomPlan:
        """Ask where the desks of that desk's room stand."""
        return self._managed("GET", f"{self._desk(desk)}/plan", RoomPlan)

    def drawing(self, desk: str) -> bytes:
        """Ask for the picture under that plan; it is no more than its media type and its size say."""
        headers = {"Accept": ", ".join(depiction.MEDIA)}
        url = f"{self._desk(desk)}/plan/drawing"
        return self._send("GET", url, headers=headers, media=depiction.MEDIA, limit=depiction.BYTES).body

    def views(self, sub: str, before: int | None = None) -> Trail:
        """Ask who had the name or card of our visitor before them."""
        asked = urlencode({"sub": sub} | ({"before": str(before)} if before else {}))
        return self._managed("GET", f"{self._host.entity_id}/api/v1/views?{asked}", Trail)

    def trail(self, uuid: str, before: int | None = None) -> Trail:
        """Ask what the host's log says of a booking of ours."""
        older = f"?{urlencode({'before': before})}" if before else ""
        return self._managed("GET", f"{self._booking(uuid)}/trail{older}", Trail)

    def put_incident(self, uuid: str, said: Incident) -> None:
        """Tell the other town of an incident, as this node."""
        self._send("PUT", f"{self._host.entity_id}/api/v1/incidents/{uuid}", said)

    # --- How it is asked ------------------------------------------------------------------------------------------

    def _person_token(self, person: Person) -> str:
        """Vouch for a person and have the host turn that into its own token, bound to this process's key."""
        claims = {
            "iss": self._peer.entity_id,
            "client_id": self._peer.entity_id,
            "aud": self._host.entity_id,
            "sub": person.sub,
            "acr": person.acr,
            "auth_time": person.auth_time,
            "cnf": {"jkt": self._peer.jkt},
        }
        grant = VISIT_GRANT.sign(self._ring.current, claims, now=self._clock())
        try:
            return self._peer.person_token(self._host.entity_id, self._token_endpoint, grant)
        except PeerRefused as refusal:
            raise _surer(refusal) or said(refusal) from None

    def _managed(
        self,
        method: str,
        url: str,
        kind: type[M],
        body: Message | None = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> M:
        return _read(self._send(method, url, body, token=token, headers=headers), kind)

    def _send(
        self,
        method: str,
        url: str,
        body: Message | None = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        media: tuple[str, ...] = JSON,
        limit: int = MESSAGE_BYTES,
    ) -> Answer:
        answer = self._peer.request(
            method,
            url,
            audience=self._host.entity_id,
            token_endpoint=self._token_endpoint,
            scope="manage",
            token=token,
            body=body.text() if body is not None else None,
            headers=headers,
            limit=limit,
        )
        try:
            return answer.expect(200, 201, 204, media=media)
        except PeerRefused as refusal:
            raise said(refusal) from None

    @property
    def _token_endpoint(self) -> str:
        return self._named("oauth_authorization_server", "token_endpoint")

    def _exchange(self, name: str) -> str:
        return self._named("desk_exchange", name)

    def _booking(self, uuid: str) -> str:
        return f"{self._exchange('bookings_endpoint')}/{uuid}"

    def _desk(self, desk: str) -> str:
        return f"{self._exchange('desks_endpoint')}/{desk}"

    def _named(self, kind: str, name: str) -> str:
        value = self._host.metadata.get(kind, {}).get(name)
        if not isinstance(value, str):
            raise PeerAnsweredBadly(f"{self._host.entity_id} publishes no {kind}.{name}")
        return value


def _read(answer: Answer, kind: type[M]) -> M:
    try:
        return kind.read(answer.body)
    except BadInput as error:
        raise PeerAnsweredBadly(f"{answer.url}: {error.detail}") from None


def _surer(refusal: PeerRefused) -> SurerSignInNeeded | None:
    """Return what to tell the person where the host asks for a surer sign-in (RFC 9470); else None."""
    wanted = b'"insufficient_user_authentication"' in refusal.body
    return SurerSignInNeeded("the host asks for a surer sign-in") if wanted else None


def _listed(answer: Answer) -> tuple[SiteListing, DeskListing]:
    members = answer.json if isinstance(answer.json, dict) else {}
    try:
        site, desk = (json.dumps(members.get(name, {})) for name in ("site", "desk"))
        return SiteListing.read(site), DeskListing.read(desk)
    except BadInput as error:
        raise PeerAnsweredBadly(f"{answer.url}: not a desk: {error.detail}") from None


def said(refusal: PeerRefused) -> TachiyoriError:
    """Say again what the host said, in our own words; its reasons and alternatives go along, to be shown."""
    problem = problem_of(refusal)
    kind = _SAID.get(problem.code) if problem else None
    if problem is None or kind is None:
        return refusal
    error = kind(f"the host says {problem.code}", field=problem.field or None)
    error.__dict__.update(reasons=problem.reasons, alternatives=problem.alternatives)
    return error
