"""Pages for what went wrong: what it means for the person, and where to go on. Never a trace of our insides."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ncvr.errors import NcvrError
from ncvr.web.pages.page import to_sign_in
from ncvr.web.pages.templates import environment
from ncvr.web.problems import Problem, Refused, answer, problem_of

# Addresses for programs answer programs, whatever they say they accept.
_FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/assets/")
# People come there too, with a browser, from the identity provider.
_ALSO_FOR_PEOPLE = "/api/v1/session/oidc"
_HEADINGS = {
    400: "The request cannot be read",
    401: "You are not signed in",
    403: "You may not do this",
    404: "Page not found",
    405: "Page not found",
    409: "This cannot be done now",
    412: "Somebody changed this while you decided",
    413: "This file is too large",
    415: "This kind of file is not read here",
    422: "Something needs mending",
    428: "Open the page again",
    429: "Wait a moment",
    500: "Something went wrong here",
}


def is_page(path: str) -> bool:
    """Whether people look at this address, not programs.

    >>> is_page("/studies"), is_page("/api/v1/studies")
    (True, False)
    """
    return not path.startswith(_FOR_PROGRAMS)


def told(request: Request, error: NcvrError, headers: dict[str, str] | None = None) -> Response:
    """An error as an answer: a page to people, problem details to programs. It names no folders of this machine."""
    error = request.app.state.own_places.error(error)
    correlation_id = request.scope["ncvr.correlation_id"]
    return error_page(request, error, correlation_id) if _for_people(request) else answer(error, correlation_id, headers)


def _for_people(request: Request) -> bool:
    path = request.url.path
    return is_page(path) or (path.startswith(_ALSO_FOR_PEOPLE) and "text/html" in request.headers.get("accept", ""))


def error_page(request: Request, error: NcvrError, correlation_id: str) -> Response:
    """The page of an error; somebody who is not signed in is sent to the door and comes back."""
    if isinstance(error, Refused) and error.status == 401:
        return to_sign_in(request)
    status, problem = problem_of(error)
    waits = {"Retry-After": str(error.retry_after)} if isinstance(error, Refused) and error.retry_after is not None else {}
    content = environment().get_template("error.html").render(**_frame(request, status, problem, correlation_id))
    return Response(content, status, waits, "text/html; charset=utf-8")


def _frame(request: Request, status: int, problem: Problem, correlation_id: str) -> dict[str, Any]:
    visit = request.scope.get("ncvr.page")
    frame: dict[str, Any] = {"me": visit.me() if visit is not None else None, "path": request.url.path, "said": "", "problems": (), "tables": {}}
    return {**frame, "heading": _HEADINGS.get(status, problem["title"]), "status": status, "problem": problem, "reference": correlation_id}
