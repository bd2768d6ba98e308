"""P1 and P2: exact at any precision a tariff may have, and much quicker than line-by-line decimals."""

import os
import random
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ncvr.domain.pricing import national_costs
from ncvr.domain.site_price import SitePrice, price_site
from ncvr.domain.study import Study
from ncvr.domain.tariff import TariffEdition
from tests import editions
from tests.benchmarks.rows import Row, medians
from tests.laws.rational_prices import rational_prices

PAYABLES = int(os.environ.get("NCVR_BENCH_PAYABLES", "1000000"))


def measure() -> list[Row]:
    """P1: payables that differ from rational arithmetic. P2: one study at ten sites, against scalar decimals."""
    compared, wrong = mismatches(random.Random(20261124), PAYABLES)
    study, edition = typical_study(), typical_edition()
    took = medians(
        {
            "decimal": lambda: decimal_prices(study, edition),
            "prices": lambda: site_prices(study, edition),
            "workings": lambda: [price.all_workings() for price in site_prices(study, edition)],
        }
    )
    assert [Decimal(pence).scaleb(-2) for price in site_prices(study, edition) for pence in price.prices] == decimal_prices(study, edition)
    return [
        Row(goal="P1", name="payables compared with rational arithmetic", value=compared, bound=PAYABLES, holds="at least"),
        Row(goal="P1", name="payables that differ from it", value=wrong, bound=0, holds="at most"),
        Row(goal="P2", name="scalar Decimal / all prices of a typical study at 10 sites", value=took["decimal"] / took["prices"], bound=20, holds="at least"),
        Row(
            goal="P2",
            name="the same with the workings of every price / without (figures are worked out when read)",
            value=took["workings"] / took["prices"],
            bound=3,
            holds="at most",
        ),
    ]


def mismatches(chance: random.Random, wanted: int) -> tuple[int, int]:
    """How many payables were compared, and how many prices were not those of the independent calculator."""
    compared = wrong = 0
    while compared < wanted:
        tariff, record = wide_tariff(chance), wide_study(chance)
        study, edition = editions.study(record), editions.edition(**tariff)
        for price in site_prices(study, edition):
            expected = rational_prices(tariff, record, price.site.ods_code)
            for payable, pence in zip(price.costs.payables, price.prices, strict=True):
                compared += 1
                wrong += Decimal(pence).scaleb(-2) != expected[payable.kind, payable.arm, payable.id]
    return compared, wrong


def site_prices(study: Study, edition: TariffEdition) -> list[SitePrice]:
    costs = national_costs(study, edition)
    return [price_site(costs, site, "", edition.multiplier(site.ods_code)) for site in study.sites]


def decimal_prices(study: Study, edition: TariffEdition) -> list[Decimal]:
    """The usual way: every line of every visit of every site in decimals."""
    return [price.quantize(Decimal("0.01"), ROUND_HALF_UP) for price in _decimal_visits(study, edition)]


def _decimal_visits(study: Study, edition: TariffEdition) -> Iterator[Decimal]:
    uplift = edition.uplifts["staff_time"]
    for site in study.sites:
        multiplier = edition.multiplier(site.ods_code).value
        for arm in study.arms:
            sums = {visit.id: Decimal(0) for visit in arm.visits}
            for activity in arm.activities:
                for visit, times in activity.occurrences.items():
                    for line in activity.resources:
                        assert line.role is not None
                        assert line.minutes is not None
                        total = line.quantity * line.minutes / 60 * edition.staff_rate(line.role).hourly_rate * times
                        sums[visit] += total + total * uplift.indirect + total * uplift.capacity
            yield from (amount * multiplier for amount in sums.values())


def typical_edition() -> TariffEdition:
    multipliers = {f"S{number:02d}": f"1.07{7599 + number}" for number in range(10)}
    return editions.edition(staff={f"role{number}": f"{30 + number}.56" for number in range(12)}, multipliers=multipliers)


def typical_study() -> Study:
    """1,125 lines: three arms of 25 activities at 15 visits."""
    arms = [{"id": f"A{arm}", "name": "Arm", "visits": _visits(15), "activities": [_staff_activity(arm, number) for number in range(25)]} for arm in range(3)]
    return editions.study({"arms": arms, "sites": [{"ods_code": f"S{number:02d}"} for number in range(10)]})


def _visits(count: int) -> list[dict[str, Any]]:
    return [{"id": f"V{number}", "name": f"Visit {number}"} for number in range(count)]


def _staff_activity(arm: int, number: int) -> dict[str, Any]:
    occurrences = {f"V{visit}": 1 for visit in range(15)}
    resources = [{"role": f"role{number % 12}", "minutes": 20 + number}]
    return {"id": f"A{arm}x{number}", "name": "Activity", "payment": "visit", "resources": resources, "occurrences": occurrences}


def wide_tariff(chance: random.Random) -> dict[str, Any]:
    """Rates to 6 decimals, uplifts to 4, multipliers to 6, to pennies or pounds."""
    return {
        "staff": {role: _decimal(chance, 1000, 6) for role in ("consultant", "nurse")},
        "items": {"ECG": (_decimal(chance, 10_000, 6), "investigation"), "FEE": (_decimal(chance, 1_000_000, 6), "departmental")},
        "multipliers": {f"S{number:02d}": _decimal(chance, 2, 6) for number in range(20)},
        "shares": {kind: (_decimal(chance, 1, 4), _decimal(chance, 1, 4)) for kind in ("staff_time", "investigation", "departmental")},
        "setup_shares": None,
        "unit": chance.choice(["0.01", "1"]),
    }


def wide_study(chance: random.Random) -> dict[str, Any]:
    """Some 50 payables, up to GBP 1,000 million each."""
    visits = _visits(40)
    activities = [_wide_activity(chance, number) for number in range(30)]
    unscheduled = [{"id": f"U{number}", "name": "Unscheduled", "resources": _lines(chance)} for number in range(5)]
    setup = [{"id": f"S{number}", "name": "Set-up", "resources": _lines(chance)} for number in range(5)]
    arm = {"id": "A", "name": "Arm", "visits": visits, "activities": activities}
    return {"arms": [arm], "unscheduled": unscheduled, "setup_and_closedown": setup, "sites": [{"ods_code": f"S{number:02d}"} for number in range(20)]}


def _wide_activity(chance: random.Random, number: int) -> dict[str, Any]:
    occurrences = {f"V{visit}": chance.randint(1, 9) for visit in chance.sample(range(40), 3)}
    payment = "item" if number % 10 == 0 else "visit"
    return {"id": f"A{number}", "name": "Activity", "payment": payment, "resources": _lines(chance), "occurrences": occurrences}


def _lines(chance: random.Random) -> list[dict[str, Any]]:
    minutes = chance.choice([chance.randint(1, 10_080), f"{chance.randint(0, 500)}.{chance.randint(1, 999):03d}"])
    staff = {"role": chance.choice(["consultant", "nurse"]), "minutes": minutes, "quantity": chance.randint(1, 20)}
    item = {"item": chance.choice(["ECG", "FEE"]), "quantity": chance.randint(1, 100)}
    return chance.choice([[staff], [item], [staff, item]])


def _decimal(chance: random.Random, whole: int, places: int) -> str:
    used = chance.randint(0, places)
    units = chance.randint(0, whole * 10**used)
    return f"{units // 10**used}.{units % 10**used:0{used}d}" if used else str(units)
