"""A contract opened beside its template: everything that can be said of it before a price or receipt is given."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ncvr.domain.verdict import VerdictFinding
from ncvr.errors import CannotTell, TemplateError
from ncvr.files.contract_form.document import Form, read_form
from ncvr.files.contract_form.rendering import folded, render
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import Parts, read_parts
from ncvr.files.template_profile import TemplateProfile
from ncvr.files.verification.figures import check_totals
from ncvr.files.verification.formatting import check_formatting, check_hidden
from ncvr.files.verification.matching import align
from ncvr.files.verification.package_checks import check_package
from ncvr.files.verification.prepared import PreparedTemplate, prepare_template
from ncvr.files.verification.price_checks import check_conditions
from ncvr.files.verification.references import check_references
from ncvr.files.verification.schedule import Schedule, read_schedule
from ncvr.files.verification.strict import compare_strictly
from ncvr.files.verification.structure import infer_structure
from ncvr.files.verification.values import Captured, captured_values, check_characters, check_residue, check_same_field, check_types, check_zones
from ncvr.files.verification.wording import Comparison, check_numbering, check_wording

_RECOGNISED = 0.3  # the share of a template's fixed paragraphs below which a document is another text altogether


class PinnedTemplate(Protocol):
    """A template of the verifier's own registry: the Word file's bytes, and the profile that pins their SHA-256."""

    @property
    def content(self) -> bytes: ...
    @property
    def profile(self) -> TemplateProfile: ...
    @property
    def profile_sha256(self) -> str: ...


@dataclass(slots=True, kw_only=True)
class OpenedContract:
    """``findings`` are those of the checks that need neither price nor receipt; ``strict`` is None until it is asked for."""

    template: PreparedTemplate
    form: Form
    comparison: Comparison
    values: tuple[Captured, ...]
    schedule: Schedule
    document_sha256: str
    findings: tuple[VerdictFinding, ...] = ()
    _strict: tuple[VerdictFinding, ...] | None = field(default=None)

    @property
    def is_ours(self) -> bool:
        """Whether no other program has saved the file: most of what filling never touches is byte for byte the template's.

        One part alone may have been changed by hand to look like a re-save, so it doesn't decide.
        """
        template, contract = self.template.loose.form.form.parts, self.form.parts
        equal = []
        for kind in ("styles", "numbering", "settings", "fontTable", "theme"):
            one, other = template.target(template.main, kind), contract.target(contract.main, kind)
            if one is not None and one in template.package:
                equal.append(other is not None and other in contract.package and template.package.content(one) == contract.package.content(other))
        return 2 * sum(equal) > len(equal)

    def strict(self) -> tuple[VerdictFinding, ...]:
        """What the strictest level notices; nothing for a file that another program has saved."""
        if self._strict is None:
            self._strict = tuple(compare_strictly(self.template, self.form.parts, self.comparison, is_ours=self.is_ours))
        return self._strict


def open_contract(
    content: bytes, templates: Sequence[PinnedTemplate], document_sha256: str, place: str, without: frozenset[str] = frozenset()
) -> OpenedContract:
    """The contract beside the template it was made from. Raises CannotTell for what must not or cannot be read."""
    parts = read_parts(read_package(content, place))
    form = read_form(parts)
    template = _recognise(templates, form, parts)
    expected = template.loose.derived(infer_structure(template.loose.form, form.items))
    rendered = render(folded(form.items))
    comparison = Comparison(expected, rendered, align(expected, rendered))
    values = captured_values(comparison)
    opened = OpenedContract(template=template, form=form, comparison=comparison, values=values, schedule=read_schedule(values), document_sha256=document_sha256)
    opened.findings = tuple(finding for name, check in _checks(opened).items() if name not in without for finding in check())
    return opened


def _checks(opened: OpenedContract) -> dict[str, Callable[[], Iterable[VerdictFinding]]]:
    """Every check of the document alone, by name; each is small and can be left out by the tests."""
    comparison, values = opened.comparison, opened.values
    return {
        "package": lambda: check_package(opened.template.loose.form.form, opened.form),
        "wording": lambda: check_wording(comparison),
        "numbering": lambda: check_numbering(comparison),
        "references": lambda: check_references(comparison),
        "formatting": lambda: check_formatting(comparison, is_ours=opened.is_ours),
        "hidden text": lambda: check_hidden(comparison),
        "same value": lambda: check_same_field(comparison, values),
        "value type": lambda: check_types(comparison, values),
        "characters": lambda: check_characters(comparison, values),
        "residue": lambda: check_residue(comparison, values),
        "free zone": lambda: check_zones(comparison),
        "condition": lambda: check_conditions(comparison, values),
        "totals": lambda: check_totals(comparison, opened.schedule, values),
    }


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
        remedy = "Register its template, or ask which template the contract was made from"
        raise CannotTell("the document was not made from any registered template", parts.place, remedy)
    return prepared[scored[0][1]]
