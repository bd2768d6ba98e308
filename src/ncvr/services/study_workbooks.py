"""A study of the service out to Excel and back: what each person may have in it, and what comes back as a proposal."""

from typing import TYPE_CHECKING

from ncvr.domain.permissions import not_found
from ncvr.domain.review import ResourceReview, check_may_edit
from ncvr.domain.study import Study
from ncvr.errors import WorkbookError
from ncvr.services.office import Act
from ncvr.services.reviewing import edit_schedule
from ncvr.store import studies

if TYPE_CHECKING:  # spreadsheets are loaded when somebody has one: a server at rest stays small
    from ncvr.services.workbook import Proposal

# How the reader of workbooks begins what it says of a price cell; a test types over the price cells of every kind of sheet.
_OF_PRICES = ("Nobody types a price", "Prices follow the resources")


def study_workbook(act: Act, iras_id: str) -> bytes:
    """The study as a workbook. A site's holds that site only; a reviewer's holds the resource and no site's price."""
    from ncvr.services.workbook import export_workbook

    by = act.standing("workbook.read", iras_id)
    folder = act.office.tariffs.folder
    if by == "site":
        study = _agreed(act, iras_id)
        own = next((site for site in study.sites if site.ods_code == act.person.organisation), None)
        if own is None:
            raise not_found(f"study {iras_id}, workbook")
        return export_workbook(study.model_copy(update={"sites": [own]}), folder, act.today, own.key)
    review = studies.read(act.connection, iras_id)
    assert review is not None  # the person has a standing in it
    study = review.study.model_copy(update={"sites": []}) if by == "reviewer" else review.study
    return export_workbook(study, folder, act.today)


def _agreed(act: Act, iras_id: str) -> Study:
    agreed = studies.version(act.connection, iras_id, studies.latest_version(act.connection, iras_id))
    if agreed is None:
        raise not_found(f"study {iras_id}, workbook")
    return agreed.study


def propose_workbook(act: Act, iras_id: str, content: bytes) -> "Proposal":
    """What a returning workbook would change, for whoever holds the pen. Nothing is taken over.

    Raises WorkbookError with every finding.
    """
    from ncvr.services.workbook import import_workbook

    by = act.standing("review.edit", iras_id)
    review = studies.read(act.connection, iras_id)
    assert review is not None  # the person has a standing in it
    check_may_edit(review.state, by, review.place)
    return import_workbook(content, "the workbook", act.office.tariffs.folder, base=review.study)


def apply_workbook(act: Act, iras_id: str, content: bytes, expected: int, *, reason: str = "") -> "tuple[Proposal, ResourceReview]":
    """Take over what a workbook proposes, as an edit of the schedule."""
    proposal = propose_workbook(act, iras_id, content)
    return proposal, edit_schedule(act, iras_id, proposal.study, expected, reason=reason)


def names_a_price(refused: WorkbookError) -> bool:
    """Whether the workbook was refused for a changed price cell: that is an attempt to edit a price."""
    return any(finding.remedy.startswith(_OF_PRICES) for finding in refused.findings)
