"""Whose a new study is: the company's that starts it, or the one's for which its lead site does."""

from dataclasses import dataclass

from ncvr.domain.lead_site_start import check_lead_site_start
from ncvr.domain.study import Study
from ncvr.errors import StudyError
from ncvr.services.office import Act
from ncvr.store import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """``owner`` is the company; ``lead_site`` the one that started it, None if the company did."""

    owner: str
    lead_site: str | None = None


def start_of(act: Act, study: Study, owner: str) -> Start:
    """Who owns the study this person starts; ``owner`` is the company that was named. Raises StudyError with every finding."""
    own = act.person.organisation
    if act.person.role == "study_resource_reviewer":
        return _by_lead_site(act, study, owner.strip())
    if owner.strip() not in ("", own):
        raise StudyError("a company starts its own studies only", "owner", f"Leave it out, or give {own}; the other company can give you access to its study")
    return Start(owner=own)


def _by_lead_site(act: Act, study: Study, typed: str) -> Start:
    lead_site, companies = act.person.organisation, {company.code: company for company in people.all_companies(act.connection)}
    if not typed:
        raise StudyError("the company whose study it is is missing", "owner", "Give the company's code here; the company has the study from then on")
    code = typed if typed in companies else typed.upper()
    if code not in companies:
        # Nothing like it is offered: who else is registered is not a lead site's to know.
        says = f"there is no company {typed!r} here"
        raise StudyError(says, "owner", "Ask the company for its code, or the national administrator to register it")
    groups = {company.code: company.group for company in companies.values() if company.group is not None}
    found = list(check_lead_site_start(study, lead_site, code, groups))
    if found:
        raise StudyError.of(found)
    return Start(owner=code, lead_site=lead_site)
