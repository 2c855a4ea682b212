import pytest

from kg.errors import NotFoundError, QueryError
from kg.names import Names
from kg.query import NamedQuery, ask_table, count_rows, get_query, read_queries, read_query
from kg.settings import Settings
from kg.stores.base import RESULTS, Answer, Question, Store
from kg.stores.connect import connect, current_build
from kg.stores.embedded import EmbeddedStore

QUERIES = read_queries()
#: A value that the tiny corpus has, for each type of parameter.
VALUES = {
    "entity": "veltrine", "document": "calm-nights", "kind": "Substance", "work": "marlow-2019",
    "certainty": "possible",
    "voice": "document", "family": "effect", "relation": "treats", "finding": "unknown", "text": "glutanol",
}  # fmt: skip
CG = "https://w3id.org/claimgraph/vocab#"
NAMES = Names(Settings().base)


@pytest.fixture(scope="module")
def store(built):  # type: ignore[no-untyped-def]
    opened = connect(built[0], current_build(built[0]))
    yield opened
    opened.close()


#: Parameters whose type alone does not give a value that the tiny corpus has.
SPECIAL = {
    ("acting-on", "entity"): "glutanol",
    ("claims-by-kind", "object_kind"): "Condition",
    ("acts-on-kind", "object_kind"): "Condition",
    ("hedged-everywhere", "entity"): "somnin",
    ("against-cited-work", "document"): "veltrine-doubts",
    ("claims", "act"): "asserts",
    ("claim-order", "act"): "asserts",
    ("qualifiers", "qualifier"): CG + "frequency",
    ("members", "class"): CG + "Claim",
    ("disagreements", "disagreement_kind"): "disagreement-direction",
    ("disagreements", "hardness"): "hard",
    ("cited-works", "document"): "veltrine-doubts",
    ("claims-within", "entity"): "sleep-agency",
    ("readable-claims", "act"): "asserts",
    ("readable-claims", "object"): "glutanol",
    ("table-works", "document"): "veltrine-doubts",
}
#: The query whose column of that name gives a resource, where another one would find nothing.
GIVEN_BY = {
    ("figures", "claim"): "figures",
    ("disagreements", "claim"): "disagreement-claims",
    ("disagreements", "frame"): "disputed-questions",
    ("chains", "chain"): "chain-lengths",
    ("circumstances", "proposition"): "circumstances",
}
#: The query and column that give a resource of a type.
LISTS = {"claim": "claims", "proposition": "propositions", "resource": "propositions", "disagreement": "disagreements"}


def value_of(store: Store, query: NamedQuery, name: str, type_: str) -> str:
    if (query.name, name) in SPECIAL:
        return SPECIAL[query.name, name]
    if (query.name, name) in GIVEN_BY:
        return str(ask_table(store, QUERIES[GIVEN_BY[query.name, name]].text).rows[0][name])
    if type_ == "frame":
        return str(ask_table(store, QUERIES["compare-claims"].text).rows[0]["frame"])
    if type_ in LISTS:
        column = "proposition" if type_ == "resource" else type_
        return str(ask_table(store, QUERIES[LISTS[type_]].text).rows[0][column])
    return VALUES[type_]


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda q: q.name)
def test_a_query_answers_without_parameters(store: Store, query: NamedQuery) -> None:
    if query.name == "search":
        pytest.skip("a search without words has no meaning")
    if query.is_graph:
        assert store.query(Question(query.text)).body
    else:
        assert ask_table(store, query.text).columns


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda q: q.name)
def test_each_parameter_narrows_the_answer(store: Store, query: NamedQuery) -> None:
    for parameter in query.parameters:
        value = value_of(store, query, parameter.name, parameter.type)
        text = query.bind({parameter.name: value}, NAMES)
        nothing = query.bind(
            {parameter.name: "http://example.org/nothing" if parameter.type != "text" else "qqq"}, NAMES
        )
        if query.is_graph:
            some, none = (store.query(Question(t, graph="application/n-triples")).body for t in (text, nothing))
            whole = store.query(Question(query.text, graph="application/n-triples")).body
        else:
            some, none = (repr(ask_table(store, t).rows).encode() for t in (text, nothing))
            whole = repr(ask_table(store, query.text).rows).encode()
        if query.name == "silence":
            assert whole == b"[]", "with two documents none can be silent where two others answer"
            continue
        assert len(some) > len(b"[]"), (query.name, parameter.name)
        if query.name != "service-description":
            assert none in (b"", b"[]"), (query.name, parameter.name)
        assert len(some) <= len(whole) or query.name in ("search", "service-description")


@pytest.mark.parametrize("query", [q for q in QUERIES.values() if not q.is_graph], ids=lambda q: q.name)
def test_no_row_is_given_twice(store: Store, query: NamedQuery) -> None:
    rows = [tuple(sorted(r.items())) for r in ask_table(store, query.text).rows]
    assert len(rows) == len(set(rows))


def test_claims_about_an_entity_reach_via_and_both_sides(store: Store) -> None:
    text = QUERIES["claims-about"].bind({"entity": "orexal-receptor"}, NAMES)
    assert {r["subject"] + " " + r["object"] for r in ask_table(store, text).rows} == {
        "veltrine orexal-receptor:activity:decreased",
        "veltrine glutanol:activity:decreased",
    }


def test_a_value_cannot_break_out_of_its_place() -> None:
    hostile = '> } } ; DROP ALL # " \\ { UNDEF }'
    with pytest.raises(QueryError, match="cannot be part of an IRI"):
        QUERIES["claims-about"].bind({"entity": "http://e.org/" + hostile}, NAMES)
    bound = QUERIES["claims-about"].bind({"entity": hostile}, NAMES)
    assert "DROP ALL" not in bound
    assert '"> } } ; DROP ALL' in QUERIES["search"].bind({"words": hostile}, NAMES)


def test_unknown_queries_and_parameters_are_told() -> None:
    with pytest.raises(NotFoundError, match="nearest: figures"):
        get_query("figure", QUERIES)
    with pytest.raises(QueryError, match="takes entity, document, not 'colour'"):
        QUERIES["claims-about"].bind({"colour": "red"}, NAMES)


def test_a_query_file_without_its_parts_is_told(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "x.rq"
    file.write_text("SELECT * WHERE { ?s ?p ?o }")
    with pytest.raises(QueryError, match="summary"):
        read_query(file)
    file.write_text("# summary: All.\n# param s: entity - the subject\nSELECT * WHERE { ?s ?p ?o }")
    with pytest.raises(QueryError, match="VALUES"):
        read_query(file)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ('"7"^^xsd:integer', 7),
        ('"0.5"^^xsd:decimal', 0.5),
        ('"1"^^xsd:boolean', True),
        ('"none"^^xsd:integer', "none"),
        ('"maybe"^^xsd:boolean', "maybe"),
        ('"INF"^^xsd:double', "INF"),
        (f'"{"9" * 5000}"^^xsd:integer', "9" * 5000),
        ('"7"^^<http://example.org/other#integer>', "7"),
    ],
)
def test_a_number_that_is_none_stays_text(term: str, value: object) -> None:
    text = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ({term} AS ?x) {{}}"
    (row,) = ask_table(EmbeddedStore.in_memory(), text).rows
    assert row == {"x": value}


@pytest.mark.parametrize("media_type", RESULTS.values())
@pytest.mark.parametrize(
    ("text", "count"),
    [
        (r"SELECT * { VALUES (?a ?b) { ('x\ny' 1) ('<result>}},{' UNDEF) (UNDEF UNDEF) } }", 3),
        ("SELECT * { ?s ?p ?o }", 0),
        ("SELECT * {}", 1),
        ("ASK {}", None),
    ],
)
def test_rows_are_counted_in_every_format(media_type: str, text: str, count: int | None) -> None:
    store = EmbeddedStore.in_memory()
    if count is None and media_type in (RESULTS["csv"], RESULTS["tsv"]):
        assert count_rows(Answer(media_type, b"true")) is None
    else:
        assert count_rows(store.query(Question(text, results=media_type))) == count
