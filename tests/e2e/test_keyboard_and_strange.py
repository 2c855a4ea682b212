"""The keyboard reaches what the mouse does; labels of markup and of other scripts are shown harmlessly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.browser import PHONE, Visitor
from tests.e2e.conftest import STRANGE
from tests.e2e.test_sparql import wait_for_editor

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[e2e]'")
expect = sync_api.expect
Visit = Callable[..., Visitor]


def test_the_first_key_skips_to_the_content(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/entities/glutanol")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Compare what documents say")).to_be_focused()


def test_tab_goes_through_header_and_forms_in_their_order(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/compare?entity=glutanol")
    focused = []
    for _ in range(15):
        page.keyboard.press("Tab")
        focused.append(page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim().split(/\\s{2,}|\\n/)[0]"
        ))  # fmt: skip
    expected = [
        "Skip to the content", "Claimgraph", "Home", "Documents", "Entities", "Compare", "Mechanisms", "Disagreements",
        "SPARQL", "About", "Search", "Search", "About an entity", "of a kind", "Compare",
    ]  # fmt: skip
    assert [f.startswith(e) for f, e in zip(focused, expected, strict=True)] == [True] * len(expected), focused
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Documents to compare")).to_be_visible()


def test_tab_leaves_the_editor(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/sparql")
    wait_for_editor(page).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Answer as")).to_be_focused()


def test_what_is_focused_can_be_seen(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/")
    for _ in range(8):
        page.keyboard.press("Tab")
        style = page.evaluate("(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])"
                              "(getComputedStyle(document.activeElement))")  # fmt: skip
        assert style[0] != "none" and style[1] != "0px", page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize("address", [
    "/", "/entities/veltrine", "/documents/calm-nights", "/documents", "/entities", "/claims",
    "/compare?entity=glutanol", "/mechanisms?from=veltrine&to=deep-sleep", "/search?q=x", "/queries/entities",
    "/disagreements",
    "/sparql?query=SELECT%20*%20%7B%20%3Fs%20%3Chttp%3A//www.w3.org/2004/02/skos/core%23prefLabel%3E%20%3Flabel%20%7D",
])  # fmt: skip
def test_markup_in_labels_and_titles_is_shown_as_it_stands(visit: Visit, strange: str, address: str) -> None:
    visitor = visit(strange)
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page = visitor.open(address)
    page.wait_for_load_state("networkidle")
    shown = page.get_by_role("main").inner_text()
    assert STRANGE in shown or "<script>alert(1)</script>" in shown
    assert page.locator("b", has_text="x").filter(has_text="^x$").count() == 0
    assert dialogs == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_label_does_not_turn_what_stands_beside_it(visit: Visit, strange: str) -> None:
    page = visit(strange).open("/entities/glutanol")
    label = page.get_by_role("table").first.get_by_role("link", name=STRANGE).first
    after = page.get_by_text("(on activity)").first
    boxes = label.bounding_box(), after.bounding_box()
    assert boxes[0] and boxes[1] and boxes[0]["x"] < boxes[1]["x"], "what follows a label stays after it"
    assert label.get_by_text("x").count() or label.locator("bdi").count() == 1
