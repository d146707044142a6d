"""The door over HTTP: what it opens, to whom, and what it refuses before anything is looked up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from everword.accounts import links, people
from everword.accounts.types import Person
from everword.core import clock
from everword.http import door as routes
from everword.http import faults
from everword.http.exposure import Exposure
from everword.http.security import Door, ProtectedApp
from everword.http.unknown import routes_beyond
from everword.settings import preferences
from everword.storage.database import Database
from tests.authenticator import Authenticator

PASSWORD = "a quiet sentence"
OTHER = "another quiet one"
ORIGIN = "http://localhost:8321"


async def _shell(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands where the browser UI does."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<!doctype html>"})


def _app(database: Database, exposure: Exposure) -> ProtectedApp:
    """The door's own routes, and a few that other rooms might have."""
    app = ProtectedApp(door=Door(database, exposure), version="1.2.3")
    write = SimpleNamespace(write=lambda who, values: preferences.write(database, who, values))
    app.state.everword = SimpleNamespace(database=database, door=app.door, preferences=write)
    faults.install(app)
    app.include_router(routes.router)

    @app.post("/api/echo")
    async def echo(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @app.get("/api/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"

        return StreamingResponse(parts())

    @app.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("a mistake of ours")

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"data": []}

    app.router.routes.extend(routes_beyond(app))
    app.mount("/", _shell)
    return app


def _browser(app: FastAPI, base: str = ORIGIN, peer: str = "127.0.0.1") -> TestClient:
    """A browser's requests: with its origin, and without a person's session yet."""
    client = TestClient(app, base_url=base, client=(peer, 40000), raise_server_exceptions=False)
    client.headers.update({"Origin": base, "Sec-Fetch-Site": "same-origin", "User-Agent": "a browser"})
    return client


def _signed_in(client: TestClient, password: str = PASSWORD) -> TestClient:
    answer = client.post("/api/login", json={"password": password})
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts come at one moment, however slow the machine is at hashing."""
    at = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: at)


@pytest.fixture
def installation(database: Database) -> Database:
    """A database after its first start."""
    people.ensure_installation(database)
    return database


@pytest.fixture
def owner(installation: Database) -> Person:
    """The owner."""
    return people.set_up_here(installation, "Nora", PASSWORD)


@pytest.fixture
def app(installation: Database) -> ProtectedApp:
    """The application as it is on a laptop: this machine only."""
    return _app(installation, Exposure())


@pytest.fixture
def browser(app: ProtectedApp) -> Iterator[TestClient]:
    """A browser on this machine."""
    with _browser(app) as client:
        yield client


@pytest.fixture
def signed_in(owner: Person, browser: TestClient) -> TestClient:
    """A browser whose owner has signed in."""
    return _signed_in(browser)


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/api/entires", 404, "unknown_address"),
    ("POST", "/api/entires", 404, "unknown_address"),
    ("GET", "/api/echo", 405, "wrong_method"),
])  # fmt: skip
def test_what_is_no_address_of_the_api_is_not_the_page(
    app: ProtectedApp, owner: Person, method: str, path: str, status: int, code: str
) -> None:
    """A program that mistypes an address gets an error it can read, with the right status, and never the UI."""
    answer = _signed_in(_browser(app)).request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert _browser(app).get("/memory").text == "<!doctype html>"


def test_first_visit_sets_up_the_owner_and_signs_in(installation: Database, browser: TestClient) -> None:
    """Before set-up the session says so; the link's secret makes the owner, keeps the time zone, opens a session."""
    before = browser.get("/api/session")
    assert before.status_code == 401
    assert before.json()["needs_setup"] is True
    assert before.json()["error"]["code"] == "not_signed_in"
    token = links.renew_setup_link(installation)
    body = {"token": token, "name": "Nora", "password": PASSWORD, "time_zone": "Europe/Lisbon"}
    made = browser.post("/api/setup", json=body)
    assert made.status_code == 200, made.text
    cookie = made.headers["set-cookie"]
    assert cookie.startswith("everword_session=")
    assert all(part in cookie.lower() for part in ("httponly", "samesite=strict", "path=/"))
    assert "domain" not in cookie.lower()
    after = browser.get("/api/session").json()
    assert after["person"]["name"] == "Nora"
    assert after["csrf_token"] == made.json()["csrf_token"]
    who = people.principal_for(installation, people.person_named(installation, None).id)
    assert preferences.read(installation, who, "time_zone") == "Europe/Lisbon"
    assert browser.post("/api/setup", json=body).status_code == 410


@pytest.mark.usefixtures("stopped_clock")
def test_wrong_passwords_are_refused_then_slowed(owner: Person, browser: TestClient) -> None:
    """401 for a wrong one; after five, 429 with the seconds to wait in Retry-After."""
    for _ in range(5):
        assert browser.post("/api/login", json={"password": OTHER}).status_code == 401
    slowed = browser.post("/api/login", json={"password": PASSWORD})
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) >= 1
    assert slowed.json()["error"]["code"] == "too_many_attempts"


def test_malformed_input_does_not_repeat_what_was_sent(owner: Person, browser: TestClient) -> None:
    """The answer to a malformed body names the field and never quotes the password."""
    for body in ({"password": {"secret-words": 1}}, {"passwort": "secret-words"}, ["secret-words"]):
        answer = browser.post("/api/login", json=body)
        assert answer.status_code == 422
        assert "secret-words" not in answer.text
    deep = browser.post("/api/login", content="[" * 100_000, headers={"Content-Type": "application/json"})
    assert deep.status_code in {400, 422}


def test_logging_out_ends_the_session(signed_in: TestClient) -> None:
    """After logging out the old cookie opens nothing, also when it is sent again."""
    secret = signed_in.cookies["everword_session"]
    assert signed_in.post("/api/logout").status_code == 204
    signed_in.cookies.set("everword_session", secret)
    assert signed_in.get("/api/sessions").status_code == 401


def test_sessions_are_listed_and_ended(app: ProtectedApp, signed_in: TestClient) -> None:
    """Another browser's session is seen from here, and ended from here."""
    other = _signed_in(_browser(app))
    listed = signed_in.get("/api/sessions").json()["sessions"]
    assert [each["is_this_one"] for each in listed].count(True) == 1
    there = next(each for each in listed if not each["is_this_one"])
    assert there["user_agent"] == "a browser"
    assert signed_in.delete(f"/api/sessions/{there['id']}").status_code == 204
    assert other.get("/api/sessions").status_code == 401
    _signed_in(other)
    assert signed_in.delete("/api/sessions").json() == {"ended": 1}
    assert other.get("/api/sessions").status_code == 401


def test_the_password_is_changed_with_the_current_one(signed_in: TestClient) -> None:
    """A wrong current password changes nothing; the right one does, and this session stays."""
    assert signed_in.put("/api/password", json={"current": OTHER, "new": OTHER}).status_code == 401
    assert signed_in.put("/api/password", json={"current": PASSWORD, "new": "short"}).status_code == 422
    assert signed_in.put("/api/password", json={"current": PASSWORD, "new": OTHER}).status_code == 204
    assert signed_in.get("/api/sessions").status_code == 200


def test_a_key_opens_its_scope_and_never_the_door(app: ProtectedApp, signed_in: TestClient) -> None:
    """Keys work as bearer tokens within their scopes, need no CSRF token, and cannot make keys or touch sessions."""
    secrets = {}
    for scopes in (["api"], ["models"]):
        made = signed_in.post("/api/keys", json={"name": "a program", "scopes": scopes})
        assert made.status_code == 201
        secrets[scopes[0]] = made.json()["secret"]
    program = TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 1))
    api, models = ({"Authorization": f"Bearer {secrets[scope]}"} for scope in ("api", "models"))
    assert program.post("/api/echo", headers=api, content=b"x").status_code == 200
    assert program.get("/v1/models", headers=models).status_code == 200
    assert program.get("/v1/models", headers=api).json()["error"]["code"] == "out_of_scope"
    assert program.post("/api/echo", headers=models).json()["error"]["code"] == "out_of_scope"
    for method, path in (
        ("GET", "/api/sessions"),
        ("DELETE", "/api/sessions"),
        ("POST", "/api/keys"),
        ("GET", "/api/keys"),
        ("PUT", "/api/password"),
        ("POST", "/api/passkeys/registration"),
        ("POST", "/api/logout"),
    ):
        refused = program.request(method, path, headers=api, json={"name": "x", "current": OTHER, "new": OTHER})
        assert refused.json()["error"]["code"] == "needs_person", path
    listed = signed_in.get("/api/keys").json()["keys"]
    assert all("secret" not in key for key in listed)
    for key in listed:
        assert signed_in.delete(f"/api/keys/{key['id']}").status_code == 204
    assert program.post("/api/echo", headers=api).status_code == 401


def test_v1_takes_no_cookie(signed_in: TestClient) -> None:
    """The API for programs is opened by keys alone, so no page can spend with a session."""
    assert signed_in.get("/v1/models").status_code == 401


def test_a_wrong_bearer_token_is_not_saved_by_a_cookie(signed_in: TestClient) -> None:
    """Whoever names a key is judged by it."""
    assert signed_in.get("/api/sessions", headers={"Authorization": "Bearer ew_wrong"}).status_code == 401
    assert signed_in.get("/api/sessions", headers={"Authorization": "Basic eDp5"}).status_code == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "\u00e9"])
def test_unsafe_requests_need_this_sessions_token(signed_in: TestClient, token: str | None) -> None:
    """Without X-CSRF-Token, or with another, a session's unsafe request is refused; reading needs none."""
    del signed_in.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": token.encode("latin-1")}
    answer = signed_in.post("/api/echo", headers=headers)  # type: ignore[arg-type]
    assert answer.json()["error"]["code"] == "csrf_refused"
    assert signed_in.get("/api/sessions").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://localhost:8321"},
        {"Origin": ""},
    ],
)
def test_other_sites_pages_cannot_act(signed_in: TestClient, headers: dict[str, str]) -> None:
    """A foreign Origin, another port, or none-of-yours is refused on every unsafe method, also before signing in."""
    for path in ("/api/echo", "/api/login", "/api/setup"):
        assert signed_in.post(path, headers=headers).json()["error"]["code"] == "foreign_page"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_pages_cannot_read_the_apis_either(signed_in: TestClient, site: str) -> None:
    """A browser that says another site asks gets nothing from the APIs; following a link to the UI is fine."""
    assert signed_in.get("/api/sessions", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert signed_in.get("/", headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8321", "", "0.0.0.0:8321"])
def test_a_rebound_name_is_refused(signed_in: TestClient, host: str) -> None:
    """A request under a name that is not ours gets neither the API nor the page."""
    for path in ("/", "/api/health", "/api/session"):
        answer = signed_in.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert answer.json()["error"]["code"] == "host_refused"


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nowhere", "/api/stream", "/api/broken", "/nowhere"])
def test_every_answer_carries_the_headers(signed_in: TestClient, path: str) -> None:
    """Pages, answers, streams, refusals and our own mistakes: the strict headers are on all of them."""
    headers = signed_in.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.startswith("default-src 'none'" if path.startswith("/api") else "default-src 'self'")
    assert "access-control-allow-origin" not in headers


def test_bodies_are_bounded_before_they_are_read(signed_in: TestClient) -> None:
    """A body that is declared or turns out to be too long is refused with 413; one at the limit passes."""

    def chunks(count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield b"x" * 1024

    assert signed_in.post("/api/echo", content=b"x" * 1024 * 1024).json() == {"size": 1024 * 1024}
    assert signed_in.post("/api/echo", content=chunks(1024)).status_code == 200
    for content in (b"x" * (1024 * 1024 + 1), chunks(1025)):
        refused = signed_in.post("/api/echo", content=content)
        assert refused.status_code == 413
        assert refused.json()["error"]["code"] == "too_large"


def test_a_mistake_of_ours_is_an_answer_in_one_shape(signed_in: TestClient) -> None:
    """An unexpected error is a 500 in our words, without its text."""
    answer = signed_in.get("/api/broken")
    assert answer.status_code == 500
    assert "a mistake of ours" not in answer.text


def test_the_control_token_works_from_this_machine_only(
    owner: Person, app: ProtectedApp, installation: Database
) -> None:
    """A command on this machine acts as the owner; the same token from elsewhere, or through a proxy, opens nothing."""
    here = {"Authorization": f"Bearer {app.door.control_token}"}
    local = TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 1))
    assert local.get("/api/session", headers=here).json()["person"]["name"] == "Nora"
    assert local.post("/api/echo", headers=here).status_code == 200
    assert local.get("/api/session", headers=here | {"X-Forwarded-For": "10.0.0.1"}).status_code == 401
    assert local.get("/api/session", headers={"Authorization": "Bearer ewc_wrong"}).status_code == 401
    remote = TestClient(app, base_url=ORIGIN, client=("192.168.1.9", 1))
    assert remote.get("/api/session", headers=here).status_code == 401
    people.create_person(installation, "Otto \u00e9", OTHER)
    assert local.get("/api/sessions", headers=here).json()["error"]["code"] == "which_person"
    named = here | {"X-Everword-Person": "otto%20%C3%A9"}
    assert local.get("/api/session", headers=named).json()["person"]["name"] == "Otto \u00e9"


def test_a_command_sets_up_and_mends_without_a_password(app: ProtectedApp, installation: Database) -> None:
    """At the machine: set up once, replace a lost password, make links. A signed-in browser may not."""
    local = TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 1))
    local.headers["Authorization"] = f"Bearer {app.door.control_token}"
    assert local.get("/api/sessions").json()["error"]["code"] == "not_set_up"
    assert local.post("/api/control/links", json={"purpose": "setup"}).json()["path"].startswith("/setup#token=")
    assert local.post("/api/control/setup", json={"name": "Nora", "password": PASSWORD}).status_code == 201
    assert local.post("/api/control/setup", json={"name": "Nora", "password": PASSWORD}).status_code == 409
    link = local.post("/api/control/links", json={"purpose": "reset_password"}).json()["path"]
    browser = _signed_in(_browser(app))
    assert browser.post("/api/control/links", json={"purpose": "reset_password"}).status_code == 401
    reset = browser.post("/api/reset-password", json={"token": link.partition("=")[2], "password": OTHER})
    assert reset.status_code == 200
    assert local.put("/api/control/password", json={"password": PASSWORD}).json()["name"] == "Nora"
    assert browser.get("/api/sessions").status_code == 401
    _signed_in(browser)


def test_passkeys_by_http(app: ProtectedApp, signed_in: TestClient) -> None:
    """Registered while signed in, listed, and good for signing in another browser; not on an IP address."""
    device = Authenticator(ORIGIN)
    options = signed_in.post("/api/passkeys/registration").json()
    made = signed_in.post("/api/passkeys", json={"credential": device.create(options), "name": "laptop"})
    assert made.status_code == 201, made.text
    assert signed_in.get("/api/passkeys").json()["passkeys"][0]["works_here"] is True
    other = _browser(app)
    assert other.get("/api/session").json()["passkeys_available"] is True
    answer = device.get(other.post("/api/passkeys/login/options").json())
    assert other.post("/api/passkeys/login", json={"credential": answer}).json()["person"]["name"] == "Nora"
    assert other.get("/api/sessions").status_code == 200
    by_address = _browser(app, "http://127.0.0.1:8321")
    assert by_address.post("/api/passkeys/login/options").json()["error"]["code"] == "no_passkey_here"
    assert by_address.get("/api/session").json()["passkeys_available"] is False
    assert signed_in.delete(f"/api/passkeys/{made.json()['id']}").status_code == 204


PUBLIC = "https://everword.example.org"


@pytest.fixture
def behind_proxy(owner: Person, installation: Database) -> ProtectedApp:
    """The application beyond loopback, behind a proxy at 10.0.0.2 that ends TLS."""
    return _app(installation, Exposure("0.0.0.0", PUBLIC, ("10.0.0.2",)))


def _through(app: ProtectedApp, base: str = PUBLIC, peer: str = "10.0.0.2", **headers: str) -> TestClient:
    client = _browser(app, base, peer)
    client.headers.update({"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", **headers})
    return client


def test_behind_a_proxy_the_cookie_is_bound_to_https_and_the_host(behind_proxy: ProtectedApp) -> None:
    """Over https the cookie is `__Host-`, Secure, and the browser is told to stay on https."""
    answer = _through(behind_proxy).post("/api/login", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.headers["set-cookie"].startswith("__Host-everword_session=")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age=" in answer.headers["strict-transport-security"]


def test_nobody_passes_the_proxy_by(behind_proxy: ProtectedApp) -> None:
    """Another machine that connects directly is refused, whatever it claims; so is http through the proxy."""
    direct = _through(behind_proxy, peer="10.0.0.3").get("/api/health")
    assert direct.json()["error"]["code"] == "not_through_proxy"
    clear = _through(behind_proxy, "http://everword.example.org", **{"X-Forwarded-Proto": "http"})
    assert clear.get("/").json()["error"]["code"] == "not_through_proxy"
    assert _browser(behind_proxy).get("/api/health").status_code == 200


@pytest.mark.usefixtures("stopped_clock")
def test_attempts_are_counted_by_the_client_that_the_proxy_names(behind_proxy: ProtectedApp) -> None:
    """A forged X-Forwarded-For in front of the proxy's own entry gains no fresh attempts."""
    statuses = []
    for number in range(7):
        client = _through(behind_proxy, **{"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"})
        statuses.append(client.post("/api/login", json={"password": OTHER}).status_code)
    assert statuses == [401] * 5 + [429] * 2
    elsewhere = _through(behind_proxy, **{"X-Forwarded-For": "203.0.113.8"})
    assert elsewhere.post("/api/login", json={"password": PASSWORD}).status_code == 200


def test_forwarding_headers_from_strangers_are_not_believed(owner: Person, app: ProtectedApp) -> None:
    """Without trusted proxies nobody can claim https or another address."""
    forged = _through(app, ORIGIN, "127.0.0.1").post("/api/login", json={"password": PASSWORD})
    assert forged.status_code == 200
    assert forged.headers["set-cookie"].startswith("everword_session=")
