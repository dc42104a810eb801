"""Passkeys (WebAuthn Level 3): a key pair in somebody's device or password store, which only our own pages can use.

User verification is required, so a passkey is two factors by itself. It never counts as more: without attestation nobody
knows whether the key can leave its device, and one that is synced can (NIST SP 800-63B-4, B).
"""

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from federation import audit
from federation.envelope import shown
from federation.errors import PasskeyRefused, TachiyoriError, TooMany
from federation.storage import Storage
from node.models.factors import Passkey
from node.models.staff import Staff
from node.people import attempts
from node.people.signin import has_left

MOST = 10
"""So many one person may have."""
MOST_BYTES = 16 * 1024
"""An answer is about one kilobyte; a library is not to parse more of what strangers send."""
_FACTOR = "passkey"


@dataclass(frozen=True)
class Site:
    """Our pages as an authenticator knows them. A passkey works at the host of the entity id, and at no other name."""

    entity_id: str
    name: str

    @property
    def host(self) -> str:
        """The relying party id."""
        return urlsplit(self.entity_id).hostname or ""


def of(db: Session, staff_id: int) -> Sequence[Passkey]:
    """Return the person's passkeys, the oldest first."""
    return db.scalars(select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)).all()


def challenge() -> str:
    """Return 256 bits at random, to be signed once."""
    return secrets.token_urlsafe(32)


def handle_for(staff: Staff, known: Sequence[Passkey], secret: str) -> str:
    """Return the handle of a person's passkeys: the one they have, or one that says nothing without the town's secret."""
    if known:
        return known[0].user_handle
    return bytes_to_base64url(hmac.digest(secret.encode(), f"passkeys of staff:{staff.id}".encode(), "sha256"))


def creation(site: Site, staff: Staff, known: Sequence[Passkey], challenge: str, *, secret: str) -> str:
    """Return the options with which the browser makes a passkey, as JSON; those known already are not made again."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=webauthn.base64url_to_bytes(handle_for(staff, known, secret)),
        user_name=staff.number,
        user_display_name=staff.name,
        challenge=challenge.encode(),
        exclude_credentials=_described(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def request(site: Site, known: Sequence[Passkey], challenge: str) -> str:
    """Return the options with which the browser uses a passkey, as JSON: one of ``known``, or any where there are none."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge.encode(),
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _described(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(each.credential_id)) for each in known]


def register(
    db: Session, site: Site, staff: Staff, answer: str, *, challenge: str, secret: str, name: str, now: datetime
) -> Passkey:
    """Keep the passkey that the browser has made; raise ``PasskeyRefused`` for an answer that is not to our question."""
    known = of(db, staff.id)
    if len(known) >= MOST:
        raise TooMany(f"staff {staff.id} has {MOST} passkeys")
    try:
        made = webauthn.verify_registration_response(
            credential=_limited(answer),
            expected_challenge=challenge.encode(),
            expected_rp_id=site.host,
            expected_origin=site.entity_id,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001 - Whatever the library stumbles over in a stranger's bytes is a refusal.
        raise PasskeyRefused(f"{type(error).__name__} {shown(str(error))}") from None
    passkey = Passkey(
        staff_id=staff.id,
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        user_handle=handle_for(staff, known, secret),
        name=name.strip()[:60] or made.fmt.value,
        synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        created_at=now,
    )
    if db.scalar(select(Passkey.id).where(Passkey.credential_id == passkey.credential_id)):
        raise PasskeyRefused("the credential is registered already")
    db.add(passkey)
    db.flush()
    return passkey


def show(
    storage: Storage, site: Site, answer: str, *, challenge: str, of: int | None, secret: str, now: datetime
) -> Staff:
    """Return the person whose passkey signed ``challenge``; raise ``PasskeyRefused``, or ``SignInLocked``.

    ``of`` is the person whose second factor is asked for; None lets the passkey itself say who it is, by the handle that
    was given to it when it was made.
    """
    said = _read(answer)
    with storage.transaction() as db:
        passkey = db.scalar(select(Passkey).where(Passkey.credential_id == said.credential_id))
        if passkey is None or of not in {None, passkey.staff_id}:
            raise PasskeyRefused("nobody, or somebody else, has this credential")
        staff = db.get_one(Staff, passkey.staff_id)
    if has_left(staff, now):
        raise PasskeyRefused(f"staff {staff.id} has left")
    mark = attempts.mark_of(secret, str(staff.id), factor=_FACTOR)
    with storage.transaction() as db:
        attempts.refuse_locked(db, mark, now)
    try:
        count = _verified(site, passkey, said, challenge, handle_needed=of is None)
        with storage.transaction(write=True) as db:
            _use(db, passkey, count, mark, now)
    except PasskeyRefused as error:
        with storage.transaction(write=True) as db:
            attempts.count(db, mark, now)
            _record(db, staff, error, now)
        raise
    return staff


@dataclass(frozen=True)
class _Said:
    """What an answer says before anything is verified."""

    answer: str
    credential_id: str
    handle: str | None


def _read(answer: str) -> _Said:
    try:
        parsed = json.loads(_limited(answer))
        credential_id, handle = parsed["id"], parsed["response"].get("userHandle")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PasskeyRefused("no credential of ours") from None
    if not isinstance(credential_id, str) or not isinstance(handle, str | None) or "\0" in credential_id:
        raise PasskeyRefused("no credential of ours")
    return _Said(answer, credential_id, handle or None)


def _limited(answer: str) -> str:
    if len(answer) > MOST_BYTES:
        raise PasskeyRefused("the answer is too long")
    return answer


def _verified(site: Site, passkey: Passkey, said: _Said, challenge: str, *, handle_needed: bool) -> int:
    """Verify the answer and return its new count."""
    if (said.handle is None and handle_needed) or said.handle not in {None, passkey.user_handle}:
        raise PasskeyRefused("the handle is another person's")
    try:
        shown_now = webauthn.verify_authentication_response(
            credential=said.answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.host,
            expected_origin=site.entity_id,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001 - Whatever the library stumbles over in a stranger's bytes is a refusal.
        raise PasskeyRefused(f"{type(error).__name__} {shown(str(error))}") from None
    return shown_now.new_sign_count


def _use(db: Session, passkey: Passkey, count: int, mark: str, now: datetime) -> None:
    """Write the count down, if nobody was quicker with it and the passkey is still there."""
    unchanged = update(Passkey).where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
    if db.scalar(unchanged.values(sign_count=count, used_at=now).returning(Passkey.id)) is None:
        raise PasskeyRefused("the count has moved on")
    attempts.forgive(db, mark)
    who = f"staff:{passkey.staff_id}"
    audit.record(db, event="passkey", actor=who, subject=who, verdict="allowed", now=now)


def _record(db: Session, staff: Staff, error: TachiyoriError, now: datetime) -> None:
    who = f"staff:{staff.id}"
    audit.record(db, event="passkey", actor=who, subject=who, verdict="refused", reason=error.detail, now=now)


def remove(db: Session, staff_id: int, passkey_id: int) -> bool:
    """Forget one of the person's own passkeys; say whether it was there."""
    mine = delete(Passkey).where(Passkey.id == passkey_id, Passkey.staff_id == staff_id)
    return db.scalar(mine.returning(Passkey.id)) is not None
