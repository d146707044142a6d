"""Addresses on the web: what one means exactly, and whether a text names it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from everword.connectors.web.errors import CannotFetch

_PORTS = {"http": 80, "https": 443}
_MOST_CHARACTERS = 4_000
_NEVER = re.compile(r"[\s\\\x00-\x1f\x7f<>\"]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|[0-9a-f:.]+")
_TYPED = re.compile(r"(?<![\w+.-])https?://[^\s<>\"“”„«»`]+", re.IGNORECASE)
_AFTER = ".,;:!?'’‘…*。、，！？；："
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page is: what is connected to, and what is asked for there. Two are equal where the request is the same.

    `host` is ASCII in lower case, an IPv6 address without its brackets; `target` is the path with the query.
    """

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    def is_at_home_of(self, other: "Address") -> bool:
        """Whether this is at the same host and port; a step from http to https may change the port with it."""
        if self.host != other.host:
            return False
        steps_up = (other.scheme, other.port, self.scheme, self.port) == ("http", 80, "https", 443)
        return steps_up or (self.scheme, self.port) == (other.scheme, other.port)


def address_of(url: str) -> Address:
    """What a URL means. Raises CannotFetch where it is none that is fetched."""
    import httpx2

    shown = url[:200]
    if len(url) > _MOST_CHARACTERS or _NEVER.search(url):
        raise CannotFetch(url=shown, why="it is no web address.")
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise CannotFetch(url=shown, why="it is no web address.") from error
    host = parsed.raw_host.decode("ascii").lower()
    if parsed.scheme not in _PORTS:
        raise CannotFetch(url=shown, why="only http and https are fetched.")
    if parsed.userinfo or "@" in url.split("://", 1)[-1].split("/", 1)[0]:
        raise CannotFetch(url=host, why="it holds a name or a password. Leave them out.")
    port = parsed.port if parsed.port is not None else _PORTS[parsed.scheme]
    if not _HOST.fullmatch(host) or ".." in host or not 0 < port < 65536:
        raise CannotFetch(url=shown, why="it is no web address.")
    return Address(parsed.scheme, host, port, parsed.raw_path.decode("ascii"))


def joined(base: Address, location: str) -> Address:
    """Where a redirect leads. Raises CannotFetch."""
    import httpx2

    try:
        return address_of(str(httpx2.URL(str(base)).join(location)))
    except httpx2.InvalidURL as error:
        raise CannotFetch(url=str(base), why="it leads to no web address.") from error


def is_named(url: str, text: str) -> bool:
    """Whether `text` holds exactly this address: scheme, host, port, path and query."""
    try:
        wanted = address_of(url)
    except CannotFetch:
        return False
    return any(typed == wanted for typed in _typed_in(text))


def _typed_in(text: str) -> Iterator[Address]:
    for found in _TYPED.finditer(text):
        try:
            yield address_of(_without_sentence(found.group()))
        except CannotFetch:
            continue


def _without_sentence(url: str) -> str:
    """Without what belongs to the sentence around it: a full stop, and brackets that were opened before it."""
    while url:
        last = url[-1]
        if last in _AFTER or (last in _PAIRS and url.count(last) > url.count(_PAIRS[last])):
            url = url[:-1]
        else:
            break
    return url
