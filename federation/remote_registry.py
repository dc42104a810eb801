"""The registry as its members speak to it: one verb for each request, through ``federation.peer``."""

from typing import Protocol, TypeVar
from urllib.parse import urlencode

from federation import entity
from federation.errors import BadInput, PeerAnsweredBadly
from federation.messages.base import Message
from federation.messages.demand import DemandReport
from federation.messages.enrolment import EnrolmentAnswer, EnrolmentRequest
from federation.messages.feed import FeedPage
from federation.messages.harvest import HarvestReport
from federation.messages.search import SearchAnswer, SearchQuery
from federation.messages.week import WeekAnswer
from federation.peer import STATEMENT_BYTES, Peer

M = TypeVar("M", bound=Message)

MEMBERS_FEED = "/feeds/members"
EMERGENCIES_FEED = "/feeds/emergencies"
SEARCH = "/api/v1/search"
WEEK = "/api/v1/search/week"
ENROLMENT = "/api/v1/enrolment"
PINGS = "/api/v1/pings"
HARVEST = "/api/v1/harvest"
DEMAND = "/api/v1/demand"
CONFIGURATIONS = "/api/v1/configurations"
TRUST_MARK = "/federation/trust-mark"
SEARCH_BYTES = 1024 * 1024


class RegistryVerbs(Protocol):
    """What is asked of the registry to stay informed; ``RemoteRegistry`` answers it."""

    @property
    def members_feed(self) -> str:
        """The address of the members feed."""
        ...

    def members_page(self, url: str) -> FeedPage:
        """Return one page of the members feed."""
        ...

    def configuration(self, entity_id: str) -> str:
        """Return what an entity, the registry too, says of itself, unverified."""
        ...

    def statement(self, subject: str) -> str:
        """Return what the registry says of a member, unverified."""
        ...

    def status_list(self, etag: str) -> tuple[str, str] | None:
        """Return the status list, unverified, and its ETag; None when it is still the one of ``etag``."""
        ...


class RemoteRegistry:
    """The registry of this entity id. Its paths are of our profile, so they are known before it is first read."""

    def __init__(self, peer: Peer, entity_id: str) -> None:
        """Take who asks and whom."""
        self._peer = peer
        self.entity_id = entity_id

    # --- What needs no token, for ``federation.members`` ------------------------------------------------------

    def configuration(self, entity_id: str) -> str:
        """Return what an entity, the registry too, says of itself, unverified."""
        return self._peer.fetch_entity_configuration(entity_id)

    def statement(self, subject: str) -> str:
        """Return what the registry says of a member, unverified."""
        return self._peer.fetch_statement(self.entity_id + entity.FETCH, subject)

    def status_list(self, etag: str) -> tuple[str, str] | None:
        """Return the status list, unverified, and its ETag; None when it is still the one of ``etag``."""
        return self._peer.status_list(self.entity_id + entity.STATUS, etag)

    def trust_mark(self, subject: str) -> str:
        """Return a member's mark ``municipality``, unverified (OpenID Federation 1.1, 8.6)."""
        wish = {"trust_mark_type": self.entity_id + entity.MUNICIPALITY_MARK, "sub": subject}
        url = f"{self.entity_id}{TRUST_MARK}?{urlencode(wish)}"
        media = "application/trust-mark+jwt"
        answer = self._peer.transport.send("GET", url, headers={"Accept": media}, limit=STATEMENT_BYTES)
        return answer.expect(200, media=(media,)).text

    def enrol(self, request: EnrolmentRequest) -> EnrolmentAnswer:
        """Ask to become a member; asking again with the same words answers how it stands."""
        answer = self._peer.post_json(self.entity_id + ENROLMENT, request.text())
        try:
            return EnrolmentAnswer.read(answer.body)
        except BadInput as error:
            raise PeerAnsweredBadly(f"{answer.url}: {error.detail}") from None

    def publish_configuration(self, configuration: str) -> None:
        """Hand in what we say of ourselves now, for a registry that cannot call us; it proves itself by its signature."""
        headers = {"Content-Type": "application/entity-statement+jwt", "Accept": "application/json"}
        url = self.entity_id + CONFIGURATIONS
        self._peer.transport.send("POST", url, headers=headers, body=configuration).expect(200, 202, 204)

    # --- As a member ------------------------------------------------------------------------------------------

    @property
    def members_feed(self) -> str:
        """The address of the members feed."""
        return self.entity_id + MEMBERS_FEED

    @property
    def emergencies_feed(self) -> str:
        """The address of the feed of what members have declared in a disaster."""
        return self.entity_id + EMERGENCIES_FEED

    def members_page(self, url: str) -> FeedPage:
        """Return one page of the members feed."""
        return self.feed_page(url)

    def feed_page(self, url: str) -> FeedPage:
        """Return one page of any feed the registry has for its members."""
        return self._peer.feed_page(url, audience=self.entity_id, token_endpoint=self._token_endpoint)

    def search(self, query: SearchQuery) -> SearchAnswer:
        """Find free desks that this member may see; the query goes as parameters, lists by repetition."""
        return self._read(f"{SEARCH}?{urlencode(query.wire(), doseq=True)}", "search", SearchAnswer)

    def week(self, query: SearchQuery) -> WeekAnswer:
        """Count the desks that are free in each half day from ``start`` to ``end``, at most a week."""
        return self._read(f"{WEEK}?{urlencode(query.wire(), doseq=True)}", "search", WeekAnswer)

    def harvest(self) -> HarvestReport:
        """Return how the registry reads this member's own feeds."""
        return self._read(HARVEST, "feed", HarvestReport)

    def demand(self) -> DemandReport:
        """Return what was searched in vain near this member's own sites."""
        return self._read(DEMAND, "feed", DemandReport)

    def _read(self, path: str, scope: str, kind: type[M]) -> M:
        answer = self._peer.request(
            "GET",
            self.entity_id + path,
            audience=self.entity_id,
            token_endpoint=self._token_endpoint,
            scope=scope,
            limit=SEARCH_BYTES,
        ).expect(200)
        try:
            return kind.read(answer.body)
        except BadInput as error:
            raise PeerAnsweredBadly(f"{kind.__name__}: {error.detail}") from None

    def ping(self, feed: str) -> None:
        """Tell the registry that a feed of ours has moved."""
        self._peer.ping(self.entity_id + PINGS, self.entity_id, feed)

    @property
    def _token_endpoint(self) -> str:
        return self.entity_id + entity.TOKEN
