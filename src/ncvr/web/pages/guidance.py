"""Help, a sentence a term, and the accessibility statement. Both are read without signing in."""

from fastapi import Response

from ncvr.web.pages.page import Seen
from ncvr.web.recognising import person_if_known
from ncvr.web.routing import Routes

routes = Routes("Pages")


@routes.add("GET", "/help", "health", media_type="text/html")
def help_page(page: Seen) -> Response:
    """What the words mean and who does what."""
    page.visit.known = person_if_known(page.visit.office, page.visit.headers)
    return page.show("help.html")


@routes.add("GET", "/accessibility", "health", media_type="text/html")
def accessibility_page(page: Seen) -> Response:
    """What was checked, how, and what is known not to work."""
    page.visit.known = person_if_known(page.visit.office, page.visit.headers)
    return page.show("accessibility.html")
