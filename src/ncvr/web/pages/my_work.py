"""The first page: what waits for the person, and what waits for others."""

from fastapi import Response

from ncvr.web.pages.page import Seen
from ncvr.web.routing import Routes

routes = Routes("Pages")


@routes.add("GET", "/", "studies.list", media_type="text/html")
def my_work_page(page: Seen) -> Response:
    """What waits for whom."""
    return page.show("my_work.html")
