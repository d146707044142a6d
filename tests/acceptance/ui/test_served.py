"""How the UI is served: policy, caching, compression; and that its types are those of the server."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import httpx

from tests.server import Server

WEB = Path(__file__).parents[3] / "web"


def whole_numbers(value: Any) -> Any:
    """The value as JavaScript writes it: 25.0 is 25."""
    if isinstance(value, dict):
        return {name: whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_the_page_has_a_strict_policy_and_no_inline_code(house: Server) -> None:
    """Pages allow scripts and styles from this origin only, hold none themselves, and are never reused unasked."""
    page = httpx.get(f"{house.base_url}/conversations/new", trust_env=False)
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert page.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)


def test_assets_last_for_ever_and_come_compressed(house: Server) -> None:
    """A hashed asset is immutable and compressed for whoever takes that; nothing outside the build is served."""
    page = httpx.get(house.base_url, trust_env=False)
    script = re.search(r'src="(/assets/[^"]+\.js)"', page.text)
    assert script is not None
    asset = httpx.get(f"{house.base_url}{script[1]}", headers={"Accept-Encoding": "gzip"}, trust_env=False)
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-encoding"] == "gzip"
    for path in ["/assets/none.js", "/../static.py", "/assets/..%2f..%2fstatic.py", "/%2e%2e/static.py"]:
        answer = httpx.get(f"{house.base_url}{path}", trust_env=False)
        assert answer.status_code == 404
        assert "BrowserUi" not in answer.text


def test_the_ui_speaks_the_servers_types(house: Server) -> None:
    """web/src/lib/api/schema.ts was generated from the API as it is; else: `npm run types` in web/."""
    described = httpx.get(f"{house.base_url}/api/openapi.json", trust_env=False, headers=_owner(house)).json()
    schemas = whole_numbers(described["components"]["schemas"])
    canonical = json.dumps(schemas, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    generated = (WEB / "src" / "lib" / "api" / "schema.ts").read_text(encoding="utf-8")
    assert f"// schemas: {hashlib.sha256(canonical.encode()).hexdigest()}\n" in generated


def _owner(server: Server) -> dict[str, str]:
    with server.client as client:
        return {"Authorization": client.headers["Authorization"]}
