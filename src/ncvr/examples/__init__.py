"""The demo's study, details and people."""

from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.domain.study import Study

if TYPE_CHECKING:
    from ncvr.domain.details import Details

STUDY = Path(__file__).parent / "study.json"
DETAILS = Path(__file__).parent / "details.json"


def study() -> Study:
    """The CDISC pilot protocol H2Q-MC-LZZT, costed for ten trusts; sponsor and people are made up."""
    from ncvr.errors import StudyError
    from ncvr.files.study_files import read_study

    return read_study(STUDY).or_raise(StudyError)


def details() -> "Details":
    """What the sample agreement needs for that study, all of it made up but the hospitals' addresses."""
    from ncvr.errors import InputError
    from ncvr.files.details_files import read_details

    return read_details(DETAILS, study()).or_raise(InputError)
