"""What waits for whom, in every state, for every role: named by the act, and never somebody else's."""

from ncvr.domain.escalation import Escalation
from ncvr.services import escalating, reviewing
from tests.offices import IRAS, small_study
from tests.services.walks import accepted, agreed, at, shared, submitted
from tests.web.pages.reading import Sheet, reader
from tests.web.permission_town import OMISSION
from tests.web.visiting import Web


def acts(sheet: Sheet, part: str) -> dict[str, str]:
    """The acts of one part of the page, with where they lead; the study's title is left out."""
    links = sheet.tree.xpath(f"//main//h2[@id='{part}']/following-sibling::ul[1]//a")
    return {" ".join(link.text_content().split()).partition(f" {IRAS}")[0]: link.get("href") for link in links}


def test_a_draft_waits_for_its_company_and_for_nobody_else(api: Web) -> None:
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study())
    page = reader(api, "company").open("/")
    assert "1 thing waits for you" in page.text
    assert acts(page, "mine") == {"Complete and submit": f"/studies/{IRAS}"}
    assert "Since 4 May 2026, 0 days" in page.text
    for who in ("rival", "reviewer", "site_ra9", "network", "national", "auditor"):
        assert "Nothing waits for you" in reader(api, who).open("/").text


def test_a_review_waits_for_one_side_at_a_time(api: Web) -> None:
    review = submitted(api.town)
    company, reviewer = reader(api, "company"), reader(api, "reviewer")
    assert acts(reviewer.open("/"), "mine") == {"Accept or send back": f"/studies/{IRAS}/review/accept"}
    assert acts(company.open("/"), "others") == {"The lead site takes on": f"/studies/{IRAS}"}
    with api.town.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
        reviewing.add_query(act, IRAS, kind="query", line="A02", text="Is this enough?")
        reviewing.add_query(act, IRAS, kind="query", line="A01", text="And this?")
    assert acts(reviewer.open("/"), "mine") == {"Send 2 queries to the company on": f"/studies/{IRAS}/review/query"}
    with api.town.act("reviewer") as act:
        reviewing.hand_back(act, IRAS, review.revision)
    page = company.open("/")
    assert acts(page, "mine") == {"Answer 2 queries on": f"/studies/{IRAS}/review"}
    assert "usual is 34 days from 4 May 2026" in page.text


def test_sites_are_counted_by_what_is_to_do_with_them(api_both: Web) -> None:
    agreed(api_both.town)
    shared(api_both.town, "RA9")
    accepted(api_both.town, "RK9")
    company = reader(api_both, "company").open("/")
    assert acts(company, "mine") == {"Lock 1 price of": f"/studies/{IRAS}/lock-all", "Record 1 signed contract of": f"/studies/{IRAS}#sites"}
    assert acts(company, "others") == {"1 site has to answer on": f"/studies/{IRAS}#sites"}
    assert acts(reader(api_both, "site_ra9").open("/"), "mine") == {"Accept, refuse or escalate the price of": f"/studies/{IRAS}"}
    assert "RK9" not in reader(api_both, "site_ra9").open("/").text
    assert "Nothing waits for you" in reader(api_both, "site_rgt").open("/").text


def test_an_escalation_waits_for_the_network(api: Web) -> None:
    agreed(api.town)
    found = shared(api.town, "RA9")
    with api.town.act("site_ra9") as act:
        escalating.escalate(act, IRAS, "RA9", found.revision, Escalation.model_validate(OMISSION | {"reason": "missing"}))
    assert acts(reader(api, "network").open("/"), "mine") == {"Decide the escalation of RA9 on": f"/studies/{IRAS}/escalations"}
    assert "The network decides the escalation of RA9 on" in acts(reader(api, "national").open("/"), "others")
    assert at(api.town, "RA9").state == "escalated"


def test_a_new_edition_makes_prices_wait_to_be_made_again(api: Web) -> None:
    agreed(api.town)
    shared(api.town, "RA9")
    api.town.clock.set("2026-10-02")
    assert acts(reader(api, "company").open("/"), "mine") == {"Re-price 3 site prices of": f"/studies/{IRAS}#sites"}
    national = reader(api, "national").open("/")
    assert national.links["Re-price 3 site prices from 2026-10-01-tiny"] == "/tariffs/2026-10-01-tiny/reprice"
    site = reader(api, "site_ra9").open("/")
    assert "The company re-prices the price of" in acts(site, "others")
