"""Is this Word file the pinned template with nothing but permitted fillings, and are its figures the priced ones?

The room of the proof: it shares no code with the filling. The expected document is derived from the template and the
operations its profile permits, and compared item by item; what the comparison has no name for is a difference.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from ncvr.domain.prices_file import PricesFile, SitePrices
from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import (
    Comparison as Judgement,
)
from ncvr.domain.verdict import (
    Decision,
    NumbersFrom,
    ReceiptStanding,
    ScheduleLine,
    TemplateSeen,
    Verdict,
    VerdictFinding,
    cannot_tell,
)
from ncvr.errors import CannotTell, TemplateError
from ncvr.files.contract_form.document import Form, read_form
from ncvr.files.contract_form.rendering import folded, render
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import Parts, read_parts
from ncvr.files.template_profile import TemplateProfile
from ncvr.files.verification.figures import check_figures, check_totals, site_of
from ncvr.files.verification.formatting import check_formatting, check_hidden
from ncvr.files.verification.matching import align
from ncvr.files.verification.package_checks import check_package
from ncvr.files.verification.prepared import PreparedTemplate, prepare_template
from ncvr.files.verification.price_checks import check_conditions, check_identity
from ncvr.files.verification.receipt_checks import check_receipt, check_receipt_schedule, filled_values, is_forged
from ncvr.files.verification.schedule import Schedule, read_schedule
from ncvr.files.verification.strict import compare_strictly
from ncvr.files.verification.structure import infer_structure
from ncvr.files.verification.values import (
    Captured,
    captured_values,
    check_characters,
    check_residue,
    check_same_field,
    check_types,
    check_zones,
)
from ncvr.files.verification.wording import Comparison, check_numbering, check_references, check_wording

_RECOGNISED = 0.3  # the share of a template's fixed paragraphs below which a document is another text altogether
_WORDS = frozenset(("wording", "alternatives", "conditional block", "numbering", "references", "residue", "hidden text", "free zone", "package", "condition"))
_WORDS |= {"choices", "characters", "value type", "same value"}
_STRICT = frozenset(("strict", "metadata"))
_NUMBERS = frozenset(("figures", "totals"))
_VALUES = frozenset(("values", "schedule", "price identity", "receipt", "choices", "free zone", "same value", "value type", "characters"))


class PinnedTemplate(Protocol):
    """A template of the verifier's own registry: the Word file's bytes, and the profile that pins their SHA-256."""

    @property
    def content(self) -> bytes: ...
    @property
    def profile(self) -> TemplateProfile: ...
    @property
    def profile_sha256(self) -> str: ...


@dataclass(slots=True)
class Case:
    """One contract under examination: what was read, and what the checks have found so far."""

    template: PreparedTemplate
    form: Form
    comparison: Comparison
    values: tuple[Captured, ...]
    schedule: Schedule
    price: PricesFile | None
    receipt: Receipt | None
    standing: ReceiptStanding
    lines: tuple[ScheduleLine, ...] = ()
    numbers: Judgement = "not compared"
    strict: Judgement = "not compared"
    numbers_from: NumbersFrom = "nothing"
    findings: list[VerdictFinding] = field(default_factory=list)

    @property
    def same_styles(self) -> bool:
        """Whether the styles are byte for byte the template's, so that no other program has saved the file."""
        name = self.form.parts.target(self.form.parts.main, "styles")
        template = self.template.loose.form.form.parts
        other = template.target(template.main, "styles")
        if name is None or other is None or name not in self.form.parts.package:
            return False
        return self.form.parts.package.content(name) == template.package.content(other)


def verify_contract(
    document: Path | bytes,
    templates: Sequence[PinnedTemplate],
    *,
    price: PricesFile | None = None,
    receipt: Receipt | None = None,
    signed_only: bool = False,
    as_of: date | None = None,
    place: str = "the file",
    without: frozenset[str] = frozenset(),
) -> Verdict:
    """The verdict on a contract; never raises for what the document holds.

    Words and formatting are compared with the pinned template alone, numbers with ``price``, else with ``receipt``.
    ``as_of`` is the day on which a receipt's signing key must have been valid. ``without`` switches checks off by name;
    it is for the tests that show what each check is for.
    """
    content = document.read_bytes() if isinstance(document, Path) else document
    sha256 = "sha256:" + hashlib.sha256(content).hexdigest()
    try:
        case = _open(content, templates, price, receipt, place)
        _examine(case, without)
    except CannotTell as refused:
        findings = [VerdictFinding(check="package", part="", place=f.place, before="", after="", says=_sentence(f.problem, f.remedy)) for f in refused.findings]
        return cannot_tell(f"The file cannot be judged: {refused.problem}", findings, sha256)
    except RecursionError:
        return cannot_tell("The file cannot be judged: it is nested too deeply", (), sha256)
    return _verdict(case, sha256, signed_only)


def _sentence(problem: str, remedy: str) -> str:
    return f"{problem}. {remedy}" if remedy else problem


def _open(content: bytes, templates: Sequence[PinnedTemplate], price: PricesFile | None, receipt: Receipt | None, place: str) -> Case:
    parts = read_parts(read_package(content, place))
    form = read_form(parts)
    template = _recognise(templates, form, parts)
    rendered = render(folded(form.items))
    expected = template.loose.derived(infer_structure(template.loose.form, form.items))
    comparison = Comparison(expected, rendered, align(expected, rendered))
    values = captured_values(comparison)
    standing: ReceiptStanding = "none" if receipt is None else "forged" if is_forged(receipt) else "unsigned"
    return Case(template, form, comparison, values, read_schedule(values), price, receipt, standing)


def _recognise(templates: Sequence[PinnedTemplate], form: Form, parts: Parts) -> PreparedTemplate:
    """The registered template this document was made from."""
    prepared = []
    for each in templates:
        try:
            prepared.append(prepare_template(each.content, each.profile, each.profile_sha256))
        except TemplateError as broken:
            raise CannotTell(f"the registered template cannot be used: {broken.problem}", broken.place, broken.findings[0].remedy) from broken
    scored = sorted(((each.likeness(form.items), at) for at, each in enumerate(prepared)), reverse=True)
    if not scored or scored[0][0] < _RECOGNISED:
        raise CannotTell(
            "the document was not made from any registered template", parts.place, "Register its template, or ask which template the contract was made from"
        )
    return prepared[scored[0][1]]


def _examine(case: Case, without: frozenset[str]) -> None:
    """Every check in turn; each is small, named, and can be left out by the tests."""
    comparison, values = case.comparison, case.values
    checks: dict[str, Callable[[], Iterable[VerdictFinding]]] = {
        "package": lambda: check_package(case.template.loose.form.form, case.form),
        "wording": lambda: check_wording(comparison),
        "numbering": lambda: check_numbering(comparison),
        "references": lambda: check_references(comparison),
        "formatting": lambda: check_formatting(comparison, same_styles=case.same_styles),
        "hidden text": lambda: check_hidden(comparison),
        "same value": lambda: check_same_field(comparison, values),
        "value type": lambda: check_types(comparison, values),
        "characters": lambda: check_characters(comparison, values),
        "residue": lambda: check_residue(comparison, values),
        "free zone": lambda: check_zones(comparison),
        "condition": lambda: check_conditions(comparison, values),
        "totals": lambda: check_totals(comparison, case.schedule, values),
        "figures": lambda: _figures(case),
        "receipt": lambda: _receipt(case),
    }
    for name, check in checks.items():
        if name not in without:
            case.findings += check()
    if "strict" not in without and not any(finding.level == "error" for finding in case.findings):
        case.strict = "equal" if case.same_styles else "not compared"
        case.findings += compare_strictly(case.template, case.form.parts, case.comparison, same_styles=case.same_styles)


def _figures(case: Case) -> Iterable[VerdictFinding]:
    """Numbers beside the price, else beside the receipt's price."""
    source = case.price
    site: SitePrices | None = None
    if source is not None:
        site = site_of(source, case.values)
        if site is None:
            return
        case.numbers_from = "price"
        yield from check_identity(case.comparison, case.values, source, site)
    elif case.receipt is not None:
        site = case.receipt.price
        case.numbers_from = "unsigned receipt"
    if site is None:
        return
    figures = check_figures(case.comparison, case.schedule, case.values, site)
    case.lines = figures.lines
    case.numbers = "different" if figures.findings else "equal"
    yield from figures.findings
    if case.receipt is not None and case.price is not None and case.receipt.price.fingerprint != site.fingerprint:
        says = "the receipt is that of another price than the one given. Ask for the receipt that belongs to this contract"
        yield VerdictFinding(check="receipt", part="receipt", place="receipt", before=site.fingerprint, after=case.receipt.price.fingerprint, says=says)


def _receipt(case: Case) -> Iterable[VerdictFinding]:
    if case.receipt is None:
        return
    if case.standing == "forged":
        says = "the receipt's fingerprint is not that of the prices in it, so it was changed after it was written. Ask for the true receipt"
        yield VerdictFinding(check="receipt", part="receipt", place="receipt", before="", after="", says=says)
    yield from check_receipt(case.comparison, case.values, case.receipt, case.template.profile_sha256)
    yield from check_receipt_schedule(case.comparison, case.schedule, case.receipt)


def _judgement(findings: Sequence[VerdictFinding], checks: frozenset[str], *, compared: bool, levels: tuple[str, ...] = ("error",)) -> Judgement:
    if any(finding.check in checks and finding.level in levels for finding in findings):
        return "different"
    return "equal" if compared else "not compared"


def _verdict(case: Case, sha256: str, signed_only: bool) -> Verdict:
    findings = case.findings
    profile = case.template.profile
    numbers = _judgement(findings, _NUMBERS, compared=case.numbers == "equal")
    formatting = _judgement(findings, frozenset(("formatting",)), compared=True)
    decision, says = _decide(case, numbers, signed_only)
    differing = frozenset(value.hole.name for value in case.values for finding in findings if finding.check == "values" and finding.after == value.value)
    return Verdict(
        verdict=decision,
        says=says,
        words=_judgement(findings, _WORDS, compared=True),
        numbers=numbers,
        values=_judgement(findings, _VALUES, compared=case.receipt is not None),
        formatting=formatting,
        strict=_judgement(findings, _STRICT, compared=case.strict == "equal", levels=("notice",)),
        numbers_from=case.numbers_from,
        template=TemplateSeen(
            family=profile.family,
            version=profile.version,
            title=profile.title,
            status=profile.status,
            sha256=profile.template_sha256,
            profile_sha256=case.template.profile_sha256,
            approved_by=profile.approved_by,
        ),
        receipt=case.standing,
        document_sha256=sha256,
        findings=tuple(findings),
        values_found=filled_values(case.comparison, case.values, differing, compared=case.receipt is not None),
        schedule=case.lines,
    )


def _decide(case: Case, numbers: Judgement, signed_only: bool) -> tuple[Decision, str]:
    errors = [finding for finding in case.findings if finding.level == "error"]
    if errors:
        return "modified", f"The contract was modified: {len(errors)} difference{'s' if len(errors) > 1 else ''} from the template, the price or the receipt"
    if case.template.profile.status == "draft" or (case.receipt is not None and not case.receipt.certified):
        return "cannot tell", "The text is as filled, but the template or its prices are not approved, so no certificate is possible"
    if numbers == "not compared":
        if case.price is not None:
            return "cannot tell", "The text is unmodified; the price file has no entry for the site of this contract"
        return "cannot tell", "The text is unmodified; give --price to compare the figures"
    if case.numbers_from == "unsigned receipt":
        if signed_only:
            return "cannot tell", "The text is unmodified and the figures are equal to an unsigned receipt, which anybody could have written; give --price"
        return "unmodified", "The text is unmodified, and the figures are equal to an unsigned receipt"
    return "unmodified", "The text is unmodified, and the figures are those of the price"
