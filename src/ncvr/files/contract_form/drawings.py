"""Pictures and text boxes: what they are, where they lie, and the text inside them, which is a story of its own."""

from collections.abc import Iterator

from lxml import etree

from ncvr.files.contract_form.context import Context
from ncvr.files.contract_form.names import MC, VML, WP, W, local, whole
from ncvr.files.contract_form.styles import Effective

_EMU_PER_POINT = 12_700
_BOX = W + "txbxContent"
_KNOWN_CHOICES = frozenset(("wps", "wpg", "wpc", "w14", "w15", "wp14"))

Drawn = tuple[str, Effective, list[etree._Element]]


def read_drawing(context: Context, part: str, element: etree._Element) -> Iterator[Drawn]:
    """(token, formatting, text boxes) of a drawing or a legacy picture."""
    boxes = _boxes(element)
    picture = context.picture(part, element)
    kind = "text box" if boxes else "picture" if picture else "shape"
    foreign = next((local(child) for child in element.iter() if local(child) in ("chart", "relIds", "control", "OLEObject", "ink", "contentPart")), "")
    says = f"{foreign or kind} {picture}".strip()
    yield says, tuple(sorted(_shape(element).items(), key=lambda entry: entry[0])), boxes


def read_alternate(element: etree._Element) -> tuple[etree._Element | None, str]:
    """The choice a current word processor takes, and a complaint where the fallback says something else."""
    choice = next((child for child in element if child.tag == MC + "Choice"), None)
    fallback = next((child for child in element if child.tag == MC + "Fallback"), None)
    if choice is None or not set(choice.get("Requires", "").split()) <= _KNOWN_CHOICES:
        return choice, "an alternative for another program"
    if fallback is not None and _words(choice) != _words(fallback):
        return choice, f"older word processors show other words: {_words(fallback)}"
    if sum(child.tag == MC + "Choice" for child in element) > 1:
        return choice, "several alternatives"
    return choice, ""


def _boxes(element: etree._Element) -> list[etree._Element]:
    """The text boxes of a drawing, not those inside another box."""
    return [box for box in element.iter(_BOX) if not any(above.tag == _BOX for above in box.iterancestors() if _within(above, element))]


def _within(inner: etree._Element, outer: etree._Element) -> bool:
    return any(above is outer for above in inner.iterancestors())


def _words(element: etree._Element) -> str:
    """All text inside, one paragraph a line, boxes within alternatives counted once."""
    lines = []
    for paragraph in element.iter(W + "p"):
        if any(above.tag == MC + "Fallback" and _within(above, element) for above in paragraph.iterancestors()):
            continue
        lines.append("".join(child.text or "" for child in paragraph.iter(W + "t")))
    return "\n".join(line for line in lines if line)


def _shape(element: etree._Element) -> dict[str, str | int | bool]:
    """Where a drawing lies and whether it shows, in whole points."""
    said: dict[str, str | int | bool] = {}
    for frame in element.iter(WP + "inline", WP + "anchor"):
        said |= _frame(frame)
        break
    for shape in element.iter(VML + "shape", VML + "rect", VML + "textbox"):
        if shape.get("style"):
            said[f"vml {local(shape)}"] = " ".join(sorted(shape.get("style", "").replace(" ", "").split(";")))
    return {name: value for name, value in said.items() if value not in ("", False)}


def _frame(frame: etree._Element) -> dict[str, str | int | bool]:
    said: dict[str, str | int | bool] = {"anchored": local(frame) == "anchor"}
    said["behind"] = frame.get("behindDoc", "0") in ("1", "true")
    for child in frame:
        name = local(child)
        if name == "extent":
            said["wide"], said["high"] = (round(whole(child.get(side)) / _EMU_PER_POINT) for side in ("cx", "cy"))
        elif name == "docPr":
            said["hidden"] = child.get("hidden", "0") in ("1", "true")
        elif name in ("positionH", "positionV"):
            offset = child.find(WP + "posOffset")
            align = child.find(WP + "align")
            said[f"{name} from"] = child.get("relativeFrom", "")
            said[name] = round(whole(offset.text) / _EMU_PER_POINT) if offset is not None else "" if align is None else align.text or ""
    return said
