"""One alteration that shows in many places, such as a footer of every section, is said once with all its places."""

from collections.abc import Iterable
from dataclasses import replace

from ncvr.domain.verdict import VerdictFinding


def said_once(findings: Iterable[VerdictFinding]) -> tuple[VerdictFinding, ...]:
    """The findings in order, those that say the same of several places joined at the first.

    >>> from ncvr.domain.verdict import VerdictFinding
    >>> footers = [VerdictFinding(check="wording", part=f"footer {n}", place=f"footer {n}", before="A", after="B", says="'A' became 'B'") for n in (1, 2)]
    >>> [str(finding) for finding in said_once(footers)]
    ["footer 1; footer 2: 'A' became 'B'"]
    """
    places: dict[VerdictFinding, dict[str, None]] = {}
    first: dict[VerdictFinding, VerdictFinding] = {}
    for finding in findings:
        anywhere = replace(finding, part="", place="")
        if finding.check == "wording" and finding.part.startswith(
            ("header", "footer")
        ):  # the footer of a section in landscape holds other words around the same change
            anywhere = replace(anywhere, before="", after="")
        first.setdefault(anywhere, finding)
        places.setdefault(anywhere, {})[finding.place] = None
    return tuple(replace(finding, place="; ".join(place for place in places[anywhere] if place)) for anywhere, finding in first.items())
