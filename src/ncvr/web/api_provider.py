"""Signing in with an identity provider: out to it, and back from it."""

from fastapi import Response
from starlette.responses import RedirectResponse

from ncvr.services import provider_sign_in, signing_in
from ncvr.services.identity_provider import IdentityProvider
from ncvr.services.provider_sign_in import Answered
from ncvr.web.access import Door, Visit
from ncvr.web.pages.page import next_step, own_address
from ncvr.web.problems import Refused
from ncvr.web.recognising import SESSION_COOKIE, TICKET_COOKIE, cookie, give_cookies, give_ticket, take_ticket
from ncvr.web.routing import Routes

routes = Routes("Session")


@routes.add("GET", "/session/oidc", "session.open", status=303)
def go_to_provider(visit: Door, then: str = "/") -> Response:
    """Go to the identity provider to sign in there. ``then`` is the page of ours to go on to afterwards."""
    address, ticket = provider_sign_in.start(visit.office, _provider(visit), own_address(then))
    response = RedirectResponse(address, 303)
    give_ticket(response, ticket)
    return response


@routes.add("GET", "/session/oidc/callback", "session.open", status=303)
def come_from_provider(visit: Door, state: str = "", code: str = "", iss: str = "", error: str = "") -> Response:
    """Back from the identity provider. A session begins, or waits for the second factor; then on to the page that was wanted."""
    answered = Answered(state=state, code=code, issuer=iss, error=error)
    ticket, before = cookie(visit.headers, TICKET_COOKIE) or "", cookie(visit.headers, SESSION_COOKIE)
    opened, then = provider_sign_in.finish(visit.office, _provider(visit), ticket, answered, visit.correlation_id)
    if before:
        signing_in.sign_out(visit.office, before, visit.correlation_id)
    signing_in.clear_what_is_over(visit.office)
    response = RedirectResponse(next_step(opened, then), 303)
    give_cookies(response, opened)
    take_ticket(response)
    return response


def _provider(visit: Visit) -> IdentityProvider:
    provider = visit.office.provider
    if provider is None:
        raise Refused(404, "no-provider", "this service has no identity provider", "Sign in with your email address and password", "session")
    return provider
