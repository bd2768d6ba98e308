"""Site costings as companies and sites work them: shared, accepted, contracted, overtaken by a new edition, varied."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from ncvr.domain.people import Person
from ncvr.domain.price_record import prices_record
from ncvr.domain.site_numbers import nth_of_site
from ncvr.domain.study import Site
from ncvr.errors import InputError, MoveNotAllowed, NoSiteMultiplier, NotFound
from ncvr.services import contract_variation, costing, kept_prices, reviewing
from ncvr.services.pricing import SOFTWARE
from ncvr.store import costings, ledger_entries, tables
from tests.offices import IRAS, Town, small_study, study_file
from tests.services.walks import accepted, agreed, agreed_from, at, contracted, shared

AUTUMN = "2026-10-01"


def test_a_price_is_accepted_and_contracted_and_then_stands_still(both: Town) -> None:
    agreed(both)
    signed = contracted(both, "RA9")
    both.clock.set("2026-10-05")
    with both.act("company") as act:
        assert not costing.is_stale(act, at(both, "RA9"))
        assert costing.is_stale(act, at(both, "RK9"))
    with pytest.raises(MoveNotAllowed, match="contracted"), both.act("company") as act:
        costing.reprice(act, IRAS, "RA9", signed.revision)
    assert at(both, "RA9").price == signed.price


def test_a_price_computes_again_to_its_fingerprint_when_its_edition_is_gone_from_the_shelf(both: Town) -> None:
    agreed(both)
    signed = contracted(both, "RA9")
    for file in (both.office.tariffs.folder / "2026-04-01-tiny").iterdir():
        file.unlink()
    (both.office.tariffs.folder / "2026-04-01-tiny").rmdir()
    both.clock.set("2031-01-01")
    with both.act("auditor") as act:
        again = kept_prices.recomputed_price(act, at(both, "RA9"))
    record = prices_record(again.costs, [again], on=signed.price.pricing_date, software=SOFTWARE)
    assert record["prices"][0]["fingerprint"] == signed.price.fingerprint
    assert record == json.loads(signed.price.record)


def test_a_new_edition_makes_what_is_not_contracted_stale_until_it_is_priced_again(both: Town) -> None:
    agreed(both)
    waiting, took = shared(both, "RA9"), accepted(both, "RK9")
    both.clock.set(AUTUMN)
    with pytest.raises(MoveNotAllowed, match="stale"), both.act("site_ra9") as act:
        costing.accept(act, IRAS, "RA9", waiting.revision)
    with both.act("company") as act:
        again = costing.reprice(act, IRAS, "RA9", waiting.revision)
    assert (again.state, again.price.edition, again.shared_at) == ("priced", "2026-10-01-tiny", None)
    assert again.price.fingerprint != waiting.price.fingerprint
    with both.store.reading() as connection:
        kept = [price.total for price in costings.earlier_prices(connection, again)]
        last = list(ledger_entries.entries(connection))[-1]
    assert kept == [waiting.price.total, again.price.total]
    assert (last.operation, last.old) == ("costing.reprice", f"2026-04-01-tiny {waiting.price.fingerprint}")
    with pytest.raises(NotFound), both.act("site_ra9") as act:  # what was shared is superseded: the site sees it again when it is shared again
        costing.read_costing(act, IRAS, "RA9", "price.read")
    assert at(both, "RK9") == took


def test_the_nation_is_priced_again_at_once_and_doing_it_twice_does_nothing(both: Town) -> None:
    agreed(both)
    shared(both, "RA9")
    signed = contracted(both, "RK9")
    both.clock.set(AUTUMN)
    with pytest.raises(InputError, match="not in force"), both.act("national") as act:
        costing.reprice_all(act, "2026-04-01-tiny")
    with both.act("national") as act:
        done, left = costing.reprice_all(act, "2026-10-01-tiny")
    assert ([each.site.ods_code for each in done], left) == (["RA9", "RGT"], [])
    with both.act("national") as act:
        assert costing.reprice_all(act, "2026-10-01-tiny") == ([], [])
    assert at(both, "RK9") == signed


def test_a_contract_signed_under_the_old_edition_and_recorded_under_the_new_stands(both: Town) -> None:
    agreed(both)
    took = accepted(both, "RA9")
    both.clock.set("2026-10-03")
    day = took.price.pricing_date.replace(month=9, day=30)
    with both.act("company") as act:
        signed = costing.contract(act, IRAS, "RA9", took.revision, signed_on=day, fingerprint=took.price.fingerprint, template="mCTA/sample-1")
    assert (signed.state, signed.signed_on) == ("contracted", day)


def test_a_contract_signed_after_the_new_edition_or_with_another_document_is_refused(here: Town) -> None:
    agreed(here)
    took = accepted(here, "RA9")
    with pytest.raises(MoveNotAllowed, match="does not carry this price"), here.act("company") as act:
        costing.contract(act, IRAS, "RA9", took.revision, signed_on=act.today, fingerprint="sha256:other", template="mCTA/sample-1")
    here.clock.set("2026-10-03")
    with pytest.raises(MoveNotAllowed, match="was in force"), here.act("company") as act:
        costing.contract(act, IRAS, "RA9", took.revision, signed_on=act.today, fingerprint=took.price.fingerprint, template="mCTA/sample-1")


def test_a_closed_trusts_costing_is_reassigned_to_its_successor_and_both_codes_are_kept(both: Town) -> None:
    sites = [{"ods_code": "RXX", "principal_investigator": "Dr Example", "target_participants": 10}]
    agreed(both, small_study(sites=sites))
    both.clock.set("2026-07-01")
    before = at(both, "RXX")
    with pytest.raises(MoveNotAllowed, match="closed"), both.act("company") as act:
        costing.lock(act, IRAS, "RXX", before.revision)
    with pytest.raises(InputError, match="successor of RXX is RGT"), both.act("company") as act:
        costing.reassign(act, IRAS, "RXX", before.revision, ods_code="RA9")
    with both.act("company") as act:
        after = costing.reassign(act, IRAS, "RXX", before.revision, ods_code="RGT")
    assert (after.site.ods_code, after.former_code, after.state) == ("RGT", "RXX", "priced")
    assert (before.price.multiplier, after.price.multiplier) == ("1.10", "1.08")


def test_a_site_without_a_multiplier_is_an_error_and_the_agreement_waits(here: Town) -> None:
    sites = [{"ods_code": "RGT"}, {"ods_code": "RZZ"}]
    with (here.office.tariffs.folder / "organisations.csv").open("a") as file:
        file.write("RZZ,ods,New trust,England,acute,London,open,1993-04-01,,,made up\n")
    with pytest.raises(NoSiteMultiplier, match="no multiplier for RZZ"):
        agreed(here, small_study(sites=sites))
    with here.store.reading() as connection:
        assert costings.of_study(connection, IRAS) == []


def test_a_site_is_added_to_an_agreed_study_once(here: Town) -> None:
    agreed(here, small_study(sites=[{"ods_code": "RGT"}]))
    with here.act("company") as act:
        added = costing.add_site(act, IRAS, Site(ods_code="RA9", target_participants=5))
    assert (nth_of_site(added.number), added.state) == (1, "priced")
    with pytest.raises(MoveNotAllowed, match="has a costing already"), here.act("company") as act:
        costing.add_site(act, IRAS, Site(ods_code="RA9"))


def test_a_site_counts_its_own_costings_beside_old_numbers_that_counted_the_studys(both: Town) -> None:
    """A database from before has numbers such as 1, 2, 3; the newest costing of a site still has the highest."""
    agreed(both, small_study(sites=[{"ods_code": "RGT"}, {"ods_code": "RA9"}]))
    with both.store.writing() as connection:
        for number, site in enumerate(("RGT", "RA9"), start=1):
            connection.execute(update(tables.costings).where(tables.costings.c.site_key == site).values(number=number))
    assert nth_of_site(at(both, "RA9").number) == 2
    with both.act("company") as act:
        costing.withdraw(act, IRAS, "RA9", 1, reason="too early")
    with both.act("company") as act:
        again = costing.add_site(act, IRAS, Site(ods_code="RA9"))
    with both.act("company") as act:
        costing.withdraw(act, IRAS, "RA9", 1, reason="too early")
    with both.act("company") as act:
        newest = costing.add_site(act, IRAS, Site(ods_code="RA9"))
    assert [nth_of_site(each.number) for each in (again, newest)] == [2, 3]
    assert at(both, "RA9").number == newest.number
    with both.act("company") as act:
        listed = [(each.site.key, nth_of_site(each.number)) for each in costing.list_costings(act, IRAS)]
    assert listed == [("RA9", 2), ("RA9", 2), ("RA9", 3), ("RGT", 1)]


def test_what_was_reassigned_to_a_site_is_in_work_there_though_that_had_a_higher_number(both: Town) -> None:
    both.clock.set("2026-06-29")
    agreed(both, small_study(sites=[{"ods_code": "RGT"}, {"ods_code": "RXX"}]))
    with both.store.writing() as connection:
        connection.execute(update(tables.costings).where(tables.costings.c.site_key == "RXX").values(number=1))
    with both.act("company") as act:
        costing.withdraw(act, IRAS, "RGT", at(both, "RGT").revision, reason="too early")
    both.clock.set("2026-07-01")
    with both.act("company") as act:
        moved = costing.reassign(act, IRAS, "RXX", at(both, "RXX").revision, ods_code="RGT")
    assert moved.number == 1
    assert at(both, "RGT") == moved
    with both.act("company") as act:
        assert costing.list_costings(act, IRAS)[-1] == moved


def test_a_refused_a_declined_and_a_withdrawn_costing_say_why(here: Town) -> None:
    agreed(here)
    first, second = shared(here, "RA9"), shared(here, "RK9")
    with here.act("site_ra9") as act:
        refused = costing.refuse(act, IRAS, "RA9", first.revision, reason_code="staff_rates", reason="too low")
    with here.act("site_rk9") as act:
        declined = costing.decline(act, IRAS, "RK9", second.revision, reason="no capacity")
    with here.act("company") as act:
        withdrawn = costing.withdraw(act, IRAS, "RGT", at(here, "RGT").revision, reason="site not needed")
    assert (refused.reason_code, declined.reason, withdrawn.state) == ("staff_rates", "no capacity", "withdrawn")


def test_a_site_sees_its_own_shared_price_and_no_other(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    shared(here, "RK9")
    with here.act("site_ra9") as act:
        assert [each.site.ods_code for each in costing.list_costings(act, IRAS)] == ["RA9"]
        with pytest.raises(NotFound):
            costing.read_costing(act, IRAS, "RK9", "price.read")


def test_the_reviewer_of_a_single_site_study_does_not_accept_it(here: Town) -> None:
    agreed(here)
    found = shared(here, "RGT")
    same = Person(actor=here.people["reviewer"].actor, role="site_representative", organisation="RGT")
    with pytest.raises(MoveNotAllowed, match="may not also accept"), here.office.act(same, "request") as act:
        costing.accept(act, IRAS, "RGT", found.revision)


def test_a_contract_is_varied_twice_and_what_never_changed_keeps_its_first_price(both: Town) -> None:
    agreed(both)
    contracted(both, "RA9")
    both.clock.set(AUTUMN)
    first = amended(both, minutes=60)
    with both.act("company") as act:
        found, variation = contract_variation.vary_contract(act, IRAS, "RA9", at(both, "RA9").revision, version=2)
    changes = {(entry["kind"], entry["id"]): (entry["change"], entry["edition"]) for entry in json.loads(variation.record)}
    assert changes[("item", "A03")] == ("unchanged", "2026-04-01-tiny")
    assert changes[("visit", "V2")] == ("changed", "2026-10-01-tiny")
    assert (found.state, found.version, found.price) == ("contracted", 2, at(both, "RA9").price)
    amended(both, minutes=60, setup=[])
    with both.act("company") as act:
        _, second = contract_variation.vary_contract(act, IRAS, "RA9", found.revision, version=3)
    again = {(entry["kind"], entry["id"]): entry for entry in json.loads(second.record)}
    before = {(entry["kind"], entry["id"]): entry for entry in json.loads(variation.record)}
    assert again[("item", "A03")]["price"] == before[("item", "A03")]["price"]
    assert again[("item", "A03")]["edition"] == "2026-04-01-tiny"
    assert again[("visit", "V2")]["price"] == before[("visit", "V2")]["price"]
    assert again[("setup_and_closedown", "S01")] | {"change": "withdrawn", "price": None} == again[("setup_and_closedown", "S01")]
    assert first == 2
    with pytest.raises(MoveNotAllowed, match="already carries version 3"), both.act("company") as act:
        contract_variation.vary_contract(act, IRAS, "RA9", at(both, "RA9").revision, version=3)


def amended(town: Town, *, minutes: int, **known: Any) -> int:
    """Agree the next version, in which V2's nursing takes this long; returns its number."""
    arms = study_file()["arms"]
    arms[0]["activities"][1]["resources"][0]["minutes"] = minutes
    record = study_file(arms=arms, **({"setup_and_closedown": known["setup"]} if "setup" in known else {}))
    with town.act("company") as act:
        review = reviewing.read_review(act, IRAS)
        review = reviewing.amend(act, IRAS, review.revision, reason="amendment")
        review = reviewing.edit_schedule(act, IRAS, small_study(**{key: record[key] for key in ("arms", "setup_and_closedown")}), review.revision)
        review = reviewing.submit(act, IRAS, review.revision, protocol_version="2.0")
    return agreed_from(town, review).version
