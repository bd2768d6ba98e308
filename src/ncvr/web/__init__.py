"""The service's edge: a route parses, calls one service, returns. Only here do problems become answers over HTTP."""
