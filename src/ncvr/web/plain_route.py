"""Routes all of whose words stand in their address: they are answered in one thread, with nothing to be solved for first.

A price is read far more often than anything else, and to have the framework look for dependencies, and to hand over to
a thread for each, took as long as reading it.
"""

from collections.abc import Callable
from functools import partial
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ncvr.web.access import Door, door


class PlainRoute(APIRoute):
    """Serves a plain request plainly. One with a query, or of a route that asks for more, goes the framework's way."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **words: Any) -> None:
        super().__init__(path, endpoint, **words)
        if self._is_plain():
            self._solved, self.app = self.app, self._plain

    def _is_plain(self) -> bool:
        words = list(signature(self.endpoint).parameters.values())
        asks_for_more = self.dependencies or self.response_model is not None or iscoroutinefunction(self.endpoint)
        return not asks_for_more and bool(words) and words[0].annotation is Door and all(self._is_plain_word(word) for word in words[1:])

    def _is_plain_word(self, word: Parameter) -> bool:
        if word.name in self.param_convertors:
            return word.annotation is str
        return word.default is None or isinstance(word.default, bool | int | str)

    async def _plain(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing is to be cleared up after the function, and what it raises is told by the application's own handlers."""
        if scope["query_string"]:
            await self._solved(scope, receive, send)
            return
        visit = await door(Request(scope, receive))
        response: Response = await run_in_threadpool(partial(self.endpoint, visit=visit, **scope["path_params"]))
        await response(scope, receive, send)
