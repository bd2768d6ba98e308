"""Why a price is what it is: from minutes to pennies, line by line, with where each figure comes from."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from ncvr.domain.permissions import not_found
from ncvr.domain.price_record import prices_record
from ncvr.domain.pricing import Payable as PricedPayable
from ncvr.domain.site_costing import KeptPrice, SiteCosting
from ncvr.domain.site_price import SitePrice, WorkingLine, Workings
from ncvr.domain.tariff import StaffRate
from ncvr.files.json_files import written_json
from ncvr.money import Pence, as_written, exact_text, shown, shown_exact, shown_figure, shown_percent
from ncvr.services.costing import is_stale, read_costing
from ncvr.services.kept_prices import price_made_anew, recomputed_price, site_name
from ncvr.services.office import Act
from ncvr.services.pricing import SOFTWARE
from ncvr.store import costings
from ncvr.web.access import Answer
from ncvr.web.api_contracts import named
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.priced_sites import Payable, names_of
from ncvr.web.pages.study_title import study_title
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import long_day
from ncvr.web.routing import Routes

routes = Routes("Pages")
WHY = "/studies/{iras_id}/sites/{ods}/why"
_COLUMNS = (
    *(Column("activity", "Activity"), Column("resource", "Role or item"), Column("amount", "Minutes × quantity"), Column("rate", "Rate", numeric=True)),
    *(Column("source", "Rate from"), Column("times", "Times", numeric=True), Column("cost", "Cost", numeric=True)),
    *(Column("indirect", "Indirect costs", numeric=True), Column("capacity", "Capacity building", numeric=True)),
    *(Column("multiplier", "Multiplier adds", numeric=True), Column("total", "Total", numeric=True)),
)
_PRICINGS = (
    *(Column("on", "Priced on"), Column("edition", "Edition"), Column("multiplier", "Multiplier", numeric=True)),
    *(Column("national", "National cost", numeric=True), Column("price", "Price", numeric=True), Column("why", "Why it was made")),
)
_SETUP = ("setup_and_closedown",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """One pricing of the payable; ``price`` None where that pricing had no such payable."""

    kept: KeptPrice
    national: Fraction | None
    price: Pence | None
    places: int
    why: str


@routes.add("GET", f"{WHY}/{{kind}}/{{key}}", "price.read", media_type="text/html")
def why_page(page: Seen, iras_id: str, ods: str, kind: str, key: str) -> Response:
    """Why an unscheduled item, or set-up or close-down work, costs what it costs."""
    return _why(page, iras_id, ods, Payable(kind, "", key))


@routes.add("GET", f"{WHY}/{{kind}}/{{arm}}/{{key}}", "price.read", media_type="text/html")
def why_in_arm_page(page: Seen, iras_id: str, ods: str, kind: str, arm: str, key: str) -> Response:
    """Why a visit or an item of an arm costs what it costs."""
    return _why(page, iras_id, ods, Payable(kind, arm, key))


def _why(page: Page, iras_id: str, ods: str, wanted: Payable) -> Response:
    with page.look() as act:
        costing = read_costing(act, iras_id, ods, "price.read")
        price = recomputed_price(act, costing)
        found = _in_price(price, wanted)
        if found is None:
            raise not_found(f"study {iras_id}, site {ods}, {' '.join(wanted)}")
        workings = price.workings(found)
        names = names_of([price.costs.study])
        address = wanted.address(iras_id, costing.site.key)
        if page.asked("json"):
            return _file(price, costing, wanted)
        pricings = _pricings(act, costing, wanted)
        values: dict[str, Any] = {"title": study_title(act, iras_id), "stale": is_stale(act, costing), "name": site_name(costing)}
    lines = Table(
        name="workings",
        caption=f"{names.with_arm(wanted)}: from minutes to pennies",
        columns=_COLUMNS,
        rows=[*(_line(line, price, whole=bool(page.asked("csv"))) for line in workings.lines), *(_last_rows(workings, price) if page.asked("csv") else ())],
        empty=_nothing_charged(found),
    )
    return page.show(
        "why.html",
        tables=[lines, _pricings_table(pricings)],
        iras_id=iras_id,
        costing=costing,
        what=names.with_arm(wanted),
        address=address,
        sentence=_sentence(workings, price),
        last=_last(workings, price),
        together=_together(workings.lines),
        changed=_changed(pricings),
        facts=_facts(price, costing),
        edition=price.costs.edition,
        setup=wanted.kind in _SETUP,
        **values,
    )


def _in_price(price: SitePrice, wanted: Payable) -> PricedPayable | None:
    """The payable, if this site is paid for it."""
    listed = (payable for payable, _ in price.unscheduled()) if wanted.kind == "unscheduled" else iter(price.costs.payables)
    taken = {"", *(arm.id for arm in price.arms)}
    for payable in listed:
        if payable.kind == wanted.kind and payable.id == wanted.id and payable.arm in taken and (payable.arm == wanted.arm or wanted.kind == "unscheduled"):
            return payable
    return None


def _sentence(workings: Workings, price: SitePrice) -> str:
    to = "penny" if price.places else "pound"
    return (
        f"{shown(workings.price, price.places)} = national cost £{shown_exact(workings.national_cost)}"
        f" × multiplier {as_written(price.multiplier.value)}, rounded to the {to}"
    )


def _nothing_charged(payable: PricedPayable) -> str:
    reasons = [cost.activity.no_charge for cost in payable.activities if cost.activity.no_charge]
    return f"Nothing is charged for it: {reasons[0]}" if len(reasons) == 1 and payable.kind != "visit" else "Nothing is charged for it."


def _line(line: WorkingLine, price: SitePrice, *, whole: bool) -> Row:
    """``whole``: every digit, as files have it."""
    written = _whole if whole else _exact
    cost, rate = line.cost, line.cost.rate
    figure, resource = rate.figure, line.cost.resource
    staff = isinstance(figure, StaffRate)
    key = figure.title if isinstance(figure, StaffRate) else figure.code
    amount = f"{as_written(resource.minutes)} min × {resource.quantity}" if resource.minutes is not None else f"{resource.quantity}"
    return {
        "activity": f"{cost.activity.id} {cost.activity.name}",
        "resource": figure.title if isinstance(figure, StaffRate) else f"{figure.code} {figure.description}",
        "amount": amount,
        "rate": Cell(shown_figure(figure.amount) + (" an hour" if staff else " each"), order=figure.amount),
        "source": Cell(figure.place, href=f"/tariffs/{price.costs.edition.edition}?{urlencode({'q': key})}"),
        "times": Cell(str(line.occurrences), order=line.occurrences),
        "cost": written(line.total_activity_cost),
        "indirect": written(line.indirect, f"{shown_percent(rate.uplift.indirect)}: "),
        "capacity": written(line.capacity, f"{shown_percent(rate.uplift.capacity)}: "),
        "multiplier": written(line.multiplier_amount),
        "total": written(line.total),
    }


def _exact(amount: Fraction, before: str = "") -> Cell:
    return Cell(before + _signed(amount), order=amount)


def _whole(amount: Fraction, _before: str = "") -> Cell:
    return Cell(exact_text(amount), order=amount)


def _signed(amount: Fraction) -> str:
    return f"−{shown_exact(-amount)}" if amount < 0 else shown_exact(amount)


def _together(lines: Sequence[WorkingLine]) -> list[str]:
    """The sums under the columns of money."""
    columns = [[line.total_activity_cost, line.indirect, line.capacity, line.multiplier_amount, line.total] for line in lines]
    return [_signed(sum(column, Fraction(0))) for column in zip(*columns, strict=True)]


def _last(workings: Workings, price: SitePrice) -> list[tuple[str, str]]:
    """From the national cost to the price; rounding is what the last digit gains or loses."""
    return [
        ("National cost, the same at every site", f"£{shown_exact(workings.national_cost)}"),
        (f"Exact: × multiplier {as_written(price.multiplier.value)}", f"£{shown_exact(workings.exact)}"),
        ("Rounding, half away from zero", _signed(workings.rounding)),
        ("Price", shown(workings.price, price.places)),
    ]


def _last_rows(workings: Workings, price: SitePrice) -> Iterator[Row]:
    exacts = (workings.national_cost, workings.exact, workings.rounding)
    for (what, text), amount in zip(_last(workings, price), (*exacts, None), strict=True):
        yield {"activity": what, "total": text.removeprefix("£") if amount is None else exact_text(amount)}


def _facts(price: SitePrice, costing: SiteCosting) -> list[tuple[str, str]]:
    edition = price.costs.edition
    return [
        ("Site", f"{site_name(costing)} ({costing.site.ods_code})"),
        ("Multiplier", f"{as_written(price.multiplier.value)}, from {price.multiplier.place}"),
        ("Version of the study", str(price.costs.study.version)),
        ("Edition", f"{edition.edition}, {edition.title}"),
        ("Priced on", long_day(costing.price.pricing_date)),
        ("Fingerprint of the site’s price", costing.price.fingerprint),
    ]


def _pricings(act: Act, costing: SiteCosting, wanted: Payable) -> list[Pricing]:
    """Every time this costing was priced, oldest first, with what the payable cost then and what it was priced again for."""
    found: list[Pricing] = []
    for kept in costings.earlier_prices(act.connection, costing):
        price = price_made_anew(act, costing, kept)
        payable = _in_price(price, wanted)
        workings = None if payable is None else price.workings(payable)
        found.append(
            Pricing(
                kept=kept,
                national=None if workings is None else workings.national_cost,
                price=None if workings is None else workings.price,
                places=price.places,
                why=_reason(found[-1].kept if found else None, kept),
            )
        )
    return found


def _reason(before: KeptPrice | None, kept: KeptPrice) -> str:
    """What changed from the pricing before."""
    if before is None:
        return "First price, from the agreed version"
    old, new = (json.loads(each.record)["prices"][0]["site"]["ods_code"] for each in (before, kept))
    if old != new:
        return f"{old} closed, and {new} succeeds it: priced with {new}’s own multiplier"
    if before.edition != kept.edition:
        return f"Edition {kept.edition} came into force after {before.edition}"
    return "Priced again"


def _changed(pricings: Sequence[Pricing]) -> dict[str, str] | None:
    """The last re-pricing, old and new; None if there was none, or the price is the first of its kind."""
    if len(pricings) < 2 or pricings[-2].price is None or pricings[-1].price is None:
        return None
    old, new = pricings[-2], pricings[-1]
    assert old.price is not None
    assert new.price is not None
    difference = new.price - old.price
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    return {
        "on": long_day(new.kept.pricing_date),
        "old": shown(old.price, old.places),
        "new": shown(new.price, new.places),
        "difference": f"{sign}{shown(abs(difference), new.places)}",
        "why": new.why,
    }


def _pricings_table(pricings: Sequence[Pricing]) -> Table:
    rows: list[Row] = [
        {
            "on": Cell(long_day(each.kept.pricing_date), order=each.kept.number),
            "edition": each.kept.edition,
            "multiplier": each.kept.multiplier,
            "national": "" if each.national is None else _exact(each.national, "£"),
            "price": "" if each.price is None else Cell(shown(each.price, each.places), order=each.price, change="now" if each is pricings[-1] else "was"),
            "why": each.why,
        }
        for each in pricings
    ]
    return Table(name="pricings", caption="Every time it was priced", columns=_PRICINGS, rows=rows)


def _file(price: SitePrice, costing: SiteCosting, wanted: Payable) -> Response:
    """The workings of this one price, with what they belong to, as JSON."""
    record = prices_record(price.costs, [price], on=costing.price.pricing_date, software=SOFTWARE, explain=True)
    entry = record["prices"][0]
    about = {"site": entry["site"], "multiplier": entry["multiplier"], "fingerprint": entry["fingerprint"]}
    kept = {**{key: record[key] for key in ("study", "tariff", "pricing_date", "software")}, **about}
    payable: dict[str, Any] = {"kind": wanted.kind, "arm": wanted.arm, **_recorded(entry, wanted)}
    name = f"{record['study']['iras_id']}_{costing.site.key}_{wanted.arm or wanted.kind}_{wanted.id}_workings.json"
    return Answer(body=written_json({**kept, "payable": payable}), headers=named(name)).response()


def _recorded(entry: dict[str, Any], wanted: Payable) -> dict[str, Any]:
    in_arms = {"visit": "visits", "item": "items"}
    groups = [arm[in_arms[wanted.kind]] for arm in entry["arms"] if arm["id"] == wanted.arm] if wanted.kind in in_arms else [entry[wanted.kind]]
    recorded: dict[str, Any] = next(each for group in groups for each in group if each["id"] == wanted.id)
    return recorded
