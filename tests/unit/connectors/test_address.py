"""Which addresses are public, what a URL means, and whether a request names it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from everword.connectors.web.address import address_of, is_named
from everword.connectors.web.errors import CannotFetch
from everword.connectors.web.public import is_public

NOT_PUBLIC = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "224.0.1.5",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_the_public_internet(address: str) -> None:
    """Loopback, private, link-local, multicast and reserved addresses, also inside of others, are not public."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is(address: str) -> None:
    """Anybody's addresses are, also as a translator writes them."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "file:///etc/passwd", "//a.example/", "http:///x", "a.example", "http://a..example/",
        "http://anna@a.example/", "http://anna:x@a.example/", "http://@a.example/", "http://a.example\\@b.example/",
        "http://a.example:0/", "http://a.example:99999/", "http://a example/", "http://a.example/\r\nHost: b",
        "http://[fe80::1%25eth0]/", "http://a.example/" + "x" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_address_to_fetch(url: str) -> None:
    """Other schemes, credentials, and what two parsers could read in two ways."""
    with pytest.raises(CannotFetch):
        address_of(url)


@pytest.mark.parametrize(
    ("request_text", "url"),
    [
        ("Read https://a.example/x?y=1.", "https://a.example/x?y=1"),
        ("Is it open (https://a.example/hours)?", "https://a.example/hours"),
        ("https://a.example/Mercury_(planet), please", "https://a.example/Mercury_(planet)"),
        ("“https://a.example” and more", "https://a.example/"),
        ("HTTPS://A.example:443/x", "https://a.example/x"),
        ("see https://größe.example/ä", "https://xn--gre-6ka8i.example/%C3%A4"),
        ("https://a.example/x#part", "https://a.example/x"),
    ],
)
def test_what_the_owner_typed(request_text: str, url: str) -> None:
    """The address in the sentence, without the sentence."""
    assert is_named(url, request_text)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/x?y=1", "https://b.example/x?y=1", "https://a.example/x", "https://a.example/x?y=2",
        "https://a.example/x?y=1&z=2", "https://a.example:8443/x?y=1", "https://a.example/X?y=1",
        "https://a.example/", "https://a.example/x?y=1/../..", "https://anna@a.example/x?y=1",
    ],
)  # fmt: skip
def test_what_the_owner_did_not_type(url: str) -> None:
    """Another scheme, host, port, path or query is another address."""
    assert not is_named(url, "Read https://a.example/x?y=1. Then notxhttps://c.example/ too")
