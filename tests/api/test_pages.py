"""The pages home, search, entity, claim, document and lists, over the invented corpus."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.metadata import version

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.pages import document
from kg.build import build
from kg.imports.drugmechdb import read_drugmechdb
from kg.imports.folder import Terms, write_import
from kg.settings import Settings
from kg.stores.connect import Build
from tests.conftest import CORPUS

LOCAL = "http://127.0.0.1"
HTML = {"Accept": "text/html"}
PAGES = [
    "/", "/search", "/search?q=veltrine", "/documents", "/documents/calm-nights", "/documents/calm-nights/text",
    "/entities", "/entities/glutanol", "/entities/sleep-training", "/claims", "/claims?act=denies", "/propositions",
    "/relations", "/relations/treats", "/works", "/works/marlow-2019", "/disagreements", "/queries/acting-on",
    "/validation", "/ontology",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url=LOCAL) as made:
        yield made


@pytest.fixture(scope="module")
def without_texts(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(replace(built[0], sources=())), base_url=LOCAL) as made:
        yield made


def read(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def claim_of(client: TestClient, words: str) -> str:
    items = client.get("/claims").json()["items"]
    found: str = next(i["claim"] for i in items if words in i["statement"])
    return "/claims/" + found.rpartition("/")[2]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_landmarks_and_no_script_or_style_of_its_own(client: TestClient, path: str) -> None:
    page = read(client, path)
    for part in ('<html lang="en">', 'href="#main"', '<main id="main"', "<footer", 'aria-label="Main"'):
        assert part in page
    assert page.count("<h1") == 1
    assert " style=" not in page and "<style" not in page and " onclick=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')


@pytest.mark.parametrize("path", PAGES[1:])
def test_every_view_tells_its_formats_queries_and_how_to_cite_it(client: TestClient, path: str) -> None:
    page = read(client, path)
    assert "Copy as" in page and "curl -s" in page
    assert ("This view as data" in page) == (path != "/search"), "no heading over nothing"
    if path != "/search" and not path.endswith("/text"):
        assert "format=json" in page
        assert "/queries/" in page and ".rq" in page


@pytest.mark.parametrize("path", PAGES)
def test_links_within_the_pages_lead_somewhere(client: TestClient, path: str) -> None:
    for link in {part.partition('"')[0] for part in read(client, path).split(' href="')[1:]}:
        address = link.partition("#")[0].replace("&amp;", "&")
        if address.startswith("/") and not address.startswith("/static/"):
            assert client.get(address, headers=HTML).status_code == 200, address


def test_the_front_page_takes_its_questions_from_the_data(client: TestClient) -> None:
    page = read(client, "/")
    assert "Do the documents agree on what <bdi>veltrine</bdi> does to <bdi>glutanol</bdi>?" in page
    assert "<b>No.</b>" in page
    assert "What is <bdi>veltrine</bdi> said to do?" in page
    assert "By which steps does <bdi>glutanol</bdi> reach <bdi>deep sleep</bdi>?" in page
    assert "Calm nights with veltrine" in page


def test_only_those_who_contradict_outright_are_counted_as_such(client: TestClient) -> None:
    assert "<b>No.</b> 2 documents contradict one another outright." in read(client, "/")


def test_a_table_says_what_the_state_that_it_names_does(client: TestClient) -> None:
    page = read(client, "/queries/acting-on?entity=somnin")
    row = page.partition("<tbody>")[2].partition("</tr>")[0]
    assert "<bdi>glutanol</bdi> · activity · decreased</a>" in row
    assert "raises</span>" in row and "lowers" not in row
    (item,) = client.get("/queries/acting-on?entity=somnin").json()["items"]
    assert (item["direction"], item["sign"]) == ("increase", -1), "less of it makes more"


def test_tables_name_documents_by_title_and_entities_by_label(client: TestClient) -> None:
    page = read(client, "/queries/acting-on?entity=deep-sleep")
    assert "<bdi>Calm nights with veltrine</bdi>" in page and "calm nights<" not in page
    reasons = read(client, "/queries/disagreements")
    assert "rises in “Doubts about veltrine” (stated), falls in “Calm nights with veltrine” (stated)" in reasons


def test_a_disagreement_names_documents_by_their_titles_everywhere(client: TestClient) -> None:
    first = client.get("/disagreements?hardness=hard").json()["items"][0]
    assert "veltrine-doubts" in first["because"], "the data keeps the names"
    page = read(client, "/disagreements/" + first["disagreement"].rpartition("/")[2])
    heading = page.partition("<h1")[2].partition("</h1>")[0]
    assert "<cite><bdi>Doubts about veltrine</bdi></cite>" in heading
    assert '<h2><a href="/documents/veltrine-doubts"><bdi>Doubts about veltrine</bdi></a></h2>' in page
    assert re.search('href="/compare[?]frame=[0-9a-f]+">All that the documents say of <bdi>', page)
    assert "“Doubts about veltrine”" in page.partition("<title>")[2].partition("</title>")[0]
    for path in ("/disagreements", "/entities/glutanol", "/documents/calm-nights"):
        assert "<cite><bdi>Doubts about veltrine</bdi></cite>" in read(client, path), path


def test_propositions_that_differ_in_means_or_scope_look_different(client: TestClient) -> None:
    page = read(client, "/propositions")
    assert "<bdi>by way of decreased orexal receptor activity</bdi>" in page
    rows = [row.partition("</td>")[0] for row in page.partition("<tbody>")[2].split("<tr>")[1:]]
    words = [re.sub("<[^>]*>", "", row) for row in rows]
    assert len(words) == len(set(words))


def test_a_proposition_reads_as_a_sentence_with_its_claims_and_what_others_answer(client: TestClient) -> None:
    items = client.get("/propositions").json()["items"]
    found = next(i for i in items if (i["subject"], i["object_label"]) == ("veltrine", "glutanol"))
    page = read(client, "/propositions/" + found["proposition"].rpartition("/")[2])
    heading = re.sub("<[^>]*>", "", page.partition("<h1")[2].partition(">")[2].partition("</h1>")[0])
    assert heading == f"veltrine {found['relation_label']} glutanol {found['object'].split(':')[1]}"
    assert "Asserted by 1 independent source" in page
    assert page.count('<li id="claim-') > found["claims"], "and the other answers"
    assert "subject variable" not in page


def test_a_work_names_who_wrote_it_where_it_came_out_and_what_rests_on_it(client: TestClient) -> None:
    page = read(client, "/works/marlow-2019")
    known = next(i for i in client.get("/works").json()["items"] if i["work"].endswith("/marlow-2019"))
    assert f'<h1 class="statement" dir="auto">{known["title"]}' in page
    assert "<bdi>Marlow" in page and "2019" in page
    assert page.count('<li id="claim-') == known["claims"] > 0


def test_a_term_of_the_vocabulary_stands_where_its_address_leads(client: TestClient) -> None:
    page = client.get("/vocab", headers=HTML)
    assert page.url.path == "/ontology"
    assert '<dt id="certainty-possible">' in page.text and '<dt id="Claim">' in page.text
    assert 'href="/entities?kind=Receptor"' in page.text and 'href="/relations/treats"' in page.text
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids)) > 300
    assert "<bdi>skos:prefLabel</bdi>" in read(client, "/kind/Receptor")


def test_a_question_is_shown_where_its_answers_stand(client: TestClient) -> None:
    asked = client.get("/queries/disputed-questions").json()["items"]
    iri = asked[0]["frame"].removeprefix("https://w3id.org/claimgraph")
    answer = client.get(iri, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/compare?frame=" + iri.rpartition("/")[2])
    assert client.get(iri, headers={"Accept": "text/turtle"}).headers["content-type"].startswith("text/turtle")
    assert "about any neurotransmitter?" in read(client, "/compare?kind=Neurotransmitter")


def test_a_name_that_is_not_there_is_offered_in_its_place_in_the_same_question(client: TestClient) -> None:
    page = client.get("/mechanisms?from=veltrin&to=deep-sleep", headers=HTML)
    assert page.status_code == 404
    assert 'href="/mechanisms?to=deep-sleep&amp;from=veltrine"' in page.text and 'value="veltrin"' in page.text
    assert 'href="/compare?entity=glutanol"' in client.get("/compare?entity=glutano", headers=HTML).text
    by_label = client.get("/entities/Orexal receptors", headers=HTML).text
    assert 'href="/entities/orexal-receptor"' in by_label, "by what it is called, not by its identifier alone"


def test_imported_claims_are_counted_apart_and_paged(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    into = settings.builds.parent / "imports"
    taken = read_drugmechdb(CORPUS / "imports" / "paths.jsonl")
    write_import(taken, into, "paths", Terms(taken.title, True), date(2026, 1, 2), settings)
    made = replace(settings, imports=(into,))
    build(made)
    monkeypatch.setattr(document, "PAGE", 2)
    monkeypatch.setattr(document, "_ALONE", 1)
    with TestClient(create_app(made), base_url=LOCAL) as client:
        total = client.get("/documents/paths").json()["document"]["items"][0]["claims"]
        whole = client.get("/").json()["counts"]["claims"]
        assert f"{whole - total} claims of 2 documents, each anchored to its place in a source" in read(client, "/")
        assert f", and {total} imported from data that others made" in read(client, "/")
        about = read(client, "/about")
        assert f"The {total} imported claims have no phrase and no place" in about
        assert "Claims that have a key phrase were read and written by hand" in about
        pages = [read(client, f"/documents/paths?page={n}") for n in range(1, -(-total // 2) + 1)]
        found = [re.findall(r'<li id="claim-(\w+)"', page) for page in pages]
        assert len(pages) > 1 and {len(claims) for claims in found[:-1]} == {2}
        assert len({claim for claims in found for claim in claims}) == total
        assert "Mechanisms that it states" in pages[0] and "Mechanisms that it states" not in pages[1]
        assert "These are the first 1;" in pages[0]
        assert client.get(f"/documents/paths?page={len(pages) + 1}", headers=HTML).status_code == 404
        narrowed = read(client, "/documents/paths?kind=Substance&act=&certainty=&relation=&page=1")
        assert f"of {total} claims" in narrowed
        assert client.get("/documents/paths?page=2").status_code == 400, "JSON has no pages here"


def test_without_imports_nothing_is_said_of_them(client: TestClient) -> None:
    assert "imported" not in read(client, "/")
    assert "imported" not in read(client, "/about").partition("<h2>Checks")[2].partition("<section")[0]


def test_a_citation_names_the_base_whichever_host_was_asked(client: TestClient) -> None:
    page = read(client, "/entities/glutanol")
    assert "CC BY 4.0. https://w3id.org/claimgraph/entities/glutanol</code>" in page
    assert f"curl -s '{LOCAL}/entities/glutanol?format=json'" in page.replace("&#39;", "'")
    assert "\\url{https://w3id.org/claimgraph/}" in read(client, "/about")


def test_validation_tells_how_many_shapes_were_applied_to_what(client: TestClient) -> None:
    page = read(client, "/validation")
    assert f"judged by <b>pySHACL {version('pyshacl')}</b>" in page
    assert "conforms</span>" in page and "found nothing wrong" in page
    assert "15 <code>cg:Claim</code>" in page and "2 <code>cg:Document</code>" in page
    assert int(page.partition(" SHACL shapes")[0].rpartition(">")[2]) > 100


def test_who_has_not_asked_yet_finds_examples(client: TestClient) -> None:
    assert 'href="/search?q=veltrine"' in read(client, "/search")
    assert 'href="/mechanisms?from=glutanol&amp;to=deep-sleep"' in read(client, "/mechanisms")
    sparql = read(client, "/sparql").partition("Examples</h2>")[2]
    first, more = sparql.partition("<details>")[::2]
    assert first.count("<li>") == 8 and "table-claims" not in first
    assert "table-claims" in more


def test_a_relation_is_told_in_words(client: TestClient) -> None:
    page = read(client, "/relations/treats").partition("<main")[2].partition("This view as data")[0]
    assert "<dt>inverse label</dt>" in page and 'href="/claims?relation=treats"' in page
    assert "pref label" not in page and "notation" not in page and "22-rdf-syntax-ns" not in page


def test_a_kind_is_drawn_in_the_same_way_on_every_page(client: TestClient) -> None:
    tones: dict[str, set[int]] = {}
    drawn = [client.get(f"/entities/{name}/neighbourhood").json() for name in ("glutanol", "insomnia", "veltrine")]
    paths = client.get("/mechanisms?from=veltrine&to=deep-sleep", headers=HTML).text
    drawn.append(json.loads(paths.partition('id="paths">')[2].partition("</script>")[0]))
    for node in (node for graph in drawn for node in graph["nodes"]):
        tones.setdefault(node["kind"], set()).add(node["tone"])
    assert len(tones) > 3
    assert all(len(found) == 1 for found in tones.values())
    assert len(set.union(*tones.values())) == len(tones)


def test_an_entity_shows_who_says_what_acts_on_it_and_how_surely(client: TestClient) -> None:
    page = read(client, "/entities/glutanol")
    assert "Also written <bdi>glutanole</bdi>" in page
    assert "No ontology has it." in page
    assert "What acts on <bdi>glutanol</bdi>" in page and "What <bdi>glutanol</bdi> acts on" in page
    assert "asserts, stated: Veltrine makes glutanol more active." in page
    assert "asserts, possible: When glutanol is less active, more somnin may be released." in page
    assert "Where documents disagree" in page
    assert 'data-graph="/entities/glutanol/neighbourhood"' in page


def test_what_is_only_denied_does_not_look_like_a_fact(client: TestClient) -> None:
    said = client.get("/entities/insomnia/neighbourhood").json()
    claims = {edge["href"] for edge in said["edges"]}
    denied = claim_of(client, "Veltrine is no treatment of insomnia.")
    assert denied not in claims
    treats = read(client, "/entities/insomnia").partition("What acts on")[2]
    assert "denies, stated: Veltrine is no treatment of insomnia." in treats


def test_an_entity_in_the_scope_of_a_claim_lists_it(client: TestClient) -> None:
    page = read(client, "/entities/sleep-agency")
    assert "Claims that hold for it" in page and "denies" in page
    assert "No document makes a claim about it" not in page
    assert "No document makes a claim about it yet." in read(client, "/entities/patient")


def test_the_neighbourhood_names_signs_states_and_certainty(client: TestClient) -> None:
    drawn = client.get("/entities/glutanol/neighbourhood").json()
    nodes = {node["label"]: node for node in drawn["nodes"]}
    assert nodes["glutanol"]["focus"] and nodes["glutanol"]["href"] == "/entities/glutanol"
    assert {"veltrine", "somnin", "insomnia"} <= nodes.keys()
    edge = next(e for e in drawn["edges"] if e["target"] == nodes["somnin"]["id"])
    assert edge["label"] == "decreased activity: increases release of"
    assert edge["sign"] == 1, "less of it raises it: the label names the state"
    assert edge["note"] == "1 document, possible at best"
    assert {e["sign"] for e in drawn["edges"] if e["source"] == nodes["veltrine"]["id"]} == {1, -1}
    assert any(e["contested"] for e in drawn["edges"])
    assert client.get("/entities/nothing/neighbourhood").status_code == 404


def test_a_claim_tells_its_words_certainty_proposition_and_what_others_say(client: TestClient) -> None:
    page = read(client, claim_of(client, "more somnin may be released"))
    assert "When glutanol is less active, more somnin may be released." in page
    assert '<b class="cue">may</b> raise the release of somnin' in page
    assert "Said to be possible" in page
    assert 'decreased <a href="/entities/glutanol"><bdi>glutanol</bdi></a> activity' in page
    assert "#passage-" in page
    contested = read(client, claim_of(client, "Veltrine makes glutanol more active."))
    assert "Veltrine makes glutanol less active by way of the orexal receptor." in contested
    assert "Disagreements that it takes part in" in contested
    figure = read(client, claim_of(client, "40% of insomnia patients"))
    assert "40 %" in figure
    cited = read(client, claim_of(client, "Marlow"))
    assert 'href="/works/marlow-2019"' in cited


def test_without_the_text_a_claim_shows_its_key_phrase_alone(client: TestClient, without_texts: TestClient) -> None:
    path = claim_of(client, "more somnin may be released")
    page = read(without_texts, path)
    assert "“<mark>may</mark> raise the release of somnin”" in page
    assert "the source text itself is not here" in page
    assert "Lower glutanol activity may raise" not in page
    answer = without_texts.get("/documents/calm-nights/text", headers=HTML)
    assert answer.status_code == 404 and "KG_SOURCES" in answer.text
    assert "Whole text" not in read(without_texts, "/documents/calm-nights")


def test_the_text_of_a_source_is_in_pages_only(client: TestClient) -> None:
    sentence = "Lower glutanol activity may raise the release of somnin, which"
    assert "Veltrine blocks the orexal receptor. By blocking" not in read(client, "/documents/calm-nights")
    for path in ("/documents/calm-nights", claim_of(client, "more somnin may be released")):
        for suffix in ("json", "csv", "ttl", "jsonld"):
            assert sentence not in client.get(f"{path}.{suffix}").text
    assert client.get("/documents/calm-nights/text", headers={"Accept": "application/json"}).status_code == 406


def test_a_document_lists_its_claims_in_reading_order_and_filters_them(client: TestClient) -> None:
    page = read(client, "/documents/calm-nights")
    first, second = page.index("antagonist of the orexal receptor."), page.index("less active by way of")
    assert first < second
    assert "Less glutanol activity releases somnin, and somnin promotes deep sleep." in page
    narrowed = read(client, "/documents/calm-nights?act=denies&certainty=&relation=&kind=")
    listed = narrowed[narrowed.index('id="claims"') : narrowed.index('id="alone"')]
    assert listed.count('<li id="claim-') == 1 and "of 7 claims" in narrowed
    assert "No claim fits." in read(client, "/documents/calm-nights?act=recommends")
    assert client.get("/documents/calm-nights?act=denies").status_code == 400, "JSON has no filter here"


def test_the_whole_text_is_marked_and_linked_both_ways(client: TestClient) -> None:
    page = read(client, "/documents/calm-nights/text")
    claim = claim_of(client, "antagonist of the orexal receptor").rpartition("/")[2]
    assert f'id="passage-{claim}" href="/claims/{claim}"' in page
    assert f'href="#passage-{claim}"' in page
    assert "Veltrine blocks the orexal receptor.</mark>" in page
    rest = page.partition('<div class="text" dir="auto">')[2].partition("</div>")[0]
    assert "somnin comes before deep sleep" in rest


def test_lists_are_narrowed_and_paged(client: TestClient) -> None:
    page = read(client, "/claims?document=veltrine-doubts&act=&certainty=&voice=&relation=&size=2")
    assert page.count('<li id="claim-') == 2
    assert "Next</a>" in page and "page=2" in page
    assert read(client, "/entities?kind=Receptor").count('<th scope="row">') == 1
    assert "direction" in read(client, "/disagreements?hardness=hard")
    assert client.get("/claims?colour=red", headers=HTML).status_code == 400
    assert client.get("/claims?page=99", headers=HTML).status_code == 404


def test_a_search_marks_words_and_tells_what_it_searched_for(client: TestClient) -> None:
    page = read(client, "/search?q=glutanl")
    assert "Searched for <b><bdi>glutanol</bdi></b> instead of <bdi>glutanl</bdi>" in page
    assert "<mark>glutanol</mark>" in page
    assert page.index(">Entities</h2>") < page.index(">Claims</h2>")
    part = client.get("/search/hits?q=glutanol", headers=HTML).text
    assert "<html" not in part and "<mark>glutanol</mark>" in part
    assert "Nothing found." in read(client, "/search?q=qqqqqq")
    assert "&lt;b&gt;x&lt;/b&gt;" in read(client, "/search?q=<b>x</b>")


def test_a_search_leads_to_the_questions_on_what_it_names(client: TestClient) -> None:
    page = read(client, "/search?q=do+the+documents+agree+on+what+veltrine+does+to+glutanol")
    compared = re.search(
        r'href="(/compare\?frame=[0-9a-f]+)"><bdi>Do the documents agree about veltrine and glutanol', page
    )
    assert compared and "veltrine" in read(client, compared[1])
    assert 'href="/mechanisms?from=veltrine&amp;to=glutanol"><bdi>How does veltrine bear on glutanol?' in page
    alone = client.get("/search/hits?q=glutanl", headers=HTML).text
    assert 'href="/compare?entity=glutanol"><bdi>Do the documents agree about glutanol?' in alone
    assert 'href="/mechanisms?to=glutanol"' in alone
    assert "Questions on what is named" not in read(client, "/search?q=documents")


def test_markup_and_text_of_both_directions_do_no_harm(settings: Settings) -> None:
    files = (settings.data / "entities").glob("*.toml")
    found = next(file for file in files if 'label = "veltrine"' in file.read_text("utf-8"))
    hostile = "<script>alert(1)</script> שלום"
    found.write_text(found.read_text("utf-8").replace('label = "veltrine"', f'label = "{hostile}"'), "utf-8")
    build(settings)
    with TestClient(create_app(settings), base_url=LOCAL) as client:
        for path in ("/", "/entities", "/entities/veltrine", "/documents/calm-nights", "/claims", "/search?q=script"):
            page = read(client, path)
            assert "<script>alert" not in page, path
        assert "<h1><bdi>&lt;script&gt;alert(1)&lt;/script&gt; שלום</bdi></h1>" in read(client, "/entities/veltrine")


def test_the_exports_are_a_page_that_tells_what_each_keeps_and_loses(client: TestClient) -> None:
    page = read(client, "/export")
    assert 'href="/export/graph.nq"' in page and 'href="/export/document/calm-nights.ttl"' in page
    assert "Loses" in page and "Calm nights with veltrine" in page
