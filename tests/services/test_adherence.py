"""Adherence from the acts of companies and trusts: recorded as they happen, counted from the roll-up, equal to a recount."""

from datetime import date

import pytest
from sqlalchemy import delete

from ncvr.domain.adherence_period import read_period
from ncvr.domain.adherence_recording import ReportedRecord
from ncvr.domain.adherence_records import Evidence, Position
from ncvr.domain.adherence_report import AdherenceReport, report_record
from ncvr.domain.escalation import Decision, Escalation
from ncvr.domain.study_event import StudyEvent
from ncvr.errors import InputError, MoveNotAllowed, NotFound, NotPermitted, PriceIsFixed, StoreError
from ncvr.services import adherence, costing, escalating, membership
from ncvr.services.adherence_recording import definition_sha256, kept_definitions, record_positions, record_reported
from ncvr.store import adherence as kept
from ncvr.store import adherence_rollup, ledger_entries
from ncvr.store.adherence_tables import adherence_outcomes
from tests.adherence_town import definition
from tests.offices import IRAS, Town
from tests.services.walks import accepted, agreed, at, contracted, shared

MAY = read_period("2026-05")


def report(town: Town, *, definition: str = "observed-1", period: str = "2026-05", as_of: date | None = None, recount: bool = False) -> AdherenceReport:
    with town.office.look(town.people["national"]) as act:
        return adherence.read_report(act, read_period(period), as_of or act.today, definition=definition, recount=recount)


def lists(town: Town, **known: object) -> tuple[list[str], list[str], dict[str, str]]:
    """Accepted, not accepted, and why the others are not counted; and a full recount says the same."""
    found = report(town, **known)  # type: ignore[arg-type]
    assert report_record(report(town, recount=True, **known)) == report_record(found)  # type: ignore[arg-type]
    with town.store.reading() as connection:
        assert adherence.check_rollup(connection, town.office.clock.today()) == []
    (indicator,) = found.indicators
    excluded = {standing.ods_code: standing.reason for standing in indicator.listed("excluded")}
    return [each.ods_code for each in indicator.listed("accepted")], [each.ods_code for each in indicator.listed("not_accepted")], excluded


def reported(town: Town, who: str, kind: str, *, ods: str = "RA9", on: str = "2026-05-04", note: str = "", **known: object) -> str:
    told = {"kind": kind, "on": on, "iras_id": IRAS, "ods_code": ods} | known
    if note:
        told["evidence"] = Evidence(note=note)
    with town.act(who) as act:
        return record_reported(act, ReportedRecord.model_validate(told)).id


def test_what_sites_do_is_counted_without_anybody_recording_it(both: Town) -> None:
    agreed(both)
    accepted(both, "RGT")
    refused = shared(both, "RA9")
    with both.act("site_ra9") as act:
        costing.refuse(act, IRAS, "RA9", refused.revision, reason_code="outsourcing", reason="")
    shared(both, "RK9")
    accepts, not_accepted, excluded = lists(both)
    assert (accepts, not_accepted, excluded["RK9"]) == (["RGT"], ["RA9"], "pending")
    found = report(both)
    assert found.refusals == {"2026-05": {"outsourcing": 1}}
    assert found.ledger_head is not None


def test_a_definition_that_came_after_the_roll_up_was_made_is_counted_all_the_same(both: Town) -> None:
    agreed(both)
    accepted(both, "RGT")
    shared(both, "RA9")
    name = definition_sha256(definition("observed-1"))
    with both.store.writing() as connection:
        connection.execute(delete(adherence_outcomes).where(adherence_outcomes.c.definition == name))
        assert not adherence_rollup.is_complete(connection, name)
    (found,) = report(both).indicators
    assert [standing.ods_code for standing in found.listed("accepted")] == ["RGT"]
    with both.store.writing() as connection:
        adherence.rebuild_rollup(connection, both.office.clock.today())
        assert adherence_rollup.is_complete(connection, name)
    assert lists(both)[0] == ["RGT"]


def test_a_contract_after_an_acceptance_stays_accepted(here: Town) -> None:
    agreed(here)
    contracted(here, "RA9")
    assert lists(here)[0] == ["RA9"]


def test_what_was_never_shared_leaves_no_record(here: Town) -> None:
    agreed(here)
    with here.act("company") as act:
        costing.withdraw(act, IRAS, "RA9", at(here, "RA9").revision, reason="no longer needed")
    with here.store.reading() as connection:
        assert kept.record_count(connection) == 0


OMISSION = {"name": "Line flush", "resources": [{"role": "research_nurse", "minutes": 1}], "in_protocol": True, "protocol_ref": "6.2"}


@pytest.mark.parametrize(("outcome", "stands"), [("corrected", "accepted"), ("below_threshold", "pending")])
def test_an_escalation_that_is_corrected_counts_as_accepted_and_one_that_is_not_waits(here: Town, outcome: str, stands: str) -> None:
    agreed(here)
    found = shared(here, "RA9")
    with here.act("site_ra9") as act:
        omission = OMISSION | ({} if outcome == "corrected" else {"in_protocol": False, "protocol_ref": ""})
        case = escalating.escalate(act, IRAS, "RA9", found.revision, Escalation.model_validate({"omissions": [omission], "reason": "missing"}))
    with here.act("network") as act:
        escalating.decide(act, case.id, case.revision, Decision.model_validate({"outcome": outcome, "reason": "as the protocol says"}))
    accepts, _, excluded = lists(here)
    assert (accepts == ["RA9"]) if stands == "accepted" else excluded["RA9"] == "pending"


def test_a_company_reports_and_a_trust_disputes_and_the_national_administrator_decides(both: Town) -> None:
    agreed(both)
    accepted(both, "RA9")
    claim = reported(both, "company", "higher_price_asked", note="By letter")
    assert lists(both)[1] == ["RA9"]
    reported(both, "site_ra9", "disputed", about=claim, note="We only asked when to invoice")
    assert lists(both)[2]["RA9"] == "disputed"
    with pytest.raises(NotPermitted):
        reported(both, "company", "claim_upheld", about=claim, note="It is so")
    reported(both, "national", "claim_dismissed", about=claim, note="The letter asks for nothing")
    assert lists(both)[0] == ["RA9"]


def test_a_dispute_that_comes_too_late_is_refused(here: Town) -> None:
    agreed(here)
    accepted(here, "RA9")
    claim = reported(here, "company", "higher_price_asked")
    here.clock.set("2026-06-20")
    with pytest.raises(MoveNotAllowed, match="more than 28 days ago"):
        reported(here, "site_ra9", "disputed", on="2026-06-20", about=claim)


def test_a_record_is_corrected_by_a_new_one_of_the_same_hand(here: Town) -> None:
    agreed(here)
    accepted(here, "RA9")
    claim = reported(here, "company", "higher_price_asked")
    with pytest.raises(MoveNotAllowed, match="recorded by the company"):
        reported(here, "site_ra9", "local_choice", corrects=claim)
    reported(here, "company", "retracted", corrects=claim)
    assert lists(here)[0] == ["RA9"]


def test_nobody_reports_what_the_system_records_or_what_has_not_come(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    with pytest.raises(NotPermitted, match="does not record 'accepted'"):
        reported(here, "company", "accepted")
    with pytest.raises(MoveNotAllowed, match="has not come yet"):
        reported(here, "company", "higher_price_asked", on="2026-05-05")
    with pytest.raises(MoveNotAllowed, match="not named"):
        reported(here, "company", "agreement_modified")
    with pytest.raises(InputError, match="needs a reason code"):
        reported(here, "company", "signing_refused")


def test_a_site_reports_about_itself_and_strangers_learn_nothing(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    shared(here, "RK9")
    for who, ods in (("rival", "RA9"), ("site_rk9", "RA9")):
        with pytest.raises(NotFound):
            reported(here, who, "local_choice", ods=ods)
    with pytest.raises(MoveNotAllowed, match="was not shared yet"):
        reported(here, "company", "local_choice", ods="RGT")


def test_an_attempt_to_change_a_price_is_recorded_where_it_was_aimed_at(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    with here.act("site_ra9") as act:
        costing.record_price_edit_refused(act, f"PUT /api/v1/studies/{IRAS}/sites/RA9/price: body.price")
        costing.record_price_edit_refused(act, "POST /api/v1/studies: body.price")
    with here.store.reading() as connection:
        assert [record.kind for record in kept.all_records(connection)] == ["shared", "price_edit_refused"]
    assert issubclass(PriceIsFixed, Exception)


@pytest.mark.parametrize("who", ["rival", "site_rgt"])
def test_whoever_may_not_see_a_price_changes_no_record_of_its_adherence_by_trying_to_edit_it(here: Town, who: str) -> None:
    agreed(here)
    shared(here, "RA9")
    with here.act(who) as act:
        costing.record_price_edit_refused(act, f"POST /api/v1/studies/{IRAS}/sites/RA9/lock: body.price")
    with here.store.reading() as connection:
        assert [record.kind for record in kept.all_records(connection)] == ["shared"]
        *_, entry = ledger_entries.entries(connection)
    assert (entry.operation, entry.actor) == ("price.edit_refused", here.people[who].actor)  # that they tried is kept


def test_positions_are_declared_and_counted_and_a_trust_declares_for_itself(both: Town) -> None:
    def position(ods: str, day: str = "2026-05-01") -> Position:
        told = {"id": "new", "ods_code": ods, "position": "accepts_in_full", "declared_on": day, "recorded_on": day, "source": "letter"}
        return Position.model_validate(told)

    with both.act("national") as act:
        record_positions(act, [position("RA9"), position("RK9")])
    with pytest.raises(NotPermitted), both.act("site_rgt") as act:
        record_positions(act, [position("RA9")])
    with pytest.raises(InputError, match="not in the list"), both.act("national") as act:
        record_positions(act, [position("RQQ")])
    with pytest.raises(InputError, match="has not come yet"), both.act("national") as act:
        record_positions(act, [position("RA9", "2026-06-01")])
    accepts, not_accepted, _ = lists(both, definition="declared-1")
    assert accepts == ["RA9", "RK9"]
    assert "RGT" in not_accepted


def test_each_lists_what_they_are_entitled_to(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    shared(here, "RK9")
    seen = {}
    for who in ("national", "auditor", "company", "rival", "site_ra9", "site_rgt"):
        with here.office.look(here.people[who]) as act:
            seen[who] = [record.ods_code for record in adherence.list_records(act, limit=10)]
    both_sites = ["RA9", "RK9"]
    assert seen == {"national": both_sites, "auditor": both_sites, "company": both_sites, "rival": [], "site_ra9": ["RA9"], "site_rgt": []}


def test_a_late_record_makes_a_numbered_revision_and_the_first_stays_as_it_was(both: Town) -> None:
    agreed(both)
    accepted(both, "RA9")
    both.clock.set("2026-06-02")
    with both.act("national") as act:
        first = adherence.publish(act, MAY)
    assert (first.revision, first.as_of, first.record["indicators"][1]["display"]) == (1, "2026-06-01", "100%")
    with pytest.raises(MoveNotAllowed, match="nothing changed since revision 1"), both.act("national") as act:
        adherence.publish(act, MAY)
    reported(both, "company", "higher_price_asked", on="2026-05-20")
    both.clock.set("2026-06-03")
    with both.act("national") as act:
        second = adherence.publish(act, MAY)
        published = adherence.list_publications(act)
    assert (second.revision, second.record["indicators"][1]["display"]) == (2, "0%")
    assert [each.revision for each in published] == [1, 2]
    again = report_record(report(both, as_of=date(2026, 6, 1)))["indicators"][0]
    assert again["display"] == "100%"


def test_a_period_that_is_not_over_is_not_published(here: Town) -> None:
    here.clock.set("2026-05-31")
    with pytest.raises(MoveNotAllowed, match="May 2026 is not over"), here.act("national") as act:
        adherence.publish(act, MAY)
    with pytest.raises(NotPermitted), here.act("company") as act:
        adherence.publish(act, MAY)


def test_a_roll_up_that_lies_is_found_by_a_recount_and_made_anew(here: Town) -> None:
    agreed(here)
    accepted(here, "RA9")
    with here.store.reading() as connection:
        (whole,) = kept.all_costings(connection)
    with here.store.writing() as connection:
        adherence_rollup.keep(connection, whole.key, whole._replace(events=whole.events[:1]), kept_definitions())
    with pytest.raises(StoreError, match="does not say what the records say"):
        report(here, recount=True)
    with here.store.writing() as connection:
        assert [finding.place for finding in adherence.check_rollup(connection, date(2026, 6, 1))] == [f"costing {whole.key}"]
        assert adherence.rebuild_rollup(connection, date(2026, 6, 1)) == 1
    assert lists(here)[0] == ["RA9"]


def test_clocks_run_from_the_recorded_events(here: Town) -> None:
    agreed(here)
    with here.act("company") as act:
        membership.record_event(act, IRAS, StudyEvent.model_validate({"kind": "regulatory_application", "on": "2026-05-01"}))
    here.clock.set("2026-06-10")
    with here.act("company") as act:
        membership.record_event(act, IRAS, StudyEvent.model_validate({"kind": "regulatory_approval", "on": "2026-06-05"}))
        readings = {reading.clock.id: reading for reading in adherence.clocks(act, act.today)}
    assert readings["regulatory"].median == 35
    assert [each.days for each in readings["application-to-first-participant"].unfinished] == [40]
    assert readings["regulatory"].cohort == "late phase"
    with here.office.look(here.people["rival"]) as act:
        assert adherence.clocks(act, act.today) == []
