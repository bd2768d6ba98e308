"""Who acts: six roles, and what a person is to one study. Names are not here; a person is an opaque actor id.

What a person may see follows from what their organisation is to the study. No standing means the study does not exist
for them.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

Role = Literal["company_representative", "study_resource_reviewer", "site_representative", "network_coordinator", "national_administrator", "auditor"]
Standing = Literal["company", "reviewer", "site", "commenting_site", "network", "national", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
STANDINGS: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``actor`` is opaque: the ledger holds it, and the person's name can be blanked without breaking the chain."""

    actor: str
    role: Role
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Which organisations take part in a study, and as what.

    ``delegates`` act for the owner (a CRO, between its dates); ``groups`` names the group of each company that has one;
    ``shared_sites`` are the sites whose costing has been shared; ``escalated`` brings the network coordinators in.
    ``commenting_sites`` may comment on the review and nothing else (:mod:`ncvr.domain.site_comments`).
    """

    owner: str
    lead_site: str | None = None
    delegates: frozenset[str] = frozenset()
    shared_sites: frozenset[str] = frozenset()
    commenting_sites: frozenset[str] = frozenset()
    escalated: bool = False
    groups: dict[str, str] = field(default_factory=dict)

    @property
    def companies(self) -> frozenset[str]:
        """The submitting company and those it delegates to."""
        return self.delegates | {self.owner}

    def separate(self) -> bool:
        """Whether the lead site stands apart from the company side, by organisation and by group, not by account."""
        lead = self.lead_site or ""
        return lead not in self.companies and self.groups.get(lead, lead) not in {self.groups.get(company, company) for company in self.companies}


def standing(person: Person, study: Membership) -> Standing | None:
    """What this person is to this study; None: it does not exist for them.

    >>> standing(Person(actor="a1", role="company_representative", organisation="ACME"), Membership(owner="RIVAL")) is None
    True
    """
    role, at = person.role, person.organisation
    if role == "company_representative":
        return "company" if at in study.companies else None
    if role == "study_resource_reviewer":
        return "reviewer" if at == study.lead_site else None
    if role == "site_representative":
        return "site" if at in study.shared_sites else "commenting_site" if at in study.commenting_sites else None
    if role == "network_coordinator":
        return "network" if study.escalated else None
    return "national" if role == "national_administrator" else "auditor"
