"""Tariffs, organisations, companies, and the ledger."""

from typing import Annotated, Any

from fastapi import Query, Response

from ncvr.domain.prices_file import Hash
from ncvr.domain.tariff import in_force_until
from ncvr.domain.tariff_comparison import compare_editions, comparison_record
from ncvr.domain.tariff_content import edition_content
from ncvr.services import costing
from ncvr.services.office import Act
from ncvr.services.record_keeping import ledger_head, verify_ledger
from ncvr.store import people
from ncvr.store.schema import cursor_key_in
from ncvr.web.access import Answer, Door, json_answer
from ncvr.web.bodies import Nothing
from ncvr.web.cursors import MOST, cursor, place_of
from ncvr.web.records import (
    CompanyRecord,
    EditionRecord,
    HeadRecord,
    LedgerRecord,
    OrganisationRecord,
    Page,
    RepricedRecord,
    company_record,
    edition_record,
    head_record,
    ledger_record,
    organisation_record,
)
from ncvr.web.routing import Routes
from ncvr.web.tables import table_answer

routes = Routes("Reference")


def _edition_record(act: Act, edition: Any) -> EditionRecord:
    editions = act.office.tariffs.editions()
    current = act.office.tariffs.begun(act.today)
    return edition_record(edition, in_force_until(edition, editions), current == edition)


@routes.add("GET", "/tariffs", "tariffs.read", answer=Page[EditionRecord])
def list_tariffs(visit: Door) -> Response:
    """The tariff editions, oldest first."""
    with visit.look() as act:
        act.allowed("tariffs.read")
        return table_answer(visit, [_edition_record(act, edition) for edition in act.office.tariffs.editions()], None)


@routes.add("GET", "/tariffs/compare", "tariffs.read", answer=dict[str, Any])
def compare_tariffs(visit: Door, from_: Annotated[str, Query(alias="from")], to: str) -> Response:
    """Everything that differs between two editions (ncvr-tariff-comparison/1)."""
    with visit.look() as act:
        act.allowed("tariffs.read")
        return json_answer(comparison_record(compare_editions(act.office.tariffs.named(from_), act.office.tariffs.named(to)))).response()


@routes.add("GET", "/tariffs/{edition}", "tariffs.read", answer=dict[str, Any])
def read_tariff(visit: Door, edition: str) -> Response:
    """Everything an edition says (ncvr-edition/1): what its hash is taken over."""
    with visit.look() as act:
        act.allowed("tariffs.read")
        return json_answer(edition_content(act.office.tariffs.named(edition))).response()


@routes.add("POST", "/tariffs/{edition}/reprice", "tariffs.reprice", body=Nothing, answer=RepricedRecord)
def reprice_nationally(visit: Door, edition: str) -> Response:
    """Price every stale un-contracted costing of the nation again from the edition in force. Doing it twice does nothing."""
    visit.body(Nothing)

    def effect(act: Act) -> Answer:
        done, left = costing.reprice_all(act, edition)
        named = [[{"iras_id": each.iras_id, "site": each.site.key} for each in group] for group in (done, left)]
        return json_answer(RepricedRecord(edition=edition, repriced=named[0], left=named[1]))

    return visit.change(effect)


@routes.add("GET", "/organisations", "organisations.read", answer=Page[OrganisationRecord])
def list_organisations(
    visit: Door, q: str = "", limit: Annotated[int, Query(ge=1, le=MOST)] = 50, cursor_: Annotated[str | None, Query(alias="cursor")] = None
) -> Response:
    """NHS organisations whose code begins with, or whose name holds, the words of ``q``."""
    with visit.look() as act:
        act.allowed("organisations.read")
        key, asked = cursor_key_in(act.connection), q.strip().lower()
        after = place_of(key, act.person, visit.path, cursor_)
        every = sorted(act.office.tariffs.organisations().values(), key=lambda each: each.ods_code)
        found = [each for each in every if each.ods_code > after and (each.ods_code.lower().startswith(asked) or asked in each.name.lower())]
        following = cursor(key, act.person, visit.path, found[limit - 1].ods_code) if len(found) > limit else None
        return table_answer(visit, [organisation_record(each) for each in found[:limit]], following)


@routes.add("GET", "/companies", "companies.read", answer=Page[CompanyRecord])
def list_companies(visit: Door) -> Response:
    """Sponsors and CROs that are registered here."""
    with visit.look() as act:
        act.allowed("companies.read")
        return table_answer(visit, [company_record(company) for company in people.all_companies(act.connection)], None)


@routes.add("GET", "/ledger/head", "ledger.head", answer=HeadRecord)
def read_ledger_head(visit: Door) -> Response:
    """The hash of the newest entry of the ledger. Keep it, and nobody can cut or rewrite what came before unseen."""
    with visit.look() as act:
        act.allowed("ledger.head")
    return json_answer(head_record(ledger_head(visit.office.store))).response()


@routes.add("GET", "/ledger/verify", "ledger.verify", answer=LedgerRecord)
def check_ledger(visit: Door, anchor: Annotated[list[Hash], Query(default_factory=list)]) -> Response:
    """Check every entry against the one before it, and every ``anchor`` (a head kept earlier) against the chain."""
    with visit.look() as act:
        act.allowed("ledger.verify")
    return json_answer(ledger_record(verify_ledger(visit.office.store, anchor))).response()
