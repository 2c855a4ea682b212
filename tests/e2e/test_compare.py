"""Comparing documents: the answer, a cell, the phrase, the claim, the download."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.addresses import read
from tests.e2e.browser import DESKTOP, PHONE, Visitor

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[e2e]'")
expect = sync_api.expect
Visit = Callable[..., Visitor]


@pytest.mark.parametrize("scripted", [True, False])
def test_an_entity_is_compared_a_cell_opens_its_claim_and_the_table_is_downloaded(
    visit: Visit, invented: str, tmp_path: Path, scripted: bool
) -> None:
    page = visit(invented, java_script_enabled=scripted).open("/compare")
    page.get_by_label("About an entity").fill("glutanol")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Do these documents agree about glutanol?")
    expect(page.get_by_role("region", name="The answer in short").get_by_role("strong")).to_have_text("No.")
    row = page.get_by_role("row", name="veltrine and glutanol")
    expect(row.get_by_role("cell")).to_have_count(2)
    phrase = row.get_by_text("raises glutanol activity")
    expect(phrase).to_be_hidden()
    row.get_by_role("cell").nth(1).get_by_text("increases activity of").click()
    expect(phrase).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    started.value.save_as(tmp_path / "table.csv")
    rows = list(csv.reader((tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 1 and any("glutanol" in cell for cell in rows[1])
    row.get_by_role("link", name="Veltrine makes glutanol more active.").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Veltrine makes glutanol more active.")


def test_two_of_the_five_documents_are_compared_on_glutamate(visit: Visit, ketamine: str) -> None:
    page = visit(ketamine).open("/compare?entity=glutamate")
    answer = page.get_by_role("region", name="The answer in short")
    expect(answer.get_by_role("strong")).to_have_text("No.")
    expect(answer.get_by_role("heading", name="ketamine and glutamate contradict")).to_be_in_viewport()
    page.get_by_text("5 of 5 documents", exact=True).click()
    titles = {d["document"].rpartition("/")[2]: d["title"] for d in read(ketamine, "/documents")["items"]}
    chosen = {"emerging-role-of-ketamine", "ketamine-education"}
    for name in titles.keys() - chosen:
        page.get_by_role("checkbox", name=titles[name]).uncheck()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("2 of 5 documents", exact=True)).to_be_visible()
    answer = page.get_by_role("region", name="The answer in short")
    heads = page.get_by_role("table").first.get_by_role("columnheader")
    expect(heads).to_have_count(3)
    for name in chosen:
        expect(heads.filter(has_text=titles[name])).to_have_count(1)
    permanent = page.get_by_role("link", name="Permanent address of this comparison").get_attribute("href") or ""
    assert f"build={read(ketamine, '/health')['build']}" in permanent


def test_a_comparison_with_nothing_in_common_says_so(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/compare?entity=dizziness")
    expect(page.get_by_role("main")).to_contain_text("They do not meet.")
    expect(page.get_by_role("main")).to_contain_text("0 disagreements")


def test_an_unknown_entity_is_told_with_the_nearest_ones(visit: Visit, invented: str) -> None:
    page = visit(invented).open("/entities/glutanoll", status=404)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    page.get_by_role("link", name="glutanol", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("glutanol")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_the_front_page_answers_whether_the_documents_agree_without_scrolling(
    visit: Visit, invented: str, size: dict[str, int]
) -> None:
    visitor = visit(invented)
    visitor.page.set_viewport_size(size)
    page = visitor.open("/")
    question = page.get_by_role("article").filter(has_text="Do the documents agree on what")
    expect(question.get_by_text("No.", exact=True)).to_be_in_viewport()
    question.get_by_role("link", name="Compare them side by side").click()
    expect(page.get_by_role("region", name="The answer in short").get_by_role("strong")).to_have_text("No.")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_question_in_words_leads_to_its_answer(visit: Visit, invented: str, scripted: bool) -> None:
    page = visit(invented, java_script_enabled=scripted).open("/")
    page.get_by_role("searchbox").fill("do these sources agree about what veltrine does to glutanol?")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Do the documents agree about veltrine and glutanol?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Do these documents agree about veltrine and glutanol?")
    expect(page.get_by_role("region", name="The answer in short").get_by_role("strong")).to_have_text("No.")
