"""An authenticator in software (WebAuthn Level 3, 6.1 and 6.5): honest unless told in which field to lie."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MAY_BE_SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x40


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class SoftKey:
    """One credential, which counts its uses."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str = ""
    count: int = 0
    flags: int = PRESENT | VERIFIED

    def create(self, options: str, **lies: Any) -> str:
        """Answer ``navigator.credentials.create()``; remembers the handle it is given."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        told = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(lies, attested=True)})
        response = {"attestationObject": _text(told), "clientDataJSON": self._client("create", asked, lies)}
        return self._answer(response, lies)

    def get(self, options: str, **lies: Any) -> str:
        """Answer ``navigator.credentials.get()``."""
        self.count += 1
        client, data = self._client("get", json.loads(options), lies), self._data(lies)
        signed = data + hashlib.sha256(self._raw).digest()
        signature = lies.get("signature") or self.key.sign(signed, ec.ECDSA(SHA256()))
        response = {"authenticatorData": _text(data), "clientDataJSON": client, "signature": _text(signature)}
        return self._answer({**response, "userHandle": lies.get("handle", self.handle)}, lies)

    def _answer(self, response: dict[str, str], lies: dict[str, Any]) -> str:
        own = _text(lies.get("credential_id", self.credential_id))
        return json.dumps({"id": own, "rawId": own, "type": lies.get("kind", "public-key"), "response": response})

    def _client(self, verb: str, asked: dict[str, Any], lies: dict[str, Any]) -> str:
        said = {
            "type": f"webauthn.{verb}",
            "challenge": asked["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        self._raw = json.dumps({**said, **lies.get("client", {})}).encode()
        return _text(self._raw)

    def _data(self, lies: dict[str, Any], *, attested: bool = False) -> bytes:
        host = lies.get("host") or urlsplit(self.origin).hostname or ""
        flags = lies.get("flags", self.flags) | (ATTESTED if attested else 0)
        count = int(lies.get("count", self.count)).to_bytes(4, "big")
        head = hashlib.sha256(host.encode()).digest() + bytes([flags]) + count
        return head + (self._attested() if attested else b"")

    def _attested(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        own = self.credential_id
        return bytes(16) + len(own).to_bytes(2, "big") + own + cbor2.dumps(public)
