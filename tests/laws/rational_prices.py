"""The price written down a second time, slowly and plainly, from the words of the rule: nothing of ours is used."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any


def rational_prices(tariff: dict[str, Any], study: dict[str, Any], site: str) -> dict[tuple[str, str, str], Decimal]:
    """Every price of a study by (kind, arm, id), line by line in fractions, each rounded once."""
    multiplier = Fraction(tariff["multipliers"][site])
    exact: dict[tuple[str, str, str], Fraction] = {}
    for arm in study["arms"]:
        for visit in arm["visits"]:
            exact["visit", arm["id"], visit["id"]] = Fraction(0)
        for activity in arm["activities"]:
            if activity["payment"] == "item":
                exact["item", arm["id"], activity["id"]] = _cost(tariff, activity["resources"], tariff["shares"])
            else:
                for visit, times in activity["occurrences"].items():
                    exact["visit", arm["id"], visit] += times * _cost(tariff, activity["resources"], tariff["shares"])
    for entry in study["unscheduled"]:
        exact["unscheduled", "", entry["id"]] = _cost(tariff, entry["resources"], tariff["shares"])
    for entry in study["setup_and_closedown"]:
        exact["setup_and_closedown", "", entry["id"]] = _cost(tariff, entry["resources"], {**tariff["shares"], **(tariff["setup_shares"] or {})})
    return {key: _rounded(amount * multiplier, tariff["unit"]) for key, amount in exact.items()}


def _cost(tariff: dict[str, Any], lines: list[dict[str, Any]], shares: dict[str, tuple[str, str]]) -> Fraction:
    total = Fraction(0)
    for line in lines:
        if "role" in line:
            cost, kind = Fraction(line["minutes"]) / 60 * Fraction(tariff["staff"][line["role"]]), "staff_time"
        else:
            unit, kind = tariff["items"][line["item"]]
            cost = Fraction(unit)
        activity_cost = line.get("quantity", 1) * cost
        indirect, capacity = shares[kind]
        total += activity_cost + activity_cost * Fraction(indirect) + activity_cost * Fraction(capacity)
    return total


def _rounded(amount: Fraction, unit: str) -> Decimal:
    """To the unit, half away from zero: by the decimal module, with room for every digit a tie needs."""
    with localcontext() as context:
        context.prec = 200
        steps = amount / Fraction(unit)
        whole, rest = divmod(steps.numerator, steps.denominator)
        tie = Decimal(whole) + (Decimal("0.5") if 2 * rest == steps.denominator else Decimal("0.9") if 2 * rest > steps.denominator else Decimal("0.1"))
        return tie.quantize(Decimal(1), ROUND_HALF_UP) * Decimal(unit)
