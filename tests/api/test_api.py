import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version

import pyoxigraph as ox
import pytest
from rdflib import Dataset, Graph, Namespace
from rdflib.namespace import RDF as SYNTAX
from starlette.testclient import TestClient

from api.app import create_app
from kg.build import build, put_in_service
from kg.settings import Settings
from kg.stores.connect import Build, current_build, find_build

RDF = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
RDFLIB = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
LOCAL = "http://127.0.0.1"
LISTS = ["documents", "entities", "claims", "propositions", "relations", "works", "disagreements"]
ONES = ["documents/calm-nights", "entities/veltrine", "relations/treats", "works/marlow-2019"]


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url=LOCAL) as made:
        yield made


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_paged_with_totals_and_links(client: TestClient, path: str) -> None:
    whole = client.get(f"/{path}").json()
    page = client.get(f"/{path}?size=1&page=1").json()
    assert whole["total"] == len(whole["items"]) == page["total"]
    assert page["items"] == whole["items"][:1]
    assert page["build"] == current_build(client.app.state.service.settings).digest  # type: ignore[attr-defined]
    if whole["total"] > 1:
        assert client.get(page["links"]["next"]).json()["items"] == whole["items"][1:2]
    assert (
        client.get(whole["query"] + ("&" if "?" in whole["query"] else "?") + "size=1000").json()["items"]
        == whole["items"]
    )


@pytest.mark.parametrize("path", [*LISTS, *ONES])
@pytest.mark.parametrize("suffix", RDF)
def test_resources_in_rdf_by_suffix_parameter_and_header(client: TestClient, path: str, suffix: str) -> None:
    bodies = [
        client.get(f"/{path}.{suffix}"),
        client.get(f"/{path}?format={suffix}"),
        client.get(f"/{path}", headers={"Accept": RDF[suffix]}),
    ]
    for response in bodies:
        assert response.status_code == 200
        assert response.headers["content-type"].split(";")[0] == RDF[suffix]
    graph = Graph().parse(data=bodies[0].text, format=RDFLIB[suffix])
    assert len(graph) > 0
    nt = Graph().parse(data=client.get(f"/{path}.nt").text, format="nt")
    assert len(graph) == len(nt), "what one format says the others say"


@pytest.mark.parametrize("path", [*LISTS, *ONES])
def test_resources_as_pages_and_tables(client: TestClient, path: str) -> None:
    page = client.get(f"/{path}", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1" in page.text
    assert client.get(f"/{path}.csv").text.count("\n") > 1


def test_pages_of_claims_are_the_list_cut_in_pieces(client: TestClient) -> None:
    lines = client.get("/queries/claims.tsv").text.splitlines()[1:]
    whole = [line.partition(">")[0].lstrip("<") for line in lines]
    first = client.get("/claims?size=4").json()
    assert first["total"] == len(whole) > 8
    found = [client.get(f"/claims?size=4&page={n}").json()["items"] for n in range(1, -(-len(whole) // 4) + 1)]
    assert [row["claim"] for rows in found for row in rows] == whole
    narrowed = client.get("/claims?act=asserts&size=2&page=2").json()
    assert narrowed["total"] < first["total"]
    assert len(narrowed["items"]) == 2
    one = whole[0].rpartition("/")[2]
    assert [row["claim"] for row in client.get(f"/claims?claim={one}").json()["items"]] == whole[:1]
    assert client.get("/claims?act=asserts&size=2&page=99").status_code == 404
    assert client.get("/claims?document=nothing").status_code == 404


@pytest.mark.parametrize(
    "kind",
    [
        "claim",
        "proposition",
        "entity",
        "document",
        "relation",
        "work",
        "frame",
        "anchor",
        "variable",
        "disagreement",
        "chain",
        "figure",
    ],
)
def test_the_server_answers_for_every_iri_under_the_base_at_its_path(
    client: TestClient, kind: str, built_settings: Settings
) -> None:
    quads = ox.parse(path=str(current_build(built_settings).quads), format=ox.RdfFormat.N_QUADS)
    iris = {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)}
    mine = sorted(i for i in iris if i.startswith(f"{built_settings.base}{kind}/"))
    assert mine
    for iri in mine[:5]:
        # A part of a resource is described with it.
        path, part, _ = iri.removeprefix(built_settings.base).partition("#")
        response = client.get(f"/{path}", headers={"Accept": "application/n-triples"} if part else {})
        assert response.status_code == 200, iri
        assert iri in response.text


def test_suffix_beats_parameter_beats_header(client: TestClient) -> None:
    accept = {"Accept": "application/rdf+xml"}
    assert (
        client.get("/entities/veltrine.ttl?format=nt", headers=accept).headers["content-type"].startswith("text/turtle")
    )
    assert (
        client.get("/entities/veltrine?format=nt", headers=accept)
        .headers["content-type"]
        .startswith("application/n-triples")
    )


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/entities/veltrin", 404, "nearest: veltrine"),
        ("/claims/nothing", 404, "there is no claim"),
        ("/nowhere", 404, "/nowhere"),
        ("/planet/mars", 404, "nothing at"),
        ("/entities?format=png", 406, "png"),
        ("/entities?page=0", 400, "page"),
        ("/entities?size=100000", 400, "size"),
        ("/entities?page=2&size=100", 404, "the last is 1"),
        ("/entities?colour=red", 400, "colour"),
        ("/entities/veltrine?colour=red", 400, "colour"),
        ("/entities/VELTRINE", 404, "nearest: veltrine"),
        ("/health?format=xml", 406, "there are json"),
        ("/shapes?format=json", 406, "there are ttl"),
        ("/queries?format=ttl", 406, "there are json, html, csv"),
        ("/?format=ttl", 406, "there are json, html"),
        ("/export?format=png", 406, "there are json, html"),
        ("/entities/%FF", 400, "not UTF-8"),
        ("/search?q=%FF", 400, "not UTF-8"),
        ("/queries/nothing", 404, "there is no query"),
        ("/queries/claims-about?entity=%3E%20%7B", 404, "knows no entity"),
        ("/claims?certainty=bogus", 404, "bogus"),
        ("/claims?document=calm-nights&document=veltrine-doubts", 400, "more than once"),
        ("/compare?entity=nosuch", 404, "nosuch"),
        ("/compare?build=", 400, "at least 8 hexadecimal digits"),
        ("/compare?build=c0ffee", 400, "at least 8 hexadecimal digits"),
        ("/compare?document=nosuch", 404, "nearest"),
        ("/compare?entty=veltrine", 400, "entty"),
        ("/mechanisms?from=veltrine&to=somnin&longst=2", 400, "longst"),
        ("/mechanisms?from=veltrine&to=somnin&document=nosuch", 404, "nosuch"),
        ("/search", 400, "what to look for"),
        ("/sparql?query=SELECT%20%3Fs%20WHERE%20%7B", 400, "1:"),
        ("/sparql?query=DROP%20ALL", 400, "read only"),
        ("/sparql?query=INSERT%20DATA%20%7B%7D", 400, "read only"),
        ("/sparql?query=ASK%7BSERVICE%3Ca:b%3E%7B%7D%7D", 400, "federation (SERVICE) is not offered"),
        ("/sparql?update=DROP%20ALL", 400, "read only"),
        ("/sparql?query=ASK%7B%7D&format=nothing", 406, "nothing"),
        ("/export/graph.png", 404, "png"),
        ("/export/document/nothing.ttl", 404, "nothing"),
    ],
)
def test_faults_are_problems_and_never_tracebacks(client: TestClient, path: str, status: int, told: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert told in response.text
    assert "Traceback" not in response.text
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
        page = client.get(path, headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "accept", "offered"),
    [
        ("/entities", "image/png", "application/rdf+xml"),
        ("/", "image/png", "text/html"),
        ("/sparql", "image/png", "text/turtle"),
        ("/sparql?query=ASK{}", "image/png", "application/sparql-results+xml"),
        ("/sparql?query=ASK{}", "text/turtle", "application/sparql-results+json"),
        ("/sparql?query=CONSTRUCT WHERE{?s ?p ?o}", "text/csv", "application/ld+json"),
        ("/sparql?query=ASK{}&format=ttl", "*/*", "text/csv"),
    ],
)
def test_what_is_not_acceptable_is_406_with_what_is_offered(
    client: TestClient, path: str, accept: str, offered: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 406
    assert offered in response.json()["offered"]
    assert offered in response.json()["detail"]


def test_every_route_refuses_unknown_parameters_in_the_same_way(client: TestClient) -> None:
    paths = [path for path, known in client.get("/openapi.json").json()["paths"].items() if "get" in known]
    assert len(paths) > 10
    for path in [re.sub("{.*?}", "x", p) for p in paths] + ["/entities", "/claims/x", "/queries/figures"]:
        response = client.get(path, params={"nosuch": "1"})
        assert response.status_code == 400, path
        assert "'nosuch'" in response.json()["detail"], path


def test_the_openapi_document_tells_of_all_resources_and_queries(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    queries = client.app.state.service.queries  # type: ignore[attr-defined]
    assert {f"/queries/{name}" for name in queries} | {f"/{name}" for name in LISTS} <= told["paths"].keys()
    for name, query in queries.items():
        parameters = {p["name"] for p in told["paths"][f"/queries/{name}"]["get"]["parameters"]}
        assert {p.name for p in query.parameters} | {"format"} <= parameters
    assert "voice" in {p["name"] for p in told["paths"]["/claims"]["get"]["parameters"]}
    one = told["paths"]["/entities/{name}"]["get"]
    assert one["parameters"][0]["in"] == "path" and set(RDF.values()) <= one["responses"]["200"]["content"].keys()
    sections = [tag["name"] for tag in told["tags"]]
    used = [operation["tags"] for path in told["paths"].values() for operation in path.values()]
    assert all(len(tags) == 1 for tags in used) and {tag for (tag,) in used} == set(sections)


def test_the_openapi_document_tells_what_the_protocol_takes(client: TestClient) -> None:
    sparql = client.get("/openapi.json").json()["paths"]["/sparql"]
    graphs = {"default-graph-uri", "named-graph-uri"}
    for method in ("get", "post"):
        assert graphs <= {p["name"] for p in sparql[method]["parameters"]}
    body = sparql["post"]["requestBody"]["content"]
    assert body.keys() == {"application/sparql-query", "application/x-www-form-urlencoded"}
    assert graphs | {"query"} <= body["application/x-www-form-urlencoded"]["schema"]["properties"].keys()


def test_clients_of_the_protocol_may_send_parameters_of_their_own(client: TestClient) -> None:
    text = "CONSTRUCT WHERE { ?s ?p ?o }"
    for named, media_type in (("turtle", "text/turtle"), ("json", "application/ld+json"), ("xml", RDF["rdf"])):
        response = client.get("/sparql", params={"query": text, "format": named, "output": named, "timeout": "0"})
        assert response.headers["content-type"].split(";")[0] == media_type


ASK = "ASK { ?s ?p ?o }"


def test_the_three_ways_to_send_a_query(client: TestClient) -> None:
    direct = client.post("/sparql", content=ASK, headers={"Content-Type": "application/sparql-query"})
    for response in (client.get("/sparql", params={"query": ASK}), client.post("/sparql", data={"query": ASK}), direct):
        assert response.json() == {"head": {}, "boolean": True}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values"),
        ("application/json", "application/sparql-results+json"),
        ("text/turtle, */*;q=0.1", "application/sparql-results+json"),
    ],
)
def test_results_are_negotiated(client: TestClient, accept: str, media_type: str) -> None:
    response = client.get(
        "/sparql", params={"query": "SELECT * WHERE { ?s ?p ?o } LIMIT 1"}, headers={"Accept": accept}
    )
    assert response.headers["content-type"].split(";")[0] == media_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json", "application/ld+json"),
        ("application/xml", "application/rdf+xml"),
        ("application/json;q=0.5, application/n-triples", "application/n-triples"),
    ],
)
def test_graphs_are_negotiated(client: TestClient, accept: str, media_type: str) -> None:
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1"
    response = client.get("/sparql", params={"query": text}, headers={"Accept": accept})
    assert response.headers["content-type"].split(";")[0] == media_type


def test_a_dataset_in_the_request_bounds_the_query(client: TestClient) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?c a <https://w3id.org/claimgraph/vocab#Claim> }"
    graph = "https://w3id.org/claimgraph/graph/document/calm-nights"
    counts = [
        client.get("/sparql", params={"query": text, **more}).json()["results"]["bindings"][0]["n"]["value"]
        for more in ({}, {"default-graph-uri": graph}, {"default-graph-uri": graph + "-not"})
    ]
    assert counts == ["15", "7", "0"]


@pytest.mark.parametrize(
    ("headers", "body", "status", "told"),
    [
        ({"Content-Type": "application/sparql-update"}, b"DROP ALL", 400, "read only"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"update=DROP+ALL", 400, "read only"),
        ({"Content-Type": "text/plain"}, ASK.encode(), 415, "text/plain"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415, "multipart/form-data"),
        ({"Content-Type": ""}, ASK.encode(), 415, "without a type"),
        ({"Content-Type": "application/sparql-query; charset=utf-16"}, ASK.encode("utf-16"), 415, "utf-16"),
        ({"Content-Type": "application/sparql-query; charset=nonsense"}, ASK.encode(), 415, "nonsense"),
        ({"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}, b"\x1f\x8b", 415, "gzip"),
        ({"Content-Type": "application/sparql-query"}, b'ASK { "\xff" }', 400, "not UTF-8"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"query=ASK%7B%22%FF%22%7D", 400, "not UTF-8"),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"query=ASK%7B%7D&query=ASK%7B%7D",
            400,
            "2 were given",
        ),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"", 400, "0 were given"),
        ({"Content-Type": "application/sparql-query"}, b"#" * 70_000, 413, "over"),
        ({"Content-Type": "application/sparql-query"}, b"#" * 300_000, 413, "over"),
    ],
)
def test_wrong_posts_are_refused_with_a_reason(
    client: TestClient, headers: dict[str, str], body: bytes, status: int, told: str
) -> None:
    response = client.post("/sparql", content=body, headers=headers)
    assert response.status_code == status
    assert told in response.json()["detail"]
    if status == 415:
        assert response.headers["accept-post"] == "application/sparql-query, application/x-www-form-urlencoded"


def test_a_query_in_utf_8_by_any_of_its_names_is_read(client: TestClient) -> None:
    for charset in ("", ";charset=utf-8", '; charset="UTF-8"', "; Charset=utf8"):
        response = client.post(
            "/sparql",
            content='SELECT ("é" AS ?x) {}'.encode(),
            headers={"Content-Type": "application/sparql-query" + charset},
        )
        assert response.json()["results"]["bindings"][0]["x"]["value"] == "é"


def test_the_endpoint_describes_itself(client: TestClient) -> None:
    graph = Graph().parse(data=client.get("/sparql", headers={"Accept": "text/turtle"}).text, format="turtle")
    assert "SPARQL11Query" in graph.serialize(format="nt")
    assert client.get("/sparql?format=nt").headers["content-type"].startswith("application/n-triples")
    assert client.get("/sparql?format=csv").status_code == 406
    assert "<textarea" in client.get("/sparql", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("suffix", ["nq", "trig", "ttl", "nt", "jsonld", "rdf"])
def test_exports_hold_the_whole_graph_and_one_document(client: TestClient, suffix: str) -> None:
    lines = set(client.get("/export/graph.nq").text.splitlines())
    body = client.get(f"/export/graph.{suffix}")
    assert body.status_code == 200
    assert body.headers["x-build-digest"] in client.get("/health").text
    if suffix in ("nq", "trig", "jsonld"):
        formats = {"nq": "nquads", "trig": "trig", "jsonld": "json-ld"}
        dataset = Dataset()
        dataset.parse(data=body.text, format=formats[suffix])
        # JSON-LD has no comments: the description of the build goes with it, in its own graph.
        own = [q for q in dataset.quads() if not str(q[3]).endswith("/graph/dataset")]
        assert len(own) == len(lines)
    else:
        assert len(Graph().parse(data=body.text, format=RDFLIB[suffix])) == len({x.rsplit(" <", 1)[0] for x in lines})
    one = client.get(f"/export/document/calm-nights.{suffix}").text
    assert "Calm nights" in one
    assert "Doubts about veltrine" not in one


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health",
        "/queries",
        "/search?q=veltrine",
        "/export",
        "/validation",
        "/ontology",
        "/shapes",
        "/.well-known/void",
        "/openapi.json",
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_every_other_page_answers(client: TestClient, path: str, accept: str) -> None:
    assert client.get(path, headers={"Accept": accept}).status_code == 200


def test_the_report_conforms_and_the_description_names_the_build(client: TestClient) -> None:
    report = client.get("/validation").json()
    assert report["items"] == [{"conforms": True}]
    assert report["validated"] == {"engine": "pyshacl", "version": version("pyshacl")}
    digest = client.get("/health").json()["build"]
    assert digest in client.get("/.well-known/void").text


def test_search_finds_by_other_labels(client: TestClient) -> None:
    found = client.get("/search", params={"q": "GLUTANOLE"}).json()["items"]
    assert found[0]["iri"].rpartition("/")[2] == "glutanol"


def test_markup_in_labels_is_shown_harmlessly(settings: Settings) -> None:
    entities = settings.data / "entities/all.toml"
    entities.write_text(entities.read_text().replace('label = "somnin"', 'label = "<script>alert(1)</script>"'))
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace("Somnin release may", "=cmd() <b>may"))
    build(settings)
    with TestClient(create_app(settings), base_url=LOCAL) as client:
        page = client.get("/entities/somnin", headers={"Accept": "text/html"})
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "'=cmd()" in client.get("/claims.csv").text
        assert "'=cmd()" in client.get("/claims?format=csv").text
        # The answer to a stranger's query is as the standard has it.
        text = 'SELECT ("=cmd()" AS ?x) {}'
        assert client.get("/sparql", params={"query": text, "format": "csv"}).text == "x\r\n=cmd()\r\n"


def test_a_new_build_is_taken_up_without_a_restart(settings: Settings) -> None:
    first = build(settings).digest
    with TestClient(create_app(settings), base_url=LOCAL) as client:
        assert client.get("/health").json()["build"] == first
        claims = settings.data / "sleep/calm-nights/claims.toml"
        claims.write_text(claims.read_text().replace("may be released", "may well be released"))
        second = build(settings).digest
        assert client.get("/health").json()["build"] == second
        assert "may well be released" in client.get("/claims").text


def test_without_a_build_the_service_says_what_to_run(settings: Settings) -> None:
    from kg.errors import StoreError

    with pytest.raises(StoreError, match="kg build"), TestClient(create_app(replace(settings, workers=1))):
        pass


def test_named_queries_answer_over_http_as_on_the_command_line(client: TestClient) -> None:
    listed = client.get("/queries").json()["items"]
    assert len(listed) >= 10
    answer = client.get("/queries/claims-of-work", params={"work": "marlow-2019"}).json()
    assert [i["statement"] for i in answer["items"]] == [
        "According to Marlow, 50 to 60% of insomnia patients got better on veltrine."
    ]
    text = client.get("/queries/claims-of-work.rq", params={"work": "marlow-2019"}).text
    rows = client.get("/sparql", params={"query": text}).json()["results"]["bindings"]
    assert [r["claim"]["value"] for r in rows] == [i["claim"] for i in answer["items"]]
    assert json.dumps(answer["items"])


def test_comparison_in_every_form(client: TestClient) -> None:
    body = client.get("/compare?entity=glutanol").json()
    assert body["documents"] == ["calm-nights", "veltrine-doubts"]
    (line,) = [x for x in body["lines"] if x["object"] == "glutanol"]
    assert line["cells"]["calm-nights"]["stances"] == ["decreases activity of ↓"]
    assert line["cells"]["veltrine-doubts"]["stances"] == ["increases activity of ↑"]
    assert body["disagreements"][0]["hardness_name"] == "hard"
    said = line["cells"]["calm-nights"]["claims"][0]
    assert (said["act"], said["relation"], said["direction"], said["certainty"], said["value"]) == (
        "asserts", "decreases_activity_of", "decrease", "stated", None,
    )  # fmt: skip
    table = client.get("/compare?entity=glutanol&format=csv").text
    assert table.startswith("question,calm-nights,veltrine-doubts,disagreements,claims,frame")
    assert said["claim"] in table and body["disagreements"][0]["because"] in table
    for form in ("md", "tex"):
        paper = client.get(f"/compare?entity=glutanol&format={form}").text
        assert body["disagreements"][0]["because"] in paper and body["build"] in paper
    assert "Only calm-nights:" in client.get("/compare?format=md").text
    assert "Disagreement" in client.get("/compare?format=ttl").text
    assert len(Graph().parse(data=client.get("/compare?format=jsonld").text, format="json-ld")) > 10
    page = client.get("/compare", headers={"Accept": "text/html"}).text
    assert "decreases activity of</span>" in page


def test_a_comparison_keeps_its_answer_at_its_permanent_address(client: TestClient) -> None:
    body = client.get("/compare?entity=glutanol").json()
    assert body["build"] in body["permanent"]
    assert client.get(body["permanent"]).json()["lines"] == body["lines"]
    gone = client.get("/compare?build=00000000")
    assert gone.status_code == 404
    assert f"00000000 alone, which is not kept here (the build in service is {body['build'][:16]})" in gone.text
    page = client.get("/compare?entity=glutanol&build=00000000", headers={"Accept": "text/html"})
    assert 'href="/compare?entity=glutanol">The same from the build in service' in page.text


def test_the_address_of_a_build_that_is_kept_tells_how_it_is_brought_back(settings: Settings) -> None:
    old = build(settings)
    file = settings.data / "sleep" / "calm-nights" / "document.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("Calm nights", "Calmer nights"), encoding="utf-8")
    new = build(settings)
    with TestClient(create_app(settings), base_url=LOCAL) as client:
        told = client.get(f"/compare?build={old.digest}").json()["detail"]
        assert f"kept but not in service (the build in service is {new.digest[:16]})" in told
        assert f"'kg rollback {old.digest[:16]}'" in told
        put_in_service(settings, find_build(settings, old.digest[:16]).folder)
        assert client.get(f"/compare?build={old.digest}").json()["build"] == old.digest


def test_comparison_of_one_document_and_by_kind(client: TestClient) -> None:
    one = client.get("/compare?document=calm-nights").json()
    assert one["documents"] == ["calm-nights"]
    assert all(set(x["cells"]) == {"calm-nights"} for x in one["lines"])
    kind = client.get("/compare?kind=Neurotransmitter&whole=true").json()
    assert {"glutanol"} <= {x["subject"] for x in kind["lines"]} | {x["object"] for x in kind["lines"]}


def test_mechanisms_as_tables_and_text_have_a_source_for_every_step(client: TestClient) -> None:
    asked = "from=veltrine&to=deep-sleep"
    paths = client.get(f"/mechanisms?{asked}").json()["paths"]
    rows = list(csv.DictReader(io.StringIO(client.get(f"/mechanisms.csv?{asked}").text)))
    steps = [(n, hop) for n, path in enumerate(paths, 1) for hop in path["hops"]]
    told = [(n, hop["object"]["entity"], one["claim"]) for n, hop in steps for one in hop["sources"]]
    assert [(int(r["path"]), r["object"], r["claim"]) for r in rows if r["step"]] == told
    assert all(r["document"] and r["statement"] for r in rows if r["step"])
    text = client.get(f"/mechanisms?{asked}&format=md").text
    assert text.startswith("# From veltrine to deep-sleep\n\n## 1. veltrine → ")
    assert text.count("\n## ") == len(paths)
    assert all(source["statement"] in text for _, hop in steps for source in hop["sources"])
    assert client.get("/health").json()["build"] in text, "it says which build it is of"
    hops = list(csv.DictReader(io.StringIO(client.get("/mechanisms.csv?from=veltrine").text)))
    assert {r["subject"] for r in hops} == {"veltrine"} and "path" not in hops[0]
    assert "- veltrine " in client.get("/mechanisms?from=veltrine&format=md").text


def test_paths_keep_their_answer_at_their_permanent_address(client: TestClient) -> None:
    body = client.get("/mechanisms?from=veltrine&to=deep-sleep").json()
    assert f"build={body['build']}" in body["permanent"]
    assert client.get(body["permanent"]).json()["paths"] == body["paths"]
    page = client.get(body["permanent"], headers={"Accept": "text/html"}).text
    assert "Permanent address of this answer" in page
    assert client.get("/mechanisms?from=veltrine&build=00000000").status_code == 404


def test_mechanisms_show_every_hop_with_its_claims(client: TestClient) -> None:
    body = client.get("/mechanisms?from=veltrine&to=deep-sleep").json()
    (path,) = body["paths"]
    assert [h["object"]["entity"] for h in path["hops"]] == ["orexal-receptor", "glutanol", "somnin", "deep-sleep"]
    assert path["certainty"] == "possible"
    assert all(h["sources"] for h in path["hops"])
    assert {h["object"]["entity"] for h in client.get("/mechanisms?from=somnin").json()["downstream"]} == {"deep-sleep"}
    assert client.get("/mechanisms?to=somnin").json()["upstream"]
    page = client.get("/mechanisms?from=veltrine&to=deep-sleep", headers={"Accept": "text/html"}).text
    assert "orexal-receptor" in page
    assert client.get("/mechanisms").status_code == 400
    assert client.get("/mechanisms?from=veltrin&to=deep-sleep").status_code == 404
    assert client.get("/mechanisms?from=veltrine&to=deep-sleep&longest=99").status_code == 400


def test_acts_can_be_asked_for_by_name(client: TestClient) -> None:
    assert client.get("/claims?act=denies").json()["total"] == 2


@pytest.mark.parametrize(
    "path", ["/compare.csv?entity=glutanol", "/ontology.ttl", "/search.csv?q=sleep", "/vocab", "/kind", "/vocab.ttl"]
)
def test_pages_take_suffixes_and_vocabulary_terms_are_answered_for(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/shapes.ttl", "text/turtle"), ("/validation.ttl", "text/turtle"), ("/.well-known/void.ttl", "text/turtle"),
        ("/queries.json", "application/json"), ("/queries.csv", "text/csv"), ("/queries.html", "text/html"),
        ("/export.json", "application/json"), ("/export.html", "text/html"), ("/health.json", "application/json"),
        ("/annotations.jsonld", "application/ld+json"), ("/sparql.ttl", "text/turtle"),
        ("/sparql.tsv?query=SELECT+*+{?s+a+?o}+LIMIT+1", "text/tab-separated-values"),
        ("/compare.md?entity=glutanol", "text/markdown"), ("/about.html", "text/html"), ("/docs.html", "text/html"),
        ("/mechanisms.html?from=veltrine", "text/html"),
    ],
)  # fmt: skip
def test_every_listed_address_answers_by_suffix(client: TestClient, path: str, media_type: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)


def test_a_suffix_that_an_address_does_not_have_is_refused_with_those_that_it_has(client: TestClient) -> None:
    for path, offered in (
        ("/shapes.csv", ["ttl"]),
        ("/about.json", ["html"]),
        ("/queries.ttl", ["json", "html", "csv"]),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["offered"]) == (406, offered), path


@pytest.mark.parametrize("path", ["/documents.json", "/documents/calm-nights.json", "/queries/figures.json"])
def test_the_links_of_what_was_asked_for_by_suffix_lead_to_other_formats(client: TestClient, path: str) -> None:
    links = client.get(path).json()["links"]
    assert client.get(links["csv"]).headers["content-type"].startswith("text/csv")
    assert client.get(links["html"]).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "path", ["/claims?certainty=possible", "/search?q=sleep", "/queries/figures", "/claims", "/documents/calm-nights"]
)
def test_only_formats_that_can_be_had_are_linked(client: TestClient, path: str) -> None:
    for link in client.get(path).json()["links"].values():
        assert client.get(link).status_code == 200, link


def test_the_service_description_has_a_dataset_and_where_to_ask(client: TestClient) -> None:
    sd = Namespace("http://www.w3.org/ns/sparql-service-description#")
    text = client.get("/sparql?format=ttl").text
    graph = Graph().parse(data=text, format="turtle")
    service = graph.value(predicate=SYNTAX.type, object=sd.Service)
    assert [str(e) for e in graph.objects(service, sd.endpoint)] == ["http://127.0.0.1/sparql"]
    (dataset,) = graph.objects(service, sd.defaultDataset)
    assert list(graph.objects(service, sd.availableGraphs)) == [dataset]
    assert {sd.Dataset, sd.GraphCollection} <= set(graph.objects(dataset, SYNTAX.type))
    named = set(graph.objects(dataset, sd.namedGraph))
    assert named and all((name, sd.name, name) in graph for name in named)
    assert (graph.value(dataset, sd.defaultGraph), SYNTAX.type, sd.Graph) in graph
