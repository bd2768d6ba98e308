"""Routes as data: method, address, the permission it needs, and what goes in and out, from which the documentation is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the API. ``answer`` is the type of its JSON; ``media_type`` names another content.

    ``looks_first``: the function does nothing before its one look, in which who asks is recognised.
    """

    method: str
    path: str
    permission: str
    function: Callable[..., Any]
    answer: Any = None
    body: type[BaseModel] | None = None
    example: Any = None
    status: int = 200
    media_type: str = "application/json"
    revision: bool = False
    looks_first: bool = False
    tag: str = ""

    @property
    def name(self) -> str:
        return self.function.__name__


class Routes:
    """The operations of one noun."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.listed: list[Route] = []

    def add(self, method: str, path: str, permission: str, **known: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Serve the function here; further words are fields of :class:`Route`."""

        def listed(function: Callable[..., Any]) -> Callable[..., Any]:
            self.listed.append(Route(method=method, path=path, permission=permission, function=function, tag=self.tag, **known))
            return function

        return listed
