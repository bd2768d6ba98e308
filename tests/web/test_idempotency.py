"""The same request sent twice is done once: retried, all at once, with another body, by another person (R7)."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ncvr.services.record_keeping import ledger_head
from ncvr.store.connections import Connection, Store
from ncvr.web.app import ROUTES
from tests.offices import IRAS, Town, study_file
from tests.services.test_all_or_nothing import DiskFull, sabotaged
from tests.services.walks import agreed, at, contracted, shared, submitted
from tests.web.visiting import Web, web

REVIEW, SITES = f"/studies/{IRAS}/review", f"/studies/{IRAS}/sites"
Prepare = Callable[[Web], Any]


def in_review(web: Web) -> None:
    submitted(web.town)
    web.as_("reviewer").do(REVIEW, "accept")


def queried(web: Web) -> None:
    in_review(web)
    web.as_("reviewer").post(f"{REVIEW}/queries", {"line": "", "text": "?"})


def handed_back(web: Web) -> None:
    queried(web)
    web.as_("reviewer").do(REVIEW, "query")


def answered(web: Web) -> None:
    handed_back(web)
    query = web.as_("company").get(f"{REVIEW}/queries")["items"][0]
    web.as_("company").post(f"{REVIEW}/queries/{query['id']}/answer", {"text": "!"})


def escalated(web: Web) -> None:
    on_shared(web)
    web.as_("site_ra9").do(f"{SITES}/RA9", "escalations", OMISSION)


def on_agreed(web: Web) -> None:
    agreed(web.town)


def on_shared(web: Web) -> None:
    agreed(web.town)
    shared(web.town, "RA9")


def on_locked(web: Web) -> None:
    on_agreed(web)
    web.as_("company").do(f"{SITES}/RA9", "lock")


def on_accepted(web: Web) -> None:
    on_shared(web)
    web.as_("site_ra9").do(f"{SITES}/RA9", "accept")


def overtaken(web: Web) -> None:
    on_agreed(web)
    web.town.clock.set("2026-10-01")


def closed(web: Web) -> None:
    web.town.clock.set("2026-05-04")
    study = study_file(sites=[{"ods_code": "RXX"}])
    web.as_("company").post("/studies", study)
    web.as_("company").do(REVIEW, "submit", {"protocol_version": "2.0"})
    for who, move in (("reviewer", "accept"), ("reviewer", "agree"), ("company", "agree")):
        web.as_(who).do(REVIEW, move)
    web.town.clock.set("2026-07-01")


def amended(web: Web) -> None:
    agreed(web.town)
    contracted(web.town, "RA9")
    web.as_("company").do(REVIEW, "amend", {"reason": "x"})
    web.as_("company").do(REVIEW, "submit", {"protocol_version": "2.0"})
    for who, move in (("reviewer", "accept"), ("reviewer", "agree"), ("company", "agree")):
        web.as_(who).do(REVIEW, move)


OMISSION = {"omissions": [{"name": "Flush", "resources": [{"role": "research_nurse", "minutes": 1}]}], "reason": "missing"}
REASON = {"reason": "because"}
DECLARED = {"ods_code": "RA9", "position": "accepts_in_full", "declared_on": "2026-05-01", "source": "letter"}
# permission (the address of its route) -> who, what comes before, the body
CASES: dict[str, tuple[str, Prepare, Any]] = {
    "studies.create": ("company", lambda _: None, study_file()),
    "study.grant": ("company", lambda web: submitted(web.town), {"organisation": "CRO", "from_on": "2026-05-01"}),
    "study.record_event": ("company", lambda web: submitted(web.town), {"kind": "regulatory_application", "on": "2026-05-01"}),
    "review.submit": ("company", lambda web: web.as_("company").post("/studies", study_file()), {"protocol_version": "2.0"}),
    "review.accept": ("reviewer", lambda web: submitted(web.town), {}),
    "review.revert": ("reviewer", lambda web: submitted(web.town), REASON),
    "review.query": ("reviewer", queried, {}),
    "review.respond": ("company", answered, {}),
    "review.agree": ("reviewer", in_review, {}),
    "review.amend": ("company", on_agreed, REASON),
    "review.withdraw": ("company", lambda web: submitted(web.town), REASON),
    "queries.write": ("reviewer", in_review, {"line": "A02", "text": "why?"}),
    "queries.answer": ("company", handed_back, {"text": "because"}),
    "sites.add": ("company", on_agreed, {"ods_code": "RXX"}),
    "costing.lock": ("company", on_agreed, {}),
    "costing.unlock": ("company", on_locked, REASON),
    "costing.share": ("company", on_locked, {}),
    "costing.accept": ("site_ra9", on_shared, {}),
    "costing.refuse": ("site_ra9", on_shared, {"reason_code": "outsourcing"}),
    "costing.contract": ("company", on_accepted, {}),
    "costing.decline": ("site_ra9", on_shared, REASON),
    "costing.withdraw": ("company", on_shared, REASON),
    "costing.reprice": ("company", overtaken, {}),
    "costing.reassign": ("company", closed, {"ods_code": "RGT"}),
    "costing.vary": ("company", amended, {"version": 2}),
    "escalations.raise": ("site_ra9", on_shared, OMISSION),
    "escalations.decide": ("network", escalated, {"outcome": "below_threshold", "reason": "small"}),
    "tariffs.reprice": ("national", overtaken, {}),
    "adherence.record": ("company", on_shared, {"kind": "local_choice", "on": "2026-05-04", "iras_id": IRAS, "ods_code": "RA9"}),
    "adherence.positions": ("national", on_agreed, {"positions": [DECLARED]}),
    "adherence.publish": ("national", on_shared, {"period": "2026-04"}),
}
# A workbook is sent as a file (test_workbooks), a verdict changes nothing, a price is not edited, and a session has rules of its own.
_APART = ("review.edit", "contracts.verify", "price.edit", "session.open", "session.own")
POSTS = {route.permission: route for route in ROUTES if route.method == "POST" and route.permission not in _APART}


def test_every_post_route_is_tried() -> None:
    assert set(CASES) == set(POSTS)


@pytest.mark.parametrize("permission", sorted(CASES))
def test_a_request_sent_twice_eight_times_at_once_or_changed_has_one_effect(api: Web, permission: str) -> None:
    who, prepare, body = CASES[permission]
    prepare(api)
    visitor, route = api.as_(who), POSTS[permission]
    path, tag, body = addressed(api, route, who, body)
    headers = {"Idempotency-Key": "key-1", **tag}
    before = ledger_head(api.town.store).number
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visitor.ask("POST", path, body, headers), range(8)))
    done = [answer for answer in answers if answer.status_code not in (409, 429)]  # under way, or one heavy piece of work at a time
    assert done, answers[0].text
    assert {answer.status_code for answer in done} == {route.status}, done[0].text
    again = visitor.ask("POST", path, body, headers)
    assert {(answer.content, answer.headers.get("etag")) for answer in [*done, again]} == {(done[0].content, done[0].headers.get("etag"))}
    effect = ledger_head(api.town.store).number - before
    assert effect >= 1
    assert visitor.ask("POST", path, {**body, "note": "other"}, headers).status_code == 422
    other = api.as_("rival" if who != "rival" else "company").ask("POST", path, body, headers)
    assert other.content != done[0].content
    after = ledger_head(api.town.store).number - before
    assert after == (effect * 2 if permission == "studies.create" and other.status_code == 201 else effect)


def addressed(web: Web, route: Any, who: str, body: Any) -> tuple[str, dict[str, str], Any]:
    """The route's address in this study, the revision decided on, and the body."""
    words = {"iras_id": IRAS, "ods": "RXX" if route.permission == "costing.reassign" else "RA9", "edition": "2026-10-01-tiny"}
    visitor = web.as_(who)
    if "{query_id}" in route.path:
        words["query_id"] = visitor.get(f"{REVIEW}/queries")["items"][0]["id"]
    if "{case_id}" in route.path:
        words["case_id"] = visitor.get(f"/studies/{IRAS}/escalations")["items"][0]["id"]
    if route.permission == "costing.contract":
        body = {"signed_on": "2026-05-04", "fingerprint": at(web.town, "RA9").price.fingerprint, "template": "mCTA/sample-1"}
    of = {"review": REVIEW, "costing": f"{SITES}/{words['ods']}", "escalations": f"{SITES}/RA9"}.get(route.permission.partition(".")[0])
    if route.permission == "escalations.decide":
        of = f"/escalations/{words['case_id']}"
    return route.path.format(**words), {} if of is None else {"If-Match": visitor.tag(of)}, body


def test_who_may_not_do_it_any_more_is_not_given_the_kept_answer_either(api_both: Web) -> None:
    """A research organisation whose delegation ended, and a site whose price was taken back: all they ask is not there."""
    agreed(api_both.town)
    company, cro, site = (api_both.as_(who) for who in ("company", "cro", "site_ra9"))
    company.post(f"/studies/{IRAS}/grants", {"organisation": "CRO", "from_on": "2026-05-01", "until_on": "2026-05-04"})
    locking = {"Idempotency-Key": "lock", "If-Match": cro.tag(f"{SITES}/RA9")}
    locked = cro.ask("POST", f"{SITES}/RA9/lock", {}, locking)
    assert (locked.status_code, cro.ask("POST", f"{SITES}/RA9/lock", {}, locking).content) == (200, locked.content)
    company.do(f"{SITES}/RA9", "share")
    accepting = {"Idempotency-Key": "accept", "If-Match": site.tag(f"{SITES}/RA9")}
    accepted = site.ask("POST", f"{SITES}/RA9/accept", {}, accepting)
    assert (accepted.status_code, site.ask("POST", f"{SITES}/RA9/accept", {}, accepting).content) == (200, accepted.content)
    before = ledger_head(api_both.town.store)
    api_both.town.clock.set("2026-05-05")
    assert cro.ask("GET", f"/studies/{IRAS}").status_code == 404
    refused = cro.ask("POST", f"{SITES}/RA9/lock", {}, locking)
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:ncvr:problem:not-found")
    assert site.ask("POST", f"{SITES}/RA9/accept", {}, accepting).content == accepted.content
    assert ledger_head(api_both.town.store) == before


def test_an_answer_is_kept_for_a_day(api: Web) -> None:
    company, headers = api.as_("company"), {"Idempotency-Key": "key-1"}
    assert company.ask("POST", "/studies", study_file(), headers).status_code == 201
    api.town.clock.set("2026-05-05")
    assert company.ask("POST", "/studies", study_file(), headers).status_code == 201
    api.town.clock.set("2026-05-06")
    assert company.ask("POST", "/studies", study_file(), headers).status_code == 422  # done anew, and the number is taken


def test_the_words_of_an_address_are_part_of_the_request(api: Web) -> None:
    company, headers = api.as_("company"), {"Idempotency-Key": "k"}
    assert company.ask("POST", "/studies?note=one", study_file(), headers).status_code == 201
    assert company.ask("POST", "/studies?note=one", study_file(), headers).status_code == 201
    assert company.ask("POST", "/studies?note=two", study_file(), headers).json()["type"] == "urn:ncvr:problem:key-used"


def test_what_was_refused_is_not_kept_so_that_it_can_be_put_right(api: Web) -> None:
    company, headers = api.as_("company"), {"Idempotency-Key": "key-1"}
    assert company.ask("POST", "/studies", study_file(lead_site="ZZZ"), headers).status_code == 422
    assert company.ask("POST", "/studies", study_file(), headers).status_code == 201


def test_on_postgresql_too_eight_at_once_have_one_effect(api_both: Web) -> None:
    company, headers = api_both.as_("company"), {"Idempotency-Key": "key-1"}
    before = ledger_head(api_both.town.store).number
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: company.ask("POST", "/studies", study_file(), headers), range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert company.ask("POST", "/studies", study_file(), headers).status_code == 201
    assert ledger_head(api_both.town.store).number == before + 1


def test_a_request_that_broke_off_anywhere_is_done_once_when_it_is_sent_again(here: Town) -> None:
    """Each statement fails in turn, then the answer is lost after the commit; the client sends the same again."""
    api = web(here)
    broken, number = 0, 0
    for count in (*range(100), None):
        iras_id = str(1005000 + number)
        company, headers = api.as_("company"), {"Idempotency-Key": f"key-{number}"}
        before = ledger_head(here.store).number
        with sabotaged(here, count) if count is not None else answer_lost(here):
            first = company.ask("POST", "/studies", study_file(iras_id), headers)
        number += 1
        if first.status_code == 201:
            continue  # more statements than there are were let pass
        broken += 1
        assert first.status_code == 500, first.text
        again = company.ask("POST", "/studies", study_file(iras_id), headers)
        assert again.status_code == 201, again.text
        assert ledger_head(here.store).number == before + 1
    assert 5 < broken < 60


@contextlib.contextmanager
def answer_lost(town: Town) -> Iterator[None]:
    """What was done is committed; the connection breaks before anybody hears of it."""
    lost = iter([True])

    def closed(*_: Any) -> None:
        if next(lost, False):
            raise DiskFull

    real = Store.writing

    @contextlib.contextmanager
    def breaking(store: Store) -> Iterator[Connection]:
        with real(store) as connection:
            yield connection
        closed()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "writing", breaking)
        yield
