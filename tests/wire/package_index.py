"""A package index and a hub on loopback: PEP 503 and PEP 691 pages, Range requests, and the ways a server fails."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from everword.weights.catalogue import Package, Role, Weights


@dataclass
class Site:
    """What is served. `cut_after` ends the connection after so many bytes of a body, as often as `cuts` says."""

    json_pages: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)
    cut_after: int = 0
    cuts: int = 0
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    def add_wheel(self, distribution: str, member: str, content: bytes, version: str = "1.0") -> Package:
        """Publish a wheel whose file `member` is `content`."""
        archive = io.BytesIO()
        stem = f"{distribution.replace('-', '_')}-{version}"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(member, content)
            wheel.writestr(f"{stem}.dist-info/METADATA", f"Name: {distribution}\nVersion: {version}\n")
        filename = f"{stem}-py3-none-any.whl"
        self.files[f"/files/{filename}"] = archive.getvalue()
        self.pages.setdefault(distribution, []).append(filename)
        return Package(distribution, version, member, len(content), hashlib.sha256(content).hexdigest())

    def page(self, distribution: str) -> tuple[str, bytes]:
        """The index page of one package, in the format this site speaks."""
        names = self.pages[distribution]
        digests = {name: hashlib.sha256(self.files[f"/files/{name}"]).hexdigest() for name in names}
        if self.json_pages:
            files = [{"filename": n, "url": f"/files/{n}", "hashes": {"sha256": digests[n]}} for n in names]
            return "application/vnd.pypi.simple.v1+json", json.dumps({"name": distribution, "files": files}).encode()
        links = [f'<a href="../../files/{name}#sha256={digests[name]}">{name}</a><br/>' for name in names]
        return "text/html", f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve `site` on a free loopback port; `site.url` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, self.headers.get("Range")))
            parts = self.path.strip("/").split("/")
            if parts[0] == "simple" and len(parts) == 2 and parts[1] in site.pages:
                kind, body = site.page(parts[1])
                self._answer(200, {"Content-Type": kind}, body)
            elif self.path in site.files:
                self._file(site.files[self.path])
            else:
                self._answer(404, {}, b"no such page")

        def _file(self, content: bytes) -> None:
            start = int((self.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
            if start >= len(content):
                self._answer(416, {}, b"")
            elif start:
                content_range = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self._answer(206, {"Content-Range": content_range}, content[start:])
            else:
                self._answer(200, {}, content)

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if site.cuts and len(body) > site.cut_after:
                site.cuts -= 1
                self.wfile.write(body[: site.cut_after])
                self.close_connection = True
            else:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def weights_of(content: bytes, packages: tuple[Package, ...] = (), hub: str | None = None) -> Weights:
    """A catalogue entry for `content`."""
    return Weights(
        name="tiny",
        title="Tiny",
        summary="For tests.",
        role=Role.CHAT,
        file="tiny.gguf",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        memory_bytes=1,
        context_tokens=1,
        licence="Apache-2.0",
        licence_url="https://example.org",
        hub=hub,
        packages=packages,
    )
