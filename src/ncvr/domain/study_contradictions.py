"""What in a study says two things at once, and what does not say when it happens."""

from collections.abc import Iterator

from ncvr.domain.study import Site, Study
from ncvr.errors import Finding


def check_contradictions(study: Study) -> Iterator[Finding]:
    """Numbers that cannot both be meant; a projection made of them would be wrong."""
    for arm in study.arms:
        for visit in arm.visits:
            repeat = visit.repeat
            if repeat is not None and repeat.expected is not None and repeat.max is not None and repeat.expected > repeat.max:
                says = f"{repeat.expected} repeats are expected, but at most {repeat.max} are allowed"
                yield Finding(f"arm {arm.id}, visit {visit.id}, repeat", says, "Correct expected or max")
    for entry in study.setup_and_closedown:
        if entry.per == "once" and entry.expected is not None and entry.expected > 1:
            says = f"it is paid once, but expected {entry.expected} times"
            yield Finding(f"set-up and close-down {entry.id}, expected", says, "Leave expected out, or say per what it is paid")
    for site in study.sites:
        yield from _check_site(study, site)


def _check_site(study: Study, site: Site) -> Iterator[Finding]:
    if site.arms == []:
        yield Finding(f"site {site.key}, arms", "the site takes part in no arm", "Name its arms, or leave arms out if it takes part in all")
    if site.arm_participants is None:
        return
    taken = {arm.id for arm in study.arms} if site.arms is None else set(site.arms)
    for arm in site.arm_participants:
        if arm not in taken:
            yield Finding(
                f"site {site.key}, arm_participants", f"participants are planned in arm {arm!r}, in which the site takes no part", "Correct one of them"
            )
    optional = {arm.id for arm in study.arms if arm.optional}
    planned = sum(count for arm, count in site.arm_participants.items() if arm not in optional)
    if site.target_participants is not None and planned != site.target_participants:
        says = f"its arms have {planned} participants together, but its target is {site.target_participants}"
        yield Finding(f"site {site.key}, arm_participants", says, "Correct the target or the arms; participants of optional arms are not counted")


def check_occasions(study: Study) -> Iterator[Finding]:
    """Work that is paid on an occasion says which; a contract prints it beside the price."""
    for arm in study.arms:
        for activity in arm.activities:
            if activity.payment == "item" and not activity.when:
                place = f"arm {arm.id}, activity {activity.id}, when"
                yield Finding(place, "an item does not say for whom or when it is done", 'Say it in "when", such as "women of child-bearing potential"')
    for entry in study.unscheduled:
        if not entry.when:
            yield Finding(f"unscheduled {entry.id}, when", "unscheduled work does not say when it is done", 'Say it in "when", such as "clinically indicated"')
    for setup in study.setup_and_closedown:
        if not setup.trigger:
            place = f"set-up and close-down {setup.id}, trigger"
            yield Finding(place, "it does not say when it is paid", 'Say it in "trigger", such as "site confirms capacity and capability"')
