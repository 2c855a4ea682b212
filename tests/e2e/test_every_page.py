"""What holds of every page: nothing goes wrong, nothing is fetched from elsewhere, it fits a phone, axe is content."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.e2e.addresses import INVENTED, KETAMINE, PAGES, list_pages
from tests.e2e.browser import DESKTOP, PHONE, Visitor

Visit = Callable[..., Visitor]
#: Whether a page is wider than the window, and what sticks out: what scrolls by itself may.
OVERFLOW = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *, header *, footer *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))
    .concat("wider than the window")"""
#: Swagger is not ours to mend: the table that it replaces says the same. The editor scrolls with its caret.
AXE = """async () => {
  const options = {preload: false, resultTypes: ["violations"]};
  return (await axe.run({exclude: [[".swagger-ui"]]}, options)).violations
  .filter((found) => ["serious", "critical"].includes(found.impact))
  .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.target} ${node.html.slice(0, 150)}`))
  .filter((found) => !found.startsWith("scrollable-region-focusable: .CodeMirror-scroll")) }"""


@pytest.fixture(scope="module")
def pages(invented: str) -> dict[str, str]:
    return list_pages(invented, INVENTED)


@pytest.fixture(scope="module")
def real_pages(ketamine: str) -> dict[str, str]:
    return list_pages(ketamine, KETAMINE)


@pytest.fixture(scope="module")
def axe() -> str:
    base = pytest.importorskip("axe_playwright_python.base", reason="no axe: pip install -e '.[e2e]'")
    return str(base.AXE_SCRIPT)


def look(visitor: Visitor, address: str) -> list[str]:
    """Open a page, wait for its scripts, and return what is wrong with it on a phone."""
    visitor.open(address).wait_for_load_state("networkidle")
    visitor.page.set_viewport_size(PHONE)
    return list(visitor.page.evaluate(OVERFLOW))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_axe_finds_nothing_serious(
    visit: Visit, invented: str, pages: dict[str, str], axe: str, name: str
) -> None:
    visitor = visit(invented)
    assert look(visitor, pages[name]) == []
    visitor.page.evaluate(axe)
    assert visitor.page.evaluate(AXE) == []
    visitor.page.set_viewport_size(DESKTOP)
    visitor.page.emulate_media(color_scheme="dark")
    assert visitor.page.evaluate(AXE) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_five_documents_fits_a_phone(
    visit: Visit, ketamine: str, real_pages: dict[str, str], axe: str, name: str
) -> None:
    if name == "text" and not os.environ.get("KG_SOURCES"):
        pytest.skip("the source texts are not here: KG_SOURCES names none")
    visitor = visit(ketamine)
    assert look(visitor, real_pages[name]) == []
    if name in ("document", "entity", "compare", "mechanism"):
        visitor.page.evaluate(axe)
        assert visitor.page.evaluate(AXE) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_scripts_has_its_words(visit: Visit, invented: str, pages: dict[str, str], name: str) -> None:
    page = visit(invented, java_script_enabled=False).open(pages[name])
    assert page.get_by_role("heading", level=1).count() == 1
    assert len(page.get_by_role("main").inner_text()) > 100
    assert page.get_by_role("button", name="Copy").count() == 0, "what needs a script is not offered without"


@pytest.mark.parametrize("name", ["claim", "document", "entity", "compare", "mechanism"])
def test_a_page_in_print_is_dark_on_light_without_what_is_for_the_screen(
    visit: Visit, invented: str, pages: dict[str, str], name: str
) -> None:
    page = visit(invented, color_scheme="dark").open(pages[name])
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Main").is_visible()
    assert not page.get_by_role("search").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    colors = page.evaluate("['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])")
    assert colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("name", ["compare", "mechanism", "document"])
def test_what_is_folded_up_on_the_screen_is_printed(
    visit: Visit, invented: str, pages: dict[str, str], name: str
) -> None:
    page = visit(invented).open(pages[name])
    folded = "[...document.querySelectorAll('main details:not(.said, .more, .choice, .choice *, .tools *)')]"
    shown = f"{folded}.map((fold) => {{ fold.open = false; return fold.lastElementChild.checkVisibility() }})"
    on_screen = page.evaluate(shown)
    assert not any(on_screen)
    page.emulate_media(media="print")
    assert page.evaluate(shown) == [True] * len(on_screen)
    assert name != "mechanism" or on_screen, "there are folds to print"
