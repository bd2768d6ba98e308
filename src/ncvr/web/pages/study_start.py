"""Starting a study: from a study file, from a workbook made by this software, or from a few fields; and changing its facts later.

A company starts its own; a lead site starts one of early phase or ATMP for the company it names.
"""

from dataclasses import replace
from typing import Any

from fastapi import Response

from ncvr.domain.study import Study, study_record
from ncvr.errors import InputError, MoveNotAllowed, StudyError
from ncvr.files.json_files import parse_json
from ncvr.files.study_files import study_from
from ncvr.services import reviewing
from ncvr.services.considering import consider_review
from ncvr.services.office import Act
from ncvr.services.revisions import review_object
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_page import moved_on
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.study_form import PHASES, at_fields, blank, fields_of, identity_typed, new_study, organisations_offered, studied, typed
from ncvr.web.routing import Routes

routes = Routes("Pages")


@routes.add("GET", "/studies/new", "studies.create", media_type="text/html")
def new_study_page(page: Seen) -> Response:
    """The two ways to start a study."""
    with page.look() as act:
        act.allowed("studies.create")
        known = _offered(act)
    return page.show("study_new.html", fields=blank() | _own_lead_site(page) | _owner(page), **known)


@routes.add("POST", "/studies/new", "studies.create", media_type="text/html")
def start_study(page: Seen) -> Response:
    """A study from a few fields: a draft that can be read and worked on."""
    try:
        with page.act() as act:
            act.allowed("studies.create")
            review = reviewing.create_study(act, new_study(page), page.field("owner"))
    except InputError as error:
        return _again(page, error)
    return page.go(f"/studies/{review.iras_id}", said="study-started")


@routes.add("POST", "/studies/new/workbook", "studies.create", media_type="text/html")
def start_study_from_file(page: Seen) -> Response:
    """A study from a study file, or from a workbook made by this software."""
    try:
        with page.act() as act:
            act.allowed("studies.create")
            review = reviewing.create_study(act, _uploaded(act, page.upload("file")), page.field("file_owner"))
    except InputError as error:
        return _again(page, error, owner_field="file_owner")
    return page.go(f"/studies/{review.iras_id}", said="study-started")


def _uploaded(act: Act, content: bytes) -> Study:
    """The study in the file. Raises InputError with every finding."""
    if not content:
        raise InputError("no file was chosen", "file", "Choose a study file (.json) or a workbook (.xlsx) made by this software")
    if content.startswith(b"PK"):
        from ncvr.services.workbook import study_in_workbook  # spreadsheets are loaded when somebody has one

        study, _ = study_in_workbook(content, "the workbook", act.office.tariffs.folder)
        return study
    return study_from(parse_json(content, "the file"), "the file").or_raise(StudyError)


def _again(page: Page, error: InputError, *, owner_field: str = "owner") -> Response:
    with page.look() as act:
        known = _offered(act)
    findings = [replace(found, place=owner_field) if found.place == "owner" else found for found in at_fields(error.findings)]
    return page.refused(type(error).of(findings), "study_new.html", fields=typed(page) | _owner(page), **known)


def _own_lead_site(page: Page) -> dict[str, Any]:
    """A lead site starts what it leads itself."""
    return {"lead_site": page.person.organisation} if page.person.role == "study_resource_reviewer" else {}


def _owner(page: Page) -> dict[str, Any]:
    """The company a lead site names, in either form; a company is not asked."""
    return {"owner": page.field("owner"), "file_owner": page.field("file_owner"), "by_lead_site": page.person.role == "study_resource_reviewer"}


def _offered(act: Act) -> dict[str, Any]:
    return {"organisations": organisations_offered(act), "phases": [(phase, phase) for phase in PHASES]}


@routes.add("GET", "/studies/{iras_id}/facts", "review.submit", media_type="text/html")
def facts_page(page: Seen, iras_id: str) -> Response:
    """What the study is, to be changed while the company holds the pen."""
    with page.look() as act:
        considered = consider_review(act, iras_id, "review.submit")
        review = considered.review
        if review.state not in ("draft", "with_company"):
            return moved_on(page, act, review.study, (review_object(iras_id), f"/studies/{iras_id}"), considered.by)
        return page.show(
            "study_facts.html", iras_id=iras_id, title=title_of(review.study), revision=review.revision, fields=fields_of(review.study), **_offered(act)
        )


@routes.add("POST", "/studies/{iras_id}/facts", "review.submit", media_type="text/html")
def change_facts(page: Seen, iras_id: str) -> Response:
    """Save the facts as an edit of the schedule, which records each that differs."""
    try:
        with page.act() as act:
            act.standing("review.submit", iras_id)
            before = reviewing.read_review(act, iras_id).study
            reviewing.edit_schedule(act, iras_id, _changed(page, before), page.revision)
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            study, known = reviewing.read_review(act, iras_id).study, _offered(act)
        told = type(error).of(at_fields(error.findings))
        return page.refused(told, "study_facts.html", iras_id=iras_id, title=title_of(study), revision=page.revision, fields=typed(page), **known)
    return page.go(f"/studies/{iras_id}", said="facts-saved")


def _changed(page: Page, before: Study) -> Study:
    """The study with its facts as typed; what the form does not ask stays."""
    record = study_record(before)
    kept = {name: record["study"][name] for name in ("iras_id", "first_submitted_on") if name in record["study"]}
    record["study"] = {**kept, **identity_typed(page)}
    record["lead_site"] = page.field("lead_site") or None
    return studied(record)
