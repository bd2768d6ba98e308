"""Two versions of a schedule compared line by line, in minutes and national pounds."""

from dataclasses import dataclass

from ncvr.domain.permissions import not_found
from ncvr.domain.study import Study
from ncvr.domain.study_changes import StudyChange, Totals, study_changes, totals
from ncvr.domain.tariff import TariffEdition
from ncvr.services.office import Act
from ncvr.store import studies


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDifference:
    """``edition`` priced both sides, so that only the resource differs."""

    edition: TariffEdition
    before: Study
    after: Study
    old: Totals
    new: Totals
    changes: tuple[StudyChange, ...]


def version_difference(act: Act, iras_id: str, old: int, new: int) -> VersionDifference:
    """What changed from one version to another; the newest may still be a draft. Raises NotFound for a version that is not there."""
    act.standing("study.diff", iras_id)
    edition = act.office.tariffs.in_force(act.today)
    before, after = _version(act, iras_id, old), _version(act, iras_id, new)
    changes = study_changes(before, after, edition)
    return VersionDifference(edition=edition, before=before, after=after, old=totals(before, edition), new=totals(after, edition), changes=changes)


def _version(act: Act, iras_id: str, number: int) -> Study:
    agreed = studies.version(act.connection, iras_id, number)
    if agreed is not None:
        return agreed.study
    review = studies.read(act.connection, iras_id)
    if review is None or review.version != number:
        raise not_found(f"study {iras_id}, version {number}")
    return review.study
