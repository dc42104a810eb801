"""What the provider's claims say of a person in the words of our own directory, and how surely they were recognised."""

import logging
from collections.abc import Mapping
from typing import Any

from federation.envelope import shown
from federation.errors import EntryRefused
from node.people import assurance
from node.people.entries import Said
from node.staffwords import FACTS
from node.upstream import Upstream

log = logging.getLogger(__name__)

_MOST_GROUPS = 1000


def missing(claims: Mapping[str, Any], settings: Upstream) -> set[str]:
    """Return the mapped claims that are not there, and for which userinfo is worth a call."""
    return {theirs for theirs, _ours in settings.claims} - set(claims)


def said(claims: Mapping[str, Any], settings: Upstream) -> Said:
    """Return what is said of the person; raise ``EntryRefused`` without a number or name.

    The key is issuer and subject, whatever else is said; an e-mail address is not even read.
    """
    facts = {ours: _text(claims, settings.theirs(ours)) for ours in FACTS.values()}
    number, name = facts.pop("number"), facts.pop("name")
    if not number or not name:
        raise EntryRefused(f"{settings.theirs('number')} or {settings.theirs('name')} is missing, or is no text")
    subject = str(claims["sub"])
    return Said(settings.issuer, subject, number, name, roles=_roles(claims, settings), **facts)


def level(claims: Mapping[str, Any], settings: Upstream) -> str:
    """Return our own 当人認証保証レベル: the highest that a line of the mapping shows, and the lowest where none does."""
    reached = max((each.reached for each in settings.levels if each.is_met_by(claims)), default=1)
    return assurance.LEVELS[reached - 1]


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """Return a text, or the one text of a list, as some providers send every attribute; anything else says nothing."""
    value = claims.get(name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None


def is_entitled(claims: Mapping[str, Any], settings: Upstream) -> bool:
    """Say whether the person may use this at all: in a group of 利用職員, where the town has named any."""
    doors = {theirs for theirs, ours in settings.roles if ours == "staff"}
    return not doors or not doors.isdisjoint(_groups(claims, settings))


def _roles(claims: Mapping[str, Any], settings: Upstream) -> frozenset[str] | None:
    """Return the roles of the person's groups; None where the directory alone gives them."""
    if not settings.roles:
        return None
    groups = _groups(claims, settings)
    return frozenset(ours for theirs, ours in settings.roles if theirs in groups)


def _groups(claims: Mapping[str, Any], settings: Upstream) -> frozenset[str]:
    """Return the person's groups.

    A provider that drops them (Entra ID does beyond 200) says that there are none: least privilege, never stale.
    """
    groups = claims.get(settings.theirs("groups"))
    listed = [groups] if isinstance(groups, str) else groups
    if not isinstance(listed, list) or len(listed) > _MOST_GROUPS:
        beyond = ", too many for the token" if "_claim_names" in claims or "hasgroups" in claims else ""
        log.warning("upstream: no usable groups for %s%s", shown(claims["sub"]), beyond)
        return frozenset()
    return frozenset(each for each in listed if isinstance(each, str))
