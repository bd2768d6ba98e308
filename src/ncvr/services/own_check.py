"""Our own check of a contract just filled, as the other party will make it. What does not pass is never handed on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import Verdict, VerdictFinding
from ncvr.errors import Finding, InputError, TemplateError
from ncvr.files.price_files import prices_from
from ncvr.files.template_registry import RegisteredTemplate
from ncvr.services.contracting import SiteContract

if TYPE_CHECKING:
    from ncvr.files.signing_keys import Signer  # brings in cryptography, which only signing needs

_OF_VALUES = frozenset({"characters", "residue"})  # what the words of a person can break, whatever the profile says


def own_verdict(contract: SiteContract, receipt: Mapping[str, Any], template: RegisteredTemplate, signer: "Signer | None") -> Verdict:
    """The verdict on a contract of ours. Raises InputError naming each supplied value that no agreement may hold,
    else TemplateError if the contract does not pass: then the template or its profile is at fault."""
    from ncvr.files.appendix_verifier import verify_contract  # the whole proof, which a server at rest need not hold

    keys, as_of = ([], None) if signer is None else ([signer.key], signer.signed_on)
    trusted = prices_from(contract.prices, contract.site).or_raise(InputError)
    told = Receipt.model_validate(receipt)
    # The strictest level tells other programs' output from ours; of what was filled a moment ago there is nothing to tell.
    verdict = verify_contract(
        contract.content, [template], price=trusted, receipt=told, keys=keys, as_of=as_of, place=contract.site, without=frozenset({"strict"})
    )
    if unfit := [error for error in verdict.errors if error.check in _OF_VALUES]:
        raise InputError.of(dict.fromkeys(_unfit(contract.site, error) for error in unfit))
    if verdict.errors or (contract.certified and verdict.verdict != "unmodified"):
        found = [Finding(f"{contract.site}: {error.place}", error.says, "") for error in verdict.errors]
        says = "the contract just filled does not pass the check of this software, so the template or its profile is at fault"
        raise TemplateError.of([Finding(contract.site, says, f"Mend the profile of {contract.template}"), *found])
    return verdict


def _unfit(site: str, error: VerdictFinding) -> Finding:
    value = "" if not error.after or error.after in error.says else f" (the value is '{error.after}')"
    return Finding(f"{site}: {error.place}", f"{error.says}{value}", "Correct this value in the details or the study file; nothing was written")
