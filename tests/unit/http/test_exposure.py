"""How far the server may be reached, and under which names."""

from __future__ import annotations

import pytest

from everword.http.exposure import Exposure, ExposureRefused, check_exposure

BEHIND_PROXY = Exposure("0.0.0.0", "https://everword.example.org", ("10.0.0.0/8",))


@pytest.mark.parametrize(
    "exposure",
    [
        Exposure(),
        Exposure("::1"),
        Exposure("localhost", "https://everword.example.org", ("127.0.0.1",)),
        BEHIND_PROXY,
        Exposure("0.0.0.0", "http://localhost:8321", ("172.16.0.0/12",)),
    ],
)
def test_safe_set_ups_are_accepted(exposure: Exposure) -> None:
    """Loopback alone, or others through a named proxy with TLS (or a container's bridge on the same machine)."""
    check_exposure(exposure)


@pytest.mark.parametrize(
    ("exposure", "says"),
    [
        (Exposure("0.0.0.0"), "EVERWORD_PUBLIC_URL"),
        (Exposure("192.168.1.5", "https://everword.example.org"), "EVERWORD_TRUSTED_PROXIES"),
        (Exposure("0.0.0.0", "http://everword.example.org", ("10.0.0.1",)), "must begin with https"),
        (Exposure("127.0.0.1", "https://everword.example.org/path"), "without a path"),
        (Exposure("127.0.0.1", "everword.example.org"), "must be like"),
        (Exposure("0.0.0.0", "https://everword.example.org", ("proxy",)), "no address or network"),
        (Exposure("everyone", "https://everword.example.org", ("10.0.0.1",)), "localhost or an IP address"),
    ],
)
def test_a_set_up_that_would_leak_is_refused_with_the_setting_to_change(exposure: Exposure, says: str) -> None:
    """Beyond loopback without TLS and a trusted proxy does not start, and says which setting is missing."""
    with pytest.raises(ExposureRefused, match=says):
        check_exposure(exposure)


@pytest.mark.parametrize("host", ["localhost", "localhost:8321", "127.0.0.1:9", "[::1]:8321", "EVERWORD.example.org"])
def test_own_names_are_answered(host: str) -> None:
    """Loopback names and the public one, with any port: a tunnel may have another."""
    assert BEHIND_PROXY.allows_host(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "everword.example.org.evil.example", "0.0.0.0", "127.0.0.2"]
)
def test_other_names_are_not(host: str) -> None:
    """A name that an attacker can point at this machine is not one of ours."""
    assert not BEHIND_PROXY.allows_host(host)
