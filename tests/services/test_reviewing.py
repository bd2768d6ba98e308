"""The review as companies and reviewers walk it, on both engines."""

import pytest

from ncvr.domain.ledger import check_chain
from ncvr.domain.review import ResourceReview
from ncvr.domain.study import Study
from ncvr.errors import ChangedMeanwhile, InputError, MoveNotAllowed, NotFound, NotPermitted, StudyError
from ncvr.services import membership, reviewing
from ncvr.store import costings, ledger_entries, queries, studies
from tests.offices import IRAS, Town, small_study, study_file
from tests.services.walks import agreed, agreed_from, submitted


def test_a_review_is_agreed_after_a_query_and_an_answer_and_every_step_is_in_the_ledger(both: Town) -> None:
    review = submitted(both)
    assert review.study.study.ncvr_class == "late"
    with both.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
    with both.act("reviewer") as act:
        query = reviewing.add_query(act, IRAS, kind="query", line="A02", text="Is 45 minutes right?")
        review = reviewing.hand_back(act, IRAS, review.revision)
    with both.act("company") as act:
        reviewing.answer_query(act, IRAS, query.id, text="It is; see protocol 6.2")
        shorter = small_study(arms=study_file()["arms"])
        review = reviewing.edit_schedule(act, IRAS, shorter, review.revision)
        review = reviewing.respond(act, IRAS, review.revision)
    review = agreed_from_review(both, review.revision)
    assert (review.state, review.version) == ("agreed", 1)
    with both.store.reading() as connection:
        version = studies.version(connection, IRAS, 1)
        assert version is not None
        assert version.study.state == "agreed"
        assert (version.agreed_by, version.confirmed_by) == (both.people["reviewer"].actor, both.people["company"].actor)
        assert [costing.state for costing in costings.of_study(connection, IRAS)] == ["priced", "priced", "priced"]
        entries = list(ledger_entries.entries(connection))
        assert queries.open_count(connection, IRAS, 1) == 0
    assert check_chain(entries) == []
    steps = [entry.operation for entry in entries if entry.object == f"study/{IRAS}/review"]
    moved = [
        "study.create",
        "review.submit",
        "review.accept",
        "review.query",
        "review.edit",
        "review.respond",
        "review.agree",
        "review.agree",
        "review.version",
    ]
    assert steps == moved


def agreed_from_review(town: Town, revision: int) -> ResourceReview:
    with town.act("reviewer") as act:
        review = reviewing.agree(act, IRAS, revision)
    with town.act("company") as act:
        return reviewing.agree(act, IRAS, review.revision)


def test_the_company_does_not_confirm_what_the_reviewer_has_not_agreed(here: Town) -> None:
    review = submitted(here)
    with here.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
    with pytest.raises(MoveNotAllowed, match="has not agreed"), here.act("company") as act:
        reviewing.agree(act, IRAS, review.revision)


def test_an_edit_by_the_reviewer_opens_again_what_had_been_agreed(here: Town) -> None:
    review = submitted(here)
    with here.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
        review = reviewing.agree(act, IRAS, review.revision)
        review = reviewing.edit_schedule(act, IRAS, review.study, review.revision)
    with pytest.raises(MoveNotAllowed, match="has not agreed"), here.act("company") as act:
        reviewing.agree(act, IRAS, review.revision)


def test_a_reviewer_changes_the_schedule_and_not_what_the_study_is(here: Town) -> None:
    review = submitted(here)
    with here.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
    other = review.study.model_copy(update={"study": review.study.study.model_copy(update={"sponsor": "Somebody else"})})
    with pytest.raises(StudyError, match="not what the study is"), here.act("reviewer") as act:
        reviewing.edit_schedule(act, IRAS, other, review.revision)


def test_a_reviewer_lists_no_further_site_and_may_send_the_sites_back_as_they_are(here: Town) -> None:
    review = submitted(here, small_study(sites=[{"ods_code": "RGT"}]))
    with here.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
        review = reviewing.edit_schedule(act, IRAS, review.study, review.revision)
    more = small_study(sites=[{"ods_code": "RGT"}, {"ods_code": "RK9"}])
    other = review.study.model_copy(update={"sites": more.sites})
    with pytest.raises(StudyError, match="not who takes part"), here.act("reviewer") as act:
        reviewing.edit_schedule(act, IRAS, other, review.revision)


def test_a_decision_on_an_old_revision_hears_what_changed_since(both: Town) -> None:
    review = submitted(both)
    with both.act("reviewer") as act:
        reviewing.accept(act, IRAS, review.revision)
    with pytest.raises(ChangedMeanwhile, match=r"review\.accept by a study resource reviewer"), both.act("reviewer") as act:
        reviewing.revert(act, IRAS, review.revision, reason="wrong")


def test_a_rival_a_strange_reviewer_and_a_site_before_sharing_find_nothing(here: Town) -> None:
    submitted(here)
    for who in ("rival", "cro", "other_reviewer", "site_rgt", "site_ra9", "network"):
        with pytest.raises(NotFound, match="no such thing"), here.act(who) as act:
            reviewing.read_review(act, IRAS)
    with pytest.raises(NotFound, match="no such thing"), here.act("company") as act:
        reviewing.read_review(act, "9999999")


def test_a_cro_acts_for_the_owner_between_its_days_and_grants_nothing_on(here: Town) -> None:
    submitted(here)
    with here.act("company") as act:
        membership.grant(act, IRAS, "CRO", act.today, None)
    with here.act("cro") as act:
        assert reviewing.read_review(act, IRAS).state == "submitted"
    with pytest.raises(NotPermitted, match="only the owner"), here.act("cro") as act:
        membership.grant(act, IRAS, "RIVAL", act.today, None)
    with here.act("company") as act:
        membership.grant(act, IRAS, "CRO", act.today, act.today)
    here.clock.set("2026-05-05")
    with pytest.raises(NotFound), here.act("cro") as act:
        reviewing.read_review(act, IRAS)


def test_the_class_is_frozen_at_first_submission(here: Town) -> None:
    undecided = small_study(study=study_file()["study"] | {"phase": "II", "ncvr_class": "late"})
    review = submitted(here, undecided)
    with here.act("reviewer") as act:
        review = reviewing.revert(act, IRAS, review.revision, reason="please correct the phase")
    early = undecided.model_copy(update={"study": undecided.study.model_copy(update={"ncvr_class": "early"})})
    with pytest.raises(StudyError, match="frozen at first submission"), here.act("company") as act:
        reviewing.edit_schedule(act, IRAS, early, review.revision)


def test_a_class_that_the_phase_is_not_of_is_refused_as_in_a_file(here: Town) -> None:
    early = small_study(study=study_file()["study"] | {"phase": "I"})
    wrong = early.model_copy(update={"study": early.study.model_copy(update={"ncvr_class": "late"})})
    with pytest.raises(StudyError, match="phase I is early, not late"), here.act("company") as act:
        reviewing.create_study(act, wrong)
    review = submitted(here)
    with here.act("reviewer") as act:
        review = reviewing.revert(act, IRAS, review.revision, reason="please correct the phase")
    with pytest.raises(StudyError, match="phase I is early, not late"), here.act("company") as act:
        reviewing.edit_schedule(act, IRAS, wrong, review.revision)


def test_an_unknown_organisation_or_line_and_a_taken_number_are_refused(here: Town) -> None:
    with pytest.raises(InputError, match="not in the list"), here.act("company") as act:
        reviewing.create_study(act, small_study(lead_site="ZZZ"))
    review = submitted(here)
    with pytest.raises(StudyError, match="registered already"), here.act("rival") as act:
        reviewing.create_study(act, small_study())
    with here.act("reviewer") as act:
        reviewing.accept(act, IRAS, review.revision)
    with pytest.raises(InputError, match="no line 'A99'"), here.act("reviewer") as act:
        reviewing.add_query(act, IRAS, kind="query", line="A99", text="?")


def test_a_schedule_that_counts_at_a_visit_it_has_not_is_neither_registered_nor_saved(here: Town) -> None:
    arms = study_file()["arms"]
    arms[0]["activities"][1]["occurrences"] = {"V9": 1}
    with pytest.raises(StudyError, match="V9"), here.act("company") as act:
        reviewing.create_study(act, Study.model_validate(study_file(arms=arms)))
    with here.act("company") as act:
        review = reviewing.create_study(act, small_study())
    with pytest.raises(StudyError, match="V9"), here.act("company") as act:
        reviewing.edit_schedule(act, IRAS, Study.model_validate(study_file(arms=arms)), review.revision)


def test_an_amendment_keeps_version_1_and_withdrawing_it_returns_to_it(here: Town) -> None:
    review = agreed(here)
    with here.act("company") as act:
        draft = reviewing.amend(act, IRAS, review.revision, reason="protocol 3.0")
    assert (draft.state, draft.version, draft.study.version) == ("draft", 2, 2)
    with here.act("company") as act:
        back = reviewing.withdraw(act, IRAS, draft.revision, reason="not needed")
    assert (back.state, back.version, back.study.state) == ("agreed", 1, "agreed")


def test_a_second_version_is_agreed_the_same_way(here: Town) -> None:
    review = agreed(here)
    with here.act("company") as act:
        draft = reviewing.amend(act, IRAS, review.revision, reason="protocol 3.0")
        draft = reviewing.submit(act, IRAS, draft.revision, protocol_version="2.0")
    again = agreed_from(here, draft)
    assert (again.state, again.version) == ("agreed", 2)
