"""Which addresses this party calls: the guard every outbound request passes, before and while it connects.

A URL is judged twice. ``check`` judges its words: the scheme, no user, no fragment, an exact origin. ``open`` judges the
addresses its name leads to, and connects to the very address it judged, so that a name which answers differently the
second time (DNS rebinding) gains nothing. Private addresses are called only for origins named in the configuration;
there is no switch that turns the guard off. (OpenID Federation 1.1, 18.1; OWASP SSRF prevention.)
"""

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, urlsplit

from federation.errors import PeerAddressRefused, PeerUnreachable

MAX_URL = 2048
MAX_ADDRESSES = 4
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]{2,45}\]"
)
_UNSAFE = re.compile(r"[^\x21-\x7e]|[\\\"<>^`{|}]")
_PORTS = {"https": 443, "http": 80}

Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port, as a browser compares them (RFC 6454, 4)."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Read the origin of ``url``; raise ``PeerAddressRefused`` when it is not one plain, canonical URL."""
        parts = _split(url)
        if parts.scheme not in _PORTS:
            raise PeerAddressRefused(f"scheme {parts.scheme!r}")
        host, port = _host_and_port(parts)
        if f"{host}:{_PORTS[parts.scheme]}" == parts.netloc:
            raise PeerAddressRefused(f"the port of {parts.netloc} goes without saying")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme])

    def __str__(self) -> str:
        """Write the origin without a port that goes without saying."""
        return f"{self.scheme}://{self.host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL or _UNSAFE.search(url):
        raise PeerAddressRefused("the URL is too long or holds letters that no URL holds")
    try:
        return urlsplit(url)
    except ValueError:
        raise PeerAddressRefused("not a URL") from None


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    """Take the netloc apart; anything but a lower-case host and an optional plain port is refused."""
    host, colon, port = parts.netloc, "", ""
    if not host.endswith("]"):
        head, colon, port = parts.netloc.rpartition(":")
        host = head if colon else parts.netloc
    if not _HOST.fullmatch(host) or parts.fragment:
        raise PeerAddressRefused(f"host {host[:100]!r}, or a fragment")
    if colon and (not port.isdecimal() or port.startswith("0") or int(port) > 65535):
        raise PeerAddressRefused(f"port {port[:10]!r}")
    return host, int(port) if colon else None


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public Internet, looking through IPv4 addresses dressed as IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in _TRANSLATED):
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


# NAT64 (RFC 6052, RFC 8215) and IPv4-compatible addresses (RFC 4291, 2.5.5.1) may lead to any private IPv4 address.
_TRANSLATED = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver for the host's addresses, each once, in its order."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class AddressGuard:
    """Judges URLs and opens connections.

    ``allowed`` holds the origins whose addresses may be private (``PEER_ORIGINS_ALLOWED``), letter by letter. Plain http
    passes for an allowed ``http://localhost:PORT`` only, and only when ``own`` is such an origin too.
    """

    allowed: frozenset[str] = frozenset()
    own: str = ""
    resolver: Resolver = field(default=resolve, repr=False)

    def check(self, url: str) -> Origin:
        """Return the origin of ``url``, or raise ``PeerAddressRefused``. Nothing is resolved and nobody is called."""
        origin = Origin.of(url)
        if origin.scheme == "http" and not self._is_rehearsal(origin):
            raise PeerAddressRefused(f"{origin} is not https")
        if str(origin) not in self.allowed and _is_address(origin.host):
            raise PeerAddressRefused(f"{origin} is a bare address")
        return origin

    def open(self, scheme: str, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to an address of the host that passes, and to no other; ``timeout`` is in seconds per address.

        Raises ``PeerAddressRefused`` when any of the addresses is private and the origin is not allowed to be, and
        ``PeerUnreachable`` when there is none, or none answers.
        """
        origin = Origin(scheme, host, port)
        for address in self.addresses(origin):
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                refusal = error
        raise PeerUnreachable(f"{origin}: {refusal}")

    def addresses(self, origin: Origin) -> list[str]:
        """Resolve the origin's host once; see ``open`` for what is raised."""
        try:
            found = self.resolver(origin.host, origin.port)[:MAX_ADDRESSES]
        except (OSError, UnicodeError) as error:
            raise PeerUnreachable(f"{origin.host}: {error}") from None
        if not found:
            raise PeerUnreachable(f"{origin.host} has no address")
        if str(origin) not in self.allowed and not all(map(is_public, found)):
            raise PeerAddressRefused(f"{origin} leads to {found}")
        return found

    def _is_rehearsal(self, origin: Origin) -> bool:
        return self.own.startswith("http://localhost:") and origin.host == "localhost" and str(origin) in self.allowed


def _is_address(host: str) -> bool:
    """Say whether the host is an IP address in any notation a resolver takes: dotted, short, octal, a number."""
    return host.startswith("[") or host.rpartition(".")[2].isdecimal() or host.rpartition(".")[2].startswith("0x")
