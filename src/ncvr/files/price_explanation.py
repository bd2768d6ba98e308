"""One site's prices with their reasons, as a page to read, print and send: no script, nothing fetched, nothing of another site."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from html import escape
from importlib.resources import files

from ncvr import __version__
from ncvr.domain.pricing import Payable
from ncvr.domain.site_price import SitePrice, WorkingLine
from ncvr.domain.tariff import StaffRate
from ncvr.files.price_files import payable_names
from ncvr.money import Pence, as_written, shown, shown_exact, shown_figure, shown_percent

_STYLE = """
.prices { width: auto; min-width: 32rem; }
.prices tbody th { width: auto; font-weight: 400; }
.prices th:last-child, .lines thead th:nth-child(n+3):not(:last-child) { text-align: right; }
.prices td:last-child, .lines td.amount, .lines tfoot td { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.lines tbody th { width: auto; font-weight: 400; }
.lines caption { text-align: left; font-weight: 600; padding: .25rem 0; }
.lines tfoot td, .lines tfoot th { border-top: 2px solid #4c6272; font-weight: 600; }
.note { padding: .75rem 1rem; border: 2px solid #4c6272; }
"""
_KINDS = {"visit": "Visits", "item": "Items, paid when they happen", "unscheduled": "Unscheduled items", "setup_and_closedown": "Set-up and close-down"}
_HEADINGS = ("Activity", "Resource", "At", "Done", "Activity cost", "Indirect costs", "Capacity building", "Times the multiplier", "Figure from")
_STATUS = {
    "illustrative": "This tariff is illustrative: it is built from public data by stated assumptions, and it is not the official national tariff.",
    "transcribed": "This tariff was typed from the official publication and has not been checked by a second person.",
}
_NOTHING = "<p>Nothing is charged for it.</p>\n"
_UNLOCKED = "The content of this tariff edition is not locked, so it could still change."


def explanation_page(price: SitePrice, *, on: date, fingerprint: str) -> str:
    """Every price of the site, then for each of them the lines it is made of. The same price gives the same page."""
    study = price.costs.study.study
    names = payable_names(price.costs)
    sections = [_opening(price, on, fingerprint), _how(price)]
    sections += [_summary(title, payables, names, price) for title, payables in _groups(price)]
    sections.append(_totals(price))
    sections.append("<section><h2>Why each price is what it is</h2>\n")
    written = _Lines()
    sections += [_workings(price, payable, amount, names, written) for _, payables in _groups(price) for payable, amount in payables]
    sections.append("</section>\n")
    style = files("ncvr.files").joinpath("verification_report.css").read_text(encoding="utf-8") + _STYLE
    title = f"Prices of {price.name}, IRAS {study.iras_id}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{style}</style>'
    return f'<!DOCTYPE html>\n<html lang="en-GB"><head>{head}</head>\n<body><main>\n{"".join(sections)}</main></body></html>\n'


def _groups(price: SitePrice) -> Iterator[tuple[str, list[tuple[Payable, Pence]]]]:
    """The payables as a reader looks for them: set-up, each arm, unscheduled items. Empty groups are left out."""
    groups = [(_KINDS["setup_and_closedown"], list(price.of("setup_and_closedown")))]
    for arm in price.arms:
        groups += [(f"{arm.name}: {_KINDS[kind][0].lower()}{_KINDS[kind][1:]}", list(price.of(kind, arm.id))) for kind in ("visit", "item")]
    groups.append((_KINDS["unscheduled"], list(price.unscheduled())))
    return ((title, payables) for title, payables in groups if payables)


def _opening(price: SitePrice, on: date, fingerprint: str) -> str:
    study, edition = price.costs.study, price.costs.edition
    facts = [
        ("Study", f"{study.study.title or study.study.short_title} (IRAS {study.study.iras_id}, version {study.version})"),
        ("Site", f"{price.name} ({price.site.ods_code})"),
        ("Tariff edition", f"{edition.edition}, {edition.title} ({edition.status}, {edition.lock})"),
        ("Pricing date", on.isoformat()),
        ("Multiplier of the site", f"{as_written(price.multiplier.value)} ({price.multiplier.place})"),
        ("Fingerprint of the price", fingerprint),
        ("Software", f"ncvr {__version__}"),
    ]
    warnings = [_STATUS.get(edition.status, ""), _UNLOCKED if edition.lock == "unlocked" else ""]
    notes = "".join(f'<p class="note"><strong>Please note.</strong> {warning}</p>\n' for warning in warnings if warning)
    rows = (f'<tr><th scope="row">{name}</th><td>{escape(told)}</td></tr>' for name, told in facts)
    return f"<header><h1>Prices and the reasons for them</h1></header>\n{notes}{_table(('What', 'Reads'), rows, 'facts')}"


def _how(price: SitePrice) -> str:
    rounded = "penny" if price.places else "pound"
    return (
        "<section><h2>How a price is made</h2>\n<p>The cost of an activity is its minutes at an hourly rate, or a tariff item. Indirect costs and capacity "
        "building are added to it, each as a share of that cost; the shares stand beside the figures below. The sum is the national cost, the same for "
        f"every site. It is multiplied by the multiplier of the site and rounded once, to the {rounded}, half away from zero.</p>\n</section>\n"
    )


def _table(headings: Iterable[str], rows: Iterable[str], kind: str, caption: str = "", foot: str = "") -> str:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<table class="{kind}">{named}<thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody>{foot}</table>\n'


def _anchor(payable: Payable) -> str:
    return escape(f"{payable.kind}.{payable.arm}.{payable.id}", quote=True)


def _name(payable: Payable, names: dict[tuple[str, str], str]) -> str:
    known = names.get((payable.arm, payable.id)) or names.get(("", payable.id), "")
    return f"{payable.id} {known}" if known else payable.id


def _summary(title: str, payables: list[tuple[Payable, Pence]], names: dict[tuple[str, str], str], price: SitePrice) -> str:
    rows = (
        f'<tr><th scope="row"><a href="#{_anchor(payable)}">{escape(_name(payable, names))}</a></th><td>{shown(amount, price.places)}</td></tr>'
        for payable, amount in payables
    )
    return f"<section><h2>{escape(title)}</h2>\n{_table(('Paid for', 'Price'), rows, 'prices')}</section>\n"


def _totals(price: SitePrice) -> str:
    rows = (f'<tr><th scope="row">{escape(arm.name)}</th><td>{shown(price.per_participant(arm), price.places)}</td></tr>' for arm in price.arms)
    return f"<section><h2>Each scheduled visit once, for a participant</h2>\n{_table(('Arm', 'Total'), rows, 'prices')}</section>\n"


def _workings(price: SitePrice, payable: Payable, amount: Pence, names: dict[tuple[str, str], str], written: "_Lines") -> str:
    workings = price.workings(payable)
    lines = [written.line(line) for line in workings.lines]
    table = _table(_HEADINGS, (row for row, _ in lines), "lines", foot=_sums([amounts for _, amounts in lines])) if lines else _NOTHING
    printed = shown(amount, price.places)
    way = f"National cost £{shown_exact(workings.national_cost)} times {as_written(price.multiplier.value)} is £{shown_exact(workings.exact)}"
    arm = f"Arm {payable.arm}: " if payable.arm else ""
    return (
        f'<article id="{_anchor(payable)}"><h3>{escape(arm + _name(payable, names))}: {printed}</h3>\n{table}'
        f"<p>{way}, rounded once: <strong>{printed}</strong>.</p></article>\n"
    )


_Amounts = tuple[Fraction, Fraction, Fraction, Fraction]


class _Lines:
    """The rows of one site's page. An activity done as often at another visit is the same row, so it is written once."""

    def __init__(self) -> None:
        self._written: dict[tuple[object, ...], tuple[str, _Amounts]] = {}

    def line(self, line: WorkingLine) -> tuple[str, _Amounts]:
        """The row, and its activity cost, indirect costs, capacity building and total in pounds."""
        cost, resource = line.cost, line.cost.resource
        key = (cost.activity.id, resource.role, resource.item, resource.minutes, resource.quantity, cost.department, line.occurrences)
        if key not in self._written:
            amounts = (line.total_activity_cost, line.indirect, line.capacity, line.total)
            self._written[key] = (_row(line, amounts), amounts)
        return self._written[key]


def _row(line: WorkingLine, amounts: _Amounts) -> str:
    cost, rate = line.cost, line.cost.rate
    direct, indirect, capacity, total = map(shown_exact, amounts)
    cells = (
        shown_figure(rate.figure.amount) + (" an hour" if isinstance(rate.figure, StaffRate) else ""),
        str(line.occurrences),
        direct,
        f"{shown_percent(rate.uplift.indirect)}: {indirect}",
        f"{shown_percent(rate.uplift.capacity)}: {capacity}",
        total,
    )
    written = "".join(f'<td class="amount">{cell}</td>' for cell in cells)
    return (
        f'<tr><th scope="row">{escape(f"{cost.activity.id} {cost.activity.name}")}</th><td>{escape(_resource(line))}</td>{written}'
        f"<td>{escape(rate.figure.place)}, {escape(rate.uplift.place)}</td></tr>"
    )


def _resource(line: WorkingLine) -> str:
    resource, figure = line.cost.resource, line.cost.rate.figure
    quantity = f"{resource.quantity} × " if resource.quantity != 1 else ""
    if isinstance(figure, StaffRate) and resource.minutes is not None:
        return f"{quantity}{as_written(resource.minutes)} minutes {figure.title}"
    return f"{quantity}{resource.item}"


def _sums(lines: Sequence[_Amounts]) -> str:
    cells = "".join(f"<td>{shown_exact(sum(column, Fraction(0)))}</td>" for column in zip(*lines, strict=True))
    return f'<tfoot><tr><th scope="row" colspan="4">Together</th>{cells}<td></td></tr></tfoot>'
