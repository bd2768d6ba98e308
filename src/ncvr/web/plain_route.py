"""Routes all of whose words stand in their address: they are answered in one thread, with nothing to be solved for first.

A price is read far more often than anything else, and to have the framework look for dependencies, and to hand over to
a thread for each, took as long as reading it.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from inspect import Parameter, iscoroutinefunction, signature
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ncvr.web.access import Door, door


class PlainRoute(APIRoute):
    """Serves a plain request plainly. One with a query, or of a route that asks for more, goes the framework's way."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        solved, function = super().get_route_handler(), self.endpoint
        words = list(signature(function).parameters.values())
        asks_for_more = self.dependencies or self.response_model is not None or iscoroutinefunction(function)
        if asks_for_more or not words or words[0].annotation is not Door or not all(self._is_plain(word) for word in words[1:]):
            return solved

        async def plain(request: Request) -> Response:
            if request.scope["query_string"]:
                return await solved(request)
            return await run_in_threadpool(partial(function, visit=await door(request), **request.path_params))

        return plain

    def _is_plain(self, word: Parameter) -> bool:
        if word.name in self.param_convertors:
            return word.annotation is str
        return word.default is None or isinstance(word.default, bool | int | str)
