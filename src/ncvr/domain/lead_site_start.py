"""A study that its lead site starts for a company: early phase and ATMP only, as was piloted.

The lead site makes the first draft and nothing else of what the company does: from then on the company keeps the pen.
"""

from collections.abc import Iterator

from ncvr.domain.people import Membership
from ncvr.domain.study import Study
from ncvr.errors import Finding


def check_lead_site_start(study: Study, lead_site: str, owner: str, groups: dict[str, str]) -> Iterator[Finding]:
    """What stands against this lead site starting this study for the owner; ``groups`` names the group of each company that has one."""
    if study.ncvr_class != "early":
        says = "a lead site starts only early phase and ATMP studies"
        yield Finding(
            "study, ncvr_class", says, "Say phase I to IIa, tick ATMP, or choose early phase where the phase leaves it open; else the company starts it"
        )
    if study.lead_site != lead_site:
        yield Finding("lead_site", f"a lead site starts its own studies, not those of {study.lead_site or 'none'}", f"Name {lead_site} as the lead site")
    if not Membership(owner=owner, lead_site=lead_site, groups=groups).separate():
        yield Finding("owner", f"{lead_site} stands on the side of {owner}", "Have a lead site that belongs neither to the company nor to its group start it")
