"""What a home makes of a host's answers, good and hostile."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from federation.answer import Answer
from federation.errors import (
    BookingGone,
    DeskTaken,
    NotFound,
    PeerAnsweredBadly,
    PeerRefused,
    PeerUnreachable,
    PreconditionFailed,
    TachiyoriError,
)
from federation.host import Person
from federation.keys import make, ring_of
from federation.messages.booking import BookingChange, BookingRequest, Place
from federation.messages.problem import TYPES
from federation.remote import RemoteHost
from federation.tokens import VISIT_GRANT
from tests.federation.world import HOME, HOST, NOW

RING = ring_of(make())
UUID = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"
PLACE = Place(desk=UUID, start=NOW, end=NOW + timedelta(hours=2), sub="a-pairwise-subject")
REQUEST = BookingRequest(places=(PLACE,), not_after=NOW + timedelta(hours=1))


@dataclass
class FakePeer:
    """Stands where ``Peer`` stands, and answers as it is told."""

    status: int = 200
    body: bytes = b"{}"
    media: str = "application/json"
    sent: list[dict[str, Any]] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    entity_id: str = HOME
    jkt: str = "A" * 43

    def request(self, method: str, url: str, **options: Any) -> Answer:
        self.sent.append({"method": method, "url": url, **options})
        return Answer(url, self.status, {"content-type": self.media}, self.body)

    def person_token(self, _audience: str, _endpoint: str, grant: str) -> str:
        self.grants.append(grant)
        return "person-token"


def host(peer: FakePeer, **exchange: str) -> RemoteHost:
    endpoints = {f"{name}_endpoint": f"{HOST}/api/v1/{name}" for name in ("bookings", "quotes", "desks")}
    metadata = {
        "desk_exchange": {**endpoints, **exchange},
        "oauth_authorization_server": {"token_endpoint": f"{HOST}/oauth/token"},
    }
    member = SimpleNamespace(entity_id=HOST, metadata=metadata)
    return RemoteHost(cast(Any, peer), cast(Any, member), RING, lambda: NOW)


def test_a_person_is_vouched_for_to_this_host_alone_for_a_minute() -> None:
    peer = FakePeer()
    with pytest.raises(PeerAnsweredBadly):
        host(peer).put_booking(UUID, REQUEST, Person("a-pairwise-subject", "urn:tachiyori:aal:1", NOW))
    claims = VISIT_GRANT.verify(peer.grants[0], RING.public(), now=NOW, issuer=HOME, audience=HOST)
    assert (claims.subject, claims["client_id"], claims.jkt) == ("a-pairwise-subject", HOME, peer.jkt)
    assert claims.expires - claims.issued_at == timedelta(seconds=60)
    assert peer.sent[0]["token"] == "person-token"


def test_a_retry_goes_by_the_nodes_own_token() -> None:
    peer = FakePeer()
    with pytest.raises(PeerAnsweredBadly):
        host(peer).put_booking(UUID, REQUEST, None)
    assert (peer.grants, peer.sent[0]["token"], peer.sent[0]["scope"]) == ([], "", "manage")


def test_a_change_names_the_version_it_was_made_for() -> None:
    peer = FakePeer()
    with pytest.raises(PeerAnsweredBadly):
        host(peer).patch_booking(UUID, BookingChange(command=UUID, action="leave"), 7)
    assert peer.sent[0]["headers"] == {"If-Match": '"7"'}


def problem(code: str, status: int) -> FakePeer:
    body = f'{{"type":"{TYPES}{code}","title":"t","status":{status},"reasons":[],"field":"places.0"}}'
    return FakePeer(status, body.encode(), "application/problem+json")


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("desk-taken", 409, DeskTaken),
        ("booking-gone", 410, BookingGone),
        ("not-found", 404, NotFound),
        ("precondition-failed", 412, PreconditionFailed),
        ("something-new", 409, PeerRefused),
        ("internal-error", 500, PeerUnreachable),
        ("sign-in-refused", 403, PeerRefused),
    ],
)
def test_what_a_host_says_is_said_again_in_our_words(code: str, status: int, expected: type[TachiyoriError]) -> None:
    with pytest.raises(TachiyoriError) as said:
        host(problem(code, status)).get_booking(UUID)
    assert type(said.value) is expected


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b'{"site":1}', b'{"site":{},"desk":{}}', b"\xff", b"[" * 9999]
)
def test_a_listing_of_another_shape_is_none(body: bytes) -> None:
    with pytest.raises(PeerAnsweredBadly):
        host(FakePeer(body=body)).listing(UUID)


@pytest.mark.parametrize("status", [201, 204])
def test_a_cancellation_of_what_nobody_knew_has_no_booking(status: int) -> None:
    assert host(FakePeer(status, b"")).delete_booking(UUID) is None


def test_a_host_that_publishes_no_endpoint_is_not_asked() -> None:
    peer = FakePeer()
    member = SimpleNamespace(entity_id=HOST, metadata={})
    with pytest.raises(PeerAnsweredBadly):
        RemoteHost(cast(Any, peer), cast(Any, member), RING, lambda: NOW).get_booking(UUID)
    assert peer.sent == []


@pytest.mark.parametrize("media", ["image/svg+xml", "application/json", "text/html"])
def test_a_drawing_is_a_picture_or_refused(media: str) -> None:
    assert host(FakePeer(body=b"RIFF", media="image/webp")).drawing(UUID) == b"RIFF"
    with pytest.raises(PeerAnsweredBadly):
        host(FakePeer(body=b"RIFF", media=media)).drawing(UUID)
