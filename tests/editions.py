"""Small tariff editions and studies made in memory, for tests that need no files."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ncvr.domain.pricing import national_costs
from ncvr.domain.site_price import SitePrice, price_site
from ncvr.domain.study import Study
from ncvr.domain.tariff import CostClass, SiteMultiplier, StaffRate, TariffEdition, TariffItem, Uplift
from ncvr.files.study_files import study_from
from ncvr.money import Rounding, exact

Shares = Mapping[CostClass, tuple[str, str]]
NATIONAL_SHARES: Shares = {"staff_time": ("0.70", "0.20"), "investigation": ("0", "0.20"), "departmental": ("0", "0")}


def edition(
    *,
    staff: Mapping[str, str] | None = None,
    items: Mapping[str, tuple[str, CostClass]] | None = None,
    multipliers: Mapping[str, str] | None = None,
    shares: Shares = NATIONAL_SHARES,
    setup_shares: Shares | None = None,
    unit: str = "0.01",
    name: str = "2026-04-01-made-for-tests",
    in_force_from: date = date(2026, 4, 1),
) -> TariffEdition:
    """An edition with these hourly rates, unit costs (with class) and multipliers."""
    return TariffEdition(
        edition=name,
        title="Made for tests",
        status="illustrative",
        published_on=in_force_from,
        in_force_from=in_force_from,
        based_on=None,
        rounding=Rounding(100 if unit == "1" else 1),
        uplifts=_uplifts(shares),
        setup_uplifts=_uplifts(setup_shares or {}),
        amendment_pricing="current_edition",
        sources=(),
        staff_rates={role: _staff_rate(role, rate, line) for line, (role, rate) in enumerate((staff or {}).items(), start=2)},
        items={code: _item(code, cost, kind, line) for line, (code, (cost, kind)) in enumerate((items or {}).items(), start=2)},
        activities={},
        multipliers={code: _multiplier(code, value, line) for line, (code, value) in enumerate((multipliers or {}).items(), start=2)},
        sha256="sha256:" + "0" * 64,
        lock="unlocked",
    )


def _uplifts(shares: Shares) -> dict[CostClass, Uplift]:
    return {
        kind: Uplift(indirect=Decimal(indirect), capacity=Decimal(capacity), source="test", place="edition.yaml:1")
        for kind, (indirect, capacity) in shares.items()
    }


def _staff_rate(role: str, rate: str, line: int) -> StaffRate:
    return StaffRate(role=role, title=role.replace("_", " ").capitalize(), hourly_rate=exact(rate), source="test", place=f"staff_rates.csv:{line}")


def _item(code: str, cost: str, kind: CostClass, line: int) -> TariffItem:
    return TariffItem(code=code, description=code, department="Tests", cost_class=kind, unit_cost=exact(cost), source="test", place=f"items.csv:{line}")


def _multiplier(code: str, value: str, line: int) -> SiteMultiplier:
    return SiteMultiplier(
        ods_code=code, name=f"Trust {code}", nation="England", value=exact(value), basis="test", source="test", place=f"site_multipliers.csv:{line}"
    )


def study(record: Mapping[str, Any]) -> Study:
    """A study from the file format's own words; format and identity may be left out."""
    full = {"format": "ncvr-study/1", "study": {"iras_id": "1004567", "phase": "III"}} | dict(record)
    reading = study_from(full, "study.json")
    assert reading.value is not None, [str(finding) for finding in reading.findings]
    return reading.value


def site_price(priced: Study, tariff: TariffEdition, key: str) -> SitePrice:
    """One site's price without organisations or files."""
    site = priced.site(key)
    assert site is not None
    return price_site(national_costs(priced, tariff), site, f"Trust {key}", tariff.multiplier(site.ods_code))
