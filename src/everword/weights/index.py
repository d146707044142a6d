"""The package index: which one this machine uses, and where in it the wheel of a package is."""

import configparser
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from everword.weights.catalogue import Package

if TYPE_CHECKING:
    import httpx2

DEFAULT_INDEX = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True, slots=True)
class Wheel:
    """One wheel of a package. `sha256` is what the index says of the wheel, None where it says nothing."""

    url: str
    filename: str
    sha256: str | None


def pip_config_files() -> list[Path]:
    """Where pip keeps its configuration on this platform, the least specific first."""
    home = Path.home()
    if sys.platform == "win32":
        shared = [home / "pip" / "pip.ini", home / "AppData" / "Roaming" / "pip" / "pip.ini"]
    elif sys.platform == "darwin":
        own = home / "Library" / "Application Support" / "pip" / "pip.conf"
        shared = [Path("/Library/Application Support/pip/pip.conf"), own, home / ".config" / "pip" / "pip.conf"]
    else:
        shared = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf")]
        shared += [home / ".pip" / "pip.conf", home / ".config" / "pip" / "pip.conf"]
    return [*shared, Path(sys.prefix) / ("pip.ini" if sys.platform == "win32" else "pip.conf")]


def index_urls(configured: str | None, config_files: Iterable[Path]) -> tuple[str, ...]:
    """The indexes to ask, in order: `configured` alone if given, else what pip's configuration files name.

    Later files win over earlier ones, as in pip. Indexes that are not served over HTTP are left out.
    """
    if configured:
        return tuple(configured.split())
    main, extra = DEFAULT_INDEX, ""
    for file in config_files:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        main = parser.get("global", "index-url", fallback=main).strip("'\" ")
        extra = parser.get("global", "extra-index-url", fallback=extra)
    return tuple(url for url in [main, *extra.split()] if url.startswith(("https://", "http://")))


def find_wheel(client: "httpx2.Client", indexes: Sequence[str], package: Package) -> Wheel | None:
    """The wheel of exactly `package`'s version in the first index that has it (PEP 503 and 691); None if none has.

    Raises httpx2.TransportError when an index cannot be reached.
    """
    for index in indexes:
        page = client.get(
            f"{index.rstrip('/')}/{canonicalize_name(package.distribution)}/", headers={"Accept": _ACCEPT}
        )
        if page.is_success:
            for wheel in _wheels(page):
                if _is_version(wheel.filename, package.version):
                    return wheel
    return None


def _wheels(page: "httpx2.Response") -> list[Wheel]:
    base = str(page.url)
    if "json" in page.headers.get("content-type", ""):
        return [
            Wheel(_absolute(base, file["url"]), file["filename"], file.get("hashes", {}).get("sha256"))
            for file in page.json()["files"]
        ]
    links = _Links()
    links.feed(page.text)
    return [_from_link(base, href) for href in links.hrefs]


def _from_link(base: str, href: str) -> Wheel:
    parts = urlsplit(_absolute(base, href))
    kind, _, digest = parts.fragment.partition("=")
    filename = unquote(parts.path.rpartition("/")[2])
    return Wheel(parts._replace(fragment="").geturl(), filename, digest if kind == "sha256" else None)


def _absolute(base: str, href: str) -> str:
    """`href` as seen from `base`; what is on the same host keeps the name and password of a private index."""
    url, origin = urlsplit(urljoin(base, href)), urlsplit(base)
    if "@" in origin.netloc and url.netloc == origin.netloc.rpartition("@")[2]:
        url = url._replace(netloc=origin.netloc)
    return url.geturl()


def _is_version(filename: str, version: str) -> bool:
    try:
        return parse_wheel_filename(filename)[1] == Version(version)
    except InvalidWheelFilename:
        return False


class _Links(HTMLParser):
    """Collects the address of every link of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [value for key, value in attrs if key == "href" and value]
