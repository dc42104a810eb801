"""Sending what was promised, through the same guarded door as every request of this node, and giving up on who is gone."""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.address import AddressGuard
from federation.errors import PeerAddressRefused, PeerAnsweredBadly, PeerUnreachable, TooMany, Unavailable
from federation.language import negotiate
from federation.messages.base import written
from federation.outbox import Carrier, Parcel
from federation.peer import Transport
from federation.storage import Storage
from federation.wording import phrase
from node import notices
from node.config import Config
from node.models.staff import StaffRole
from node.models.webhooks import Webhook
from node.people.sealing import WEBHOOKS, Seal
from node.town import Town
from node.webhooks import cards, kinds, outcomes, receivers, signing, writing
from node.webhooks.outcomes import Outcome
from node.webhooks.promising import WEBHOOK
from node.webhooks.ring import Ring

_log = logging.getLogger(__name__)

TOTAL_SECONDS = 8.0
ANSWER_BYTES = 64 * 1024
"""So much of an answer is read; nothing of it is used but the status."""
PATIENCE = timedelta(days=3)
"""After so long without one message delivered nothing more is sent: a weekend with its Monday."""
TRIALS = timedelta(seconds=5)
"""So far apart are the trials of one receiver."""
_STOPPED: Mapping[str, str] = {
    "gone": phrase(
        "知らせの送信先「%(name)s」が、もう受け取らないと答えたため、送信を止めました。不要なら削除してください。"
    ),
    "failing": phrase(
        "知らせの送信先「%(name)s」に3日間届かなかったため、送信を止めました。確認してから再開してください。"
    ),
}


def guard(config: Config) -> AddressGuard:
    """Return who may be called: anybody public by https, and the private origins that the operator named for this."""
    return AddressGuard(config.webhook_origins, own=config.entity_id)


class Sender:
    """Sends one town's messages. Safe to share between threads."""

    def __init__(self, town: Town, *, judge: AddressGuard | None = None, total_seconds: float = TOTAL_SECONDS) -> None:
        """Take the town; ``judge`` is another guard than the configuration's, ``total_seconds`` the longest exchange."""
        self._town = town
        judge = judge or guard(town.config)
        self._transport = Transport(judge, ca_bundle=town.config.webhook_ca_bundle, total_seconds=total_seconds)

    @property
    def storage(self) -> Storage:
        """Where the town's promises stand."""
        return self._town.storage

    def now(self) -> datetime:
        """Return the town's moment."""
        return self._town.clock()

    def carriers(self) -> Mapping[str, Carrier]:
        """Return what carries messages, for ``outbox.deliver``."""
        return {WEBHOOK: self.carry}

    def carry(self, parcel: Parcel) -> None:
        """Send one message, or nothing where its receiver is stopped or gone; raise ``Unavailable`` to have it tried again.

        Neither what is raised nor what is logged holds the address.
        """
        town, now = self._town, self._town.clock()
        with town.storage.transaction() as db:
            found = db.get(Webhook, int(parcel.payload["webhook"]))
        if found is None or found.stopped:
            return
        ring = Ring.read(Seal(town.config.data, WEBHOOKS).open(found.secret, of=found.id))
        outcome = self._post(found, ring, f"msg_{parcel.key}", _body(found, parcel, town.config, ring.naming), now)
        if not self._note(found.id, outcome, now) and not outcome.is_good:
            raise Unavailable(f"webhook {found.id}: {outcome.word} {outcome.status}", retry_after=outcome.retry_after)

    def try_out(self, webhook_id: int, *, now: datetime) -> Outcome:
        """Send a trial message at once and return what became of it; a stopped receiver may be tried too.

        Raises ``NotFound``, and ``TooMany`` within ``TRIALS`` of the last one.
        """
        town = self._town
        with town.storage.transaction(write=True) as db:
            found = receivers.get(db, webhook_id)
            if found.tried_at is not None and now < found.tried_at + TRIALS:
                raise TooMany(f"webhook {webhook_id}", retry_after=int(TRIALS.total_seconds()))
            found.tried_at = now
        ring = Ring.read(Seal(town.config.data, WEBHOOKS).open(found.secret, of=found.id))
        outcome = self._post(found, ring, f"msg_{uuid.uuid4()}", _trial(found, town.config, now), now)
        with town.storage.transaction(write=True) as db:
            known = db.get(Webhook, webhook_id)
            if known is not None:
                _remember(known, outcome, now)
        return outcome

    def _post(self, found: Webhook, ring: Ring, message_id: str, body: str, now: datetime) -> Outcome:
        url = Seal(self._town.config.data, WEBHOOKS).open(found.address, of=found.id)
        headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "*/*"}
        if found.style == "json":
            headers |= signing.headers(ring.signing(now), message_id, body, now=now)
        try:
            answer = self._transport.send("POST", url, headers=headers, body=body, limit=ANSWER_BYTES)
        except PeerAddressRefused:
            return Outcome(outcomes.FORBIDDEN)
        except PeerAnsweredBadly:
            return Outcome(outcomes.ODD)
        except PeerUnreachable:
            return Outcome(outcomes.UNREACHABLE)
        if 200 <= answer.status < 300:
            return Outcome(outcomes.DELIVERED, answer.status)
        word = outcomes.GONE if answer.status == 410 else outcomes.REFUSED
        return Outcome(word, answer.status, answer.retry_after)

    def _note(self, webhook_id: int, outcome: Outcome, now: datetime) -> bool:
        """Write down what became of a message; say whether its receiver is given up."""
        with self._town.storage.transaction(write=True) as db:
            found = db.get(Webhook, webhook_id)
            if found is None:
                return True
            _remember(found, outcome, now)
            if not outcome.is_good:
                found.failing_since = found.failing_since or now
            why = _hopeless(found, outcome, now)
            if why:
                receivers.stop(db, found, why, by="node", now=now)
                _tell_admins(db, found, now)
        return bool(why)


def _body(found: Webhook, parcel: Parcel, config: Config, secret: str) -> str:
    if found.style == "teams":
        return cards.message(parcel.payload, config, negotiate((found.locale,)))
    return writing.message(parcel.payload, config, secret=secret)


def _trial(found: Webhook, config: Config, now: datetime) -> str:
    if found.style == "teams":
        return cards.trial(kinds.TRIAL, config, negotiate((found.locale,)))
    return writing.trial(kinds.TRIAL, written(now), config)


def _remember(found: Webhook, outcome: Outcome, now: datetime) -> None:
    found.last_at, found.last_outcome, found.last_status = now, outcome.word, outcome.status
    if outcome.is_good:
        found.failing_since = None


def _hopeless(found: Webhook, outcome: Outcome, now: datetime) -> str:
    """Return why nothing more is to be sent, or nothing."""
    if outcome.word == outcomes.GONE:
        return "gone"
    since = found.failing_since
    return "failing" if since is not None and now - since >= PATIENCE else ""


def _tell_admins(db: Session, found: Webhook, now: datetime) -> None:
    """Leave a notice for every 施設担当者."""
    for staff_id in db.scalars(select(StaffRole.staff_id).where(StaffRole.role == "site_admin")).all():
        link = f"/admin/webhooks/{found.id}"
        notices.tell(db, staff_id, _STOPPED[found.stopped], now=now, link=link, name=found.name)
