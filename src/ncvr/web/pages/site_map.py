"""Every page of the service: method, address and the permission it needs, as the API has them."""

from ncvr.web.pages import (
    activity_form,
    adherence,
    all_moves,
    differences,
    discussion,
    door,
    first_factor,
    guidance,
    history,
    my_work,
    organisations,
    price_reasons,
    review_grid,
    review_moves,
    site_moves,
    site_prices,
    studies,
    study_overview,
    tariffs,
)
from ncvr.web.routing import Route

MODULES = (
    door,
    first_factor,
    my_work,
    studies,
    study_overview,
    site_prices,
    price_reasons,
    discussion,
    review_grid,
    activity_form,
    differences,
    history,
    review_moves,
    site_moves,
    all_moves,
    adherence,
    tariffs,
    organisations,
    guidance,
)
PAGES: list[Route] = [route for module in MODULES for route in module.routes.listed]
