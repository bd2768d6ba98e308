"""Every move of a site costing: a page with the price and what follows, then the move, made by the same services as the API's."""

import json
from collections.abc import Callable

from fastapi import Response

from ncvr.domain.site_costing import RefusalReason, SiteCosting
from ncvr.domain.study import Study
from ncvr.errors import ChangedMeanwhile, InputError, MoveNotAllowed
from ncvr.files.template_registry import template_names
from ncvr.money import pence_of, shown
from ncvr.services import contract_variation, costing
from ncvr.services.considering import ConsideredCosting, consider_costing, costing_obstacles
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.services.revisions import costing_object
from ncvr.web.pages.move_page import Check, check_page, moved_on, refused_check
from ncvr.web.pages.move_words import REFUSAL_WORDS, SITE_WORDS
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.templates import long_day
from ncvr.web.pages.typed import needed_day
from ncvr.web.pages.words import COSTING_TAGS
from ncvr.web.routing import Routes

routes = Routes("Pages")
Make = Callable[[Act, str, str, Page], object]


def _refuse(act: Act, iras_id: str, ods: str, page: Page) -> SiteCosting:
    code: RefusalReason | None = next((known for known in REFUSAL_WORDS if known == page.field("reason_code")), None)
    if code is None:
        raise InputError("Choose what you refuse the price for", "reason_code", "Choose one of the reasons")
    return costing.refuse(act, iras_id, ods, page.revision, reason_code=code, reason=page.field("reason"))


def _contract(act: Act, iras_id: str, ods: str, page: Page) -> SiteCosting:
    signed_on = needed_day(page, "signed_on", "the day of signature")
    return costing.contract(
        act, iras_id, ods, page.revision, signed_on=signed_on, fingerprint=page.field("fingerprint").lower(), template=page.field("template")
    )


def _vary(act: Act, iras_id: str, ods: str, page: Page) -> object:
    latest = consider_costing(act, iras_id, ods, "costing.vary").latest
    return contract_variation.vary_contract(act, iras_id, ods, page.revision, version=latest)


_MAKE: dict[str, Make] = {
    "lock": lambda act, iras_id, ods, page: costing.lock(act, iras_id, ods, page.revision),
    "unlock": lambda act, iras_id, ods, page: costing.unlock(act, iras_id, ods, page.revision, reason=page.field("reason")),
    "share": lambda act, iras_id, ods, page: costing.share(act, iras_id, ods, page.revision),
    "accept": lambda act, iras_id, ods, page: costing.accept(act, iras_id, ods, page.revision),
    "refuse": _refuse,
    "decline": lambda act, iras_id, ods, page: costing.decline(act, iras_id, ods, page.revision, reason=page.field("reason")),
    "withdraw": lambda act, iras_id, ods, page: costing.withdraw(act, iras_id, ods, page.revision, reason=page.field("reason")),
    "contract": _contract,
    "reprice": lambda act, iras_id, ods, page: costing.reprice(act, iras_id, ods, page.revision),
    "reassign": lambda act, iras_id, ods, page: costing.reassign(act, iras_id, ods, page.revision, ods_code=page.field("ods_code")),
    "vary": _vary,
}


def _look(page: Page, iras_id: str, ods: str, name: str) -> Response:
    """What follows from the move, or what was done last where it does not lead on from here."""
    with page.look() as act:
        considered = consider_costing(act, iras_id, ods, SITE_WORDS[name].operation)
        study = agreed_study(act, iras_id, considered.costing.version)
        if name not in considered.moves:
            return moved_on(page, act, study, _place(considered), considered.by)
        return check_page(page, _check(act, considered, study, name))


def _make(page: Page, iras_id: str, ods: str, name: str) -> Response:
    """Make the move, and go on to the study, which says so."""
    try:
        with page.act() as act:
            consider_costing(act, iras_id, ods, SITE_WORDS[name].operation)
            _MAKE[name](act, iras_id, ods, page)
    except (InputError, MoveNotAllowed, ChangedMeanwhile) as error:
        with page.look() as act:
            considered = consider_costing(act, iras_id, ods, SITE_WORDS[name].operation)
            study, faster = agreed_study(act, iras_id, considered.costing.version), isinstance(error, ChangedMeanwhile)
            if faster or name not in considered.moves:
                revision, status = (page.revision, 412) if faster else (None, 409)
                return moved_on(page, act, study, _place(considered), considered.by, revision=revision, status=status)
            return refused_check(page, _check(act, considered, study, name), error)
    return page.go(f"/studies/{iras_id}", said=f"site-{name}")


def _place(considered: ConsideredCosting) -> tuple[str, str]:
    found = considered.costing
    return costing_object(found.iras_id, found.number), f"/studies/{found.iras_id}/sites/{found.site.key}"


def _check(act: Act, considered: ConsideredCosting, study: Study, name: str) -> Check:
    found, listed = considered.costing, act.office.tariffs.organisations().get(considered.costing.site.ods_code)
    known = {
        "site": site_words(act, found),
        "edition": act.office.tariffs.in_force(act.today).edition,
        "agreed": str(considered.latest),
    }
    templates = template_names(act.office.templates) if name == "contract" else ()
    default = next((each for each in templates if each.startswith(f"{found.site.agreement or study.study.agreement}/")), "")
    return Check(
        iras_id=found.iras_id,
        study=study,
        words=SITE_WORDS[name],
        address=f"/studies/{found.iras_id}/sites/{found.site.key}/{name}",
        back=f"/studies/{found.iras_id}/sites/{found.site.key}",
        revision=found.revision,
        facts=costing_facts_shown(act, found),
        known=known,
        obstacles=costing_obstacles(act, found, name, considered.latest),
        illustrative=edition_status(found),
        offered={"templates": templates, "template": default, "ods_code": listed.successor if listed is not None else ""},
    )


def site_words(act: Act, found: SiteCosting) -> str:
    """What a site is called: its own name in the study file, else the organisation's."""
    listed = act.office.tariffs.organisations().get(found.site.ods_code)
    return found.site.site_name or (listed.name if listed is not None else found.site.ods_code)


def edition_status(found: SiteCosting) -> tuple[str, str]:
    """The edition a costing was priced from and what that edition is, as its kept record says."""
    tariff = json.loads(found.price.record)["tariff"]
    return tariff["edition"], tariff["status"]


def total_words(found: SiteCosting) -> str:
    """The projected total as it was kept."""
    total = found.price.total
    return shown(pence_of(total)) if total is not None else "No target of participants, so no total"


def costing_facts_shown(act: Act, found: SiteCosting) -> list[tuple[str, str]]:
    """What a site costing is, for those who may see its price."""
    return [
        ("Site", f"{site_words(act, found)} ({found.site.key})"),
        ("State", COSTING_TAGS[found.state].text),
        ("Version", str(found.version)),
        ("Projected total", total_words(found)),
        ("Multiplier", found.price.multiplier),
        ("Priced", f"on {long_day(found.price.pricing_date)} from edition {found.price.edition}"),
    ]


def _serve(name: str) -> None:
    """Both pages of a move under its own address and permission."""

    def look(page: Seen, iras_id: str, ods: str) -> Response:
        return _look(page, iras_id, ods, name)

    def make(page: Seen, iras_id: str, ods: str) -> Response:
        return _make(page, iras_id, ods, name)

    path, operation = f"/studies/{{iras_id}}/sites/{{ods}}/{name}", SITE_WORDS[name].operation
    routes.add("GET", path, operation, media_type="text/html")(look)
    routes.add("POST", path, operation, media_type="text/html")(make)


for _name in _MAKE:
    _serve(_name)
