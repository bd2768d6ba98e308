"""The chart: a target line, published points apart from our months, gaps that stay gaps, and nothing a strict page refuses."""

import re
from dataclasses import replace
from xml.etree import ElementTree

from ncvr.domain.adherence_period import read_period
from ncvr.domain.adherence_report import AdherenceReport
from ncvr.files.adherence_chart import chart_of, chart_png, chart_svg
from ncvr.services.adherence_reporting import adherence_report, sources_from_records
from tests import adherence_town as town

SVG = "{http://www.w3.org/2000/svg}"


def report(definition: str, *, months: int = 6) -> AdherenceReport:
    """January and February, then nothing, then June."""
    rows = []
    for day in ("2026-01-05", "2026-02-05", "2026-06-05"):
        rows += [{"kind": "shared", "day": day, "costing": day}, {"kind": "accepted", "day": day, "costing": day}]
    declared = town.positions([{"ods_code": "RT1", "position": "accepts_in_full", "declared_on": "2026-02-01"}])
    period = read_period("2026-06")
    sources = sources_from_records(town.records(rows), declared, town.organisations(), town.definitions(), period.last)
    return adherence_report(sources, period, period.last, definition=definition, months=months)


def drawn(definition: str) -> ElementTree.Element:
    found = report(definition)
    return ElementTree.fromstring(chart_svg(chart_of(found, found.indicators[0])))


def texts(svg: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


def test_the_chart_says_its_finding_in_words() -> None:
    svg = drawn("declared-1")
    title, described = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert described is not None
    assert title.text == "Declared adherence: 1 of 4 trusts (25%) accepted, June 2026"
    assert "Published: 74% in July 2023." in (described.text or "")
    assert "Target: 100% by December 2023." in (described.text or "")
    assert "Target: 100%" in texts(svg)


def test_a_month_without_data_stays_a_gap() -> None:
    svg = drawn("observed-1")
    ours = [element for element in svg.iter(f"{SVG}line") if element.get("stroke-width") == "3"]
    assert len(ours) == 1  # January to February, and nothing from there to June
    assert len(list(svg.iter(f"{SVG}circle"))) == 3
    assert texts(svg).count("no data") == 3


def test_published_points_are_joined_with_nothing() -> None:
    svg = drawn("declared-1")
    diamonds = list(svg.iter(f"{SVG}path"))
    assert len(diamonds) == 5  # four points and the legend
    places = {re.findall(r"\d+", diamond.get("d") or "")[0] for diamond in diamonds}
    ours = [element for element in svg.iter(f"{SVG}line") if element.get("stroke-width") == "3"]
    assert not places & {line.get(end) for line in ours for end in ("x1", "x2")}


def test_a_strict_page_shows_it_whole() -> None:
    found = report("declared-1")
    svg = chart_svg(chart_of(found, found.indicators[0]))
    assert not re.search(r"<script|<style|style=|on\w+=|https?://(?!www\.w3\.org/2000/svg)", svg)
    assert svg == chart_svg(chart_of(report("declared-1"), report("declared-1").indicators[0]))


def test_what_is_told_in_the_picture_cannot_break_out_of_it() -> None:
    found = report("declared-1")
    evil = found.indicators[0].definition.model_copy(update={"title": '"><script>alert(1)</script>'})
    changed = replace(found.indicators[0], definition=evil)
    assert "<script" not in chart_svg(chart_of(found, changed))


def test_the_png_is_the_same_picture_twice_as_fine() -> None:
    found = report("declared-1")
    png = chart_png(chart_svg(chart_of(found, found.indicators[0])))
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 1920
