"""What is made for the web of data is read back by rdflib, without a network, and holds what the graph holds."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from fastapi.testclient import TestClient
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SKOS, VOID
from rdflib.void import generateVoID

import kg.rdf.terms
from api.app import create_app
from kg.exports import FORMATS
from kg.exports.annotations import CONTEXT, W3C, annotate
from kg.graph import Graph, open_build
from kg.names import CG
from kg.rdf.formats import read_quads
from kg.rdf.jsonld import make_context, write_jsonld
from kg.settings import Settings
from kg.stores.base import GRAPHS
from kg.stores.connect import Build

OA = rdflib.Namespace(kg.rdf.terms.OA)
ROOT = Path(__file__).parents[2]
BASE = "https://w3id.org/claimgraph/"


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def opened(built: tuple[Settings, Build]) -> Iterator[tuple[Graph, Build]]:
    with open_build(built[0], built[1]) as graph:
        yield graph, built[1]


@pytest.fixture(scope="module")
def whole(built: tuple[Settings, Build]) -> rdflib.Graph:
    """The triples of the build, each once."""
    graph = rdflib.Graph()
    graph.parse(data="".join(f"{quad.triple} .\n" for quad in read_quads(built[1].quads)), format="nt")
    return graph


def read(client: TestClient, path: str, format_: str) -> rdflib.Graph:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return rdflib.Graph().parse(data=answer.content, format=format_)


# Annotations


def test_annotations_hold_every_place_of_every_claim(client: TestClient, whole: rdflib.Graph) -> None:
    found = read(client, "/annotations?context=inline", "json-ld")
    links = {CG + name for name in ("anchor", "antecedent", "hedgeAnchor")}
    pointed = {(s, o) for s, p, o in whole if str(p) in links}
    annotations = set(found.subjects(RDF.type, OA.Annotation))
    assert len(annotations) == sum(str(p) in links for _, p, _ in whole) > 0
    claims = {
        (next(found.objects(body, OA.hasSource)), next(found.objects(annotation, OA.hasTarget)))
        for annotation in annotations
        for body in found.objects(annotation, OA.hasBody)
        if (body, OA.hasPurpose, OA.identifying) in found
    }
    assert claims == pointed
    for term in (OA.hasSelector, OA.refinedBy, OA.exact):
        assert set(found.subject_objects(term)) == set(whole.subject_objects(term))
    for term in (OA.start, OA.end):
        assert {(s, int(o)) for s, o in found.subject_objects(term)} == {
            (s, int(o)) for s, o in whole.subject_objects(term)
        }


def test_annotations_of_one_document_are_a_collection_as_the_w3c_has_it(client: TestClient) -> None:
    answer = client.get("/documents/calm-nights/annotations")
    assert answer.headers["content-type"] == f'application/ld+json; profile="{W3C}"'
    body = answer.json()
    assert body["@context"][0] == W3C
    assert (body["id"], body["type"]) == (f"{BASE}document/calm-nights/annotations", "AnnotationCollection")
    items = body["first"]["items"]
    assert body["total"] == len(items) == len({item["id"] for item in items}) > 0
    assert {item["target"]["source"]["id"] for item in items} == {f"{BASE}document/calm-nights"}
    for path in ("/documents/calm-nights/annotations.jsonld", "/document/calm-nights/annotations"):
        assert client.get(path).json() == body
    exported = client.get("/export/document/calm-nights.annotations.jsonld")
    assert exported.json() == body


def test_offsets_of_annotations_are_code_points_of_the_text(
    opened: tuple[Graph, Build], built: tuple[Settings, Build]
) -> None:
    files = [path.read_bytes() for path in built[0].sources[0].glob("*.txt")]
    texts = {hashlib.sha256(body).hexdigest(): body.decode() for body in files}
    for item in annotate(opened[0], None)["first"]["items"]:
        selector = item["target"]["selector"]
        text = texts[item["target"]["source"]["sha256"]]
        passage = " ".join(text[selector["start"] : selector["end"]].split())
        assert selector["refinedBy"]["exact"] in passage


def test_an_annotation_of_a_denial_says_that_it_is_one(opened: tuple[Graph, Build]) -> None:
    graph = opened[0]
    acts = {row["claim"]: (row["act"], row["certainty"]) for row in graph.ask("table-claims").rows}
    assert "denies" in {act for act, _ in acts.values()}
    for item in annotate(graph, None)["first"]["items"]:
        claim, _, *tags = item["body"]
        assert tuple(tag["value"] for tag in tags[:2]) == acts[claim["source"]]


def test_the_context_inside_means_what_that_of_the_w3c_means() -> None:
    # Each term as the Web Annotation vocabulary names it; only `sha256`, `build` and `citation` are ours.
    assert CONTEXT["body"]["@id"] == str(OA.hasBody) and CONTEXT["motivation"]["@id"] == str(OA.motivatedBy)
    assert {k for k, v in CONTEXT.items() if CG in str(v)} == {"sha256"}


def test_unknown_documents_and_contexts_are_refused(client: TestClient) -> None:
    assert client.get("/documents/nothing/annotations").status_code == 404
    assert client.get("/annotations?context=far").status_code == 400


# JSON-LD


@pytest.mark.parametrize(
    "path", ["/documents/calm-nights", "/entities/veltrine", "/claims", "/propositions", "/ontology", "/disagreements"]
)
def test_json_ld_is_the_same_graph_in_short_names(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": GRAPHS["jsonld"]})
    body = answer.json()
    assert "http" not in "".join(body["@graph"][0].keys())
    assert isomorphic(read(client, f"{path}?format=jsonld", "json-ld"), read(client, f"{path}?format=nt", "nt"))
    # The whole context, served by us, means the same as the part inside.
    context = client.get("/context/v1.jsonld").json()["@context"]
    assert body["@context"].items() <= context.items()


def test_json_ld_is_readable(client: TestClient) -> None:
    claim = client.get("/claims?format=json").json()["items"][0]["claim"].removeprefix(BASE + "claim/")
    nodes = {n["id"]: n for n in client.get(f"/claims/{claim}.jsonld").json()["@graph"]}
    node = nodes[f"{BASE}claim/{claim}"]
    assert "Claim" in node["type"]
    assert node["certainty"].startswith("cg:certainty-") and node["statement"]["@language"] == "en"


def test_a_graph_of_all_kinds_of_terms_comes_back() -> None:
    text = f"""
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <{CG}a> <{CG}sign> "-1"^^xsd:integer, "01"^^xsd:integer, "x", "y"@en, <{CG}b>, "true"^^xsd:boolean .
    <{CG}a> <{CG}only> true, "1"^^xsd:boolean .
    <{CG}a> <{CG}asserts> <http://example.org/a:b>, "text", <urn:x:y>, <{CG}c/d> .
    <{CG}a> <http://example.org/p#q> _:b , "1.50"^^xsd:decimal .
    _:b <{SKOS.notation}> "http://example.org/ is text", "cg:text" .
    <{CG}a> a <{CG}Claim>, <http://example.org/Other> .
    """
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    ontology = [t.triple for t in ox.parse(path=str(ROOT / "ontology/vocab.ttl"), format=ox.RdfFormat.TURTLE)]
    written = write_jsonld(triples, make_context(ontology))
    expected = rdflib.Graph().parse(data=text, format="turtle")
    found = rdflib.Graph().parse(data=written, format="json-ld")
    assert isomorphic(found, expected)
    again = {q.triple for q in ox.parse(written, format=ox.RdfFormat.JSON_LD)}
    assert len(again) == len(triples)


def test_the_context_has_every_term_of_the_vocabulary(client: TestClient, opened: tuple[Graph, Build]) -> None:
    answer = client.get("/context/v1.jsonld")
    assert answer.headers["content-type"] == GRAPHS["jsonld"]
    context: dict[str, Any] = answer.json()["@context"]
    named = {m["@id"] if isinstance(m, dict) else m for m in context.values()}
    used = {str(q.predicate.value) for q in read_quads(opened[1].quads) if q.predicate.value.startswith(CG)}
    assert used <= named
    assert context["asserts"] == {"@id": CG + "asserts", "@type": "@id"}


# VoID and DCAT


def test_statistics_are_those_that_rdflib_counts(client: TestClient, whole: rdflib.Graph) -> None:
    told = read(client, "/.well-known/void", "turtle")
    dataset = rdflib.URIRef(BASE + "dataset")
    counted, node = generateVoID(whole, dataset=dataset)
    for term in (VOID.triples, VOID.classes, VOID.properties, VOID.distinctSubjects, VOID.distinctObjects):
        assert int(told.value(dataset, term)) == int(counted.value(node, term)) > 0, term

    def partitions(graph: rdflib.Graph, link: rdflib.URIRef, key: rdflib.URIRef, of: rdflib.URIRef) -> dict[str, int]:
        return {str(graph.value(p, key)): int(str(graph.value(p, of))) for p in graph.objects(dataset, link)}

    classes = (VOID.classPartition, VOID["class"], VOID.entities)
    assert partitions(told, *classes) == partitions(counted, *classes)
    properties = (VOID.propertyPartition, VOID.property, VOID.triples)
    assert partitions(told, *properties) == partitions(counted, *properties)


def test_the_dataset_says_what_it_is_and_how_to_have_it(client: TestClient, built: tuple[Settings, Build]) -> None:
    told = read(client, "/.well-known/void", "turtle")
    dataset = rdflib.URIRef(BASE + "dataset")
    assert {VOID.Dataset, DCAT.Dataset} <= set(told.objects(dataset, RDF.type))
    assert str(told.value(dataset, DCTERMS.identifier)) == built[1].digest
    for term in (DCTERMS.title, DCTERMS.description, DCTERMS.license, VOID.sparqlEndpoint, VOID.vocabulary):
        assert told.value(dataset, term), term
    assert told.value(dataset, DCTERMS.publisher) is None, "the data does not say who publishes it"
    downloads = {str(told.value(d, DCAT.downloadURL)) for d in told.objects(dataset, DCAT.distribution)}
    assert len(downloads) == len(FORMATS)
    for address in sorted(downloads):
        assert client.head(address.replace(BASE, "/")).status_code in (200, 405)
    assert len(set(told.objects(dataset, VOID.dataDump))) == 6
    for example in told.objects(dataset, VOID.exampleResource):
        assert client.get(str(example).replace(BASE, "/")).status_code == 200


def test_linksets_count_the_links_to_each_ontology(client: TestClient, whole: rdflib.Graph) -> None:
    told = read(client, "/.well-known/void", "turtle")
    linksets = list(told.subjects(RDF.type, VOID.Linkset))
    counted = sum(int(str(told.value(part, VOID.triples))) for part in linksets)
    matches = [SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch]
    assert counted == sum(len(list(whole.subject_objects(match))) for match in matches) > 0
    for part in linksets:
        target = told.value(part, VOID.objectsTarget)
        stem = str(told.value(target, VOID.uriSpace))
        link = told.value(part, VOID.linkPredicate)
        assert int(str(told.value(part, VOID.triples))) == sum(
            str(o).startswith(stem) for o in whole.objects(None, link)
        )


def test_the_description_is_had_in_every_form_and_under_its_own_name(client: TestClient) -> None:
    told = read(client, "/.well-known/void", "turtle")
    assert isomorphic(read(client, "/dataset.ttl", "turtle"), told)
    assert isomorphic(read(client, "/dataset.jsonld", "json-ld"), told)
    assert isomorphic(read(client, "/dataset?format=rdf", "xml"), told)
    assert client.get("/dataset", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")
    part = next(told.objects(rdflib.URIRef(BASE + "dataset"), VOID.classPartition))
    assert client.get(str(part).replace(BASE, "/") + ".ttl").status_code == 200
    assert json.loads(client.get("/dataset.json").text)["iri"] == BASE + "dataset"
