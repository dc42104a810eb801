"""The town's own trust mark: fetched from the registry, kept beside its keys, carried in what it says of itself (7.3)."""

import os
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from federation import entity
from federation.errors import NotAMember, TrustBroken
from federation.marks import MarkRules, verify_mark
from federation.members import Members
from federation.remote_registry import RemoteRegistry
from node.config import Config
from node.town import Town

RENEW = timedelta(hours=12)
"""A mark with less than this left is fetched anew; marks live a day."""
_FILE = "trust-mark.jwt"


def renew(town: Town) -> bool:
    """Fetch the mark where there is none, or it is about to end; return whether one was fetched. A job."""
    now = town.clock()
    if carried(town.config, town.members, now + RENEW):
        return False
    token = RemoteRegistry(town.peer, town.config.registry).trust_mark(town.config.entity_id)
    _check(token, town.config, town.members, now)
    _keep(town.config.data / _FILE, token)
    return True


def carried(config: Config, members: Members, now: datetime) -> tuple[Mapping[str, str], ...]:
    """Return the marks to carry at ``now``, as an entity configuration has them: ours, or none while none holds."""
    path = config.data / _FILE
    if not path.exists():
        return ()
    token = path.read_text(encoding="ascii")
    try:
        _check(token, config, members, now)
    except (TrustBroken, NotAMember):
        return ()
    return (entity.carried_mark(_kind(config), token),)


def _kind(config: Config) -> str:
    return config.registry + entity.MUNICIPALITY_MARK


def _check(token: str, config: Config, members: Members, now: datetime) -> None:
    """Raise ``TrustBroken`` for a mark that others would refuse, and ``NotAMember`` before the registry was ever read."""
    anchor = members.anchor()
    mark = verify_mark(
        _kind(config),
        token,
        bearer=config.entity_id,
        rules=MarkRules({_kind(config): frozenset([anchor.entity_id])}),
        issuers={anchor.entity_id: anchor.keys},
        now=now,
    )
    if mark.get("municipality_code") != config.code:
        raise TrustBroken("the registry marks this town with another code")


def _keep(path: Path, token: str) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token)
    fresh.replace(path)
