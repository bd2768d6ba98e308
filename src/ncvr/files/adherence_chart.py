"""The chart of a monthly bulletin, as SVG without script or style attributes, and as PNG.

Our own months are a line with gaps where there is no data; published points stand beside it, never joined with it. The
table under the chart holds the same figures. Coordinates are whole numbers, so the same report gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from ncvr.domain.adherence import AdherenceIndicator, share_per_cent
from ncvr.domain.adherence_definition import PublishedPoint
from ncvr.domain.adherence_period import Period, month_of, months_up_to, read_period
from ncvr.domain.adherence_report import AdherenceReport, MonthlyShare

_BLUE, _INK, _GREY, _PALE, _GREEN, _AMBER = "#005eb8", "#212b32", "#4c6272", "#d8dde0", "#007f3b", "#8a3b00"
_FONT = "Arial, 'Liberation Sans', 'DejaVu Sans', Helvetica, sans-serif"
_WIDTH, _LEFT, _RIGHT, _TOP, _PLOT = 960, 64, 212, 104, 300
_TABLE_MONTHS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What one chart shows: one measure, its months, the published points, and the target."""

    found: AdherenceIndicator
    months: tuple[Period, ...]
    series: tuple[MonthlyShare, ...]
    points: tuple[PublishedPoint, ...]
    warning: str = ""  # where the figures are made up

    @property
    def headline(self) -> str:
        if self.found.denominator == 0:
            return f"No data for {self.found.period.title}"
        return f"{self.found.numerator} of {self.found.denominator} trusts ({self.found.display}) {self.found.definition.done}, {self.found.period.title}"

    @property
    def describes(self) -> str:
        """The finding in a sentence, for who does not see the picture."""
        told = [month for month in self.series if month.denominator]
        says = [each for each in (self.warning, f"{self.headline}.") if each]
        if len(told) > 1:
            says.append(f"Our months run from {told[0].display} in {told[0].month.title} to {told[-1].display} in {told[-1].month.title}.")
        says += [f"Published: {point.per_cent}% in {read_period(point.month).title}." for point in self.points]
        if self.found.definition.target:
            says.append(f"Target: {self.found.definition.target.per_cent}% by {self.found.definition.target.by:%B %Y}.")
        return " ".join(says)

    def x(self, at: int) -> int:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (2 * at + 1) // (2 * len(self.months))

    def at(self, month: str) -> int | None:
        """Where a month stands on the axis; None if it is not on it."""
        return next((at for at, period in enumerate(self.months) if period.name == month), None)


def chart_of(report: AdherenceReport, found: AdherenceIndicator) -> Chart:
    """The months from the first published point, or from the first of our series, to the month of the report."""
    series = tuple(report.series.get(found.definition.id, ()))
    points = report.points if found.definition.measure == "declared" else ()
    last = month_of(found.period.last)
    firsts = [read_period(point.month).first for point in points] + [month.month.first for month in series]
    first = min([*firsts, last.first])
    count = (last.last.year - first.year) * 12 + last.last.month - first.month + 1
    months = tuple(months_up_to(last.last, max(count, 2)))
    before = tuple(point for point in points if read_period(point.month).last <= last.last)
    warning = report.warning if found.definition.measure == "declared" else ""
    return Chart(found=found, months=months, series=series, points=before, warning=warning)


def chart_svg(chart: Chart) -> str:
    """The whole picture: headline, chart, and the table of its last months."""
    height = _TOP + _PLOT + 172
    parts = [*_head(chart), *_axes(chart), *_target(chart), *_published(chart), *_series(chart), *_table(chart)]
    says, describes = escape(f"{chart.found.definition.title}: {chart.headline}"), escape(chart.describes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="{escape(_FONT)}" font-size="16" fill="{_INK}">\n'
        f'<title id="title">{says}</title>\n<desc id="desc">{describes}</desc>\n<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def chart_png(svg: str) -> bytes:
    """The same picture as pixels, twice as fine, with the fonts of this machine."""
    import resvg_py  # only when a PNG is asked for

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=2))


def _text(x: int, y: int, said: str, *, size: int = 16, anchor: str = "start", fill: str = _INK, weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}">{escape(said)}</text>'


def _head(chart: Chart) -> Iterator[str]:
    definition = chart.found.definition
    if chart.warning:
        yield _text(24, 92, "Illustrative: from made-up positions; it says nothing of real trusts.", fill=_AMBER, weight="bold")
    yield _text(24, 40, chart.headline, size=24, weight="bold")
    yield _text(
        24, 68, f"{definition.title}, NHS trusts in {definition.scope.nation}. Definition {definition.id}, as of {_day(chart.found.as_of)}.", fill=_GREY
    )


def _day(day: object) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def _y(per_cent: int) -> int:
    return _TOP + _PLOT * (100 - per_cent) // 100


def _axes(chart: Chart) -> Iterator[str]:
    for per_cent in (0, 25, 50, 75, 100):
        y = _y(per_cent)
        yield f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="{_INK if per_cent == 0 else _PALE}" stroke-width="1"/>'
        yield _text(_LEFT - 12, y + 6, f"{per_cent}%", anchor="end", fill=_GREY)
    every = max(1, -(-len(chart.months) // 12))
    last = len(chart.months) - 1
    for at, month in enumerate(chart.months):
        if (last - at) % every == 0:
            yield f'<line x1="{chart.x(at)}" y1="{_y(0)}" x2="{chart.x(at)}" y2="{_y(0) + 6}" stroke="{_INK}" stroke-width="1"/>'
            yield _text(chart.x(at), _y(0) + 26, f"{month.first:%b}", anchor="middle", fill=_GREY)
    for at, year in _years(chart.months):
        yield _text(chart.x(at), _y(0) + 48, str(year), anchor="middle", fill=_INK, weight="bold")


def _years(months: Sequence[Period]) -> Iterator[tuple[int, int]]:
    """The middle month of each year, so that the year stands under its months."""
    years = [month.first.year for month in months]
    for year in dict.fromkeys(years):
        places = [at for at, each in enumerate(years) if each == year]
        if len(places) * 2 >= min(6, len(months)):
            yield places[len(places) // 2], year


def _target(chart: Chart) -> Iterator[str]:
    target = chart.found.definition.target
    if target is None:
        return
    start = chart.at(f"{target.by:%Y-%m}")
    x = _LEFT if start is None else chart.x(start)
    y = _y(target.per_cent)
    yield f'<line x1="{x}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="{_GREEN}" stroke-width="2" stroke-dasharray="8 5"/>'
    yield _text(_WIDTH - _RIGHT + 12, y - 8, f"Target: {target.per_cent}%", fill=_GREEN, weight="bold")
    yield _text(_WIDTH - _RIGHT + 12, y + 12, f"by {target.by:%B %Y}", fill=_GREEN)


def _published(chart: Chart) -> Iterator[str]:
    """Official figures: hollow diamonds, each with its value, joined with nothing."""
    for point in chart.points:
        at = chart.at(point.month)
        assert at is not None  # the axis begins with the first of them
        x, y = chart.x(at), _y(point.per_cent)
        yield f'<path d="M{x} {y - 8} L{x + 8} {y} L{x} {y + 8} L{x - 8} {y} Z" fill="#ffffff" stroke="{_INK}" stroke-width="2"/>'
    for at, y, said in _point_labels(chart):
        yield _text(chart.x(at), y, said, anchor="middle")


def _point_labels(chart: Chart) -> Iterator[tuple[int, int, str]]:
    """A label under each diamond; above it where the one before stands too near."""
    before = -_WIDTH
    for point in chart.points:
        at = chart.at(point.month) or 0
        near, before = chart.x(at) - before < 48, chart.x(at)
        yield at, _y(point.per_cent) + (-16 if near else 28), f"{point.per_cent}%"


def _series(chart: Chart) -> Iterator[str]:
    """Our months: a line between neighbouring months, dots on each, and the last value in words at its end."""
    dots = [(at, per_cent) for month in chart.series if (per_cent := share_per_cent(month.numerator, month.denominator)) is not None
            if (at := chart.at(month.month.name)) is not None]  # fmt: skip
    for (at, here), (after, there) in pairwise(dots):
        if after == at + 1:
            yield f'<line x1="{chart.x(at)}" y1="{_y(here)}" x2="{chart.x(after)}" y2="{_y(there)}" stroke="{_BLUE}" stroke-width="3" stroke-linecap="round"/>'
    for at, per_cent in dots:
        yield f'<circle cx="{chart.x(at)}" cy="{_y(per_cent)}" r="4" fill="{_BLUE}"/>'
    if dots:
        yield from _last_label(chart, *dots[-1])
    if chart.points:
        x, y = _WIDTH - _RIGHT + 20, _y(0) - 22
        yield f'<path d="M{x} {y - 8} L{x + 8} {y} L{x} {y + 8} L{x - 8} {y} Z" fill="#ffffff" stroke="{_INK}" stroke-width="2"/>'
        yield _text(x + 18, y + 6, "Published figure")


def _last_label(chart: Chart, at: int, per_cent: int) -> Iterator[str]:
    target = chart.found.definition.target
    near = target is not None and abs(_y(per_cent) - _y(target.per_cent)) < 48
    y = _y(target.per_cent) + 44 if near and target is not None else _y(per_cent) + 6
    yield _text(_WIDTH - _RIGHT + 12, y, f"{per_cent}% in {chart.months[at].title}", fill=_BLUE, weight="bold")
    yield _text(_WIDTH - _RIGHT + 12, y + 20, "from our records", fill=_BLUE)


def _table(chart: Chart) -> Iterator[str]:
    """The last months in figures. What has no data says so."""
    shown = chart.series[-_TABLE_MONTHS:]
    top = _TOP + _PLOT + 92
    if not shown:
        return
    yield f'<line x1="24" y1="{top - 22}" x2="{_WIDTH - 24}" y2="{top - 22}" stroke="{_PALE}" stroke-width="1"/>'
    for row, said in enumerate(("Month", "Trusts of counted", "Share")):
        yield _text(24, top + row * 26, said, fill=_GREY)
    step = (_WIDTH - 24 - 200) // _TABLE_MONTHS
    for column, month in enumerate(shown):
        x = 200 + step * (column + _TABLE_MONTHS - len(shown)) + step
        yield _text(x, top, f"{month.month.first:%b %Y}", anchor="end", weight="bold")
        yield _text(x, top + 26, f"{month.numerator} of {month.denominator}", anchor="end")
        yield _text(x, top + 52, month.display, anchor="end")
