"""The review grid in a real browser: keys, pasting, undo, two people at once, no connection, and no script."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from ncvr import examples
from ncvr.domain.study import Study, study_record
from ncvr.services import reviewing
from ncvr.store import accounts
from tests.browser.conftest import PHONE, Served, Visits
from tests.browser.test_every_page import violations

REVIEW = "/studies/1023456/review"  # with the company, which may edit it
SAVED = "All changes saved"


def opened(visit: Visits, who: str = "company", path: str = REVIEW) -> Page:
    page = visit(who)
    page.goto(path)
    expect(page.get_by_role("grid")).to_be_visible()
    return page


def cell(page: Page, line: str, column: int, number: int = 1) -> Locator:
    """A cell by its activity, column (4 is the first visit) and resource line."""
    return page.locator(f'tr[data-line="{line}"][data-n="{number}"] > :nth-child({column + 1})')


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text(SAVED)


def test_moving_typing_and_escaping_as_in_a_spreadsheet(visit: Visits) -> None:
    page = opened(visit)
    total = page.locator("#arm-total").inner_text()
    cell(page, "P01", 4).click()
    page.keyboard.press("ArrowRight")
    expect(cell(page, "P01", 5)).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(cell(page, "P02", 5)).to_be_focused()  # a further resource line of P01 is passed over
    saved(page)
    assert page.locator("#arm-total").inner_text() != total
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.keyboard.type("999")
    page.keyboard.press("Escape")
    expect(cell(page, "P02", 2)).to_have_text("20")
    expect(cell(page, "P02", 2)).to_be_focused()
    page.reload()
    expect(cell(page, "P01", 5)).to_have_text("3")
    assert page.evaluate("document.querySelectorAll('#grid [tabindex=\"0\"]').length") == 1


def test_a_text_that_cannot_be_is_marked_and_never_sent(visit: Visits) -> None:
    page = opened(visit)
    cell(page, "P03", 4).click()
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    expect(page.locator("#save-state")).to_have_text("Not saved: 1 cell needs attention")
    expect(page.locator("#grid-panel")).to_contain_text("“x” is not a whole number")
    page.keyboard.press("Control+z")
    expect(page.locator("#grid-panel")).to_be_hidden()
    cell(page, "P03", 2).click()
    page.keyboard.press("Delete")
    expect(page.locator("#grid-panel")).to_contain_text("has no minutes")
    page.keyboard.press("Control+z")
    expect(page.locator("#save-state")).not_to_contain_text("attention")


def test_a_block_is_copied_and_pasted_undone_and_done_again_by_a_real_clipboard(visit: Visits) -> None:
    page = opened(visit)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('1\\t2\\t3\\n4\\t5\\t6\\n')")
    cell(page, "P05", 4).click()
    was = cell(page, "P05", 6).inner_text()
    page.keyboard.press("Control+v")
    expect(page.locator("#grid-said")).to_contain_text("Pasted 2 rows by 3 columns")
    expect(cell(page, "P06", 6)).to_have_text("6")
    saved(page)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "1\t2\n4\t5"
    page.keyboard.press("Control+z")
    expect(cell(page, "P05", 6)).to_have_text(was)
    page.keyboard.press("Control+y")
    expect(cell(page, "P05", 6)).to_have_text("3")
    saved(page)
    page.reload()
    expect(cell(page, "P05", 6)).to_have_text("3")


def wide_study(served: Served, iras_id: str, high: int, wide: int) -> None:
    """A draft of the company with so many activities and visits, its counts empty."""
    record: dict[str, Any] = study_record(examples.study())
    record["study"]["iras_id"] = iras_id
    visits = [{"id": f"V{number}", "name": f"Visit {number}"} for number in range(1, wide + 1)]
    nurse = {"resources": [{"role": "research_nurse", "minutes": 20}], "payment": "visit"}
    activities = [{"id": f"A{number:02d}", "name": f"Activity {number}", **nurse} for number in range(1, high + 1)]
    record["arms"] = [{"id": "A", "name": "Active", "visits": visits, "activities": activities}]
    for name in ("sites", "unscheduled", "setup_and_closedown", "pass_through", "waivers"):
        record[name] = []
    with served.office.store.reading() as connection:
        account = accounts.by_email(connection, "company@demo.example")
    assert account is not None
    with served.office.act(account.person, "made for a test") as act:
        reviewing.create_study(act, Study.model_validate(record))


def test_sixty_by_forty_cells_are_pasted_at_once_and_undone_at_once(visit: Visits, served: Served) -> None:
    wide_study(served, "1555555", 60, 40)
    page = opened(visit, path="/studies/1555555/review")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        "navigator.clipboard.writeText(Array.from({ length: 60 }, (_, r) => Array.from({ length: 40 }, (_, c) => (r + c) % 9 + 1).join('\\t')).join('\\r\\n'))"
    )
    cell(page, "A01", 4).click()
    page.keyboard.press("Control+v")
    expect(page.locator("#grid-said")).to_have_text("Pasted 60 rows by 40 columns, from Activity 1, Visit 1")
    saved(page)
    expect(cell(page, "A60", 43)).to_have_text("9")
    page.keyboard.press("Control+z")
    expect(cell(page, "A60", 43)).to_have_text("")
    page.keyboard.press("Control+y")
    expect(page.locator("#grid-said")).to_have_text("Done again: 2,400 cells")
    saved(page)
    page.reload()
    expect(cell(page, "A31", 20)).to_have_text(str((30 + 16) % 9 + 1))


def test_the_grid_is_accessible_in_every_state(visit: Visits, served: Served) -> None:
    wide_study(served, "1555556", 12, 10)
    page = opened(visit, path="/studies/1555556/review")
    cell(page, "A02", 5).click()
    page.keyboard.press("Shift+ArrowDown")
    wrong = violations(page)
    page.keyboard.type("x")
    wrong += violations(page)  # the editor is open
    page.keyboard.press("Enter")
    expect(page.locator("#grid-panel")).to_be_visible()
    wrong += violations(page)
    page.set_viewport_size({"width": PHONE, "height": 800})
    wrong += violations(page)
    assert wrong == []


def test_a_bad_paste_changes_nothing_until_somebody_says_so(visit: Visits) -> None:
    page = opened(visit)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('7\\t£3\\n8\\t2')")
    cell(page, "P05", 4).click()
    page.keyboard.press("Control+v")
    panel = page.locator("#grid-panel")
    expect(panel).to_contain_text("Nothing was pasted")
    expect(panel).to_contain_text("“£3” is not a whole number")
    expect(cell(page, "P05", 4)).not_to_have_text("7")
    panel.get_by_role("button", name="Paste the valid cells").click()
    expect(cell(page, "P06", 4)).to_have_text("8")
    saved(page)


def test_a_cell_that_two_people_changed_is_asked_and_everything_else_of_both_is_kept(visit: Visits) -> None:
    visit.complaints.expected = ("412 (Precondition Failed)",)
    mine, theirs = opened(visit), opened(visit)
    cell(theirs, "P07", 4).click()
    theirs.keyboard.type("5")
    theirs.keyboard.press("Enter")
    theirs.keyboard.type("2")
    theirs.keyboard.press("Enter")
    saved(theirs)
    cell(mine, "P07", 4).click()
    mine.keyboard.type("6")
    mine.keyboard.press("ArrowRight")
    mine.keyboard.type("4")
    mine.keyboard.press("Enter")
    panel = mine.locator("#grid-panel")
    expect(panel).to_contain_text("1 cell changed by both of you")
    expect(panel.locator("tr").nth(1)).to_contain_text("5")
    panel.get_by_role("button", name="Keep mine").click()
    saved(mine)
    mine.reload()
    expect(cell(mine, "P07", 4)).to_have_text("6")
    expect(cell(mine, "P07", 5)).to_have_text("4")
    expect(cell(mine, "P08", 4)).to_have_text("2")


def test_without_a_connection_nothing_is_lost(visit: Visits) -> None:
    visit.complaints.expected = ("ERR_INTERNET_DISCONNECTED",)
    page = opened(visit)
    page.context.set_offline(True)
    cell(page, "P09", 4).click()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(page.locator("#save-state")).to_have_text("Not saved: no connection. Trying again")
    page.context.set_offline(False)
    saved(page)
    page.reload()
    expect(cell(page, "P09", 4)).to_have_text("8")


def test_what_was_not_sent_when_the_page_was_left_comes_back_and_is_saved(visit: Visits) -> None:
    visit.complaints.expected = ("ERR_FAILED",)
    page = opened(visit)
    page.on("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave while something is unsent
    page.route("**/review/cells", lambda route: route.abort())
    cell(page, "P09", 5).click()
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    expect(page.locator("#save-state")).to_contain_text("no connection")
    page.unroute_all()
    page.reload()
    expect(page.locator("#grid-panel")).to_contain_text("You have 1 change that was not saved")
    saved(page)
    page.reload()
    expect(cell(page, "P09", 5)).to_have_text("6")
    expect(page.locator("#grid-panel")).to_be_hidden()


def test_who_is_signed_out_meanwhile_keeps_what_was_typed_and_saves_it_after_signing_in(visit: Visits, served: Served) -> None:
    page = opened(visit)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    cell(page, "P09", 4).click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("#grid-panel")).to_contain_text("Sign in again in a new tab")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.get_by_role("button", name="Save now").click()
    saved(page)


def test_somebody_who_may_not_edit_now_reads_a_plain_table(visit: Visits) -> None:
    page = visit("reviewer", width=PHONE)
    page.goto(REVIEW)
    expect(page.locator("#grid")).to_be_visible()
    expect(page.get_by_role("grid")).to_have_count(0)
    expect(page.locator("#save-state")).to_have_count(0)


def test_without_a_script_an_activity_is_edited_and_asked_about_in_a_form(visit: Visits) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    page = visit("company", width=PHONE, scripts=False)
    page.goto(REVIEW)
    page.get_by_role("link", name="Chest X-ray").click()
    page.get_by_label("Week 4").fill("many")
    page.get_by_role("button", name="Save activity").click()
    expect(page.locator(".nhsuk-error-summary")).to_contain_text("'many' is not a whole number")
    expect(page.get_by_label("Week 4")).to_have_value("many")
    page.get_by_label("Week 4").fill("2")
    page.get_by_role("button", name="Save activity").click()
    expect(page.locator(".nhsuk-notification-banner")).to_contain_text("The activity is saved")
    expect(page.get_by_label("Week 4")).to_have_value("2")
    page.get_by_label("What you want to say").fill("As agreed with the site")
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator("#queries")).to_contain_text("As agreed with the site")
