"""Who may do what: one table that the code, the documentation and the tests read. What is not here is not allowed.

``STUDY_OPERATIONS`` need a standing in the study, and without one the study does not exist for the person.
``GENERAL_OPERATIONS`` need a role. ``OPEN`` needs neither a study nor a token.
"""

from ncvr.domain.people import ROLES, STANDINGS, Membership, Person, Role, Standing, standing
from ncvr.errors import NotFound, NotPermitted

_COMMENTING: frozenset[Standing] = frozenset({"commenting_site"})
# Whoever takes part. A site that only comments does not: it may do what names it below, and nothing that is added for everybody.
_EVERYBODY = frozenset(STANDINGS) - _COMMENTING
_PARTIES: frozenset[Standing] = frozenset({"company", "reviewer", "network", "national", "auditor"})
_COMPANY: frozenset[Standing] = frozenset({"company"})
_REVIEWER: frozenset[Standing] = frozenset({"reviewer"})
_BOTH: frozenset[Standing] = frozenset({"company", "reviewer"})
_SITE: frozenset[Standing] = frozenset({"site"})
_COMPANY_OR_NATIONAL: frozenset[Standing] = frozenset({"company", "national"})
_BROKERS: frozenset[Standing] = frozenset({"network", "national"})
_CONTRACT_READERS: frozenset[Standing] = frozenset({"company", "site", "national", "auditor"})

STUDY_OPERATIONS: dict[str, frozenset[Standing]] = {
    "study.read": _EVERYBODY | _COMMENTING,  # as it may see it
    "study.versions": _PARTIES,
    "study.diff": _PARTIES,
    "study.members": _PARTIES,
    "study.grant": _COMPANY,
    "study.events": _PARTIES,
    "study.history": _PARTIES,
    "study.record_event": frozenset({"company", "site", "national"}),
    "review.read": _PARTIES,
    "review.edit": _BOTH,
    "review.submit": _COMPANY,
    "review.accept": _REVIEWER,
    "review.revert": _REVIEWER,
    "review.query": _REVIEWER,
    "review.respond": _COMPANY,
    "review.agree": _BOTH,
    "review.amend": _COMPANY,
    "review.withdraw": _COMPANY,
    "workbook.read": frozenset({"company", "reviewer", "site", "national", "auditor"}),
    "queries.read": _PARTIES | _COMMENTING,  # its own organisation's
    "queries.write": _BOTH | _COMMENTING,  # comments only
    "queries.answer": _BOTH,
    "sites.list": _EVERYBODY,
    "sites.add": _COMPANY,
    "price.read": frozenset({"company", "site", "network", "national", "auditor"}),
    "price.edit": _EVERYBODY,  # who asks is told that nobody edits a price, and the asking is recorded
    "details.read": _CONTRACT_READERS,
    "details.write": _COMPANY,
    "contract.read": _CONTRACT_READERS,
    "costing.lock": _COMPANY,
    "costing.unlock": _COMPANY,
    "costing.share": _COMPANY,
    "costing.accept": _SITE,
    "costing.refuse": _SITE,
    "costing.contract": _COMPANY,
    "costing.decline": _SITE,
    "costing.withdraw": _COMPANY,
    "costing.reprice": _COMPANY_OR_NATIONAL,
    "costing.reassign": _COMPANY_OR_NATIONAL,
    "costing.vary": _COMPANY,
    "escalations.read": frozenset({"company", "site", "network", "national", "auditor"}),
    "escalations.raise": _SITE,
    "escalations.decide": _BROKERS,
    "adherence.record": frozenset({"company", "site", "network", "national"}),
}

_ANY_ROLE = frozenset(ROLES)
GENERAL_OPERATIONS: dict[str, frozenset[Role]] = {
    "studies.list": _ANY_ROLE,
    "studies.create": frozenset({"company_representative", "study_resource_reviewer"}),  # a lead site: early phase and ATMP, for a company
    "contracts.verify": _ANY_ROLE,
    "tariffs.read": _ANY_ROLE,
    "tariffs.reprice": frozenset({"national_administrator"}),
    "organisations.read": _ANY_ROLE,
    "session.own": _ANY_ROLE,
    "companies.read": frozenset({"national_administrator", "network_coordinator", "auditor"}),
    "adherence.read": _ANY_ROLE,
    "adherence.explain": frozenset({"national_administrator", "auditor"}),
    "adherence.records": _ANY_ROLE,
    "adherence.positions": frozenset({"site_representative", "network_coordinator", "national_administrator"}),
    "adherence.publish": frozenset({"national_administrator"}),
    "ledger.head": _ANY_ROLE,
    "ledger.verify": frozenset({"national_administrator", "auditor"}),
    "accesses.read": frozenset({"national_administrator", "auditor"}),
}

# Who read these is kept, also when nothing was changed: what shows a price, documents that hold one, and the record of who did.
_PRICES_SHOWN = frozenset({"price.read", "contract.read", "workbook.read", "study.read", "sites.list", "escalations.read", "escalations.raise"})
OPEN = frozenset({"health", "ready", "metrics", "openapi", "session.open"})


def is_kept_read(method: str, permission: str) -> bool:
    """Whether a row is kept of who asked this and was answered. What changes something stands in the ledger instead."""
    if permission == "contracts.verify":
        return method == "POST"  # the answer has every figure beside what it should be
    return method == "GET" and (permission in _PRICES_SHOWN or permission.startswith("costing.") or permission == "accesses.read")


def check_in_study(operation: str, person: Person, study: Membership, place: str) -> Standing:
    """The person's standing, if it allows the operation. Raises NotFound without a standing, else NotPermitted."""
    standing_here = standing(person, study)
    if standing_here is None:
        raise not_found(place)
    if standing_here not in STUDY_OPERATIONS.get(operation, frozenset()):
        raise NotPermitted(f"a {person.role.replace('_', ' ')} may not do this ({operation})", place, "Ask a person whose role allows it")
    return standing_here


def check_in_general(operation: str, person: Person) -> None:
    """Raises NotPermitted unless the person's role allows the operation."""
    if person.role not in GENERAL_OPERATIONS.get(operation, frozenset()):
        raise NotPermitted(f"a {person.role.replace('_', ' ')} may not do this ({operation})", "", "Ask a person whose role allows it")


def not_found(place: str) -> NotFound:
    """The one answer for what is not there and for what one may not see."""
    return NotFound("there is no such thing here, or you may not see it", place, "Check the address, or ask to be given access")
