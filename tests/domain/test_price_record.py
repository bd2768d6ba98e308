"""The fingerprint's test vector: others who compute it must come to the same bytes."""

import hashlib
from datetime import date
from typing import Any

from ncvr.domain.price_record import fingerprint, prices_record
from ncvr.domain.pricing import national_costs
from ncvr.domain.site_price import price_site
from tests import editions

STUDY: dict[str, Any] = {
    "sites": [{"ods_code": "RGT", "target_participants": 2}],
    "arms": [
        {
            "id": "A",
            "name": "Active – é",
            "visits": [{"id": "V1", "name": "Screening", "screening": True}, {"id": "ET", "name": "Early end", "kind": "conditional", "when": "stops"}],
            "activities": [
                {
                    "id": "A01",
                    "name": "Consent",
                    "payment": "visit",
                    "resources": [{"role": "nurse", "minutes": "7.5"}],
                    "occurrences": {"V1": 1, "ET": 2},
                },
                {"id": "A02", "name": "Test", "payment": "item", "resources": [{"item": "ECG"}]},
            ],
        }
    ],
    "setup_and_closedown": [{"id": "S01", "name": "Set-up", "resources": [{"role": "nurse", "minutes": 60}]}],
    "pass_through": [{"id": "P01", "name": "Travel", "cap": "35"}],
}

# Written out by hand: sorted keys, no spaces, UTF-8, defaults left out; whole minutes as numbers, others as text.
SCHEDULE = (
    '{"arms":[{"activities":[{"id":"A01","name":"Consent","occurrences":{"ET":2,"V1":1},"payment":"visit","resources":[{"minutes":"7.5","role":"nurse"}]},'
    '{"id":"A02","name":"Test","payment":"item","resources":[{"item":"ECG"}]}],"id":"A","name":"Active – é",'
    '"visits":[{"id":"V1","name":"Screening","screening":true},{"id":"ET","kind":"conditional","name":"Early end","when":"stops"}]}],'
    '"iras_id":"1004567","pass_through":[{"cap":"35","id":"P01","name":"Travel"}],'
    '"setup_and_closedown":[{"id":"S01","name":"Set-up","resources":[{"minutes":60,"role":"nurse"}]}],"unscheduled":[],"version":1}'
)
FIGURES = (
    '{"arms":[{"id":"A","items":[{"id":"A02","unit_price":"64.80"}],"per_participant":"10.26","visits":[{"id":"V1","price":"10.26"},{"id":"ET","price":"20.52"}]}],'
    '"edition":"2026-04-01-made-for-tests","edition_sha256":"sha256:0000000000000000000000000000000000000000000000000000000000000000","format":"ncvr-fingerprint/1",'
    '"iras_id":"1004567","multiplier":"1.0800","ods_code":"RGT","pass_through":[{"cap":"35.00","id":"P01"}],"schedule_sha256":"SCHEDULE",'
    '"setup_and_closedown":[{"id":"S01","price":"82.08"}],"unscheduled":[],"version":1}'
)


def sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def record(**asked: bool) -> dict[str, Any]:
    tariff = editions.edition(staff={"nurse": "40.00"}, items={"ECG": ("50.00", "investigation")}, multipliers={"RGT": "1.0800"})
    study = editions.study(STUDY)
    price = price_site(national_costs(study, tariff), study.sites[0], "Trust RGT", tariff.multiplier("RGT"))
    return prices_record(price.costs, [price], on=date(2026, 6, 1), software="ncvr test", **asked)


def test_the_schedule_hash_is_that_of_the_canonical_text() -> None:
    assert record()["study"]["schedule_sha256"] == sha256(SCHEDULE)


def test_the_fingerprint_is_that_of_the_canonical_text() -> None:
    assert record()["prices"][0]["fingerprint"] == sha256(FIGURES.replace("SCHEDULE", sha256(SCHEDULE)))


def test_the_vector_itself_never_changes() -> None:
    assert record()["prices"][0]["fingerprint"] == "sha256:8b8d9116bec27105a33231751b75783c73907923b5d44e08deb6641a45e80156"


def test_explanations_are_no_part_of_the_fingerprint() -> None:
    explained = record(explain=True, by_department=True)
    entry = explained["prices"][0]
    assert "workings" in entry["arms"][0]["visits"][0]
    assert fingerprint(explained["study"], explained["tariff"], entry) == record()["prices"][0]["fingerprint"]


def test_amounts_are_written_as_the_interface_says() -> None:
    entry = record(explain=True)["prices"][0]
    line = entry["arms"][0]["visits"][0]["workings"]["lines"][0]
    assert line == {
        "activity": "A01",
        "role": "nurse",
        "minutes": "7.5",
        "quantity": 1,
        "rate": "40.00",
        "activity_cost": "5",
        "occurrences": 1,
        "total_activity_cost": "5",
        "indirect": "3.5",
        "capacity": "1",
        "multiplier_amount": "0.76",
        "total": "10.26",
        "department": "Unassigned",
        "source": "staff_rates.csv:2",
        "uplift_source": "edition.yaml:1",
    }
    assert entry["projected"]["total"] == "102.60"
    assert entry["screen_failure"] == [{"arm": "A", "price": "10.26"}]
    assert entry["direct_costs"] == {"per_participant": [{"arm": "A", "amount": "5"}], "setup": "40"}
