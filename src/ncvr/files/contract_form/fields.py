"""Field instructions, and what of a field a reader may rely on: its result may be ignored only where its shape is checked."""

import re
from dataclasses import dataclass, field

from ncvr.files.contract_form.styles import Effective

VOLATILE = frozenset(("PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF"))
_WORD = re.compile(r'"([^"]*)"|(\\\S)|([^\s"\\]+)')
_PAGE_NUMBER = re.compile(r"[0-9]{1,6}|[ivxlcdm]{1,6}|[IVXLCDM]{1,6}|[–-] ?[0-9]{1,6} ?[–-]")
_NUMBER_SWITCHES = frozenset(("\\r", "\\n", "\\w"))


@dataclass(frozen=True, slots=True)
class Instruction:
    """A field's name in capitals, its arguments, and the switches that change what it shows, sorted."""

    name: str
    arguments: tuple[str, ...]
    switches: tuple[str, ...]

    @property
    def is_number_reference(self) -> bool:
        return self.name == "REF" and bool(_NUMBER_SWITCHES & set(self.switches))

    @property
    def says(self) -> str:
        return " ".join((self.name, *self.arguments, *self.switches))


def read_instruction(text: str) -> Instruction:
    r"""The instruction in a field's code.

    >>> read_instruction(' REF _Ref12 \\r  \\h \\* MERGEFORMAT ')
    Instruction(name='REF', arguments=('_Ref12',), switches=('\\r',))
    """
    words = [quoted or switch or plain for quoted, switch, plain in _WORD.findall(text)]
    if not words:
        return Instruction("", (), ())
    name, arguments, switches = words[0].upper(), [], []
    rest = iter(words[1:])
    for word in rest:
        if word == "\\*":
            form = next(rest, "")
            if form.upper() != "MERGEFORMAT":
                switches.append(f"\\* {form}")
        elif word.startswith("\\"):
            if word not in ("\\h", "\\z"):
                switches.append(word)
        else:
            arguments.append(word)
    return Instruction(name, tuple(arguments), tuple(sorted(switches)))


@dataclass(slots=True)
class OpenField:
    """A field being read: first its code, then its result."""

    code: list[str] = field(default_factory=list)
    instruction: Instruction | None = None  # once the code is complete
    swallowed: list[str] | None = None  # the result, where it isn't text of the paragraph
    formats: set[Effective] = field(default_factory=set)
    checked: str = ""  # the state of a form check box
    close: str = ""  # the token that ends it; "" where it is transparent

    @property
    def in_code(self) -> bool:
        return self.instruction is None


def is_page_number(result: str) -> bool:
    """At most six digits or roman letters, which is all a page number may show; nothing at all before it is first computed."""
    return not result or _PAGE_NUMBER.fullmatch(result) is not None
