"""Site costings, one function for each thing a company or a site does. None of them edits a price."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from ncvr.domain.ledger import Change
from ncvr.domain.moves import next_state
from ncvr.domain.permissions import not_found
from ncvr.domain.site_costing import COSTING_MOVES, CostingFacts, CostingState, RefusalReason, SiteCosting
from ncvr.domain.study import Site
from ncvr.domain.tariff import organisation
from ncvr.errors import InputError, MoveNotAllowed, NotFound, NotPermitted
from ncvr.services.adherence_recording import record_costing_event
from ncvr.services.agreeing import add_costing, price_change, price_today
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.services.revisions import check_revision, costing_object, state_change
from ncvr.store import costings, studies

_PRICE_ADDRESS = re.compile(r"/studies/([0-9]+)/sites/([A-Za-z0-9._-]+)/")


def add_site(act: Act, iras_id: str, site: Site) -> SiteCosting:
    """Add a site to the newest agreed version, and price it."""
    act.standing("sites.add", iras_id)
    place = f"study {iras_id}, site {site.key}"
    organisation(act.office.tariffs.organisations(), site.ods_code)
    studies.read(act.connection, iras_id, for_update=True)
    agreed = studies.version(act.connection, iras_id, studies.latest_version(act.connection, iras_id))
    if agreed is None:
        raise MoveNotAllowed("no site is priced before the resource is agreed", place, "Agree the review first; or list the site in the study file")
    if costings.live_at(act.connection, iras_id, site.key):
        raise MoveNotAllowed("this site has a costing already", place, "Work with that one, or withdraw it first")
    return add_costing(act, agreed.study, site)


def read_costing(act: Act, iras_id: str, site: str, operation: str) -> SiteCosting:
    """The newest costing of a site. A site representative sees their own organisation only, and only once it was shared."""
    by = act.standing(operation, iras_id)
    costing = costings.of_site(act.connection, iras_id, site)
    hidden = costing is not None and by == "site" and (costing.site.ods_code != act.person.organisation or costing.shared_at is None)
    if costing is None or hidden:
        raise not_found(f"study {iras_id}, site {site}")
    return costing


def list_costings(act: Act, iras_id: str) -> list[SiteCosting]:
    """Every costing of the study that this person may see, also those that are over."""
    by = act.standing("sites.list", iras_id)
    every = costings.of_study(act.connection, iras_id)
    if by == "site":
        return [costing for costing in every if costing.site.ods_code == act.person.organisation and costing.shared_at is not None]
    return every


def lock(act: Act, iras_id: str, site: str, expected: int) -> SiteCosting:
    """The company takes the price as it is; from here it can be shared."""
    return _simple(act, "lock", iras_id, site, expected)


def unlock(act: Act, iras_id: str, site: str, expected: int, *, reason: str) -> SiteCosting:
    return _simple(act, "unlock", iras_id, site, expected, reason)


def share(act: Act, iras_id: str, site: str, expected: int) -> SiteCosting:
    """Share the locked price and its contract with the site. The adherence month is that of this entry of the ledger."""
    costing, state = moved(act, "share", iras_id, site, expected)
    return settle(act, "costing.share", costing, replace(costing, state=state, shared_at=act.now))


def accept(act: Act, iras_id: str, site: str, expected: int) -> SiteCosting:
    """The site accepts the price as it came out."""
    costing, state = moved(act, "accept", iras_id, site, expected)
    return settle(act, "costing.accept", costing, replace(costing, state=state, accepted_by=act.person.actor))


def refuse(act: Act, iras_id: str, site: str, expected: int, *, reason_code: RefusalReason, reason: str) -> SiteCosting:
    """The site refuses, with a reason code; the 2023 multipliers were mended from such reasons."""
    costing, state = moved(act, "refuse", iras_id, site, expected, reason=reason, reason_code=reason_code)
    return settle(act, "costing.refuse", costing, replace(costing, state=state, reason_code=reason_code, reason=reason), f"{reason_code}: {reason}")


def decline(act: Act, iras_id: str, site: str, expected: int, *, reason: str) -> SiteCosting:
    """The site cannot take part, for want of capacity; that is no refusal of the price."""
    return _simple(act, "decline", iras_id, site, expected, reason)


def withdraw(act: Act, iras_id: str, site: str, expected: int, *, reason: str) -> SiteCosting:
    return _simple(act, "withdraw", iras_id, site, expected, reason)


def contract(act: Act, iras_id: str, site: str, expected: int, *, signed_on: date, fingerprint: str, template: str) -> SiteCosting:
    """Record the signed contract; from now on the price is frozen with its edition, multiplier, versions and template."""
    in_force = act.office.tariffs.in_force(signed_on).edition
    known = {"signed_on": signed_on, "document_fingerprint": fingerprint, "in_force": in_force}
    costing, state = moved(act, "contract", iras_id, site, expected, **known)
    return settle(act, "costing.contract", costing, replace(costing, state=state, signed_on=signed_on, template=template), f"signed on {signed_on}")


def reprice(act: Act, iras_id: str, site: str, expected: int) -> SiteCosting:
    """Price a stale costing again from the edition in force. It returns to priced; what was shared of it is superseded."""
    costing, _ = moved(act, "reprice", iras_id, site, expected)
    return _priced_again(act, "costing.reprice", costing, costing.site)


def reprice_all(act: Act, edition: str) -> tuple[list[SiteCosting], list[SiteCosting]]:
    """Price every stale un-contracted costing of the nation again: those re-priced, and those left for reassigning first.

    Running it twice does nothing the second time. Raises InputError unless the edition named is the one in force.
    """
    act.allowed("tariffs.reprice")
    in_force = act.office.tariffs.in_force(act.today)
    if in_force.edition != edition:
        raise InputError(f"{edition} is not in force today", "edition", f"Re-price from {in_force.edition}, or wait for the day it comes into force")
    done: list[SiteCosting] = []
    left: list[SiteCosting] = []
    for costing in costings.repriceable_from_other_editions(act.connection, edition):
        if act.office.tariffs.is_open(costing.site.ods_code, act.today) and costing.site.ods_code in in_force.multipliers:
            done.append(_priced_again(act, "costing.reprice", costing, costing.site, "nationally"))
        else:
            left.append(costing)
    return done, left


def reassign(act: Act, iras_id: str, site: str, expected: int, *, ods_code: str) -> SiteCosting:
    """Move the costing of a closed trust to its successor, priced with the successor's own multiplier; both codes are kept."""
    costing, _ = moved(act, "reassign", iras_id, site, expected)
    listed = organisation(act.office.tariffs.organisations(), costing.site.ods_code)
    successor = organisation(act.office.tariffs.organisations(), ods_code).ods_code
    if listed.successor and listed.successor != successor:
        raise InputError(f"the successor of {listed.ods_code} is {listed.successor}, not {successor}", "ods_code", "Reassign it to its legal successor")
    there = costing.site.model_copy(update={"ods_code": successor})
    if there.key != costing.site.key and costings.live_at(act.connection, iras_id, there.key):
        raise MoveNotAllowed(f"{successor} has a costing of its own in this study", costing.place, "Withdraw this one")
    former = replace(costing, former_code=costing.site.ods_code)
    return _priced_again(act, "costing.reassign", former, there, f"{costing.site.ods_code} closed; {successor} succeeds it")


def _priced_again(act: Act, operation: str, costing: SiteCosting, site: Site, reason: str = "") -> SiteCosting:
    price = price_today(act, agreed_study(act, costing.iras_id, costing.version), site, number=costing.price.number + 1)
    priced = replace(costing, site=site, price=price, state="priced", shared_at=None, accepted_by=None, revision=costing.revision + 1)
    costings.add_price(act.connection, priced, act.now)
    costings.save(act.connection, priced, before=costing.revision)
    act.record(price_change(operation, priced, old=costing.price, reason=reason))
    record_costing_event(act, operation, priced)
    return priced


def costing_facts(act: Act, costing: SiteCosting, **known: Any) -> CostingFacts:
    """What the guards look at, as it is today."""
    version = known.pop("version", costing.version)
    base: dict[str, Any] = {
        "edition": costing.price.edition,
        "in_force": act.office.tariffs.in_force(act.today).edition,
        "organisation_open": act.office.tariffs.is_open(costing.site.ods_code, act.today),
        "fingerprint": costing.price.fingerprint,
        "priced_on": costing.price.pricing_date,
        "today": act.today,
        "version": costing.version,
        "latest_version": version if version != costing.version else costing.version,
    }
    return CostingFacts(**(base | known))


def is_stale(act: Act, costing: SiteCosting) -> bool:
    """Whether a newer edition, or the closing of its organisation, has overtaken a costing that is still un-contracted."""
    return costing.state in ("priced", "locked", "shared", "escalated", "accepted") and costing_facts(act, costing).stale


def moved(act: Act, name: str, iras_id: str, site: str, expected: int, **known: Any) -> tuple[SiteCosting, CostingState]:
    """The costing as it is, and the state this move leads to; permission, revision and guards are checked in that order."""
    by = act.standing(_OPERATIONS.get(name, f"costing.{name}"), iras_id)
    read_costing(act, iras_id, site, _OPERATIONS.get(name, f"costing.{name}"))
    review = studies.read(act.connection, iras_id, for_update=True)  # the study first, then its costings: one order for everybody
    costing = costings.of_site(act.connection, iras_id, site, for_update=True)
    assert review is not None
    assert costing is not None  # both were read a moment ago
    check_revision(act, costing_object(iras_id, costing.number), costing.revision, expected)
    if name == "vary":
        _check_version(act, costing, known["version"])
    if name == "accept":
        known["same_person"] = reviewed_it(act, costing)
    facts = costing_facts(act, costing, **known)
    state: CostingState = next_state(COSTING_MOVES, name, costing.state, by, facts, costing.place)
    return costing, state


_OPERATIONS = {"escalate": "escalations.raise", "return_to_site": "escalations.decide"}


def _check_version(act: Act, costing: SiteCosting, version: int) -> None:
    latest = studies.latest_version(act.connection, costing.iras_id)
    if version > latest or version < costing.version:
        raise InputError(f"version {version} is not agreed, or older than the contract's", "version", f"The newest agreed version is {latest}")


def reviewed_it(act: Act, costing: SiteCosting) -> bool:
    """Whether this person reviewed the resource: at a single-site study the reviewer and the accepting representative are two people."""
    agreed = studies.version(act.connection, costing.iras_id, costing.version)
    return agreed is not None and agreed.agreed_by == act.person.actor


def _simple(act: Act, name: str, iras_id: str, site: str, expected: int, reason: str = "") -> SiteCosting:
    costing, state = moved(act, name, iras_id, site, expected, reason=reason)
    return settle(act, f"costing.{name}", costing, replace(costing, state=state, reason=reason or costing.reason), reason)


def settle(act: Act, operation: str, before: SiteCosting, after: SiteCosting, reason: str = "") -> SiteCosting:
    settled = replace(after, revision=before.revision + 1)
    costings.save(act.connection, settled, before=before.revision)
    act.record(state_change(operation, costing_object(before.iras_id, before.number), settled.revision, before.state, settled.state, reason))
    record_costing_event(act, operation, settled)
    return settled


def record_price_edit_refused(act: Act, place: str) -> None:
    """Keep that somebody tried to edit a price, and where. What they wanted it to be is nobody's business."""
    act.record(Change(operation="price.edit_refused", object="price", field=place, reason="nobody edits a price"))
    found = _PRICE_ADDRESS.search(place)
    if found is not None:
        with suppress(NotFound, NotPermitted):  # of a site that is hidden from who asked, the ledger alone has the attempt: no word of theirs joins its records
            record_costing_event(act, "price.edit_refused", read_costing(act, found[1], found[2], "price.edit"))
