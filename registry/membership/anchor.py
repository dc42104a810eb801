"""What the trust anchor says of itself and of its members: statements, marks, the status list (OpenID Federation 1.1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from federation import entity, status
from federation.jwk import PublicKeys
from federation.keys import KeyRing
from federation.mandate import CARRIED_AS
from federation.marks import MarkRules
from federation.policy import Metadata
from federation.status import Status
from federation.tokens import TRUST_MARK_STATUS
from federation.trust import Anchor
from registry.membership.policy import CONSTRAINTS, POLICY

MEMBERS_FEED = "/feeds/members"
CATALOGUE_FEED = "/feeds/catalogue"
EMERGENCIES_FEED = "/feeds/emergencies"
SEARCH = "/api/v1/search"
WEEK = "/api/v1/search/week"
ENROLMENT = "/api/v1/enrolment"
CONFIGURATIONS = "/api/v1/configurations"
PINGS = "/api/v1/pings"
HARVEST = "/api/v1/harvest"
DEMAND = "/api/v1/demand"
MARK_STATUS = "/federation/trust-mark-status"
MARK = "/federation/trust-mark"
MARKED = "/federation/trust-marked"


@dataclass(frozen=True)
class Seal:
    """The anchor's id, names and keys, as its statements need them.

    ``mandate`` gives the recovery key's newest word about the online keys, nothing before there was one.
    """

    entity_id: str
    name: str
    name_en: str
    federation: KeyRing
    protocol: KeyRing
    recovery: str
    mandate: Callable[[], str] = str

    @property
    def anchor(self) -> Anchor:
        """What members are verified against, by ourselves too."""
        rules = MarkRules({self.mark_type: frozenset([self.entity_id])})
        return Anchor(self.entity_id, self.federation.public(), rules)

    @property
    def mark_type(self) -> str:
        """The type of the mark ``municipality``."""
        return self.entity_id + entity.MUNICIPALITY_MARK

    def metadata(self) -> Metadata:
        """Return what the anchor publishes of itself; every endpoint stands on its own origin."""
        jwks, named = self.protocol.jwks(), self.mandate()
        return {
            "federation_entity": {
                "organization_name": self.name,
                "organization_name#en": self.name_en,
                "recovery_key_thumbprint": self.recovery,
                **({CARRIED_AS: named} if named else {}),
                "federation_fetch_endpoint": self.entity_id + entity.FETCH,
                "federation_list_endpoint": self.entity_id + entity.LIST,
                "federation_resolve_endpoint": self.entity_id + entity.RESOLVE,
                "federation_historical_keys_endpoint": self.entity_id + entity.HISTORY,
                "federation_trust_mark_status_endpoint": self.entity_id + MARK_STATUS,
                "federation_trust_mark_list_endpoint": self.entity_id + MARKED,
                "federation_trust_mark_endpoint": self.entity_id + MARK,
            },
            "oauth_authorization_server": {
                "issuer": self.entity_id,
                "token_endpoint": self.entity_id + entity.TOKEN,
                "jwks": jwks,
                "grant_types_supported": ["client_credentials"],
                "response_types_supported": [],
                "scopes_supported": ["search", "feed"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
                "dpop_signing_alg_values_supported": ["ES256"],
            },
            "desk_registry": {
                "members_feed": self.entity_id + MEMBERS_FEED,
                "catalogue_feed": self.entity_id + CATALOGUE_FEED,
                "status_list": self.entity_id + entity.STATUS,
                "search_endpoint": self.entity_id + SEARCH,
                "enrolment_endpoint": self.entity_id + ENROLMENT,
                "configurations_endpoint": self.entity_id + CONFIGURATIONS,
                "ping_endpoint": self.entity_id + PINGS,
                "harvest_endpoint": self.entity_id + HARVEST,
                "demand_endpoint": self.entity_id + DEMAND,
                "jwks": jwks,
            },
        }

    def configuration(self, now: datetime) -> str:
        """Sign the anchor's own entity configuration (3.1.2)."""
        return entity.entity_configuration(
            entity_id=self.entity_id,
            federation=self.federation,
            metadata=self.metadata(),
            mark_issuers={self.mark_type: [self.entity_id]},
            now=now,
        )

    def statement(
        self,
        subject: str,
        *,
        jwks: Mapping[str, object],
        pinned: Metadata,
        status_index: int,
        now: datetime,
    ) -> str:
        """Sign what the anchor says of a member (3.1.3)."""
        return entity.subordinate_statement(
            issuer=self.entity_id,
            federation=self.federation,
            subject=subject,
            subject_jwks=jwks,
            metadata=pinned,
            status_index=status_index,
            policy=POLICY,
            constraints=CONSTRAINTS,
            now=now,
        )

    def mark(self, subject: str, code: str, now: datetime) -> str:
        """Sign the trust mark ``municipality`` of a member (7.1)."""
        made = entity.trust_mark(issuer=self.entity_id, federation=self.federation, subject=subject, code=code, now=now)
        return made["trust_mark"]

    def mark_status(self, mark: str, standing: str, now: datetime) -> str:
        """Sign the answer to a question about a mark (8.4.2); ``standing`` is active, expired, revoked or invalid."""
        claims = {"iss": self.entity_id, "trust_mark": mark, "status": standing}
        return TRUST_MARK_STATUS.sign(self.federation.current, claims, now=now)

    def status_list(self, statuses: Mapping[int, Status], now: datetime) -> str:
        """Sign the one status list."""
        uri = self.entity_id + entity.STATUS
        return status.status_list(
            issuer=self.entity_id, federation=self.federation, uri=uri, statuses=statuses, now=now
        )

    def trusted(self) -> PublicKeys:
        """Return the keys our own statements verify with."""
        return self.federation.public()
