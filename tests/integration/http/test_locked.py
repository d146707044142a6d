"""The whole application: every route is locked, and none takes Ben to what is Anna's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from everword.accounts import people
from everword.bootstrap.house import House, open_house
from everword.core.ids import new_id
from everword.core.types import Principal
from everword.http.app import create_app
from everword.http.security import PUBLIC
from everword.settings.environment import Settings
from everword.web.static import BrowserUi
from tests.isolation.world import PLACE, World, fill, rows_of, world_of

ORIGIN = "http://localhost:8321"
PASSWORD = "a quiet sentence"
ENDLESS = {("GET", "/api/events")}
"""Streams without an end; what they tell comes from the same reader as /api/events/poll."""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """The composed house on either database, with the scripted model; nothing runs in it."""
    settings = Settings(home=tmp_path, database_url=database_url, model="scripted")
    opened = open_house(settings)
    yield opened
    opened.close()


@pytest.fixture
def app(house: House) -> FastAPI:
    """The whole application."""
    return create_app(house.services, version="1.2.3", ui=BrowserUi(), on_start=lambda: None, on_stop=lambda: None)


def _routes(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path, through included routers too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes, prefix + getattr(getattr(route, "include_context", None), "prefix", ""))
        elif not isinstance(route, Mount):
            for method in getattr(route, "methods", None) or ():
                yield method, prefix + getattr(route, "path", "")


def _documented(app: FastAPI) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}


def _every_route(app: FastAPI) -> list[tuple[str, str]]:
    found = {each for each in _routes(app.routes) if each[1]} | _documented(app)
    assert len(found) > 50
    return sorted(found - ENDLESS)


def _client(app: FastAPI) -> TestClient:
    client = TestClient(app, base_url=ORIGIN, client=("127.0.0.1", 1), raise_server_exceptions=False)
    client.headers.update({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})
    return client


def _signed_in(client: TestClient, name: str) -> TestClient:
    answer = client.post("/api/login", json={"person": name, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", lambda _: new_id(), path)


def test_every_route_is_locked(app: FastAPI) -> None:
    """Without a credential every route answers 401, but for those on the short list; so do the unknown ones."""
    client = _client(app)
    paths = [*_every_route(app), *ENDLESS, ("GET", "/api/unknown"), ("POST", "/v1/unknown"), ("GET", "/api")]
    for method, path in paths:
        if (("GET" if method == "HEAD" else method), path) in PUBLIC:
            continue
        answer = client.request(method, _filled(path))
        assert answer.status_code == 401, (method, path)


def test_nothing_but_the_apis_and_the_shell_is_served(app: FastAPI) -> None:
    """Every route is under /api, /v1 or /hooks, where the door looks; the only mount is the browser UI's."""
    assert {path.split("/")[1] for _, path in _every_route(app)} == {"api", "v1", "hooks"}
    mounts = [route for route in app.routes if isinstance(route, Mount)]
    assert [type(mount.app) for mount in mounts] == [BrowserUi]


@pytest.mark.parametrize("path", ["/health", "/healthz", "/health/live"])
def test_what_monitors_ask_elsewhere_is_no_page(app: FastAPI, path: str) -> None:
    """Where others have their health check there is an error that says where ours is, not the UI with a 200."""
    answer = _client(app).get(path)
    assert answer.status_code == 404
    assert "/api/health" in answer.json()["error"]["message"]


def test_every_public_route_is_there(app: FastAPI) -> None:
    """The short list names routes that exist, so that it cannot go stale."""
    assert set(_every_route(app)) >= PUBLIC


def test_every_unsafe_route_needs_the_sessions_token(app: FastAPI, house: House) -> None:
    """A session alone changes nothing on any route: its CSRF token must come with it."""
    people.set_up_here(house.database, "Nora", PASSWORD)
    client = _client(app)
    client.post("/api/login", json={"password": PASSWORD})
    for method, path in _every_route(app):
        if method in {"GET", "HEAD", "OPTIONS"} or (method, path) in PUBLIC or path.startswith("/v1"):
            continue
        answer = client.request(method, _filled(path))
        assert answer.json()["error"]["code"] == "csrf_refused", (method, path)


@pytest.fixture
def anna(house: House) -> World:
    """Anna, the owner, with a row in every table."""
    owner = people.set_up_here(house.database, "Anna", PASSWORD)
    who = Principal(owner.id, owner.own_space, frozenset({owner.own_space}))
    world = world_of(who, "ANNAS-OWN")
    with house.database.writing(who) as connection:
        fill(connection, world)
    return world


@pytest.fixture
def ben(app: FastAPI, house: House) -> TestClient:
    """Ben, signed in."""
    people.create_person(house.database, "Ben", PASSWORD)
    return _signed_in(_client(app), "Ben")


SKIPPED = {"/api/logout", "/api/sessions", "/api/password", "/api/weights/{name}/fetch", "/api/weights/{name}"}
"""What ends Ben's own session, or fetches from the network; the two-person tests of the stores cover their rows."""


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/memory/index/rebuild", None),
        ("POST", "/api/weights/smollm2-135m/fetch", None),
        ("DELETE", "/api/weights/smollm2-135m/fetch", None),
        ("DELETE", "/api/weights/smollm2-135m", None),
        ("POST", "/api/providers/from-offer", {"name": "anthropic"}),
        ("POST", "/api/providers", {"kind": "anthropic"}),
        ("PUT", "/api/models/active", {"model": "local/smollm2-135m"}),
        ("PUT", "/api/models/active", {"model": "anthropic/claude"}),
    ],
)
def test_what_concerns_everybody_is_the_operators(
    anna: World, ben: TestClient, method: str, path: str, body: dict[str, str] | None
) -> None:
    """Who did not set the installation up cannot change what all on it share, nor use the keys of its environment."""
    refused = ben.request(method, path, json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "needs_operator"), refused.text


def test_everybody_has_providers_of_their_own(anna: World, ben: TestClient) -> None:
    """A provider with a key of one's own needs nobody's leave; offers of the installation are not shown."""
    added = ben.post("/api/providers", json={"kind": "openai", "key": "sk-bens-own-key"})
    assert added.status_code == 201, added.text
    found = ben.get("/api/models").json()
    assert (found["can_manage"], found["offers"]) == (False, [])


def test_no_route_takes_ben_to_what_is_annas(app: FastAPI, house: House, anna: World, ben: TestClient) -> None:
    """With Anna's ids in every address and body, no answer holds a word or id of hers, and no row of hers changes."""
    own = _signed_in(_client(app), "Anna").post("/api/memory/search", json={"query": PLACE})
    assert "ANNAS" in own.text, "what Ben must not find can be found"
    before = rows_of(house.database, anna.who)
    schemas = app.openapi()
    for method, path in _every_route(app):
        if path in SKIPPED or path.startswith("/v1") or (method, path) in PUBLIC:
            continue
        address = _annas_address(path, anna)
        body = _body(schemas, method, path, anna)
        answer = ben.request(method, address, json=body, params={"wait_s": 0, "after": 0, "name": "a.txt"})
        assert "ANNAS" not in answer.text, (method, path)
        leaked = {value for value in anna.ids.values() if value in answer.text and value not in address}
        assert not leaked - set(_strings(body)), (method, path)
        assert answer.status_code < 500, (method, path, answer.text)
        if path.count("{"):
            assert answer.status_code in {403, 404, 405, 409, 422}, (method, path, answer.status_code)
        assert rows_of(house.database, anna.who) == before, (method, path)
    assert ben.get("/api/session").status_code == 200, "Ben stayed signed in to the end"


HOSTILE = ["nul \0 byte", "x" * 5000, "http://[bad:x", "\u202e%s{0}{{}} '; DROP TABLE entry; -- ../../etc/passwd 1e999"]


@pytest.mark.slow
@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_answered_not_stumbled_over(app: FastAPI, house: House, anna: World, words: str) -> None:
    """Whatever text stands in a body, an address or a query, the answer is ours and no mistake of ours."""
    client = _signed_in(_client(app), "Anna")
    schemas = app.openapi()
    for method, path in _every_route(app):
        if path in SKIPPED or path.startswith("/v1"):
            continue
        body = _with_words(_body(schemas, method, path, anna), words)
        query = dict.fromkeys(("name", "before", "after", "limit", "query", "day", "cursor", "time_zone", "me"), words)
        for address in {_annas_address(path, anna), re.sub(r"\{[^}]*\}", quote(words, safe=""), path)}:
            answer = client.request(method, address, json=body, params=query)
            assert answer.status_code < 500, (method, address, answer.text)
            answer = client.request(method, address, json=body, params={"wait_s": 0, "name": words[:300]})
            assert answer.status_code < 500, (method, address, answer.text)


def _with_words(value: Any, words: str) -> Any:
    """The same body with `words` in place of every text that is no id."""
    if isinstance(value, dict):
        return {key: _with_words(part, words) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_words(part, words) for part in value]
    return words if value == PLACE else value


def _annas_address(path: str, world: World) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: _annas(match[1], path, world), path)


def _annas(parameter: str, path: str, world: World) -> str:
    """Anna's id for a parameter of an address; bare `id`s are named by what comes before them."""
    name = parameter.removesuffix("_id")
    if name == "id":
        name = path.split("/")[2].removesuffix("s")
    table = {"import": "import_job", "key": "api_key", "job": "import_job"}.get(name, name)
    return world.id_of(table)


def _body(schemas: dict[str, Any], method: str, path: str, world: World) -> Any:
    operation = schemas["paths"].get(path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else _made(schemas, "", content["schema"], world)


def _made(schemas: dict[str, Any], name: str, schema: dict[str, Any], world: World) -> Any:
    """A value for a schema of a request, with Anna's ids wherever an id is asked for."""
    while "$ref" in schema:
        schema = schemas["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return _made(schemas, name, schema["anyOf"][0], world)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            wanted = schema.get("properties", {}).items()
            return {key: _made(schemas, key, part, world) for key, part in wanted}
        case "array":
            return [_made(schemas, name.removesuffix("s"), schema.get("items", {}), world)]
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1)
        case "boolean":
            return True
    if name.endswith("_id") and name != "client_id":
        return world.ids.get(name.removesuffix("_id"), world.id_of("entry"))
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    return PLACE


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, str):
        yield value
