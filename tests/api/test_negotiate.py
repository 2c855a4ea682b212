import pytest

from api.negotiate import RESOURCE, NotAcceptableError, best_type, choose


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
