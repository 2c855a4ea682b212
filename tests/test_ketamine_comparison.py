"""What comparison and mechanisms must find in the five documents, worked out from the texts."""

from collections.abc import Iterator

import pytest

from kg.mechanisms import Mechanisms, Options, load_mechanisms
from kg.names import Names
from kg.query import ask_table, read_queries
from kg.settings import Settings
from kg.stores.base import Store
from kg.stores.connect import Build, connect
from kg.vocabulary import read_vocabulary

PART_III, HOW, EDUCATION, PSYCHOTHERAPY, EMERGING = (
    "mental-health-and-ketamine-part-iii",
    "how-does-ketamine-work",
    "ketamine-education",
    "ketamine-and-psychotherapy",
    "emerging-role-of-ketamine",
)
Found = dict[tuple[str, str, str], tuple[str, str, frozenset[str], str]]


@pytest.fixture(scope="module")
def store(five: tuple[Settings, Build]) -> Iterator[Store]:
    opened = connect(*five)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def found(store: Store) -> Found:
    queries = read_queries()
    members: dict[str, set[str]] = {}
    for row in ask_table(store, queries["disagreement-claims"].text).rows:
        members.setdefault(row["disagreement"], set()).add(row["document"].rpartition("/")[2])
    return {
        (row["kind_name"], row["subject"], row["object"]): (
            row["hardness_name"],
            row["reach"],
            frozenset(members[row["disagreement"]]),
            row["because"],
        )
        for row in ask_table(store, queries["disagreements"].text).rows
    }


@pytest.mark.parametrize(
    ("kind", "subject", "object_", "hardness", "documents"),
    [
        ("direction", "ketamine", "glutamate", "hard", {PART_III, EMERGING}),
        ("aspect", "ketamine", "glutamate", "apparent", {PART_III, EDUCATION, PSYCHOTHERAPY, EMERGING}),
        ("direction", "glutamate", "synaptic-plasticity", "soft", {EDUCATION, PSYCHOTHERAPY, EMERGING}),
        ("route", "ketamine", "synaptic-plasticity", "soft", {PSYCHOTHERAPY, EMERGING}),
        ("route", "ketamine", "bdnf", "soft", {EDUCATION, EMERGING}),
        ("stance", "ketamine", "mental-disorder", "soft", {EDUCATION, EMERGING}),
        ("stance", "ketamine", "treatment-resistant-depression", "soft", {EDUCATION}),
        ("evidence", "ketamine", "depression", "soft", {HOW, EMERGING}),
        ("evidence", "ketamine", "ptsd", "soft", {EDUCATION, PSYCHOTHERAPY, EMERGING}),
        ("evidence", "ketamine", "ocd", "soft", {HOW, EDUCATION}),
        ("certainty", "ketamine", "ocd", "soft", {HOW, EDUCATION}),
        ("weight", "ketamine", "opioid-receptor", "soft", {HOW, PART_III}),
        ("weight", "ketamine", "dopamine-receptor", "soft", {HOW, PART_III}),
        ("direction", "ketamine", "mental-disorder", "soft", {HOW, EDUCATION, PSYCHOTHERAPY, EMERGING}),
        ("value", "ketamine", "dissociation", "soft", {PSYCHOTHERAPY, EMERGING}),
        ("role", "ketamine", "addiction", "apparent", {HOW, EMERGING}),
        ("order", "negative-emotion", "positive-affect", "soft", {PART_III}),
    ],
)
def test_expected_disagreements(
    found: Found, kind: str, subject: str, object_: str, hardness: str, documents: set[str]
) -> None:
    told = found[kind, subject, object_]
    assert told[0] == hardness
    assert told[2] == documents
    assert told[1] == ("within" if len(documents) == 1 else "between")


def test_response_rates_differ_and_it_is_said_what_else_differs(found: Found) -> None:
    told = [v for (kind, *_), v in found.items() if kind == "figure"]
    assert len(told) == 1
    assert told[0][2] == {HOW, EDUCATION}
    assert "70 percent" in told[0][3] and "70-80 percent" in told[0][3]
    assert "the measure differs" in told[0][3]


def test_the_need_of_psychotherapy_is_named(found: Found) -> None:
    assert "without psychotherapy" in found["direction", "ketamine", "mental-disorder"][3]


def test_what_is_curated_is_marked(store: Store) -> None:
    rows = ask_table(store, read_queries()["disagreements"].text).rows
    assert [(r["kind_name"], r["object"]) for r in rows if r.get("curated")] == [("weight", "dopamine-receptor")]


def test_the_prefrontal_cortex_is_nothing_to_report(found: Found) -> None:
    assert not [key for key in found if "prefrontal-cortex" in key]


@pytest.fixture(scope="module")
def mechanisms(five: tuple[Settings, Build], store: Store) -> Mechanisms:
    settings = five[0]
    vocabulary = read_vocabulary(settings.ontology, settings.base)
    return load_mechanisms(store, read_queries(), vocabulary, Names(settings.base))


def through(mechanisms: Mechanisms, source: str, target: str, options: Options) -> set[str]:
    paths = mechanisms.find(source, target, options)
    assert all(hop.sources for path in paths for hop in path.hops)
    return {hop.object.entity for path in paths for hop in path.hops}


def test_ketamine_to_depression_by_receptor_and_network(mechanisms: Mechanisms) -> None:
    default = through(mechanisms, "ketamine", "depression", Options(count=200))
    assert default >= {"nmda-receptor", "ampa-receptor", "bdnf", "glutamate", "default-mode-network"}


def test_ketamine_to_depression_by_stress_when_hops_may_turn(mechanisms: Mechanisms) -> None:
    assert "hpa-axis" in through(mechanisms, "ketamine", "depression", Options(count=200, inverted=True))


def test_ketamine_by_reward_and_stress_as_far_as_the_texts_say(mechanisms: Mechanisms) -> None:
    reward = through(mechanisms, "ketamine", "negative-emotion", Options(count=50))
    assert reward >= {"dopamine", "seeking-system"}
    assert "stress-response" in through(mechanisms, "ketamine", "emotional-stability", Options(count=50))


def test_links_that_no_document_states_are_absent(mechanisms: Mechanisms) -> None:
    direct = {(h.subject.entity, h.object.entity) for h in mechanisms.hops}
    assert ("ampa-receptor", "bdnf") not in direct
    for hop in mechanisms.neighbours("ampa-receptor", "downstream"):
        assert hop.object.entity != "bdnf"


def test_assembled_stated_and_single_source_paths_are_told_apart(mechanisms: Mechanisms) -> None:
    paths = mechanisms.find("ketamine", "depression", Options(count=200))
    assert {p.standing for p in paths} == {"stated", "single-source", "assembled"}
    for path in paths:
        shared = frozenset.intersection(*(h.documents for h in path.hops))
        assert (path.standing == "assembled") == (not shared), "an assembled path is said whole by nobody"
