"""Two versions side by side as a page."""

from tests.offices import IRAS
from tests.services.walks import agreed
from tests.web.pages.reading import reader
from tests.web.visiting import Web

DIFFERENCES = f"/studies/{IRAS}/differences"


def amended(api: Web) -> Web:
    """Version 1 agreed, version 2 in draft with 60 minutes where 45 were."""
    agreed(api.town)
    company = api.as_("company")
    company.do(f"/studies/{IRAS}/review", "amend", {"reason": "protocol 3"})
    reader(api, "company").send(f"/studies/{IRAS}/review/activities/A02", **{"minutes-1": "60"})
    return api


def test_the_last_two_versions_are_compared_with_counts_first_and_pounds(api: Web) -> None:
    sheet = reader(amended(api), "company").open(DIFFERENCES)
    assert "1 line changed in 1 place: +£" in sheet.text
    row = [" ".join(cell.text_content().split()) for cell in sheet.tree.xpath("//table//tr")[1]]
    assert row[:5] == ["Nursing (A02)", "Active", "resource 1, minutes", "was 45", "now 60"]
    assert row[5].startswith("+£")


def test_a_version_compared_with_itself_has_no_differences(api: Web) -> None:
    sheet = reader(amended(api), "auditor").open(f"{DIFFERENCES}?from=1&to=1")
    assert "There are no differences between version 1 and version 1." in sheet.text


def test_a_version_that_is_not_there_and_a_study_one_may_not_see_are_not_found(api: Web) -> None:
    web = amended(api)
    assert reader(web, "company").see(f"{DIFFERENCES}?from=1&to=9").status == 404
    assert reader(web, "rival").see(DIFFERENCES).status == 404
    assert reader(web, "site_ra9").see(DIFFERENCES).status in (403, 404)
