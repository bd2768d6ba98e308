"""Every page of the service: method, address and the permission it needs, as the API has them."""

from ncvr.web.pages import adherence, door, guidance, history, my_work, organisations, studies, tariffs
from ncvr.web.routing import Route

MODULES = (door, my_work, studies, history, adherence, tariffs, organisations, guidance)
PAGES: list[Route] = [route for module in MODULES for route in module.routes.listed]
