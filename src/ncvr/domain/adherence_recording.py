"""Who may record what about adherence, and until when a trust may dispute it. The rules are this table and nothing else."""

from collections.abc import Iterator
from datetime import date

from ncvr.domain.adherence_records import ABOUT_KINDS, AdherenceRecord, Concern, Evidence, IrasId, Party, RecordKind
from ncvr.domain.site_costing import RefusalReason
from ncvr.domain.study import Day, Id, OdsCode, Record
from ncvr.errors import Finding

_PARTIES: frozenset[Party] = frozenset({"company", "site", "network", "national"})
_SITE_SIDE: frozenset[Party] = frozenset({"site", "network", "national"})
# What the system records of its own acts nobody reports; a wrong one is corrected by the national administrator. An agreement
# that was verified here is recorded by that act; people report only what was verified elsewhere.
RECORDERS: dict[RecordKind, frozenset[Party]] = {
    "higher_price_asked": _PARTIES,
    "lower_price_asked": _PARTIES,
    "discount_signed": _PARTIES,
    "signing_refused": _PARTIES,
    "escalation_dropped": _SITE_SIDE,
    "local_choice": _PARTIES,
    "agreement_altered": _SITE_SIDE,
    "agreement_unmodified": _PARTIES,
    "agreement_modified": _PARTIES,
    "agreement_unclear": _PARTIES,
    "disputed": frozenset({"site"}),
    "dispute_answered": frozenset({"site", "company"}),
    "claim_upheld": frozenset({"national"}),
    "claim_dismissed": frozenset({"national"}),
    "retracted": _PARTIES,
}
_NEEDS_DOCUMENT = ("agreement_unmodified", "agreement_modified", "agreement_unclear")


class ReportedRecord(Record):
    """What a person reports about a site costing. No personal or patient data in the note."""

    kind: RecordKind
    on: Day
    iras_id: IrasId
    ods_code: OdsCode
    reason_code: RefusalReason | None = None
    concerns: Concern | None = None
    about: Id | None = None
    corrects: Id | None = None
    evidence: Evidence = Evidence()


def check_reported(
    reported: ReportedRecord, by: Party, today: date, *, about: AdherenceRecord | None, corrects: AdherenceRecord | None, within_days: int
) -> list[Finding]:
    """Everything in the way of recording this. ``about`` and ``corrects`` are the records named, if they are there."""
    return list(_findings(reported, by, today, about, corrects, within_days))


def _findings(
    reported: ReportedRecord, by: Party, today: date, about: AdherenceRecord | None, corrects: AdherenceRecord | None, within_days: int
) -> Iterator[Finding]:
    if by not in RECORDERS.get(reported.kind, frozenset()) and not (by == "national" and corrects is not None):
        allowed = " or ".join(sorted(RECORDERS.get(reported.kind, frozenset()))) or "the system itself, from its own acts"
        yield Finding("kind", f"a {by} does not record {_said(reported.kind)}", f"It is recorded by: {allowed}")
    if reported.on > today:
        yield Finding("on", f"{reported.on} has not come yet", "Record it once it has happened")
    if reported.kind in _NEEDS_DOCUMENT and not reported.evidence.document_sha256:
        yield Finding("evidence.document_sha256", "the document that was verified is not named", "Give its SHA-256, as the verification prints it")
    yield from _named(reported, "about", reported.about, about)
    yield from _named(reported, "corrects", reported.corrects, corrects)
    if corrects is not None and by not in ("national", corrects.by):
        yield Finding("corrects", f"{corrects.id} was recorded by the {corrects.by}", "Ask who recorded it to correct it, or dispute it")
    if reported.kind == "disputed" and about is not None and (today - about.recorded_on).days > within_days:
        yield Finding(
            "about", f"{about.id} was recorded on {about.recorded_on}, more than {within_days} days ago", "Ask the national administrator to look at it"
        )


def _named(reported: ReportedRecord, field: str, name: str | None, found: AdherenceRecord | None) -> Iterator[Finding]:
    if name is None:
        return
    if found is None or (found.iras_id, found.ods_code) != (reported.iras_id, reported.ods_code):
        yield Finding(field, f"there is no record {name!r} of this study and trust", "Give the id of one of its records")
    elif field == "about" and found.kind in ABOUT_KINDS:
        yield Finding(field, f"{name} is itself a record about another", "Name the record that says what happened")


def _said(kind: str) -> str:
    return f"'{kind.replace('_', ' ')}'"
