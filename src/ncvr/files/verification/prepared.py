"""A pinned template ready to compare with: read once, and each derived document remembered."""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ncvr.errors import TemplateError
from ncvr.files.contract_form.items import Item
from ncvr.files.template_profile import TemplateProfile
from ncvr.files.verification.expected import ExpectedDocument, derive
from ncvr.files.verification.structure import Structure
from ncvr.files.verification.template_form import TemplateForm, read_template

_REMEMBERED = 64


@dataclass(slots=True)
class PreparedForm:
    """One template at one level of strictness, with the documents derived from it lately."""

    form: TemplateForm
    _derived: OrderedDict[tuple[object, ...], ExpectedDocument] = field(default_factory=OrderedDict)

    def derived(self, structure: Structure) -> ExpectedDocument:
        key = structure.key
        if key not in self._derived:
            self._derived[key] = derive(self.form, structure)
            if len(self._derived) > _REMEMBERED:
                self._derived.popitem(last=False)
        self._derived.move_to_end(key)
        return self._derived[key]


@dataclass(slots=True)
class PreparedTemplate:
    """A template whose content is the one its profile pins."""

    content: bytes
    profile: TemplateProfile
    profile_sha256: str
    loose: PreparedForm
    texts: Counter[str]
    _strict: PreparedForm | None = None

    def strict(self) -> PreparedForm:
        """The strict form, read when it is first asked for."""
        if self._strict is None:
            self._strict = PreparedForm(read_template(self.content, self.profile, strict=True))
        return self._strict

    def likeness(self, items: Sequence[Item]) -> float:
        """The share of the template's fixed paragraphs that stand in a document."""
        standing = {item.text for item in items if item.kind == "paragraph"}
        return sum(text in standing for text in self.texts) / max(len(self.texts), 1)


_prepared: OrderedDict[tuple[str, str], PreparedTemplate] = OrderedDict()


def prepare_template(content: bytes, profile: TemplateProfile, profile_sha256: str) -> PreparedTemplate:
    """The prepared template. Raises TemplateError if the content is not the pinned one or doesn't fit its profile."""
    sha256 = "sha256:" + hashlib.sha256(content).hexdigest()
    if sha256 != profile.template_sha256:
        place = f"{profile.family}/{profile.version}"
        raise TemplateError(f"its content ({sha256}) is not what the profile pins", place, "Restore the file, or register the changed one as a new version")
    key = (sha256, profile_sha256)
    if key not in _prepared:
        form = read_template(content, profile)
        fixed = (item.text for at, item in enumerate(form.form.items) if item.kind == "paragraph" and at not in form.patterns and len(item.text) > 20)
        _prepared[key] = PreparedTemplate(content, profile, profile_sha256, PreparedForm(form), Counter(fixed))
        if len(_prepared) > _REMEMBERED:
            _prepared.popitem(last=False)
    return _prepared[key]
