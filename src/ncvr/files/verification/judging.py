"""The verdict: an opened contract beside a price and a receipt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ncvr.domain.prices_file import PricesFile, SitePrices
from ncvr.domain.receipt import Receipt
from ncvr.domain.signing_key import SignatureCheck
from ncvr.domain.verdict import Comparison as Judgement
from ncvr.domain.verdict import Decision, NumbersFrom, ReceiptStanding, TemplateSeen, Verdict, VerdictFinding
from ncvr.files.verification.figures import Figures, check_figures, site_of
from ncvr.files.verification.opened import OpenedContract
from ncvr.files.verification.price_checks import check_identity
from ncvr.files.verification.receipt_checks import check_receipt, filled_values, is_forged, vouched_costs
from ncvr.files.verification.receipt_schedule import Said, check_receipt_schedule
from ncvr.files.verification.said_once import said_once

_WORDS = frozenset(("wording", "alternatives", "conditional block", "numbering", "references", "residue", "hidden text", "free zone", "package", "condition"))
_WORDS |= {"choices", "characters", "value type", "same value"}
_NUMBERS = frozenset(("figures", "totals"))
_VALUES = frozenset(("values", "schedule", "price identity", "receipt", "choices", "free zone", "same value", "value type", "characters"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What the figures were compared with, and what came of it. ``figures`` is None where there was nothing."""

    numbers_from: NumbersFrom
    figures: Figures | None
    findings: tuple[VerdictFinding, ...]
    standing: ReceiptStanding


def judge(
    opened: OpenedContract,
    *,
    price: PricesFile | None,
    receipt: Receipt | None,
    signature: SignatureCheck | None = None,
    signed_only: bool = False,
    without: frozenset[str] = frozenset(),
) -> Verdict:
    """The verdict on an opened contract."""
    beside = _beside(opened, price, receipt, signature, without)
    findings = [*opened.findings, *beside.findings]
    strict: Judgement = "not compared"
    if not any(finding.level == "error" for finding in findings) and "strict" not in without:
        noticed = opened.strict()
        findings += noticed
        strict = "different" if noticed else "equal" if opened.is_ours else "not compared"
    numbers = _judgement(findings, _NUMBERS, compared=beside.figures is not None)
    differing = frozenset(finding.place + finding.after for finding in findings if finding.check in ("values", "price identity", "same value"))
    told = said_once(findings)
    decision, says = _decide(opened, told, numbers, beside, price, receipt, signed_only=signed_only)
    return Verdict(
        verdict=decision,
        says=says,
        words=_judgement(findings, _WORDS, compared=True),
        numbers=numbers,
        values=_judgement(findings, _VALUES, compared=receipt is not None),
        formatting=_judgement(findings, frozenset(("formatting",)), compared=True),
        strict=strict,
        numbers_from=beside.numbers_from,
        template=_seen(opened),
        receipt=beside.standing,
        document_sha256=opened.document_sha256,
        findings=told,
        values_found=filled_values(
            opened.comparison, opened.schedule, opened.values, differing if receipt is not None else frozenset(), compared=receipt is not None
        ),
        schedule=() if beside.figures is None else beside.figures.lines,
    )


def _seen(opened: OpenedContract) -> TemplateSeen:
    profile = opened.template.profile
    return TemplateSeen(
        family=profile.family,
        version=profile.version,
        title=profile.title,
        status=profile.status,
        sha256=profile.template_sha256,
        profile_sha256=opened.template.profile_sha256,
        approved_by=profile.approved_by,
    )


def _beside(opened: OpenedContract, price: PricesFile | None, receipt: Receipt | None, signature: SignatureCheck | None, without: frozenset[str]) -> _Beside:
    """Numbers beside the price, else beside the receipt's; everything filled in beside the receipt."""
    findings: list[VerdictFinding] = []
    standing = _standing(receipt, signature)
    from_receipt: NumbersFrom = "signed receipt" if standing == "valid signature" else "unsigned receipt"
    source: NumbersFrom = "price" if price is not None else from_receipt if receipt is not None else "nothing"
    site = site_of(price, opened.values) if price is not None else receipt.price if receipt is not None else None
    figures = None
    if site is not None and "figures" not in without:
        figures = check_figures(opened.comparison, opened.schedule, opened.values, site, vouched_costs(opened.schedule, receipt))
        findings += figures.findings
    if site is not None and price is not None and "price identity" not in without:
        findings += check_identity(opened.comparison, opened.values, price, site)
    if receipt is not None and "receipt" not in without:
        findings += _signed(receipt, signature)
        findings += _beside_receipt(opened, receipt, site, {(each.place, each.before, each.after) for each in (*opened.findings, *findings)})
    return _Beside(numbers_from=source if site is not None else "nothing", figures=figures, findings=tuple(findings), standing=standing)


def _standing(receipt: Receipt | None, signature: SignatureCheck | None) -> ReceiptStanding:
    """A signature that doesn't count leaves the receipt as if nobody had signed it; one that is wrong makes it forged."""
    if receipt is None:
        return "none"
    if is_forged(receipt) or (signature is not None and signature.standing == "forged"):
        return "forged"
    return "valid signature" if signature is not None and signature.counts else "unsigned"


def _signed(receipt: Receipt, signature: SignatureCheck | None) -> Iterable[VerdictFinding]:
    """What is wrong with the receipt itself, and why a signature counts or doesn't."""
    if is_forged(receipt):
        says = "the receipt's fingerprint is not that of the prices in it, so it was changed after it was written. Ask for the true receipt"
        yield VerdictFinding(check="receipt", part="receipt", place="receipt", before="", after="", says=says)
    if signature is not None and signature.standing == "forged":
        says = f"{signature.says}. Ask for the true receipt"
        yield VerdictFinding(check="receipt", part="receipt", place="receipt", before="", after="", says=says)
    elif signature is not None:
        says = signature.says if signature.counts else f"the signature does not count: {signature.says}. The receipt is taken as unsigned"
        yield VerdictFinding(check="signature", part="receipt", place="receipt", before="", after="", says=says, level="notice")


def _beside_receipt(opened: OpenedContract, receipt: Receipt, site: SitePrices | None, said: Said) -> Iterable[VerdictFinding]:
    if site is not None and receipt.price.fingerprint != site.fingerprint:
        says = "the receipt is that of another price than the one given. Ask for the receipt that belongs to this contract"
        yield VerdictFinding(check="receipt", part="receipt", place="receipt", before=site.fingerprint, after=receipt.price.fingerprint, says=says)
    for finding in check_receipt(opened.comparison, opened.values, receipt, opened.template.profile_sha256):
        if finding.check != "values" or (finding.place, finding.before, finding.after) not in said:
            yield finding
    yield from check_receipt_schedule(opened.comparison, opened.schedule, receipt, said)


def _judgement(findings: Sequence[VerdictFinding], checks: frozenset[str], *, compared: bool) -> Judgement:
    if any(finding.check in checks and finding.level == "error" for finding in findings):
        return "different"
    return "equal" if compared else "not compared"


def _may_be_certified(opened: OpenedContract, price: PricesFile | None, receipt: Receipt | None) -> bool:
    """Not a draft template, and not an official one with figures that are not official: whatever the receipt says, or if it is kept back."""
    status = opened.template.profile.status
    if status == "draft" or (receipt is not None and not receipt.certified):
        return False
    tariffs = [each.tariff for each in (price, receipt) if each is not None]
    return status != "approved" or not any(tariff.status == "illustrative" or tariff.lock == "unlocked" for tariff in tariffs)


def _decide(
    opened: OpenedContract,
    findings: Sequence[VerdictFinding],
    numbers: Judgement,
    beside: _Beside,
    price: PricesFile | None,
    receipt: Receipt | None,
    *,
    signed_only: bool,
) -> tuple[Decision, str]:
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        return "modified", f"The contract was modified: {len(errors)} difference{'s' if len(errors) > 1 else ''} from the template, the price or the receipt"
    if not _may_be_certified(opened, price, receipt):
        return "cannot tell", "The text is as filled, but the template or its prices are not approved, so no certificate is possible"
    return _without_differences(numbers, beside, price, signed_only=signed_only)


def _without_differences(numbers: Judgement, beside: _Beside, price: PricesFile | None, *, signed_only: bool) -> tuple[Decision, str]:
    """The verdict where nothing differs: it hangs on what the figures could be compared with."""
    if numbers == "not compared":
        if price is not None:
            return "cannot tell", "The text is unmodified, but the price file has no entry for the site of this contract"
        return "cannot tell", "The text is unmodified; give --price to compare the figures"
    if beside.numbers_from == "unsigned receipt":
        if signed_only:
            return "cannot tell", "The text is unmodified and the figures are equal to an unsigned receipt, which anybody could have written; give --price"
        return "unmodified", "The text is unmodified, and the figures are equal to an unsigned receipt"
    if beside.numbers_from == "signed receipt":
        return "unmodified", "The text is unmodified, and the figures are those of a validly signed receipt"
    return "unmodified", "The text is unmodified, and the figures are those of the price"
