"""What requests say beside the published formats: reasons, days, codes. Free text is for no personal or patient data."""

from typing import Annotated, Literal

from pydantic import Field

from ncvr.domain.prices_file import Hash
from ncvr.domain.review import QueryKind
from ncvr.domain.site_costing import RefusalReason
from ncvr.domain.study import Count, Day, Id, Name, OdsCode, Record, Text


class Nothing(Record):
    """No body is needed."""


class Submission(Record):
    """The version of the protocol that is submitted; it must be the one the schedule was costed from."""

    protocol_version: Name


class Reason(Record):
    """Why. It is kept; write no personal or patient data."""

    reason: Name


class Refusal(Record):
    """Why the site refuses; the reason ``other`` needs words."""

    reason_code: RefusalReason
    reason: Text = ""


class NewQuery(Record):
    """``line``: an activity's id, a visit such as A/V1, an arm, or empty for the whole. Only the reviewer asks a ``query``."""

    kind: QueryKind = "query"
    line: Text = ""
    text: Name


class QueryAnswer(Record):
    text: Name


class Signature(Record):
    """The day the last party signed, the fingerprint printed in the signed document, and its template."""

    signed_on: Day
    fingerprint: Hash
    template: Name


class Successor(Record):
    ods_code: OdsCode


class Variation(Record):
    version: Count


class NewGrant(Record):
    """Lets a company act for the owner between two days."""

    organisation: Id
    from_on: Day
    until_on: Day | None = None


Format = Annotated[Literal["json", "csv"], Field(description="csv for spreadsheets")]
