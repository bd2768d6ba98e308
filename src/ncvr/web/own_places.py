"""Where files of this machine lie is nobody's business outside: a message names the file, never the folders above ours.

Whoever runs the service finds the whole of it in the log.
"""

import logging
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ncvr import settings
from ncvr.errors import Finding, NcvrError
from ncvr.services.office import Office

_SOURCES = Path(__file__).parent.parent
_log = logging.getLogger("ncvr.places")


def _pattern(folders: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted((text for text in folders if len(text) > 1), key=len, reverse=True)
    return re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, longest_first))})(/|(?![\w.-]))")


def _named(found: re.Match[str]) -> str:
    return "" if found[1] else Path(found[0]).name


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """The folders that a service works in, as they could stand in a message."""

    _folders: re.Pattern[str]
    _deep: re.Pattern[str]

    @classmethod
    def of(cls, office: Office) -> "OwnPlaces":
        own = [office.tariffs.folder, office.templates, office.factor_key_file.parent, settings.keys_folder(), settings.database_file().parent]
        written = {str(form) for folder in (*own, _SOURCES, Path(tempfile.gettempdir())) for form in (folder, folder.absolute(), folder.resolve())}
        return cls(_pattern(written), _pattern(text for text in written if text.count("/") > 1))

    def hidden(self, text: str) -> str:
        """The text without the folders above what is named; a folder itself is called by its name."""
        return self._folders.sub(_named, text)

    def hidden_in_page(self, text: str) -> str:
        """The same for a whole page, whose own addresses stay: one such as /tariffs could be a folder's, a deeper one is not."""
        return self._deep.sub(_named, text)

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings as they may be told; the whole of those that said more is logged."""
        told = []
        for finding in findings:
            seen = replace(finding, place=self.hidden(finding.place), problem=self.hidden(finding.problem), remedy=self.hidden(finding.remedy))
            if seen != finding:
                _log.warning("%s", finding)
            told.append(seen)
        return tuple(told)

    def error(self, error: NcvrError) -> NcvrError:
        """The error as it may be told."""
        seen = type(error).__new__(type(error), self.hidden(error.problem))
        vars(seen).update(vars(error))
        seen.problem, seen.place, seen.remedy = self.hidden(error.problem), self.hidden(error.place), self.hidden(error.remedy)
        seen.findings = self.findings(error.findings)
        return seen
