"""The guard on outbound addresses."""

import socket

import pytest

from federation.address import AddressGuard, Origin, is_public
from federation.errors import PeerAddressRefused, PeerUnreachable

PUBLIC = "8.8.8.8"


def guard(*addresses: str, allowed: tuple[str, ...] = (), own: str = "https://me.example") -> AddressGuard:
    return AddressGuard(frozenset(allowed), own, lambda host, port: list(addresses))


@pytest.mark.parametrize("url", ["https://a.example", "https://a.example:8443/x?y=z", "https://xn--fiq228c.example/"])
def test_a_plain_https_url_passes(url: str) -> None:
    assert guard().check(url).scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://user@a.example/",
        "https://user:word@a.example/",
        "https://a.example/#fragment",
        "https://A.example/",
        "https://a.example:443/",
        "https://a.example:0443/",
        "https://a.example:/",
        "https://a.example:99999/",
        "https://例え.example/",
        "https://a.example\\@b.example/",
        "https://a.example/\r\nHost: b.example",
        "https://a.example/ x",
        "https://",
        "https:///path",
        "//a.example/",
        "https://[::1/",
        "https://a..example/",
        "https://-a.example/",
        "https://a.example./",
        "https://a.example/" + "x" * 3000,
        "http://localhost:8001/",
    ],
)
def test_anything_else_is_refused_before_it_is_resolved(url: str) -> None:
    with pytest.raises(PeerAddressRefused):
        guard().check(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "2130706433", "0x7f000001", "127.1", "169.254.169.254", "8.8.8.8", "[::ffff:10.0.0.1]"],
)
def test_a_bare_address_is_refused(host: str) -> None:
    with pytest.raises(PeerAddressRefused):
        guard().check(f"https://{host}/")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ],
)
def test_a_name_that_leads_to_a_private_address_is_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(PeerAddressRefused):
        guard(PUBLIC, address).addresses(Origin.of("https://a.example"))


@pytest.mark.parametrize("address", [PUBLIC, "2001:4860:4860::8888"])
def test_a_public_address_passes(address: str) -> None:
    assert guard(address).addresses(Origin.of("https://a.example")) == [address]


def test_only_the_very_origin_that_is_listed_may_be_private() -> None:
    town = guard("10.0.0.5", allowed=("https://lgwan.example",))
    assert town.addresses(town.check("https://lgwan.example/x")) == ["10.0.0.5"]
    for url in ("https://lgwan.example:8443", "https://www.lgwan.example", "https://lgwan.example.evil.example"):
        with pytest.raises(PeerAddressRefused):
            town.addresses(town.check(url))


def test_plain_http_passes_only_between_rehearsing_towns() -> None:
    listed = ("http://localhost:8002", "http://town.example")
    assert guard(allowed=listed, own="http://localhost:8001").check("http://localhost:8002/x").port == 8002
    for url in ("http://localhost:8003/", "http://town.example/", "http://127.0.0.1:8002/"):
        with pytest.raises(PeerAddressRefused):
            guard(allowed=listed, own="http://localhost:8001").check(url)
    with pytest.raises(PeerAddressRefused):
        guard(allowed=listed).check("http://localhost:8002/x")


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    called: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda address, timeout: called.append(address))
    AddressGuard(frozenset(), "https://me.example", lambda host, port: next(answers)).open("https", "a.example", 443, 1)
    assert called == [(PUBLIC, 443)]


def test_a_name_without_an_address_is_unreachable() -> None:
    with pytest.raises(PeerUnreachable):
        guard().addresses(Origin.of("https://a.example"))
