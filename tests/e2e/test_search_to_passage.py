"""From a misspelt word to an entity, a claim on it, its place in the text, and back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.e2e.addresses import read
from tests.e2e.browser import PHONE, Visitor

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[e2e]'")
expect = sync_api.expect
Visit = Callable[..., Visitor]
CLAIM = "Veltrine makes glutanol less active by way of the orexal receptor."
PASSAGE = "By blocking this receptor, veltrine lowers glutanol activity."


def point_at(locator: sync_api.Locator) -> None:
    """Move the mouse to the end of what is within a line: the middle of its box may be outside of words that wrap."""
    x, y = locator.evaluate(
        "(one) => { const last = [...one.getClientRects()].at(-1); return [last.right - 4, last.y + last.height / 2] }"
    )
    locator.page.mouse.move(x, y)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_misspelling_leads_to_the_entity_its_claim_the_passage_and_back(
    visit: Visit, invented: str, scripted: bool
) -> None:
    page = visit(invented, java_script_enabled=scripted).open("/")
    page.get_by_role("searchbox").fill("veltrnie")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Searched for veltrine instead of veltrnie.")
    page.get_by_role("link", name="veltrine", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("veltrine")
    page.get_by_role("row", name=re.compile("^glutanol .*lowers")).get_by_role("link", name="asserts, stated").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)
    expect(page.get_by_role("mark")).to_have_text(PASSAGE)
    page.get_by_role("link", name="In the whole text").click()
    number = page.get_by_role("link", name=re.compile("^claim [0-9]+$")).and_(page.locator(":target"))
    expect(number).to_be_in_viewport()
    expect(page.get_by_role("mark").filter(has=number)).to_contain_text(PASSAGE[:20])
    point_at(number)
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text(CLAIM)


def test_hits_come_while_one_types_and_nothing_found_is_said(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/search")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.evaluate("window.stayed = true")
    box.press_sequentially("somn", delay=20)
    expect(page.get_by_role("link", name="somnin", exact=True)).to_be_visible()
    box.fill("zzzzzz")
    expect(page.get_by_role("main")).to_contain_text("Nothing found.")
    assert page.evaluate("window.stayed"), "the page was not loaded anew"


def test_claim_and_passage_light_one_another(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/documents/calm-nights/text")
    mark = page.get_by_role("mark").filter(has_text=PASSAGE[:20])
    claim = page.get_by_role("region", name="Claims").get_by_role("listitem").filter(has_text=CLAIM)
    expect(claim).to_have_css("outline-style", "none")
    point_at(mark)
    expect(claim).to_have_css("outline-style", "solid")
    other = page.get_by_role("region", name="Claims").get_by_role("listitem").last
    other.hover()
    expect(claim).to_have_css("outline-style", "none")
    claim.get_by_role("link", name="To its passage").focus()
    expect(mark).to_have_css("outline-style", "solid")


def test_without_the_text_a_claim_has_its_phrase_and_position(visit: Visit, strange: str) -> None:
    row = next(r for r in read(strange, "/claims?size=100")["items"] if "less active by way" in r["statement"])
    page = visit(strange).open("/claims/" + row["claim"].rpartition("/")[2])
    expect(page.get_by_role("blockquote")).to_contain_text("“veltrine lowers glutanol activity”")
    expect(page.get_by_role("main")).to_contain_text("characters 64–125 of 381")
    assert page.get_by_role("link", name="In the whole text").count() == 0


def test_a_claim_on_a_phone_opens_its_passage_in_view(visit: Visit, invented: str) -> None:
    row = next(r for r in read(invented, "/claims?size=100")["items"] if r["statement"] == CLAIM)
    page = visit(invented).open("/claims/" + row["claim"].rpartition("/")[2])
    page.set_viewport_size(PHONE)
    page.get_by_role("link", name="In the whole text").click()
    expect(page.get_by_role("mark").filter(has_text=PASSAGE[:20])).to_be_in_viewport()
