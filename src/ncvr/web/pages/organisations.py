"""NHS organisations: found by name or code, with their multiplier, successors, and where each fact comes from."""

from fastapi import Response

from ncvr.domain.tariff import Organisation, TariffEdition, near
from ncvr.errors import NotFound
from ncvr.money import as_written
from ncvr.web.pages.page import Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import long_day
from ncvr.web.routing import Routes

routes = Routes("Pages")
_COLUMNS = (
    *(Column("name", "Organisation"), Column("code", "ODS code"), Column("nation", "Nation"), Column("type", "Type")),
    *(Column("multiplier", "Multiplier", numeric=True), Column("status", "Status")),
)
_MOST = 300


@routes.add("GET", "/organisations", "organisations.read", media_type="text/html")
def organisations_page(page: Seen) -> Response:
    """Organisations whose code begins with, or whose name holds, the words."""
    words = page.asked("q")
    with page.look() as act:
        act.allowed("organisations.read")
        every, edition = act.office.tariffs.organisations(), act.office.tariffs.begun(act.today)
    wanted = words.casefold()
    found = [each for each in every.values() if each.ods_code.casefold().startswith(wanted) or wanted in each.name.casefold()]
    hint = near(words.upper(), every).strip(" ()").removeprefix("near: ") if words and not found else ""
    empty = f"No organisation matches “{words}”." + (f" Did you mean {hint}?" if hint else "")
    rows = [_row(each, edition) for each in sorted(found, key=lambda each: each.name)[:_MOST]]
    table = Table(name="organisations", caption="Organisations", columns=_COLUMNS, rows=rows, empty=empty)
    return page.show("organisations.html", tables=[table], words=words, count=len(found), most=_MOST, edition=edition)


def _row(listed: Organisation, edition: TariffEdition | None) -> Row:
    multiplier = edition.multipliers.get(listed.ods_code) if edition is not None else None
    return {
        "name": Cell(listed.name, href=f"/organisations/{listed.ods_code}"),
        "code": listed.ods_code,
        "nation": listed.nation,
        "type": listed.type or "Not known",
        "multiplier": Cell(as_written(multiplier.value), order=multiplier.value) if multiplier else "None published",
        "status": listed.status.capitalize(),
    }


@routes.add("GET", "/organisations/{code}", "organisations.read", media_type="text/html")
def organisation_page(page: Seen, code: str) -> Response:
    """One organisation, with its multiplier in every edition."""
    with page.look() as act:
        act.allowed("organisations.read")
        every, editions = act.office.tariffs.organisations(), act.office.tariffs.editions()
    listed = every.get(code.upper())
    if listed is None:
        raise NotFound(f"{code!r} is not in the list of organisations{near(code.upper(), every)}", "", "Search by name or code")
    columns = (
        Column("edition", "Edition"),
        Column("from", "In force from"),
        Column("multiplier", "Multiplier", numeric=True),
        Column("basis", "Basis"),
        Column("source", "Source"),
    )
    rows = [_multiplier_row(edition, listed.ods_code) for edition in reversed(editions)]
    table = Table(name="multipliers", caption="Its multiplier, by edition", columns=columns, rows=rows, empty="There is no edition here.")
    before = [each for each in every.values() if each.successor == listed.ods_code]
    return page.show("organisation.html", tables=[table], listed=listed, successor=every.get(listed.successor), before=before)


def _multiplier_row(edition: TariffEdition, code: str) -> Row:
    found = edition.multipliers.get(code)
    return {
        "edition": Cell(edition.edition, href=f"/tariffs/{edition.edition}?q={code}"),
        "from": Cell(long_day(edition.in_force_from), order=edition.in_force_from.isoformat()),
        "multiplier": Cell(as_written(found.value), order=found.value) if found else "None published",
        "basis": found.basis.replace("_", " ") if found else "",
        "source": found.source if found else "The organisation cannot be priced from this edition",
    }
