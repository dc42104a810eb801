"""A reverse proxy that has shown who somebody is (Kerberos, a card), as its operator describes it: its header and addresses.

The header's name has letters and digits only. A server tells ``Remote-User`` and ``Remote_User`` no longer apart when it
hands them on (PEP 3333), so that a client could send the second past a proxy that sets the first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from federation.errors import BadInput
from federation.settings import needed

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9]{2,39}")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,31}")


@dataclass(frozen=True)
class Proxy:
    """The proxy: believed when it connects from one of ``addresses``, and from nowhere else."""

    header: str
    addresses: frozenset[str]
    realm: str = ""
    """What must follow the number after an @, as Kerberos writes it; nothing may where this is empty."""
    level: int = 1
    """The 当人認証保証レベル of what the proxy checks: 2 for a card with its PIN."""

    def number(self, said: str) -> str | None:
        """Return the 職員番号 that the header says, or None for anything else, two headers folded into one included."""
        number, _at, realm = said.partition("@")
        return number if realm == self.realm and _NUMBER.fullmatch(number) else None

    def is_at(self, address: str) -> bool:
        """Say whether the peer of a connection is the proxy."""
        try:
            return str(ip_address(address)) in self.addresses
        except ValueError:
            return False


def from_environment(environ: Mapping[str, str]) -> Proxy | None:
    """Return what ``NODE_PROXY_…`` describe, or None; raise ``BadInput`` naming the variable that is missing or wrong."""
    header = environ.get("NODE_PROXY_HEADER", "").strip()
    if not header:
        return None
    if not _HEADER.fullmatch(header):
        raise BadInput(
            f"NODE_PROXY_HEADER must be letters and digits, without - and _, such as TachiyoriUser: {header}",
            field="NODE_PROXY_HEADER",
        )
    level = environ.get("NODE_PROXY_LEVEL", "").strip() or "1"
    if level not in {"1", "2"}:
        raise BadInput(f"NODE_PROXY_LEVEL is neither 1 nor 2: {level}", field="NODE_PROXY_LEVEL")
    listed = needed(environ, "NODE_PROXY_ADDRESSES").replace(",", " ").split()
    return Proxy(header, frozenset(map(_address, listed)), environ.get("NODE_PROXY_REALM", "").strip(), int(level))


def _address(text: str) -> str:
    """Return one address in its usual spelling; a network would let in everybody who is in it."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise BadInput(f"NODE_PROXY_ADDRESSES names no address: {text}", field="NODE_PROXY_ADDRESSES") from None
