"""The review by keyboard alone: from the door to handing the schedule back, with the focus in sight at every step."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.steps import STUDY, said
from tests.browser.test_grid import cell, saved

# What has the focus, whether something else lies over it, and how it and its neighbours look with the focus and without.
_FOCUS = """() => {
  const on = document.activeElement;
  if (on === document.body) return null;
  const { left, top, width, height } = on.getClientRects()[0];
  const found = document.elementFromPoint(left + Math.min(width, 40) / 2, top + Math.min(height, 40) / 2);
  const looks = () => [on, ...on.children].map((each) => {
    const style = getComputedStyle(each);
    const outline = style.outlineStyle === "none" ? "" : style.outline;
    return [outline, style.boxShadow, style.backgroundColor].join(" ");
  }).join();
  const name = (on.getAttribute("aria-label") ?? on.labels?.[0]?.textContent ?? on.textContent).trim().replace(/\\s+/g, " ");
  const covered = !on.contains(found);
  if (on.matches(".ncvr-grid__editor")) return { name, covered, seen: true };  // it is there only while it has the focus
  const focused = looks();
  on.blur();
  const unfocused = looks();
  on.focus({ preventScroll: true });
  return { name, covered, seen: focused !== unfocused };
}"""


def focus(page: Page) -> dict[str, Any]:
    """What has the focus; it is seen, and nothing lies over it."""
    found: dict[str, Any] | None = page.evaluate(_FOCUS)
    assert found is not None, f"nothing on {page.url} has the focus"
    assert not found["covered"], f"{found['name']!r} on {page.url} is covered"
    assert found["seen"], f"{found['name']!r} on {page.url} looks the same with the focus"
    return found


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Tab on until what is called so has the focus; every stop on the way is looked at."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stops.append(focus(page)["name"])
        if stops[-1].startswith(name):
            return
    raise AssertionError(f"{name!r} is not reached on {page.url}; the stops are {stops}")


def press(page: Page, name: str, leads_to: str) -> None:
    """Tab to it, and press Enter."""
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url(leads_to)
    page.wait_for_load_state()


def past_the_menu(page: Page) -> None:
    """The first stop leads to what the page is about, past header and menu."""
    page.locator("[data-nhsuk-skip-link-init]").wait_for(state="attached")  # before, the browser itself follows the link
    page.keyboard.press("Tab")
    assert focus(page)["name"] == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "maincontent"


def test_a_query_is_answered_and_the_schedule_edited_and_handed_back_without_a_mouse(visit: Visits) -> None:
    page = visit(None)
    page.goto("/sign-in")
    past_the_menu(page)
    press(page, "Priya Natarajan", "**/")
    past_the_menu(page)
    press(page, "Answer 1 query", f"**{STUDY}**")

    # Into the grid with one stop, over its cells with the arrows, out with one stop.
    page.goto(f"{STUDY}/review")
    expect(page.get_by_role("grid")).to_be_visible()
    past_the_menu(page)
    for _ in range(30):
        page.keyboard.press("Tab")
        focus(page)
        if page.evaluate("document.activeElement.matches('#grid th, #grid td')"):
            break
    page.keyboard.press("Control+Home")
    for key, times in (("ArrowDown", 8), ("ArrowRight", 6), ("PageDown", 1), ("End", 1), ("PageUp", 2), ("Home", 1), ("Control+End", 1)):
        for _ in range(times):
            page.keyboard.press(key)
            focus(page)
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(cell(page, "P01", 2)).to_be_focused()
    page.keyboard.type("35")
    focus(page)
    page.keyboard.press("Enter")
    saved(page)
    expect(cell(page, "P01", 2)).to_contain_text("35")

    # The query under the grid: answered, and the schedule handed back.
    tab_to(page, "Your answer")
    page.keyboard.type("For the first half hour")
    press(page, "Send answer", "**said=answer-sent**")
    expect(said(page)).to_contain_text("Your answer is kept")
    page.goto(STUDY)
    press(page, "Hand back to the lead site", "**/review/respond")
    press(page, "Hand back to the lead site", f"**{STUDY}?said=**")
    expect(said(page)).to_contain_text("The schedule is with the lead site again")
