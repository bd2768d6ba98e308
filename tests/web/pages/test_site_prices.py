"""Site prices beside each other and why each is what it is: every figure that of the kept price, no column of another site, no price for a reviewer."""

import json

import pytest

from ncvr.services import costing, reviewing
from ncvr.store import costings
from tests.offices import IRAS, small_study
from tests.services.walks import at
from tests.web.pages.reading import reader
from tests.web.visiting import Web

PRICES = f"/studies/{IRAS}/prices"
WHY = f"/studies/{IRAS}/sites/RA9/why"


def asked(api: Web, who: str, path: str) -> tuple[int, str]:
    answer = api.client.get(path, headers={"Authorization": f"Bearer {api.town.tokens[who]}"}, follow_redirects=False)
    return answer.status_code, answer.text


def test_the_company_sees_every_site_with_every_price_leading_to_its_reason(agreed_api: Web) -> None:
    page = reader(agreed_api, "company").open(PRICES)
    heads = [" ".join(each.text_content().split()) for each in page.tree.xpath("//table[@id='prices']//thead//th")]
    assert [head.split()[0] for head in heads[1:]] == ["RA9", "RGT", "RK9"]
    with agreed_api.town.store.reading() as connection:
        kept = [json.loads(each.price.record) for each in costings.of_study(connection, IRAS)]
    for record in kept:
        site = record["prices"][0]
        for visit in site["arms"][0]["visits"]:
            link = page.tree.xpath(f"//a[@href='/studies/{IRAS}/sites/{site['site']['ods_code']}/why/visit/A/{visit['id']}']")[0]
            assert link.text_content() == f"£{visit['price']}"
    rows = [each.text_content().strip() for each in page.tree.xpath("//table[@id='prices']//tbody//th[@scope='row']")]
    assert rows[0] == "Multiplier"
    assert rows[-1] == "Projected total"
    assert page.links["Lock all 2 prices"] == f"/studies/{IRAS}/sites/lock-all"  # the third is shared
    assert "Participants divided evenly" in page.text


def test_a_site_sees_its_own_column_and_nothing_of_another(agreed_api: Web) -> None:
    page = reader(agreed_api, "site_ra9").open(PRICES)
    assert len(page.tree.xpath("//table[@id='prices']//thead//th")) == 2
    assert "RGT" not in page.text
    assert "Lock" not in page.text
    assert asked(agreed_api, "site_ra9", f"{PRICES}?sites=RGT,RA9")[1].count("/why/visit/A/V1") == 1
    assert asked(agreed_api, "site_ra9", f"/studies/{IRAS}/sites/RGT/why/visit/A/V1")[0] == 404
    csv = asked(agreed_api, "site_ra9", f"/studies/{IRAS}/prices.csv")[1]
    assert "RA9" in csv
    assert "RGT" not in csv


@pytest.mark.parametrize(("who", "status"), [("reviewer", 403), ("rival", 404), ("site_rk9", 404)])
def test_who_may_not_read_prices_sees_none(agreed_api: Web, who: str, status: int) -> None:
    for path in (PRICES, f"{WHY}/visit/A/V1", f"/studies/{IRAS}/prices.csv", f"/studies/{IRAS}/sites/RA9/prices.json"):
        assert asked(agreed_api, who, path)[0] == status, path


def test_ticked_sites_become_an_address_that_can_be_sent_on_and_at_most_six_are_shown(agreed_api: Web) -> None:
    answer = agreed_api.client.get(
        f"{PRICES}?site=RK9&site=RA9", headers={"Authorization": f"Bearer {agreed_api.town.tokens['company']}"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PRICES}?sites=RK9,RA9")
    page = reader(agreed_api, "company").open(f"{PRICES}?sites=RK9,RA9")
    assert len(page.tree.xpath("//table[@id='prices']//thead//th")) == 3


def test_why_goes_from_minutes_to_pennies_and_its_files_have_every_digit(agreed_api: Web) -> None:
    page = reader(agreed_api, "company").open(f"{WHY}/visit/A/V1")
    record = agreed_api.as_("company").get(f"/studies/{IRAS}/sites/RA9/price?explain=true")
    visit = record["prices"][0]["arms"][0]["visits"][0]
    assert page.tree.xpath("//p[@id='sentence']")[0].text_content().startswith(f"£{visit['price']} = national cost £")
    last = [each.text_content() for each in page.tree.xpath("//table[@id='workings']/tfoot/tr[last()]/*")]
    assert last == ["Price", f"£{visit['price']}"]
    told = json.loads(asked(agreed_api, "company", f"{WHY}/visit/A/V1?json=workings")[1])
    assert told["payable"]["workings"] == visit["workings"]
    assert told["fingerprint"] == record["prices"][0]["fingerprint"] == page.tree.xpath("//dd[contains(., 'sha256:')]")[0].text_content()
    csv = asked(agreed_api, "company", f"{WHY}/visit/A/V1?csv=workings")[1]
    assert all(line["total"] in csv for line in visit["workings"]["lines"])
    for rest in ("item/A/A03", "setup_and_closedown/S01"):
        assert "= national cost" in reader(agreed_api, "company").open(f"{WHY}/{rest}").text


def test_what_is_not_paid_has_no_reason_to_show(agreed_api: Web) -> None:
    for rest in ("visit/A/V9", "visit/B/V1", "item/A/V1", "unscheduled/S01", "nothing/A/V1"):
        assert asked(agreed_api, "company", f"{WHY}/{rest}")[0] == 404, rest


def test_a_stale_price_is_said_and_a_repriced_one_shows_old_and_new_with_the_reason(agreed_api: Web) -> None:
    agreed_api.town.clock.set("2026-10-02")
    page = reader(agreed_api, "company").open(PRICES)
    assert "is stale" in page.text
    assert page.links["Price RA9 again"] == f"/studies/{IRAS}/sites/RA9/reprice"
    before = json.loads(at(agreed_api.town, "RA9").price.record)["prices"][0]["arms"][0]["visits"][0]["price"]
    with agreed_api.town.act("company") as act:
        costing.reprice(act, IRAS, "RA9", at(agreed_api.town, "RA9").revision)
    after = json.loads(at(agreed_api.town, "RA9").price.record)["prices"][0]["arms"][0]["visits"][0]["price"]
    assert before != after
    why = reader(agreed_api, "company").open(f"{WHY}/visit/A/V1")
    told = " ".join(why.tree.xpath("//div[@id='repriced']")[0].text_content().split())
    assert told.startswith("Re-priced on 2 October 2026:")
    assert f"was £{before} now £{after}" in told
    assert "2026-10-01-tiny came into force after 2026-04-01-tiny" in told


def test_before_anything_is_agreed_the_page_says_when_prices_come_and_who_cannot_be_priced(api: Web) -> None:
    sites = [{"ods_code": "RGT", "target_participants": 10}, {"ods_code": "RXX", "target_participants": 10}]
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study(sites=sites))
    api.town.clock.set("2026-07-02")
    page = reader(api, "company").open(PRICES)
    assert "No site is priced yet" in page.text
    assert "RXX cannot be priced." in page.text
