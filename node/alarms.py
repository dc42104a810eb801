"""The alarm on our own entry: raised once, logged, shown until somebody has looked into it.

What we did ourselves raises none: a key is ours when it was ever in our ring, whenever the registry comes to attest it.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import NotFound
from federation.kept import Spoken, attested_keys, spoken_keys
from federation.members import Member, Witness
from federation.trust import VerifiedMember, thumbprints
from node import succession
from node.config import Config
from node.models.alarms import Alarm
from node.town import Keys

_log = logging.getLogger(__name__)


class TownsWitness(Witness):
    """Hears for one town what the registry says of itself and of the town."""

    def __init__(self, config: Config, keys: Keys, clock: Callable[[], datetime]) -> None:
        """Take what we know of ourselves, and a clock in aware UTC."""
        self._config = config
        self._keys = keys
        self._clock = clock

    def anchor_moved(self, db: Session, before: str, after: str, *, lost: bool) -> None:
        """Log each change of the registry's online key; that the old one counts no longer is for people to hear of."""
        _record(db, "anchor", self._config.registry, f"{before} -> {after}", self._clock())
        if lost:
            sound(db, "anchor", f"{before} -> {after}", by=self._config.registry, now=self._clock())

    def replaced(self, db: Session, old: Member, new: Member) -> None:
        """Move what refers to the old member to the new one. That somebody has taken our own place is an alarm instead."""
        own, by, now = self._config.entity_id, self._config.registry, self._clock()
        if old.entity_id == own:
            sound(db, "replaced", new.entity_id, by=by, now=now)
            return
        succession.move(db, succession.party_of(old, own), succession.party_of(new, own), by=by, now=now)

    def own_entry(self, db: Session, held: Member | None, said: VerifiedMember) -> None:
        """Sound the alarm for a code, a name or keys that are not of our making."""
        spoken = Spoken(frozenset(thumbprints(said.federation_keys)), frozenset(thumbprints(said.protocol_keys)))
        before = self._foreign(held.code, held.name, _spoken(held)) if held else {"name": said.name}
        for kind, detail in self._foreign(said.code, said.name, spoken).items():
            if detail and detail != before.get(kind):
                sound(db, kind, detail, by=self._config.registry, now=self._clock())

    def _foreign(self, code: str, name: str, spoken: Spoken) -> dict[str, str]:
        """Return what is not of our making in an entry, by kind."""
        return {
            "code": code if code != self._config.code else "",
            "name": name if name != self._config.name else "",
            "federation": " ".join(sorted(spoken.federation - self._keys.federation.ours())),
            "protocol": " ".join(sorted(spoken.protocol - self._keys.protocol.ours())),
        }


def sound(db: Session, kind: str, detail: str, *, by: str, now: datetime) -> None:
    """Raise an alarm, unless the same one stands already."""
    if any((alarm.kind, alarm.detail) == (kind, detail) for alarm in standing(db)):
        return
    _log.critical("alarm: %s is now %s by word of %s", kind, detail, by)
    db.add(Alarm(kind=kind, detail=detail, raised_at=now, acknowledged_by=""))
    db.flush()
    _record(db, "alarm", by, f"{kind}: {detail}", now)


def standing(db: Session) -> Sequence[Alarm]:
    """Return the alarms nobody has acknowledged, oldest first."""
    return db.scalars(select(Alarm).where(Alarm.acknowledged_at.is_(None)).order_by(Alarm.id)).all()


def acknowledge(db: Session, alarm_id: int, *, by: str, now: datetime) -> Alarm:
    """Take an alarm off the pages; it stays in the log. Raises ``NotFound`` when it does not stand."""
    alarm = db.get(Alarm, alarm_id, with_for_update=True)
    if alarm is None or alarm.acknowledged_at is not None:
        raise NotFound(f"alarm {alarm_id} does not stand")
    alarm.acknowledged_at, alarm.acknowledged_by = now, by
    _record(db, "alarm acknowledged", by, f"{alarm.kind}: {alarm.detail}", now)
    return alarm


def _record(db: Session, event: str, actor: str, reason: str, now: datetime) -> None:
    audit.record(db, event=event, actor=actor, subject="own entry", verdict="allowed", reason=reason[:500], now=now)


def _spoken(held: Member) -> Spoken:
    return Spoken(attested_keys(held.statement), spoken_keys(held.configuration).protocol)
