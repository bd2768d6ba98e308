"""What happened to a study and when: the recorded days that the clocks are computed from."""

from typing import Literal

from ncvr.domain.study import Day, OdsCode, Record

# Regulatory, then site, then participants: 60 days, 60 days, 30 days are the national targets between them.
EventKind = Literal[
    "regulatory_application",
    "regulatory_approval",
    "site_open",
    "first_participant",
    "recruitment_closed",
    "study_closed",
]


class StudyEvent(Record):
    """``site`` where it happened at one site. A wrong event is not changed: record the right one, naming it in ``corrects``."""

    kind: EventKind
    on: Day
    site: OdsCode | None = None
    corrects: str | None = None
