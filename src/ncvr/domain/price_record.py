"""A price as JSON, ``ncvr-prices/1``: what is written, and the fingerprint that binds a price to all that decided it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from ncvr.domain.canonical import sha256_of
from ncvr.domain.pricing import NationalCosts, Payable
from ncvr.domain.projection import direct_cost_of_setup, direct_cost_per_participant, project
from ncvr.domain.site_price import SitePrice, WorkingLine, split_by_department
from ncvr.domain.study import Arm, schedule_record
from ncvr.money import Pence, as_written, exact_text, pence_of, pounds

FORMAT = "ncvr-prices/1"
# What is added to explain a price is no part of it, so it leaves the fingerprint alone.
_EXPLANATIONS = frozenset({"workings", "by_department"})


def prices_record(
    costs: NationalCosts, prices: Iterable[SitePrice], *, on: date, software: str, explain: bool = False, by_department: bool = False
) -> dict[str, Any]:
    """Prices of some sites of one study as JSON values. The same input gives the same record, for ever."""
    edition, record = costs.edition, schedule_record(costs.study)
    study = {"iras_id": record["iras_id"], "version": costs.study.version, "schedule_sha256": sha256_of(record)}
    tariff = {"edition": edition.edition, "status": edition.status, "sha256": edition.sha256, "lock": edition.lock}
    entries = [_site_record(price, study, tariff, explain, by_department) for price in prices]
    return {"format": FORMAT, "study": study, "tariff": tariff, "pricing_date": on.isoformat(), "software": software, "prices": entries}


def _site_record(price: SitePrice, study: Mapping[str, Any], tariff: Mapping[str, Any], explain: bool, by_department: bool) -> dict[str, Any]:
    written = _Written(price, explain, by_department)
    site = {"ods_code": price.site.ods_code, "name": price.name} | ({"id": price.site.id} if price.site.id is not None else {})
    priced = {
        "site": site,
        "multiplier": as_written(price.multiplier.value),
        "arms": [written.arm(arm) for arm in price.arms],
        "unscheduled": [written.payable(payable, amount, "unit_price") for payable, amount in price.unscheduled()],
        "setup_and_closedown": [written.payable(payable, amount, "price") for payable, amount in price.of("setup_and_closedown")],
        "pass_through": [{"id": entry.id, "cap": None if entry.cap is None else pounds(pence_of(entry.cap))} for entry in price.costs.study.pass_through],
    }
    return priced | written.outside_the_fingerprint() | {"fingerprint": fingerprint(study, tariff, priced)}


class _Written:
    """One site's amounts as text, with what explains them where that is asked for."""

    def __init__(self, price: SitePrice, explain: bool, by_department: bool) -> None:
        self.price, self.explain, self.by_department = price, explain, by_department

    def amount(self, pence: Pence) -> str:
        return pounds(pence, self.price.places)

    def arm(self, arm: Arm) -> dict[str, Any]:
        price = self.price
        return {
            "id": arm.id,
            "visits": [self.payable(payable, amount, "price") for payable, amount in price.of("visit", arm.id)],
            "per_participant": self.amount(price.per_participant(arm)),
            "items": [self.payable(payable, amount, "unit_price") for payable, amount in price.of("item", arm.id)],
        }

    def payable(self, payable: Payable, amount: Pence, name: str) -> dict[str, Any]:
        record: dict[str, Any] = {"id": payable.id, name: self.amount(amount)}
        if self.by_department:
            split = split_by_department(payable, amount)
            record["by_department"] = [{"department": department, "price": pounds(share)} for department, share in split.items()]
        if self.explain:
            workings = self.price.workings(payable)
            record["workings"] = {
                "lines": [_line_record(line) for line in workings.lines],
                "national_cost": exact_text(workings.national_cost),
                "exact": exact_text(workings.exact),
                "rounding": exact_text(workings.rounding),
                "multiplier_source": self.price.multiplier.place,
            }
        return record

    def outside_the_fingerprint(self) -> dict[str, Any]:
        price, projection = self.price, project(self.price)
        failures = [(arm.id, price.screen_failure(arm)) for arm in price.arms]
        return {
            "screen_failure": [{"arm": arm, "price": self.amount(amount)} for arm, amount in failures if amount is not None],
            "projected": {
                "participants": projection.participants,
                "total": None if projection.total is None else self.amount(projection.total),
                "assumes": list(projection.assumes),
            },
            "direct_costs": {
                "per_participant": [{"arm": arm.id, "amount": exact_text(direct_cost_per_participant(price.costs, arm))} for arm in price.arms],
                "setup": exact_text(direct_cost_of_setup(price.costs)),
            },
        }


def _line_record(line: WorkingLine) -> dict[str, Any]:
    cost, resource = line.cost, line.cost.resource
    figure = cost.rate.figure
    exacts: Sequence[tuple[str, Fraction]] = (
        ("total_activity_cost", line.total_activity_cost),
        ("indirect", line.indirect),
        ("capacity", line.capacity),
        ("multiplier_amount", line.multiplier_amount),
        ("total", line.total),
    )
    staff = {"role": resource.role, "minutes": resource.model_dump(mode="json")["minutes"]} if resource.role is not None else {"item": resource.item}
    return (
        {"activity": cost.activity.id}
        | staff
        | {"quantity": resource.quantity, "rate": as_written(figure.amount), "activity_cost": exact_text(line.activity_cost), "occurrences": line.occurrences}
        | {name: exact_text(amount) for name, amount in exacts}
        | {"department": cost.department, "source": figure.place, "uplift_source": cost.rate.uplift.place}
    )


def fingerprint(study: Mapping[str, Any], tariff: Mapping[str, Any], priced: Mapping[str, Any]) -> str:
    """``sha256:...`` over everything that decided this site's price, and the price; over nothing else.

    ``study`` holds iras_id, version and schedule_sha256; ``tariff`` edition and sha256; ``priced`` one entry of ``prices``.
    """
    figures = {key: _bare(priced[key]) for key in ("arms", "unscheduled", "setup_and_closedown", "pass_through")}
    return sha256_of(
        {
            "format": "ncvr-fingerprint/1",
            "iras_id": study["iras_id"],
            "version": study["version"],
            "schedule_sha256": study["schedule_sha256"],
            "edition": tariff["edition"],
            "edition_sha256": tariff["sha256"],
            "ods_code": priced["site"]["ods_code"],
            "multiplier": priced["multiplier"],
        }
        | figures
    )


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _bare(member) for key, member in value.items() if key not in _EXPLANATIONS}
    return [_bare(member) for member in value] if isinstance(value, list) else value
