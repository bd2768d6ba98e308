"""The steps that stories are told in: a move through its check page, an answer, the details of a contract, a file checked."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from ncvr import examples
from ncvr.domain.details import SiteDetails

STUDY = "/studies/1023456"  # with the company, which has one query to answer


def said(page: Page) -> Locator:
    """The banner that says what was done."""
    return page.locator(".nhsuk-notification-banner")


def next_act(page: Page, address: str, act: str, says: str) -> None:
    """The one button of the page leads to the check page of this act, whose button does it."""
    page.goto(address)
    expect(page.locator("#next-act")).to_have_text(act)
    page.locator("#next-act").click()
    confirm(page, act, says)


def confirm(page: Page, act: str, says: str) -> None:
    """The check page says what follows; its button is named like the page."""
    expect(page.locator("h1")).to_have_text(act)
    expect(page.locator(".ncvr-consequence")).not_to_be_empty()
    page.get_by_role("button", name=act, exact=True).click()
    expect(said(page)).to_contain_text(says)


def answer_query(page: Page, text: str) -> None:
    """The first open query is answered where it stands."""
    page.get_by_label("Your answer").first.fill(text)
    page.get_by_role("button", name="Send answer").first.click()
    expect(said(page)).to_contain_text("Your answer is kept")


def give_details(page: Page, code: str) -> None:
    """The details of one site's contract, as the example has them, typed into its form."""
    page.goto(f"{STUDY}/contracts")
    page.locator(f'tr:has(a[href$="sites={code}"])').get_by_role("link", name="of the contract").click()
    for name, value in _fields(examples.details().for_site(code)).items():
        _fill(page, name, value)
    page.get_by_role("button", name="Save the details").click()
    expect(said(page)).to_contain_text("The details are saved")
    expect(page.locator("#missing")).to_have_count(0)


def _fields(details: SiteDetails) -> dict[str, str]:
    """Each plain value by the name of its field."""
    flat: dict[str, str] = {}

    def note(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                note(f"{name}-{key}" if name else key, inner)
        elif not isinstance(value, list):
            flat[name] = str(value)

    note("", details.model_dump(mode="json", exclude_defaults=True))
    return flat


def _fill(page: Page, name: str, value: str) -> None:
    field, day = page.locator(f'form [name="{name}"]'), page.locator(f'form [name="{name}-day"]')
    if day.count():
        fill_day(page, name, value)
    elif field.count() and field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    elif field.count():
        field.fill(value)


def fill_day(page: Page, name: str, iso: str) -> None:
    for part, text in zip(("year", "month", "day"), iso.split("-"), strict=True):
        page.locator(f'[name="{name}-{part}"]').fill(text)


def downloaded(page: Page, link: Locator, folder: Path) -> Path:
    """What the browser saved, under the name the service gave it."""
    with page.expect_download() as waiting:
        link.click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def verdict(page: Page, file: Path, code: str) -> str:
    """What the page says of this file beside the price kept for the site."""
    page.goto("/verify")
    page.get_by_label("Contract", exact=True).set_input_files(file)
    page.get_by_label("IRAS ID", exact=True).fill(STUDY.rpartition("/")[2])
    page.get_by_label("Site code").fill(code)
    page.get_by_role("button", name="Verify this file").click()
    return page.locator("#verdict h1").inner_text()
