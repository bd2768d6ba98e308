"""The demo's study, details and people."""

from pathlib import Path

from ncvr.domain.study import Study

FOLDER = Path(__file__).parent


def study() -> Study:
    """The CDISC pilot protocol H2Q-MC-LZZT, costed for ten trusts; sponsor and people are made up."""
    from ncvr.errors import StudyError
    from ncvr.files.study_files import read_study

    return read_study(FOLDER / "study.json").or_raise(StudyError)
