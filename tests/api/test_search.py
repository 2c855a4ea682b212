"""The search as programs and browsers ask for it."""

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from kg.search.find import KINDS
from kg.settings import Settings


@pytest.fixture(scope="module")
def client(built) -> Iterator[TestClient]:  # type: ignore[no-untyped-def]
    with TestClient(create_app(built[0]), base_url="http://127.0.0.1") as client:
        yield client


def test_json_tells_what_was_found_and_searched_for(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "veltirne"})
    found = answer.json()
    assert found["searched"] == {"words": "veltrine", "corrected": {"veltirne": "veltrine"}, "any": False}
    assert found["build"] == client.get("/health").json()["build"]
    assert set(found["counts"]) == set(KINDS) and sum(found["counts"].values()) == found["total"] > 10
    first = found["items"][0]
    assert first | {"snippet": "", "ranges": []} == {
        "type": "entity", "iri": "https://w3id.org/claimgraph/entity/veltrine", "address": "/entities/veltrine",
        "title": "veltrine", "note": "substance", "title_ranges": [[0, 8]], "snippet": "", "ranges": [],
    }  # fmt: skip
    assert 'rel="via"' in answer.headers["link"] and "Accept" in answer.headers["vary"]


def test_every_address_answers(client: TestClient) -> None:
    words = ["veltrine", "marlow", "doubts", "contested"]
    items = [item for q in words for item in client.get("/search", params={"q": q}).json()["items"]]
    assert {item["type"] for item in items} == set(KINDS)
    for item in items:
        assert client.get(item["address"]).status_code == 200, item


def test_pages_and_kinds(client: TestClient) -> None:
    whole = client.get("/search", params={"q": "veltrine", "size": 1000}).json()
    address, seen = "/search?q=veltrine&size=7", []
    while address:
        page = client.get(address).json()
        seen += page["items"]
        address = page["links"].get("next")
    assert seen == whole["items"] and len(seen) == whole["total"] > 14
    claims = client.get("/search?q=veltrine&kind=claim&kind=document").json()
    assert {i["type"] for i in claims["items"]} == {"claim", "document"}
    assert claims["total"] == whole["counts"]["claim"] + whole["counts"]["document"]
    assert claims["counts"] == whole["counts"], "the other kinds are counted too"
    assert client.get("/search?q=veltrine&page=99").status_code == 404
    assert client.get("/search?q=veltrine&kind=planet").status_code == 400


def test_csv_has_a_row_for_each_hit(client: TestClient) -> None:
    answer = client.get("/search.csv?q=veltrine&size=1000")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    found = client.get("/search?q=veltrine&size=1000").json()["items"]
    assert [r["iri"] for r in rows] == [i["iri"] for i in found]
    assert list(rows[0]) == ["type", "iri", "title", "snippet", "note"]


def test_suggestions_are_few_and_of_nothing_none(client: TestClient) -> None:
    found = client.get("/search/suggest", params={"q": "vel"}).json()
    assert len(found["items"]) == 10 < found["total"]
    assert found["items"][0]["address"] == "/entities/veltrine"
    assert client.get("/search/suggest?q=").json()["items"] == client.get("/search/suggest").json()["items"] == []


@pytest.mark.parametrize("q", ['"', "NEAR(", "*", "'; DROP TABLE items", "label:x AND", "\x00x", "%FF", "\u202e"])
def test_no_sign_is_an_error(client: TestClient, q: str) -> None:
    for path in ("/search", "/search/suggest", "/search/hits"):
        assert client.get(path, params={"q": q}).status_code == 200


def test_refusals_are_problems(client: TestClient) -> None:
    for address in (
        "/search",
        "/search?q=%20",
        "/search?q=" + "x" * 1001,
        "/search?q=x&size=0",
        "/search?q=x&colour=red",
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), address


def test_the_page_marks_the_words_and_is_a_form_without_them(client: TestClient) -> None:
    page = client.get("/search?q=veltirne", headers={"Accept": "text/html"})
    assert page.status_code == 200 and "<mark>veltrine</mark>" in page.text.replace("Veltrine", "veltrine")
    part = client.get("/search/hits?q=veltrine")
    assert "<mark>" in part.text and "<html" not in part.text
    empty = client.get("/search", headers={"Accept": "text/html"})
    assert empty.status_code == 200 and 'name="q"' in empty.text


def test_a_build_without_an_index_is_a_problem_that_names_the_remedy(built_settings: Settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    builds = tmp_path / "builds"
    shutil.copytree(built_settings.builds, builds, symlinks=True)
    (builds / "current").resolve().joinpath("search.sqlite").unlink()
    with TestClient(create_app(replace(built_settings, builds=builds)), base_url="http://127.0.0.1") as client:
        answer = client.get("/search?q=veltrine")
        assert answer.status_code == 503 and "kg build" in answer.json()["detail"]
        assert client.get("/health").status_code == 200
