"""Two editions side by side: everything between them that can change a price, and by how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ncvr.domain.tariff import CatalogueActivity, SiteMultiplier, StaffRate, TariffEdition, TariffItem, Uplift
from ncvr.money import as_written, decimals, in_units

Group = Literal["terms", "staff_rates", "items", "activities", "site_multipliers"]
Kind = Literal["changed", "added", "removed"]
Named = Mapping[str, tuple[str, Mapping[str, "Decimal | str"]]]  # by key: the name, and each figure by its column


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure that differs. ``old`` is None for an added one, ``new`` for a removed one; both are as written."""

    group: Group
    kind: Kind
    key: str
    name: str
    figure: str  # the column: hourly_rate, unit_cost, class, multiplier ...
    old: str | None
    new: str | None
    difference: Decimal | None  # new - old, where both are numbers
    per_cent: Fraction | None  # of old, exactly; None also where old is zero


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffComparison:
    """``changes`` by group; in a group the changed ones from the highest rise to the deepest fall, then added, then removed."""

    old: TariffEdition
    new: TariffEdition
    changes: tuple[Change, ...]

    def of(self, group: Group) -> tuple[Change, ...]:
        """The changes of one group, in order."""
        return tuple(change for change in self.changes if change.group == group)


def compare_editions(old: TariffEdition, new: TariffEdition) -> TariffComparison:
    """Every term, rate, cost, activity default and multiplier that differs. Names, sources and dates are no changes."""
    pairs: list[tuple[Group, Named, Named]] = [
        ("terms", _terms(old), _terms(new)),
        ("staff_rates", _rates(old.staff_rates), _rates(new.staff_rates)),
        ("items", _items(old.items), _items(new.items)),
        ("activities", _activities(old.activities), _activities(new.activities)),
        ("site_multipliers", _multipliers(old.multipliers), _multipliers(new.multipliers)),
    ]
    changes = [change for group, before, after in pairs for change in sorted(_changes(group, before, after), key=_order)]
    return TariffComparison(old=old, new=new, changes=tuple(changes))


def per_cent_text(per_cent: Fraction | None, places: int = 2) -> str:
    """The percentage with its sign, rounded half away from zero for reading; empty for None.

    >>> per_cent_text(Fraction("3.305")), per_cent_text(Fraction(-1, 3)), per_cent_text(None)
    ('+3.31', '-0.33', '')
    """
    if per_cent is None:
        return ""
    steps = (2 * abs(per_cent.numerator) * 10**places + per_cent.denominator) // (2 * per_cent.denominator)
    return f"{'-' if per_cent < 0 else '+'}{Decimal(steps).scaleb(-places):f}"


def comparison_record(comparison: TariffComparison) -> dict[str, object]:
    """The comparison as ``ncvr-tariff-comparison/1``; percentages are rounded to two decimals."""

    def edition(which: TariffEdition) -> dict[str, str]:
        return {"edition": which.edition, "status": which.status, "in_force_from": which.in_force_from.isoformat(), "sha256": which.sha256}

    return {
        "format": "ncvr-tariff-comparison/1",
        "from": edition(comparison.old),
        "to": edition(comparison.new),
        "changes": [
            {
                "group": change.group,
                "kind": change.kind,
                "key": change.key,
                "name": change.name,
                "figure": change.figure,
                "old": change.old,
                "new": change.new,
                "difference": None if change.difference is None else as_written(change.difference),
                "per_cent": per_cent_text(change.per_cent) or None,
            }
            for change in comparison.changes
        ],
    }


def _changes(group: Group, before: Named, after: Named) -> Iterable[Change]:
    for key in sorted(before.keys() | after.keys()):
        old_name, old = before.get(key, ("", {}))
        new_name, new = after.get(key, ("", {}))
        for figure in new or old:
            if old.get(figure) != new.get(figure):
                yield _change(group, key, new_name or old_name, figure, old.get(figure), new.get(figure))


def _change(group: Group, key: str, name: str, figure: str, old: Decimal | str | None, new: Decimal | str | None) -> Change:
    difference, per_cent = None, None
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        difference = _minus(new, old)
        per_cent = Fraction(difference) / Fraction(old) * 100 if old else None
    return Change(
        group=group,
        kind="added" if old is None else "removed" if new is None else "changed",
        key=key,
        name=name,
        figure=figure,
        old=as_written(old) if isinstance(old, Decimal) else old,
        new=as_written(new) if isinstance(new, Decimal) else new,
        difference=difference,
        per_cent=per_cent,
    )


def _minus(new: Decimal, old: Decimal) -> Decimal:
    places = max(decimals(new), decimals(old))
    return Decimal(f"{in_units(new, places) - in_units(old, places)}E-{places}")  # a subtraction would round to 28 digits


def _order(change: Change) -> tuple[int, Fraction, str, str]:
    return ("changed", "added", "removed").index(change.kind), -(change.per_cent or Fraction(0)), change.key, change.figure


def _terms(edition: TariffEdition) -> Named:
    unit = "whole pounds" if edition.rounding.places == 0 else "pennies"
    uplifts = {cost_class: _uplift(uplift) for cost_class, uplift in edition.uplifts.items()}
    setup = {f"{cost_class}, set-up": _uplift(edition.uplift(cost_class, setup=True)) for cost_class in edition.uplifts}
    terms: dict[str, tuple[str, Mapping[str, Decimal | str]]] = {
        "rounding": ("Rounding", {"unit": unit}),
        "amendment_pricing": ("Pricing of amendments", {"amendment_pricing": edition.amendment_pricing}),
    }
    return terms | {key: (f"Uplifts on {key.replace('_', ' ')}", shares) for key, shares in (uplifts | setup).items()}


def _uplift(uplift: Uplift) -> Mapping[str, Decimal | str]:
    return {"indirect": uplift.indirect, "capacity": uplift.capacity}


def _rates(rates: Mapping[str, StaffRate]) -> Named:
    return {role: (rate.title, {"hourly_rate": rate.hourly_rate}) for role, rate in rates.items()}


def _items(items: Mapping[str, TariffItem]) -> Named:
    return {code: (item.description, {"unit_cost": item.unit_cost, "class": item.cost_class}) for code, item in items.items()}


def _multipliers(multipliers: Mapping[str, SiteMultiplier]) -> Named:
    return {code: (site.name, {"multiplier": site.value}) for code, site in multipliers.items()}


def _activities(activities: Mapping[str, CatalogueActivity]) -> Named:
    return {code: (activity.name, {"defaults": defaults_text(activity)}) for code, activity in activities.items()}


def defaults_text(activity: CatalogueActivity) -> str:
    """The default resources in words: ``consultant 20 min + research_nurse 40 min``."""
    return " + ".join(
        (f"{line.quantity} x " if line.quantity != 1 else "") + (line.item or f"{line.role} {as_written(line.minutes or Decimal(0))} min")
        for line in activity.resources
    )
