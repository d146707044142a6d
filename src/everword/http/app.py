"""The web application: its routes, what guards them, and how errors are told."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from everword.http import (
    account,
    attachments,
    bounds,
    brief,
    conversations,
    door,
    events,
    facts,
    faults,
    forgetting,
    hooks,
    imports,
    incognito,
    mcp_servers,
    meaning,
    memory,
    models,
    needs_you,
    notes,
    preferences,
    retention,
    runs,
    schedules,
    tasks,
    today,
    triggers,
    unknown,
    v1,
    why,
    work,
)
from everword.http.mcp.endpoint import ROUTES as MCP_ROUTES
from everword.http.security import ProtectedApp
from everword.http.services import Services

ROUTERS = (
    door.router,
    account.router,
    conversations.router,
    incognito.router,
    attachments.router,
    runs.router,
    work.router,
    bounds.router,
    schedules.router,
    triggers.router,
    hooks.router,
    needs_you.router,
    mcp_servers.router,
    tasks.router,
    notes.router,
    events.router,
    today.router,
    brief.router,
    memory.router,
    why.router,
    meaning.router,
    facts.router,
    forgetting.router,
    retention.router,
    models.router,
    imports.router,
    preferences.router,
    v1.router,
)


def create_app(
    services: Services, *, version: str, ui: ASGIApp, on_start: Callable[[], None], on_stop: Callable[[], None]
) -> FastAPI:
    """The application. `ui` answers every address that is not an API's; what starts late starts in `on_start`."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        on_start()
        yield
        on_stop()

    app = ProtectedApp(
        door=services.door,
        title="Everword",
        version=version,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.everword = services
    faults.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.router.routes.extend(MCP_ROUTES)
    app.router.routes.extend(unknown.routes_beyond(app))
    app.mount("/", ui)
    return app
