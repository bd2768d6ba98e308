"""The application: the routes behind the one door, health, readiness and measures beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from threading import Event, Thread
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from prometheus_client import generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ncvr import __version__, settings
from ncvr.domain.permissions import OPEN, is_kept_read
from ncvr.errors import Finding, InputError, NcvrError, PriceIsFixed
from ncvr.files.schema_problems import problem_in_words
from ncvr.files.template_registry import read_templates
from ncvr.services.access_journal import AccessJournal
from ncvr.services.costing import record_price_edit_refused
from ncvr.services.office import Office
from ncvr.services.passwords import check_stolen_list
from ncvr.services.record_keeping import ledger_head
from ncvr.services.second_factor import check_key
from ncvr.store.readiness import check_database, engine_version
from ncvr.web import (
    api_accesses,
    api_adherence,
    api_contracts,
    api_escalations,
    api_factors,
    api_own_sessions,
    api_provider,
    api_reference,
    api_review,
    api_session,
    api_sites,
    api_studies,
    api_workbooks,
)
from ncvr.web.access import InFlight, Visit, known, recognised
from ncvr.web.envelope import Envelope, Measures
from ncvr.web.heavy_jobs import HeavyJobs, is_heavy, one_at_a_time
from ncvr.web.openapi import describe
from ncvr.web.own_places import OwnPlaces
from ncvr.web.paces import Paces
from ncvr.web.pages.errors import told
from ncvr.web.pages.site_map import PAGES
from ncvr.web.plain_route import PlainRoute
from ncvr.web.problems import Refused, refused_status
from ncvr.web.routing import Route
from ncvr.web.same_origin import SameOrigin
from ncvr.web.security_headers import GuardedApp

PREFIX = "/api/v1"
MODULES = (
    api_studies,
    api_review,
    api_sites,
    api_contracts,
    api_escalations,
    api_adherence,
    api_reference,
    api_accesses,
    api_session,
    api_own_sessions,
    api_factors,
    api_provider,
    api_workbooks,
)
ROUTES: list[Route] = [route for module in MODULES for route in module.routes.listed]


def create_app(office: Office) -> FastAPI:
    """The service over this office."""
    # Without redirects of the framework: they would be to an address that the request names.
    app = GuardedApp(title="NCVR", version=__version__, lifespan=_at_work, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    measures = Measures()
    app.state.office, app.state.in_flight, app.state.measures = office, InFlight(), measures
    app.state.heavy_jobs, app.state.own_places = HeavyJobs(), OwnPlaces.of(office)
    app.state.paces = Paces(settings.requests_a_minute())
    app.state.journal = AccessJournal(office)
    app.state.reads_kept = {(route.method, PREFIX + route.path) for route in ROUTES if is_kept_read(route.method, route.permission)}
    app.state.reads_kept |= {(route.method, route.path) for route in PAGES if is_kept_read(route.method, route.permission)}
    app.state.open_routes = {(route.method, PREFIX + route.path) for route in ROUTES if route.permission in OPEN}
    app.state.open_routes |= {(route.method, route.path) for route in PAGES if route.permission in OPEN}
    app.router.routes.extend(_served())
    app.add_exception_handler(NcvrError, _said)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(SameOrigin)
    app.add_middleware(Envelope, identifier=office.chance.identifier, measures=measures)
    return app


@cache
def _served() -> tuple[BaseRoute, ...]:
    """Every route, the same for every office: to work out what each asks for takes a quarter of a second, once a process."""
    router = APIRouter(route_class=PlainRoute)
    for route in sorted(ROUTES, key=lambda route: not route.looks_first):  # what is asked most is looked for first
        _serve(router, route)
    for route in PAGES:
        _show(router, route)
    router.mount("/assets", GZipMiddleware(Assets(packages=[("ncvr.web", "assets")]), minimum_size=1000))
    for path, function in (("/healthz", health), ("/readyz", ready), ("/metrics", metrics), ("/openapi.json", openapi)):
        router.add_api_route(path, function, include_in_schema=False)
    return tuple(router.routes)


def _before(route: Route) -> list[Any]:
    """What comes before a route: that no other heavy work of the person is under way."""
    return [Depends(one_at_a_time)] if is_heavy(route.method, route.path) and route.permission not in OPEN else []


def _serve(router: APIRouter, route: Route) -> None:
    documented: dict[str, Any] = {"description": "Done"}
    if route.answer is not None:
        documented["model"] = route.answer
    elif route.media_type != "application/json":
        documented["content"] = {route.media_type: {"schema": {"type": "string", "format": "binary"}}}
    router.add_api_route(
        PREFIX + route.path,
        route.function if route.permission in OPEN or route.looks_first else recognised(route.function),
        methods=[route.method],
        status_code=route.status,
        tags=[route.tag],
        summary=(route.function.__doc__ or route.name).partition("\n")[0].rstrip("."),
        dependencies=_before(route),
        operation_id=route.name if route.permission != "price.edit" else f"{route.method.lower()}_{route.name}",
        responses={route.status: documented},
        response_model=None,
    )


def _show(router: APIRouter, route: Route) -> None:
    before = [*([] if route.permission in OPEN else [Depends(known)]), *_before(route)]
    router.add_api_route(route.path, route.function, methods=[route.method], dependencies=before, include_in_schema=False, response_model=None)


@asynccontextmanager
async def _at_work(app: FastAPI) -> AsyncIterator[None]:
    """Who read what is written down beside the answers, for as long as it serves.

    Templates are compiled at their first view, some 0.1 s: to compile all beside the first answers makes those several times as slow.
    """
    stop = Event()
    keeper = Thread(target=app.state.journal.keep_writing, args=(stop,))
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        await run_in_threadpool(keeper.join)


class Assets(StaticFiles):
    """Stylesheet, scripts and pictures. Their addresses change with their content, so a browser keeps them for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if scope["query_string"].startswith(b"v=") else "no-cache"
        return response


def health() -> JSONResponse:
    """Whether the process answers."""
    return JSONResponse({"status": "ok", "software": f"ncvr {__version__}"})


def ready(request: Request) -> JSONResponse:
    """Whether the service may be used: database, settings, key, tariffs and templates; 503 with what is wrong."""
    office: Office = request.app.state.office
    ours = [*check_database(office.store), *check_key(office), *check_stolen_list(office.breached_passwords)]
    found = [*ours, *request.app.state.journal.findings(), *_reference(office)]
    findings = request.app.state.own_places.findings(found)
    errors = [finding for finding in findings if finding.level == "error"]
    says = [{"place": found.place, "problem": found.problem, "remedy": found.remedy, "level": found.level} for found in findings]
    record = {"status": "not ready" if errors else "ready", "database": engine_version(office.store), "findings": says}
    return JSONResponse(record, 503 if errors else 200)


def _reference(office: Office) -> list[Finding]:
    try:
        office.tariffs.in_force(office.clock.today())
    except NcvrError as error:
        return list(error.findings)
    _, findings = read_templates(office.templates)
    return findings


def metrics(request: Request) -> Response:
    """Measures in the text form of Prometheus."""
    head = ledger_head(request.app.state.office.store)
    text = generate_latest(request.app.state.measures.registry) + f"# TYPE ncvr_ledger_entries gauge\nncvr_ledger_entries {head.number}\n".encode()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def openapi(request: Request) -> JSONResponse:
    """The API's description, made once."""
    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = describe(app, ROUTES, PREFIX)
    return JSONResponse(app.openapi_schema)


async def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, NcvrError)
    visit = request.scope.get("ncvr.visit")
    if isinstance(error, PriceIsFixed) and isinstance(visit, Visit):
        await run_in_threadpool(_record, visit, error.place)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Refused) and error.status == 401 else None
    return told(request, error, headers)


def _record(visit: Visit, place: str) -> None:
    """An attempt at a price is kept, though what was asked for is not done."""
    with visit.office.act(visit.person, visit.correlation_id) as act:
        record_price_edit_refused(act, f"{visit.method} {visit.path}: {place}"[:500])


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return told(request, refused_status(error.status_code), dict(error.headers or {}))


async def _unreadable(request: Request, error: Exception) -> Response:
    """What is wrong with the words of an address: each is a finding. A stranger is told only that they are one."""
    assert isinstance(error, RequestValidationError)
    visit = request.scope.get("ncvr.visit")
    if isinstance(visit, Visit) and not visit.open_to_all:
        try:
            await run_in_threadpool(known, visit)
        except NcvrError as stranger:
            return await _said(request, stranger)
    findings = [Finding(".".join(map(str, found["loc"])), *problem_in_words(found)) for found in error.errors()]
    return told(request, InputError.of(findings))


async def _unexpected(request: Request, _error: Exception) -> Response:
    """The fault is logged with its correlation id by the server; the answer tells nothing of our insides."""
    says = Refused(
        500, "unexpected", "something went wrong here, and nothing was changed", "Try again; if it stays, say the instance to whoever runs the service"
    )
    return told(request, says)
