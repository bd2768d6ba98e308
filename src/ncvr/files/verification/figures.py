"""Every number of the schedule beside the price, in both directions: each traces to a payable, none is missing, totals agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ncvr.domain.prices_file import ArmPrices, PricesFile, SitePrices
from ncvr.domain.verdict import ScheduleLine, VerdictFinding
from ncvr.files.verification.places import part_of, place_of
from ncvr.files.verification.schedule import Schedule, ScheduleRow
from ncvr.files.verification.values import Captured, fields_of
from ncvr.files.verification.wording import Comparison
from ncvr.money import pence_of, shown


@dataclass(frozen=True, slots=True)
class Payable:
    """One priced thing a schedule must hold: where, under which reference, at which printed amount."""

    source: str
    arm: int | None
    ref: str
    amount: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the comparison gave: findings, and every row beside the price."""

    findings: tuple[VerdictFinding, ...]
    lines: tuple[ScheduleLine, ...]


Vouched = frozenset[tuple[str, ...]]
_OWN_CAP = "If this site has a cap of its own, give the receipt that shows it; else restore it"
COSTS, NO_CAP, OF_THE_STUDY = "schedule.pass_through", "No cap", "Expense"


def printed(amount: str) -> str:
    """An amount of a prices file as contracts print it.

    >>> printed("1234567.89"), printed("250"), printed("-3.50")
    ('£1,234,567.89', '£250', '-£3.50')
    """
    sign, digits = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, _, part = digits.partition(".")
    return f"{sign}£{int(whole):,}{'.' + part if part else ''}"


def check_figures(comparison: Comparison, schedule: Schedule, values: Sequence[Captured], site: SitePrices, vouched: Vouched = frozenset()) -> Figures:
    """The schedule against one site's prices. ``vouched`` are rows of costs passed on that a receipt holds as they stand."""
    findings: list[VerdictFinding] = []
    lines: list[ScheduleLine] = []
    arms = _arms(schedule, values, site)
    if len(schedule.arms) != len(site.arms):
        standing = f"{len(schedule.arms)} arm{'' if len(schedule.arms) == 1 else 's'}"
        says = f"the schedule has {standing} and the price has {len(site.arms)}. Fill the contract again from the price"
        findings.append(
            VerdictFinding(check="figures", part="body", place="finance schedule", before=str(len(site.arms)), after=str(len(schedule.arms)), says=says)
        )
    wanted = list(_payables(site, arms))
    for source, arm in dict.fromkeys([*((each.source, each.arm) for each in wanted), *_priced_tables(schedule)]):
        _compare_table(comparison, schedule, source, arm, [each for each in wanted if (each.source, each.arm) == (source, arm)], findings, lines)
    _compare_costs(comparison, schedule, site, vouched, findings, lines)
    findings += _totals(comparison, values, arms, lines)
    return Figures(tuple(findings), tuple(lines))


def _arms(schedule: Schedule, values: Sequence[Captured], site: SitePrices) -> dict[int, ArmPrices]:
    """Which arm of the price each arm of the contract is: by its reference where the contract prints it, else in order."""
    by_id = {arm.id: arm for arm in site.arms}
    told = {arm: places[0].value for (_, arm), places in fields_of(values).items() if arm is not None and _source(places[0]) == "arm.id"}
    found: dict[int, ArmPrices] = {}
    for number in schedule.arms:
        named = by_id.get(told.get(number, ""))
        if named is not None:
            found[number] = named
        elif number not in told and number < len(site.arms):
            found[number] = site.arms[number]
    return found


def _source(value: Captured) -> str:
    return "" if value.hole.field is None else value.hole.field.source or ""


def _payables(site: SitePrices, arms: dict[int, ArmPrices]) -> Iterator[Payable]:
    for number, arm in arms.items():
        for visit in arm.visits:
            yield Payable("arm.visits", number, f"{arm.id}/{visit.id}", printed(visit.price))
        for item in arm.items:
            yield Payable("arm.items", number, item.id, printed(item.unit_price))
    yield from (Payable("schedule.unscheduled", None, each.id, printed(each.unit_price)) for each in site.unscheduled)
    yield from (Payable("schedule.setup", None, each.id, printed(each.price)) for each in site.setup_and_closedown)
    yield from (Payable("schedule.screen_failures", None, each.arm, printed(each.price)) for each in site.screen_failure)


def _priced_tables(schedule: Schedule) -> Iterator[tuple[str, int | None]]:
    for source, arm in schedule.rows:
        if source not in (COSTS, "arm.conditional_visits"):
            yield source, arm


def _compare_table(
    comparison: Comparison,
    schedule: Schedule,
    source: str,
    arm: int | None,
    wanted: Sequence[Payable],
    findings: list[VerdictFinding],
    lines: list[ScheduleLine],
) -> None:
    """One table, or the two that hold an arm's visits; rows are found by reference where printed, else by order."""
    rows = [*schedule.of(source, arm), *(schedule.of("arm.conditional_visits", arm) if source == "arm.visits" else ())]
    left = {payable.ref: payable for payable in wanted}
    by_order = not all(row.ref for row in rows)
    strange: list[ScheduleRow] = []
    for number, row in enumerate(rows):
        payable = (wanted[number] if number < len(wanted) else None) if by_order else left.get(row.ref)
        stands = row.cells.get("price", "")
        lines.append(ScheduleLine(table=row.words, row=row.number + 1, item=row.item, stands=stands, expected=None if payable is None else payable.amount))
        if payable is None:
            strange.append(row)
            continue
        left.pop(payable.ref, None)
        if stands != payable.amount:
            findings.append(_row(comparison, row, payable.amount, stands, f"{row.item} costs {payable.amount}, but {stands} stands here. Restore the price"))
    lines += [ScheduleLine(table=rows[0].words if rows else source, row=0, item=each.ref, stands="", expected=each.amount) for each in left.values()]
    if len(strange) == len(left) == 1 and strange[0].cells.get("price") == next(iter(left.values())).amount:
        says = f"{strange[0].item} stands where {next(iter(left))} is priced. Restore the reference"
        findings.append(_row(comparison, strange[0], next(iter(left)), strange[0].ref, says))
        return
    known = {payable.ref for payable in wanted}
    for row in strange:
        says = f"{row.item} {'stands twice' if row.ref in known else 'is not in the price'}. Take the row out"
        findings.append(_row(comparison, row, "", row.cells.get("price", ""), says))
    findings += _missing(comparison, rows, wanted, left)


def _missing(comparison: Comparison, rows: Sequence[ScheduleRow], wanted: Sequence[Payable], left: Mapping[str, Payable]) -> Iterator[VerdictFinding]:
    """Payables without a row, each at the row it should follow."""
    standing = {row.ref: row for row in rows}
    above = rows[0] if rows else None
    for payable in wanted:
        above = standing.get(payable.ref, above)
        if payable.ref in left:
            says = f"{payable.ref} at {payable.amount} is in the price but not in the schedule. Put its row back"
            yield VerdictFinding(check="figures", part="body", place=row_before(comparison, above), before=payable.amount, after="", says=says)


def _compare_costs(
    comparison: Comparison, schedule: Schedule, site: SitePrices, vouched: Vouched, findings: list[VerdictFinding], lines: list[ScheduleLine]
) -> None:
    """Costs passed on: those of the study beside the caps of the price; those of the details are the receipt's, or said."""
    caps = {each.id: NO_CAP if each.cap is None else printed(each.cap) for each in site.pass_through}
    rows = schedule.of(COSTS)
    for row in rows:
        stands, wanted = row.cells.get("cap", ""), caps.pop(row.ref, None)
        lines.append(ScheduleLine(table=row.words, row=row.number + 1, item=row.item, stands=stands, expected=wanted))
        finding = _cost(comparison, row, stands, wanted, tuple(row.cells.values()) in vouched)
        findings += [] if finding is None else [finding]
    for ref, cap in caps.items() if (COSTS, None) in schedule.rows else ():
        place = row_before(comparison, rows[-1] if rows else None)
        says = f"{ref} is a cost passed on in the price, but not in the schedule. Put its row back"
        findings.append(VerdictFinding(check="figures", part="body", place=place, before=cap, after="", says=says))


def _cost(comparison: Comparison, row: ScheduleRow, stands: str, wanted: str | None, vouched: bool) -> VerdictFinding | None:
    if wanted is None and row.cells.get("kind") == OF_THE_STUDY:
        return _row(comparison, row, "", stands, f"{row.item} is no expense of the price. Take the row out")
    if wanted is None:
        says = f"{row.item}, {stands}: the price does not hold this cost, so it is not compared. Read it"
        return None if vouched else replace(_row(comparison, row, "", stands, says), level="notice")
    if stands == wanted:
        return None
    if vouched:
        says = f"the cap of {row.item} is {wanted} in the price; {stands} is this site's own, as its receipt says. Read it"
        return replace(_row(comparison, row, wanted, stands, says), level="notice")
    return _row(comparison, row, wanted, stands, f"the cap of {row.item} is {wanted} in the price, but {stands} stands here. {_OWN_CAP}")


def row_place(comparison: Comparison, row: ScheduleRow) -> str:
    """Where a schedule row stands: its table and row, whichever cell."""
    return place_of(comparison.found, row.at).rpartition(", column")[0] or place_of(comparison.found, row.at)


def row_before(comparison: Comparison, row: ScheduleRow | None) -> str:
    """Where a row that is gone should stand: at the row before it."""
    return row_place(comparison, row) if row is not None else "finance schedule"


def _row(comparison: Comparison, row: ScheduleRow, before: str, after: str, says: str) -> VerdictFinding:
    place = row_place(comparison, row)
    return VerdictFinding(check="figures", part=part_of(comparison.found.items[row.at]), place=place, before=before, after=after, says=says)


def _totals(comparison: Comparison, values: Sequence[Captured], arms: dict[int, ArmPrices], lines: list[ScheduleLine]) -> Iterator[VerdictFinding]:
    """The total that each arm prints."""
    for (_, arm), places in fields_of(values).items():
        if arm not in arms or _source(places[0]) != "arm.per_participant":
            continue
        amount = printed(arms[arm].per_participant)
        for place in places:
            lines.append(ScheduleLine(table="totals", row=arm + 1, item=f"{arms[arm].id} Total for a participant", stands=place.value, expected=amount))
            if place.value != amount:
                says = f"the total for a participant is {amount}, but {place.value} stands here. Restore the price"
                where = place_of(comparison.found, place.at)
                yield VerdictFinding(check="figures", part="body", place=where, before=amount, after=place.value, says=says)


def check_totals(comparison: Comparison, schedule: Schedule, values: Sequence[Captured]) -> Iterator[VerdictFinding]:
    """The contract by itself: each arm's scheduled visits add up to the total it prints."""
    for (_, arm), places in fields_of(values).items():
        if arm is None or _source(places[0]) != "arm.per_participant":
            continue
        amounts = [_pence(row.cells.get("price", "")) for row in schedule.of("arm.visits", arm)]
        if any(amount is None for amount in amounts):
            continue
        total = sum(amount or 0 for amount in amounts)
        for place in places:
            if _pence(place.value) not in (None, total):
                sum_of_visits = shown(total, 2 if "." in place.value else 0)
                says = f"the visits above add up to {sum_of_visits}, but the total reads {place.value}. Restore the schedule"
                yield VerdictFinding(
                    check="totals", part="body", place=place_of(comparison.found, place.at), before=sum_of_visits, after=place.value, says=says
                )


def _pence(text: str) -> int | None:
    try:
        return pence_of(text.removeprefix("£").replace(",", ""))
    except ValueError:
        return None


def site_of(prices: PricesFile, values: Sequence[Captured]) -> SitePrices | None:
    """The entry of the document's own site, by the organisation code it prints, else by name; one entry alone is taken for it."""
    told = {_source(places[0]): places[0].value for places in fields_of(values).values()}
    code = told.get("site.ods_code")
    if code is not None:
        return next((entry for entry in prices.prices if entry.site.ods_code == code), None)
    name = told.get("site.name")
    if name is not None:
        return next((entry for entry in prices.prices if entry.site.name == name), None)
    return prices.prices[0] if len(prices.prices) == 1 else None
