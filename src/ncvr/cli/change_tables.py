"""Changes between two studies as people read them and as JSON, ``ncvr-changes/1``."""

from fractions import Fraction
from typing import Any

from ncvr.domain.study_changes import Totals
from ncvr.money import Rounding, exact_text, shown
from ncvr.services.workbook import Difference, NamedChange, Proposal

FORMAT = "ncvr-changes/1"
_PENNY = Rounding(1)


def changes_text(compared: Difference | Proposal) -> str:
    """One line a change with its cell, old, new and effect; then the totals before and after."""
    lines = [_line(named) for named in compared.changes]
    if not lines:
        return "No changes.\n"
    before, after = compared.before, compared.after
    many = f"{len(lines)} changes" if len(lines) > 1 else "1 change"
    lines += [
        "",
        f"{many}, every payable counted once, national cost under edition {compared.edition.edition}:",
        f"  staff minutes  {exact_text(before.minutes)} -> {exact_text(after.minutes)}",
        f"  counts         {before.counts} -> {after.counts}",
        f"  national cost  {_cost(before)} -> {_cost(after)}{_gap(before, after)}",
    ]
    return "\n".join(lines) + "\n"


def _line(named: NamedChange) -> str:
    change = named.change
    where = f"{named.cell}: " if named.cell else ""
    brief = [_brief(value) for value in (change.old, change.new)]
    told = {"added": f"added: {brief[1]}", "removed": f"removed: {brief[0]}", "changed": f"{brief[0]} -> {brief[1]}"}[change.what]
    return f"{where}{change.place}: {told}{_effect(change.effect)}"


def _brief(value: str | None) -> str:
    if value is None:
        return "nothing"
    flat = " ".join(value.split())
    return flat if len(flat) <= 80 else flat[:79] + "…"


def _effect(effect: Fraction | None) -> str:
    if effect is None:
        return " (effect not known: one side cannot be priced)"
    return f" ({_signed(effect)})" if effect else ""


def _signed(amount: Fraction) -> str:
    pence = _PENNY.apply(amount)
    return ("+" if pence >= 0 else "") + shown(pence)


def _cost(totals: Totals) -> str:
    return "cannot be priced yet" if totals.national is None else shown(_PENNY.apply(totals.national))


def _gap(before: Totals, after: Totals) -> str:
    return "" if before.national is None or after.national is None else f" ({_signed(after.national - before.national)})"


def changes_json(compared: Difference | Proposal) -> dict[str, Any]:
    """``ncvr-changes/1``: amounts in exact pounds as text."""
    entries = [
        {
            "what": named.change.what,
            "place": named.change.place,
            "cell": named.cell or None,
            "old": named.change.old,
            "new": named.change.new,
            "effect": None if named.change.effect is None else exact_text(named.change.effect),
        }
        for named in compared.changes
    ]
    totals = {"before": _totals(compared.before), "after": _totals(compared.after)}
    return {"format": FORMAT, "edition": compared.edition.edition, "pricing_date": compared.on.isoformat(), "changes": entries, "totals": totals}


def _totals(totals: Totals) -> dict[str, Any]:
    national = None if totals.national is None else exact_text(totals.national)
    return {"minutes": exact_text(totals.minutes), "counts": totals.counts, "national_cost": national}
