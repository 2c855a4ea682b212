"""Paths from one thing to another: drawn with scripts, listed without, every step opens its claim."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.browser import Visitor

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[e2e]'")
expect = sync_api.expect
Visit = Callable[..., Visitor]
#: Whether something is drawn: an empty canvas packs small.
IS_DRAWN = """(figure) => [...figure.querySelectorAll("canvas")].some((canvas) => canvas.toDataURL().length > 8000)"""


@pytest.mark.parametrize("scripted", [True, False])
def test_a_path_is_traced_and_a_step_opens_its_claim(visit: Visit, invented: str, scripted: bool) -> None:
    page = visit(invented, java_script_enabled=scripted).open("/mechanisms")
    page.get_by_label("From").fill("veltrine")
    page.get_by_label("To", exact=True).fill("deep sleep")
    page.get_by_role("button", name="Trace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How does veltrine bear on deep sleep?")
    expect(page.get_by_text("1 path: the surest first")).to_be_visible()
    expect(page.get_by_text("every step in one source")).to_be_visible()
    drawing = page.get_by_role("application")
    if scripted:
        expect(drawing).to_have_accessible_name("Graph of 5 nodes and 4 edges. Arrow keys go from one to the next, "
                                                "Enter opens it, plus and minus zoom.")  # fmt: skip
        page.wait_for_function(IS_DRAWN, arg=page.get_by_role("figure").element_handle())
    else:
        expect(drawing).to_have_count(0)
    page.get_by_text("1 claim", exact=True).last.click()
    page.get_by_role("link", name="Somnin release may promote deep sleep.").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Somnin release may promote deep sleep.")


def test_a_drawing_is_walked_with_the_keyboard(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/entities/glutanol")
    drawing = page.get_by_role("application")
    drawing.focus()
    told = page.get_by_role("figure").get_by_role("paragraph")
    page.keyboard.press("ArrowRight")
    first = told.inner_text()
    page.keyboard.press("ArrowRight")
    expect(told).not_to_have_text(first)
    page.keyboard.press("Escape")
    expect(told).not_to_contain_text("(")
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(first)
    page.keyboard.press("Enter")
    name = first.partition(" (")[0]
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_no_path_is_told_as_what_it_is(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/mechanisms?from=deep-sleep&to=veltrine")
    expect(page.get_by_role("heading", name="No path")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("That is not to say that there is none")


def test_ketamine_reaches_depression_and_assembled_paths_are_marked(visit: Visit, ketamine: str) -> None:
    page = visit(ketamine).open("/mechanisms?from=ketamine&to=depression")
    paths = page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=2))
    expect(paths).to_have_count(10)
    assembled = paths.filter(has_text="assembled").first
    expect(assembled).to_contain_text("Assembled from several sources: no single source states the whole.")
    expect(page.get_by_role("application")).to_be_visible()
