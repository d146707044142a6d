"""How far the server can be reached: this machine only, or others through a proxy that ends TLS."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from everword.core.errors import EverwordError

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class ExposureRefused(EverwordError):
    """{why} See docs/deploy.md, "Beyond this machine"."""

    code = "exposure_refused"
    status = 503


@dataclass(frozen=True, slots=True)
class Exposure:
    """Where the server listens, the address others know it by, and the proxies whose word it takes."""

    host: str = "127.0.0.1"
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        return self.host == "localhost" or is_loopback(self.host)

    @property
    def public_host(self) -> str | None:
        """The host name of the public address, in lower case; IPv6 in brackets."""
        return host_name(urlsplit(self.public_url).netloc) if self.public_url else None

    @property
    def public_scheme(self) -> str | None:
        """`https`, or `http` where the public address is this machine."""
        return urlsplit(self.public_url).scheme if self.public_url else None

    def allows_host(self, host: str) -> bool:
        """Whether a request may name this host (with or without a port): a rebound DNS name may not."""
        name = host_name(host)
        return name in _LOCAL_NAMES or (self.public_host is not None and name == self.public_host)

    def trusts(self, address: str) -> bool:
        """Whether the peer is a proxy whose forwarding headers are believed."""
        parsed = _address(address)
        if parsed is None:
            return False
        return any(parsed in ipaddress.ip_network(each, strict=False) for each in self.trusted_proxies)


def check_exposure(exposure: Exposure) -> None:
    """Refuse a set-up in which words or passwords could cross a network in the clear. Raises ExposureRefused.

    Beyond loopback needs both: an https address (a proxy ends TLS), and the addresses of that proxy.
    """
    for each in exposure.trusted_proxies:
        try:
            ipaddress.ip_network(each, strict=False)
        except ValueError as error:
            why = f"EVERWORD_TRUSTED_PROXIES names {each!r}, which is no address or network such as 10.0.0.0/8."
            raise ExposureRefused(why=why) from error
    if exposure.public_url is not None:
        _check_public_url(exposure.public_url)
    if exposure.is_local:
        return
    if _address(exposure.host) is None:
        raise ExposureRefused(why=f"EVERWORD_HOST is {exposure.host!r}; it must be localhost or an IP address.")
    if exposure.public_url is None:
        why = "EVERWORD_HOST lets other machines in, so EVERWORD_PUBLIC_URL must name the https address of the proxy."
        raise ExposureRefused(why=why)
    if not exposure.trusted_proxies:
        why = "EVERWORD_HOST lets other machines in, so EVERWORD_TRUSTED_PROXIES must name the proxy that ends TLS."
        raise ExposureRefused(why=why)


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own loopback."""
    parsed = _address(address)
    return parsed is not None and parsed.is_loopback


def host_name(netloc: str) -> str:
    """The host in `host:port`, in lower case; IPv6 keeps its brackets."""
    lowered = netloc.lower()
    if lowered.startswith("["):
        return lowered[: lowered.find("]") + 1]
    return lowered.partition(":")[0]


def _check_public_url(url: str) -> None:
    parts = urlsplit(url)
    is_whole = parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"}
    if not is_whole or parts.query or parts.fragment or "@" in parts.netloc:
        why = f"EVERWORD_PUBLIC_URL is {url!r}; it must be like https://everword.example.org, without a path."
        raise ExposureRefused(why=why)
    if parts.scheme == "http" and host_name(parts.netloc) not in _LOCAL_NAMES:
        raise ExposureRefused(why="EVERWORD_PUBLIC_URL must begin with https: passwords do not travel in the clear.")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed
