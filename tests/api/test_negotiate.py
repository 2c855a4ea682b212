import pytest

from api.negotiate import RESOURCE, SPARQL_GRAPHS, SPARQL_RESULTS, NotAcceptableError, best_type, choose, read_format


@pytest.mark.parametrize(
    ("suffix", "format_", "accept", "chosen"),
    [
        (None, None, None, "json"),
        (None, None, "", "json"),
        (None, None, "*/*", "json"),
        (None, None, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        (None, None, "text/turtle", "ttl"),
        (None, None, "text/turtle;q=0.4, application/ld+json;q=0.5", "jsonld"),
        (None, None, "text/*", "html"),
        (None, None, "application/n-triples, */*;q=0.1", "nt"),
        (None, None, "text/turtle;q=0, application/json", "json"),
        (None, None, "text/turtle; charset=utf-8", "ttl"),
        (None, None, "application/json;charset=utf-8;q=0.5, text/turtle;version=1.1;q=0.4", "json"),
        (None, None, 'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
        (None, "csv", "text/turtle", "csv"),
        ("rdf", "csv", "text/turtle", "rdf"),
    ],
)
def test_the_choice(suffix: str | None, format_: str | None, accept: str | None, chosen: str) -> None:
    assert choose(RESOURCE, suffix, format_, accept) == chosen


@pytest.mark.parametrize(
    ("suffix", "format_", "accept"),
    [
        (None, None, "image/png"),
        (None, "png", None),
        (None, None, "text/turtle;q=0, text/turtle;q=0.0"),
        ("png", None, None),
    ],
)
def test_what_cannot_be_had(suffix: str | None, format_: str | None, accept: str | None) -> None:
    with pytest.raises(NotAcceptableError):
        choose(RESOURCE, suffix, format_, accept)


def test_json_and_xml_stand_for_their_sparql_types() -> None:
    offered = ["application/sparql-results+json", "application/sparql-results+xml"]
    assert best_type(offered, "application/xml", aliases=True) == offered[1]
    assert best_type(offered, "application/json", aliases=True) == offered[0]


def test_who_asks_for_tables_alone_gets_a_graph_of_like_form() -> None:
    offered = list(SPARQL_GRAPHS.values())
    assert best_type(offered, "application/sparql-results+json", aliases=True) == "application/ld+json"
    assert best_type(offered, "application/sparql-results+json, text/turtle;q=0.1", aliases=True) == "text/turtle"
    assert best_type(offered, "application/sparql-results+json") is None
    assert best_type(offered, "text/csv", aliases=True) is None


def test_json_and_xml_stand_for_a_graph_too() -> None:
    offered = ["text/turtle", "application/ld+json", "application/rdf+xml"]
    assert best_type(offered, "application/json", aliases=True) == "application/ld+json"
    assert best_type(offered, "text/xml", aliases=True) == "application/rdf+xml"
    assert best_type(offered, "application/json") is None


@pytest.mark.parametrize(
    ("format_", "results", "graph"),
    [
        ("json", "application/sparql-results+json", "application/ld+json"),
        ("xml", "application/sparql-results+xml", "application/rdf+xml"),
        ("turtle", None, "text/turtle"),
        ("text/csv", "text/csv", None),
        ("application/rdf+xml", None, "application/rdf+xml"),
        ("nothing", None, None),
    ],
)
def test_formats_are_named_as_clients_of_sparql_do(format_: str, results: str | None, graph: str | None) -> None:
    assert read_format(SPARQL_RESULTS, format_) == results
    assert read_format(SPARQL_GRAPHS, format_) == graph


def test_the_refusal_lists_what_is_offered() -> None:
    with pytest.raises(NotAcceptableError, match="json, html, csv") as refused:
        choose(RESOURCE, None, "png", None)
    assert refused.value.offered == tuple(RESOURCE)
