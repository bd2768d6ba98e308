"""Recording adherence: from the system's own acts, from people, and the positions that trusts declare.

Each record is kept in the transaction of the act that caused it, with the entry of the ledger that vouches for it, and
the roll-up of its costing is brought up to date there and then.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

from pydantic import ValidationError

from ncvr.domain.adherence_definition import Definition
from ncvr.domain.adherence_recording import ReportedRecord, check_reported
from ncvr.domain.adherence_records import AdherenceRecord, Evidence, Party, Position, StudyFacts, SystemKind, costings_of
from ncvr.domain.canonical import sha256_of
from ncvr.domain.ledger import Change
from ncvr.domain.people import Standing
from ncvr.domain.permissions import not_found
from ncvr.domain.site_costing import RefusalReason, SiteCosting
from ncvr.domain.tariff import organisation
from ncvr.domain.verdict import Decision
from ncvr.errors import InputError, MoveNotAllowed, NotPermitted, TariffFileError
from ncvr.files.adherence_definitions import read_adherence_definitions
from ncvr.services.office import Act
from ncvr.store import adherence, adherence_rollup, costings, ledger_entries, studies
from ncvr.store.connections import Connection

# The roll-up is made with this time to dispute; a definition that says another is counted in full.
DISPUTE_WITHIN_DAYS = 28
REFUSAL_REASONS: tuple[RefusalReason, ...] = get_args(RefusalReason)
KINDS: dict[str, SystemKind] = {
    "costing.share": "shared",
    "costing.accept": "accepted",
    "costing.refuse": "refused",
    "costing.escalate": "escalated",
    "costing.return_to_site": "escalation_not_upheld",
    "escalations.correct": "escalation_corrected",
    "costing.contract": "contracted",
    "costing.decline": "declined",
    "costing.withdraw": "withdrawn",
    "costing.supersede": "superseded",
    "costing.reprice": "repriced",
    "costing.reassign": "reassigned",
    "price.edit_refused": "price_edit_refused",
}
_VERIFIED: dict[Decision, SystemKind] = {"unmodified": "agreement_unmodified", "modified": "agreement_modified"}
_PARTIES: dict[Standing, Party] = {"company": "company", "site": "site", "network": "network", "national": "national"}


@lru_cache(maxsize=1)
def kept_definitions() -> Mapping[str, Definition]:
    """The definitions that the roll-up is kept for: those that ship and count records, by the hash of their content."""
    known = read_adherence_definitions().or_raise(TariffFileError).definitions
    return {definition_sha256(each): each for each in known if each.measure != "declared" and each.dispute_within_days == DISPUTE_WITHIN_DAYS}


def definition_sha256(definition: Definition) -> str:
    """A definition that says something else has another hash, whatever its id."""
    return sha256_of(definition.model_dump(mode="json"))


def costing_key(costing: SiteCosting) -> str:
    """The costing's name in adherence: it stays when the costing is reassigned to a successor."""
    return f"{costing.iras_id}/{costing.number}"


def record_costing_event(act: Act, operation: str, costing: SiteCosting) -> None:
    """Record what an act means for adherence; acts on a costing that was never shared mean nothing."""
    kind = KINDS.get(operation)
    if kind is None or (kind != "shared" and not adherence.is_kept(act.connection, costing_key(costing))):
        return
    known: dict[str, Any] = {}
    if kind == "shared":
        known["study"] = _facts(act, costing)
    elif kind == "refused":
        known["reason_code"] = _reason(costing)
    elif kind == "contracted":
        known["signed_on"] = costing.signed_on
    _keep(act, _made_here(act, costing, kind, Evidence(fingerprint=costing.price.fingerprint), **known))


def _made_here(act: Act, costing: SiteCosting, kind: SystemKind, evidence: Evidence, **known: Any) -> AdherenceRecord:
    """A record of what happened today to a costing, by an act in this system."""
    return AdherenceRecord(
        id=act.identifier(),
        kind=kind,
        on=act.today,
        recorded_on=act.today,
        iras_id=costing.iras_id,
        ods_code=costing.site.ods_code,
        costing=costing_key(costing),
        evidence=evidence,
        **known,
    )


def _facts(act: Act, costing: SiteCosting) -> StudyFacts:
    agreed = studies.version(act.connection, costing.iras_id, costing.version)
    assert agreed is not None  # nothing is shared before a version is agreed
    identity = agreed.study.study
    return StudyFacts(phase=identity.phase, ncvr_class=agreed.study.ncvr_class, atmp=identity.atmp, portfolio=identity.portfolio, sponsor=identity.sponsor)


def _reason(costing: SiteCosting) -> RefusalReason:
    return next((known for known in REFUSAL_REASONS if known == costing.reason_code), "other")


def record_verification(act: Act, costing: SiteCosting, decision: Decision, document_sha256: str) -> None:
    """Record what the verification of a shared costing's contract found, once for each person, document and price."""
    kind = _VERIFIED.get(decision)
    if kind is None or not adherence.is_kept(act.connection, costing_key(costing)):
        return
    ledger_entries.lock(act.connection)  # so that the same document verified twice at once is one record too
    evidence = Evidence(fingerprint=costing.price.fingerprint, document_sha256=document_sha256, note=f"found when verified here: {decision}")
    if any((record.kind, record.evidence) == (kind, evidence) for record in adherence.records_by(act.connection, costing_key(costing), act.person.actor)):
        return
    _keep(act, _made_here(act, costing, kind, evidence), vouched=False)


def record_reported(act: Act, reported: ReportedRecord) -> AdherenceRecord:
    """Record what a person reports. A site reports about itself only.

    Raises NotFound, NotPermitted, or MoveNotAllowed with everything that is in the way.
    """
    place = f"study {reported.iras_id}, site {reported.ods_code}"
    standing = act.standing("adherence.record", reported.iras_id)
    party = _PARTIES[standing]
    costing = costings.of_site(act.connection, reported.iras_id, reported.ods_code)
    if costing is None or (party == "site" and act.person.organisation != reported.ods_code):
        raise not_found(place)
    if not adherence.is_kept(act.connection, costing_key(costing)):
        raise MoveNotAllowed("its price was not shared yet, so nothing can be said about accepting it", place, "Record it once the price was shared")
    about, corrects = _named(act, reported.about), _named(act, reported.corrects)
    problems = check_reported(reported, party, act.today, about=about, corrects=corrects, within_days=DISPUTE_WITHIN_DAYS)
    if any(finding.place == "kind" for finding in problems):
        raise NotPermitted.of(problems)
    if problems:
        raise MoveNotAllowed.of(problems)
    record = _record(act, reported, party, costing, about or corrects)
    _keep(act, record, vouched=False)
    return record


def _record(act: Act, reported: ReportedRecord, party: Party, costing: SiteCosting, named: AdherenceRecord | None) -> AdherenceRecord:
    told = reported.model_dump(exclude_defaults=True) | {"evidence": reported.evidence}
    study = named.study if named is not None and reported.corrects is not None and reported.kind == named.kind else None
    key = named.costing_key if named is not None else costing_key(costing)  # a record about another is of the same costing
    try:
        return AdherenceRecord(id=act.identifier(), recorded_on=act.today, by=party, costing=key, study=study, **told)
    except ValidationError as error:
        problem, _, remedy = str(error.errors()[0]["ctx"]["error"]).partition("; ")
        raise InputError(problem, "body", remedy) from error


def _named(act: Act, name: str | None) -> AdherenceRecord | None:
    return adherence.record_by_id(act.connection, name) if name is not None else None


def _keep(act: Act, record: AdherenceRecord, *, vouched: bool = True) -> None:
    """Keep the record; the ledger vouches for it by the act's own entry, or by one made for it."""
    if not vouched:
        document = record.model_dump(mode="json", exclude_defaults=True)
        act.record(
            Change(operation="adherence.record", object=f"adherence/{record.id}", field=record.kind, new=sha256_of(document), reason=record.evidence.note)
        )
    ledger_entries.lock(act.connection)  # numbers follow one another without gaps
    keep_record(act.connection, record, ledger_entries.head(act.connection).number)


def keep_record(connection: Connection, record: AdherenceRecord, ledger_number: int) -> None:
    """Keep the record, and bring the roll-up of its costing up to date: what a full count finds, step by step."""
    adherence.add_record(connection, record, ledger_number)
    known = adherence.records_of_costing(connection, record.costing_key)
    counted = costings_of(known, record.recorded_on, DISPUTE_WITHIN_DAYS)
    adherence_rollup.keep(connection, record.costing_key, counted[0] if counted else None, kept_definitions())


def record_positions(act: Act, declared: Sequence[Position]) -> list[Position]:
    """Keep what trusts declared; a site representative declares for their own trust only. Raises NotPermitted, InputError."""
    act.allowed("adherence.positions")
    kept = []
    for position in declared:
        listed = organisation(act.office.tariffs.organisations(), position.ods_code)
        if act.person.role == "site_representative" and listed.ods_code != act.person.organisation:
            raise NotPermitted(f"a site representative does not declare for {listed.ods_code}", "ods_code", "Declare for your own trust")
        if position.declared_on > act.today:
            raise InputError(f"{position.declared_on} has not come yet", "declared_on", "Record a position once it is declared")
        fresh = position.model_copy(update={"id": act.identifier(), "recorded_on": act.today})
        document = fresh.model_dump(mode="json", exclude_defaults=True)
        act.record(Change(operation="adherence.position", object=f"position/{fresh.id}", field=fresh.ods_code, new=sha256_of(document)))
        adherence.add_position(act.connection, fresh, ledger_entries.head(act.connection).number)
        kept.append(fresh)
    return kept
