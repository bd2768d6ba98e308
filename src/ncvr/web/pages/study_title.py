"""How a page of a study names it."""

from ncvr.domain.study import Study
from ncvr.services.office import Act
from ncvr.store import studies
from ncvr.web.pages.history_words import title_of


def agreed_or_draft(act: Act, iras_id: str) -> Study:
    """The newest agreed version, which every party knows; before there is one, the draft. Ask for a standing first."""
    agreed = studies.version(act.connection, iras_id, studies.latest_version(act.connection, iras_id))
    if agreed is not None:
        return agreed.study
    review = studies.read(act.connection, iras_id)
    assert review is not None  # whoever has a standing in a study knows that it is there
    return review.study


def study_title(act: Act, iras_id: str) -> str:
    return title_of(agreed_or_draft(act, iras_id))
