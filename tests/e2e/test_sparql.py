"""The editor of queries: an answer as a table, its download, a fault that can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.browser import Visitor

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[e2e]'")
expect = sync_api.expect
Visit = Callable[..., Visitor]
LABELS = "PREFIX cg: <https://w3id.org/claimgraph/vocab#> SELECT ?title WHERE { ?d a cg:Document ; dct:title ?title }"
DECLARED = "PREFIX dct: <http://purl.org/dc/terms/> " + LABELS


def wait_for_editor(page: sync_api.Page) -> sync_api.Locator:
    """Return the editor once it has taken the place of the plain field."""
    expect(page.locator("#query")).to_be_hidden(timeout=15_000)
    return page.get_by_role("textbox", name="Query")


def write(page: sync_api.Page, text: str, scripted: bool) -> None:
    """Put a text into the editor, or into the plain field."""
    if not scripted:
        page.get_by_label("Query").fill(text)
        return
    wait_for_editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_query_gives_a_table_and_its_download(visit: Visit, invented: str, tmp_path: Path, scripted: bool) -> None:
    page = visit(invented, java_script_enabled=scripted).open("/sparql")
    write(page, DECLARED, scripted)
    page.keyboard.press("Control+Enter") if scripted else page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="2 rows")).to_be_visible()
    expect(page.get_by_role("cell", name="Doubts about veltrine")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    started.value.save_as(tmp_path / "answer.csv")
    lines = (tmp_path / "answer.csv").read_text(encoding="utf-8").split()
    assert lines[0] == "title" and len(" ".join(lines)) == len("title Doubts about veltrine Calm nights with veltrine")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_fault_in_a_query_is_told_with_its_place_and_the_query_stays(
    visit: Visit, invented: str, scripted: bool
) -> None:
    visitor = visit(invented, java_script_enabled=scripted)
    page = visitor.open("/sparql")
    write(page, LABELS, scripted)
    visitor.expected = {400}
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("alert")).to_contain_text("The query cannot be answered")
    expect(page.get_by_role("alert")).to_contain_text("prefix not found, at line 1, column 99")
    expect(page.get_by_role("main")).to_contain_text("?title")


def test_an_example_is_opened_and_a_known_prefix_declares_itself(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/sparql")
    page.get_by_role("link", name="acting-on", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("What acts on an entity")
    write(page, "", scripted=True)
    page.keyboard.type("SELECT * { ?d a cg:")
    expect(page.get_by_role("main")).to_contain_text("PREFIX cg: <https://w3id.org/claimgraph/vocab#>")


def test_a_graph_is_drawn_and_stands_in_turtle(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/sparql")
    write(page, "DESCRIBE <https://w3id.org/claimgraph/work/marlow-2019>", scripted=True)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="A graph")).to_be_visible()
    expect(page.get_by_role("application")).to_be_visible()
    expect(page.get_by_role("code").filter(has_text="Nights counted").first).to_be_visible()
