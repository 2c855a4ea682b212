"""The pages of comparison, mechanisms, SPARQL, queries, about and problems, as a person's browser gets them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg.build import build
from kg.settings import Settings
from kg.stores.connect import Build

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
SELECT = (
    "SELECT ?label WHERE { ?e <http://www.w3.org/2004/02/skos/core#prefLabel> ?label . ?e a ?class } ORDER BY ?label"
)
CONSTRUCT = "PREFIX cg: <https://w3id.org/claimgraph/vocab#> CONSTRUCT WHERE { ?s a cg:Document }"
PAGES = [
    "/compare",
    "/compare?entity=glutanol",
    "/compare?kind=Neurotransmitter&whole=true",
    "/compare?document=calm-nights",
    "/mechanisms",
    "/mechanisms?from=veltrine&to=deep-sleep",
    "/mechanisms?from=deep-sleep&to=veltrine",
    "/mechanisms?from=veltrine",
    "/mechanisms?to=deep-sleep",
    "/sparql",
    f"/sparql?query={quote(SELECT)}",
    f"/sparql?query={quote(CONSTRUCT)}",
    "/sparql?query=ASK {}",
    "/about",
    "/queries",
]


class Page(HTMLParser):
    """What a test looks at: tags with their attributes, and the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside != "script":
            self.words.append(data)

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url="http://127.0.0.1", headers=BROWSER) as made:
        yield made


def read(client: TestClient, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status, response.text[-2000:]
    assert response.headers["content-type"].startswith("text/html")
    return Page(response.text)


# What holds of every page


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_well_made(client: TestClient, address: str) -> None:
    page = read(client, address)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is skipped"
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert max(ids.values()) == 1
    for script in page.all("script"):
        assert script.get("src", "").startswith("/static/") or script["type"] == "application/json"
    assert not page.all("style")
    assert not [a for _, a in page.tags if "style" in a or any(name.startswith("on") for name in a)]
    fetched = [a.get("src", a.get("href", "/")) for a in page.all("script", "link", "img")]
    assert all(link.startswith("/") for link in fetched), "nothing is fetched from elsewhere"


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_page_leads_somewhere(client: TestClient, address: str) -> None:
    page = read(client, address)
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = {a["href"] for a in page.all("a") if "href" in a}
    assert len(links) > 10
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids
        elif not link.startswith("http") and link != "/docs":
            assert client.get(link).status_code == 200, link


# Compare


def test_a_visitor_sees_at_once_whether_documents_agree(client: TestClient) -> None:
    text = read(client, "/compare?entity=glutanol").text
    assert "Do these documents agree about glutanol?" in text
    assert "No. 2 of 2 documents have something to say here." in text
    assert "they contradict one another outright on 1" in text
    short = text[text.index("The answer in short") : text.index("document by document")]
    assert re.search(r"↑raises Doubts about veltrine increases activity of ●●●●stated", short)
    assert re.search(r"↓lowers Calm nights with veltrine decreases activity of ●●●●stated", short)
    assert "⚡hard direction: veltrine on glutanol" in short


def test_an_entry_opens_its_claims_with_their_phrases(client: TestClient) -> None:
    page = read(client, "/compare?entity=glutanol")
    assert "Veltrine makes glutanol more active." in page.text
    assert "raises glutanol activity" in page.text
    cells = [a for a in page.all("td") if "data-label" in a]
    assert {a["data-label"] for a in cells} == {"Calm nights with veltrine", "Doubts about veltrine"}


def test_silence_is_shown_as_silence(client: TestClient) -> None:
    text = read(client, "/compare?entity=somnin&whole=true").text
    assert "—says nothing" in text
    assert "They do not meet." in text


def test_documents_that_agree_are_said_to_agree(settings: Settings) -> None:
    claims = settings.data / "calm" / "veltrine-doubts" / "claims.toml"
    (claims,) = settings.data.glob("*/veltrine-doubts/claims.toml")
    text = claims.read_text(encoding="utf-8")
    claims.write_text(text.replace('relation = "increases_activity_of"', 'relation = "decreases_activity_of"'))
    build(settings)
    with TestClient(create_app(settings), base_url="http://127.0.0.1", headers=BROWSER) as client:
        words = read(client, "/compare?entity=glutanol").text
    assert "Yes. 2 of 2 documents have something to say here." in words
    assert "✓agree" in words


def test_one_document_has_nothing_to_agree_with(client: TestClient) -> None:
    text = read(client, "/compare?document=calm-nights").text
    assert "What does this document say?" in text
    assert "One document alone has nothing to agree with." in text


def test_a_filled_in_form_is_led_to_its_plain_address(client: TestClient) -> None:
    filled = "/compare?entity=Glutanole&kind=&document=calm-nights&document=veltrine-doubts"
    answer = client.get(filled, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/compare?entity=glutanol")
    assert client.get("/compare?entity=&kind=", follow_redirects=False).headers["location"] == "/compare"
    traced = client.get("/mechanisms?from=Veltrine&to=&longest=5&count=10", follow_redirects=False)
    assert traced.headers["location"] == "/mechanisms?from=veltrine"
    assert client.get(filled, headers={"Accept": "application/json"}, follow_redirects=False).status_code != 303


def test_rdf_is_offered_only_where_it_can_be_had(client: TestClient) -> None:
    def offered(address: str) -> set[str]:
        return {a["href"].rpartition("=")[2] for a in read(client, address).all("a") if "format=" in a.get("href", "")}

    assert {"ttl", "jsonld", "csv", "md", "tex", "json"} <= offered("/compare?entity=glutanol")
    assert not {"ttl", "jsonld"} & offered("/compare?document=calm-nights")


def test_markup_and_right_to_left_text_in_labels_do_no_harm(settings: Settings) -> None:
    (file,) = [f for f in settings.data.glob("entities/*.toml") if 'id = "glutanol"' in f.read_text()]
    label = "</script><b>glutanol</b> שלום"
    file.write_text(file.read_text().replace('label = "glutanol"', f"label = '{label}'"), encoding="utf-8")
    build(settings)
    with TestClient(create_app(settings), base_url="http://127.0.0.1", headers=BROWSER) as client:
        for address in (
            "/compare?entity=glutanol",
            "/mechanisms?from=veltrine&to=deep-sleep",
            f"/sparql?query={quote(SELECT)}",
        ):
            page = read(client, address)
            assert label in page.text
            assert not any(tag == "b" and "glutanol" in str(a) for tag, a in page.tags)
            assert "<b>glutanol" not in client.get(address).text
        data = re.search(
            r'<script type="application/json" id="paths">(.+?)</script>',
            client.get("/mechanisms?from=veltrine&to=deep-sleep").text,
        )
        assert data and label in {n["label"] for n in json.loads(data[1])["nodes"]}


# Mechanisms


def test_a_path_reads_as_a_chain_with_its_claims(client: TestClient) -> None:
    page = read(client, "/mechanisms?from=Veltrine&to=deep sleep")
    assert "How does veltrine bear on deep sleep?" in page.text
    chain = (
        "veltrine ⊣ antagonises orexal receptor activity ↓lowered ⊣ decreases activity of glutanol activity ↓lowered"
        " → increases release of somnin release ↑raised → promotes deep sleep occurrence ↑raised"
    )
    assert chain in page.text
    assert "One document says every step, but does not join them itself." in page.text
    assert "When glutanol is less active, more somnin may be released." in page.text
    assert "●●○○possible" in page.text
    assert "⚡contested" in page.text


def test_paths_are_one_graph(client: TestClient) -> None:
    text = client.get("/mechanisms?from=veltrine&to=deep-sleep").text
    found = re.search(r'<script type="application/json" id="paths">(.+?)</script>', text)
    assert found
    drawing = json.loads(found[1])
    assert [n["id"] for n in drawing["nodes"]] == ["veltrine", "orexal-receptor", "glutanol", "somnin", "deep-sleep"]
    signs = {(e["source"], e["target"]): e["sign"] for e in drawing["edges"]}
    assert signs["veltrine", "orexal-receptor"] == -1
    assert signs["glutanol", "somnin"] == 1
    labels = {(e["source"], e["target"]): e["label"] for e in drawing["edges"]}
    assert labels["glutanol", "somnin"] == "decreased: increases release of"
    assert labels["somnin", "deep-sleep"] == "promotes"
    assert drawing["nodes"][-1]["kind"] == "biological process"
    assert any(e["contested"] for e in drawing["edges"])
    for item in [*drawing["nodes"], *drawing["edges"]]:
        assert client.get(item["href"]).status_code == 200


def test_where_there_is_no_path_the_page_says_what_would_help(client: TestClient) -> None:
    page = read(client, "/mechanisms?from=deep-sleep&to=veltrine")
    assert "No path" in page.text
    assert "/mechanisms?from=veltrine&to=deep-sleep" in {a.get("href") for a in page.all("a")}
    hedged = read(client, "/mechanisms?from=veltrine&to=deep-sleep&hedged=false")
    assert "with what is hedged: 1 path" in hedged.text


def test_one_end_gives_what_is_downstream_or_upstream(client: TestClient) -> None:
    down = read(client, "/mechanisms?from=somnin").text
    assert "What does somnin raise or lower?" in down
    assert "→ promotes" in down
    up = read(client, "/mechanisms?to=somnin").text
    assert "lowered" in up and "increases release of" in up
    assert "Nothing: no document asserts" in read(client, "/mechanisms?from=dizziness").text


def test_ticked_options_stay_ticked(client: TestClient) -> None:
    page = read(client, "/mechanisms?from=veltrine&to=deep-sleep&associations=true&hedged=false")
    ticked = {(a["name"], a["value"]) for a in page.all("input") if "checked" in a}
    assert ticked == {("associations", "true"), ("hedged", "false")}
    assert "kg mechanism veltrine deep-sleep --associations --stated-only" in page.text


# SPARQL


def test_a_browser_gets_a_table(client: TestClient) -> None:
    page = read(client, f"/sparql?query={quote(SELECT)}")
    assert "orexal receptor" in page.text
    assert "en" in page.text
    assert any(a.get("href", "").endswith("format=csv") for a in page.all("a"))
    assert SELECT in page.text, "the form keeps the query"


def test_a_browser_gets_turtle_and_an_answer_in_a_word(client: TestClient) -> None:
    page = read(client, f"/sparql?query={quote(CONSTRUCT)}")
    assert "/document/calm-nights> a cg:Document" in page.text
    (place,) = [a for a in page.all("div") if "data-triples" in a]
    answer = client.get(place["data-triples"])
    assert answer.headers["content-type"].startswith("application/n-triples")
    assert answer.text.count("\n") == 2
    assert "Yes" in read(client, "/sparql?query=ASK {}").text


def test_a_wrong_query_is_told_and_kept(client: TestClient) -> None:
    page = read(client, "/sparql?query=SELECT <script> WHERE", 400)
    assert "The query cannot be answered" in page.text
    assert "SELECT <script> WHERE" in page.text
    assert "/static/built" in str(page.all("script")) or not page.all("script")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/sparql-results+json, text/html;q=0.5", ""])
def test_programs_get_what_they_always_got(client: TestClient, accept: str) -> None:
    answer = client.get("/sparql", params={"query": SELECT}, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("application/sparql-results+json")
    assert client.get("/sparql", params={"query": "SELEC"}, headers={"Accept": accept}).status_code == 400


def test_examples_come_into_the_editor(client: TestClient) -> None:
    assert "# summary: Stated chains" in read(client, "/sparql?example=chains").text
    assert read(client, "/sparql?example=nosuch", 404)


def test_the_editor_completes_from_the_vocabulary(client: TestClient) -> None:
    found = client.get("/sparql/vocabulary").json()
    assert found["prefixes"]["cg"] == "https://w3id.org/claimgraph/vocab#"
    assert found["prefixes"]["entity"] == "https://w3id.org/claimgraph/entity/"
    assert {"iri": "https://w3id.org/claimgraph/vocab#Claim", "label": "claim"} in found["classes"]
    assert {"iri": "https://w3id.org/claimgraph/relation/treats", "label": "treats"} in found["relations"]
    properties = {term["iri"] for term in found["properties"]}
    assert {"https://w3id.org/claimgraph/vocab#asserts", "http://www.w3.org/2004/02/skos/core#prefLabel"} <= properties


# Queries, about, problems


def test_every_named_query_can_be_asked_by_a_form(client: TestClient) -> None:
    page = read(client, "/queries")
    actions = {a["action"] for a in page.all("form")}
    service = client.app.state.service  # type: ignore[attr-defined]
    assert {f"/queries/{q.name}" for q in service.queries.values() if q.parameters} <= actions
    assert {"stated", "possible"} <= {a.get("value") for a in page.all("option")}
    assert client.get("/queries/claims-about?entity=veltrine&document=").status_code == 200


def test_the_page_about_the_data_says_how_to_cite_it(client: TestClient) -> None:
    text = read(client, "/about").text
    digest = client.get("/health").json()["build"]
    assert f"Build {digest[:16]}" in text
    assert "15 claims of 2 documents" in text
    assert "conforms to its shapes" in text
    assert "CC BY 4.0" in text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/entities/veltrin", 404, "There is nothing here"),
        ("/compare?entity=glutanl", 404, "nearest: glutanol"),
        ("/mechanisms?from=veltrine&to=somnim", 404, "nearest: somnin"),
        ("/compare?colour=red", 400, "This cannot be answered as it was asked"),
    ],
)
def test_a_problem_says_what_where_and_what_helps(client: TestClient, address: str, status: int, said: str) -> None:
    page = read(client, address, status)
    assert said in page.text
    assert address.partition("?")[0] in page.text
    assert "What helps" in page.text


def test_a_near_miss_is_one_click_away(client: TestClient) -> None:
    links = {a.get("href") for a in read(client, "/compare?entity=glutanl", 404).all("a")}
    assert "/compare?entity=glutanol" in links
    assert "/entities/veltrine" in {a.get("href") for a in read(client, "/entities/veltrin", 404).all("a")}
