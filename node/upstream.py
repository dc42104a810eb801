"""The town's own identity provider (Entra ID, Keycloak, …) as its operator describes it: frozen, read from the environment.

Which of its words mean what here stands in three lists of the form ``theirs=ours; theirs=ours``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from federation.errors import BadInput
from federation.settings import file, mapped, needed, origin, origins, pairs, said_yes, secret_in
from node.staffwords import FACTS, ROLES

_ISSUER = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+(/[A-Za-z0-9._~%/\-]*)?")
_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ENTRA = re.compile(r"https://(?:login\.microsoftonline\.(?:com|us)|sts\.windows\.net)/")
_ENTRA_TENANT = re.compile(rf"{_ENTRA.pattern}({_GUID})(?:/v2\.0|/)?")
_OF_EVERYBODY = frozenset({"https://accounts.google.com"})
"""Issuers with one name for all their tenants: without a pinned one anybody in the world could sign in."""
_GROUPS = {"グループ": "groups"}


@dataclass(frozen=True)
class Level:
    """One line of the mapping to 当人認証保証レベル: the claim that has all these values shows this level."""

    claim: str
    values: frozenset[str]
    reached: int

    def is_met_by(self, claims: Mapping[str, Any]) -> bool:
        """Say whether the claim, one text or a list of them, has every value."""
        given = claims.get(self.claim)
        listed = given if isinstance(given, list) else [given]
        return self.values.issubset(each for each in listed if isinstance(each, str))


@dataclass(frozen=True)
class Upstream:
    """One provider. ``claims`` and ``roles`` are pairs (theirs, ours); without ``roles`` the directory alone gives them.

    ``secret_file`` is None where the town authenticates with its own protocol key (private_key_jwt).
    """

    issuer: str
    client_id: str
    claims: tuple[tuple[str, str], ...]
    secret_file: Path | None = None
    scope: str = "openid profile"
    roles: tuple[tuple[str, str], ...] = ()
    levels: tuple[Level, ...] = ()
    tenant: tuple[str, str] | None = None
    """The claim that names the tenant, and the one value it may have."""
    further_origins: frozenset[str] = frozenset()
    is_private: bool = False
    """Whether the provider's addresses may be private ones."""
    ca_bundle: Path | None = None
    link_numbers: bool = False
    always_anew: bool = False
    """For a provider that tells no auth_time: it is asked for a fresh sign-in each time, so that iat may stand for it."""
    alone: bool = False
    """Whether the built-in sign-in is turned off."""
    label: str = ""
    label_en: str = ""

    @property
    def origins(self) -> frozenset[str]:
        """The only origins this provider is ever called at, or a browser sent to."""
        return self.further_origins | {_origin_of(self.issuer)}

    @property
    def shows_two_factors(self) -> bool:
        """Whether any word of the provider's means a second factor; without one there is no use in asking for it."""
        return any(level.reached > 1 for level in self.levels)

    def theirs(self, ours: str) -> str:
        """Return the claim that tells a fact, empty where none does."""
        return next((claim for claim, fact in self.claims if fact == ours), "")

    def secret(self) -> str:
        """Read the client secret anew, so that a changed one needs no restart; empty for private_key_jwt."""
        return secret_in(self.secret_file, "NODE_OIDC_CLIENT_SECRET_FILE") if self.secret_file else ""


def from_environment(environ: Mapping[str, str]) -> Upstream | None:
    """Return what ``NODE_OIDC_…`` describe, or None; raise ``BadInput`` naming the variable that is missing or wrong."""
    if not environ.get("NODE_OIDC_ISSUER", "").strip():
        _refuse_orphans(environ)
        return None
    issuer = _issuer(needed(environ, "NODE_OIDC_ISSUER"))
    further = origins(environ, "NODE_OIDC_ORIGINS")
    described = Upstream(
        issuer=issuer,
        client_id=needed(environ, "NODE_OIDC_CLIENT_ID"),
        secret_file=file(environ, "NODE_OIDC_CLIENT_SECRET_FILE"),
        scope=_scope(environ.get("NODE_OIDC_SCOPE", "").strip() or "openid profile"),
        claims=_claims(environ),
        roles=mapped(environ, "NODE_OIDC_ROLES", ROLES),
        levels=_levels(environ),
        tenant=_tenant(issuer, environ.get("NODE_OIDC_TENANT", "").strip()),
        further_origins=further,
        is_private=said_yes(environ, "NODE_OIDC_PRIVATE"),
        ca_bundle=file(environ, "NODE_OIDC_CA_BUNDLE") or file(environ, "PEER_CA_BUNDLE"),
        link_numbers=said_yes(environ, "NODE_OIDC_LINK_NUMBERS"),
        always_anew=said_yes(environ, "NODE_OIDC_ALWAYS_ANEW"),
        alone=_alone(environ.get("NODE_SIGN_IN", "").split()),
        label=environ.get("NODE_OIDC_LABEL", "").strip(),
        label_en=environ.get("NODE_OIDC_LABEL_EN", "").strip(),
    )
    described.secret()
    return described


def _refuse_orphans(environ: Mapping[str, str]) -> None:
    orphans = sorted(
        name for name, value in environ.items() if name.startswith(("NODE_OIDC_", "NODE_SIGN_IN")) and value.strip()
    )
    if orphans:
        raise BadInput(f"{orphans[0]} is set, but NODE_OIDC_ISSUER is not", field="NODE_OIDC_ISSUER")


def _issuer(text: str) -> str:
    """Return an issuer of one party (OpenID Connect Discovery 1.0, 3: https, no query, no fragment)."""
    if not _ISSUER.fullmatch(text):
        raise BadInput(
            f"NODE_OIDC_ISSUER is not an issuer such as https://idp.example/realms/a: {text}", field="NODE_OIDC_ISSUER"
        )
    origin(_origin_of(text), "NODE_OIDC_ISSUER")
    if _ENTRA.match(text) and not _ENTRA_TENANT.fullmatch(text):
        raise BadInput(
            f"NODE_OIDC_ISSUER must name the tenant by its GUID, never common or organizations: {text}",
            field="NODE_OIDC_ISSUER",
        )
    return text


def _origin_of(issuer: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}"


def _tenant(issuer: str, text: str) -> tuple[str, str] | None:
    """Read ``claim=value``; an issuer of Entra ID names its own tenant, which every token must repeat."""
    claim, equals, value = text.partition("=")
    if text and not (claim and equals and value):
        raise BadInput("NODE_OIDC_TENANT is not claim=value, such as tid=… or hd=…", field="NODE_OIDC_TENANT")
    named = _ENTRA_TENANT.fullmatch(issuer)
    if not text and named:
        return "tid", named[1]
    if not text and issuer in _OF_EVERYBODY:
        raise BadInput(f"NODE_OIDC_TENANT is needed: {issuer} speaks for everybody", field="NODE_OIDC_TENANT")
    return (claim, value) if text else None


def _scope(text: str) -> str:
    if "openid" not in text.split():
        raise BadInput("NODE_OIDC_SCOPE lacks openid (OpenID Connect Core 1.0, 3.1.2.1)", field="NODE_OIDC_SCOPE")
    return " ".join(text.split())


def _claims(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found = mapped(environ, "NODE_OIDC_CLAIMS", {**FACTS, **_GROUPS})
    told = [ours for _theirs, ours in found]
    if len(set(told)) < len(told) or not {"number", "name"} <= set(told):
        raise BadInput("NODE_OIDC_CLAIMS must tell 職員番号 and 氏名, and each fact once", field="NODE_OIDC_CLAIMS")
    if environ.get("NODE_OIDC_ROLES", "").strip() and "groups" not in told:
        raise BadInput("NODE_OIDC_ROLES needs グループ in NODE_OIDC_CLAIMS", field="NODE_OIDC_CLAIMS")
    return found


def _levels(environ: Mapping[str, str]) -> tuple[Level, ...]:
    """Read ``acr:value=2; amr:otp+pwd=2``; the level is a figure from 1 to 3."""
    levels = []
    for theirs, reached in pairs(environ, "NODE_OIDC_LEVELS"):
        claim, colon, values = theirs.partition(":")
        if not colon or not claim or not values or reached not in {"1", "2", "3"}:
            raise BadInput(
                f"NODE_OIDC_LEVELS is not like acr:value=2; amr:otp+pwd=2: {theirs}={reached}", field="NODE_OIDC_LEVELS"
            )
        listed = frozenset({values} if claim == "acr" else values.split("+"))
        levels.append(Level(claim, listed, int(reached)))
    return tuple(levels)


def _alone(ways: list[str]) -> bool:
    """Read ``NODE_SIGN_IN``, the ways people sign in by: ``oidc directory`` unless it says ``oidc`` alone."""
    if not {"oidc"} <= set(ways or ["oidc"]) <= {"oidc", "directory"}:
        raise BadInput("NODE_SIGN_IN is neither oidc nor oidc directory", field="NODE_SIGN_IN")
    return ways == ["oidc"]
