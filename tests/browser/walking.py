"""Walking the site as one person: every page that a link leads to, one of each kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

from ncvr.web.pages.site_map import PAGES

_DOWNLOAD = re.compile(r"\.(docx|zip|xlsx|json|csv|png|svg|html)$")


@dataclass(frozen=True)
class Step:
    """A page that was reached: its address, which route it is of, and what came back."""

    address: str
    route: str
    answer: Response


def route_of(path: str) -> str | None:
    """The route of a page's address; None for what is no page of ours, such as a file."""
    for route in PAGES:
        pattern = re.compile("^" + re.sub(r"\{\w+(:\w+)?\}", lambda found: ".+" if found[1] else "[^/]+", route.path) + "$")
        if route.method == "GET" and pattern.match(path):
            return route.path
    return None


def links(page: Page) -> list[str]:
    """Where the links of this page lead within the site, without what only sorts or downloads."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    return [href for href in found if href.startswith(("/", "?"))]


def walk(page: Page, start: str = "/", most: int = 80) -> Iterator[Step]:
    """From the first page on along the links, one page a route; the page stands at the step while it is yielded."""
    waiting = [start]
    seen: set[str] = set()
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        path = urlsplit(address).path
        route = route_of(path)
        if route is None or route in seen or _DOWNLOAD.search(path):
            continue
        seen.add(route)
        answer = page.goto(address)
        assert answer is not None
        yield Step(address=address, route=route, answer=answer)
        here = urlsplit(page.url).path
        waiting += [here + href if href.startswith("?") else href for href in links(page)]
