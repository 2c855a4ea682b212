"""The application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import kg
from api import problems
from api.deps import Service
from api.routes import meta, reasoning, resources, sparql
from kg.settings import Settings

_SECURITY = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application over the build in service; the workers start with the first request or at start-up."""
    service = Service(settings or Settings.from_environment())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.release(service.acquire())
        logging.getLogger("uvicorn").info("serving the build in %s", service.settings.builds)
        yield
        service.close()

    app = FastAPI(
        title="Claimgraph",
        version=kg.__version__,
        description="Who says so, in which words, how surely, and do the others agree?",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    problems.install(app)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")), name="static")
    for module in (meta, sparql, reasoning, resources):
        app.include_router(module.router)

    @app.middleware("http")
    async def secure(request, call_next):  # type: ignore[no-untyped-def]
        response = await call_next(request)
        for name, value in _SECURITY.items():
            response.headers.setdefault(name, value)
        return response

    return app
