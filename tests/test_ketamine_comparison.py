"""What comparison and mechanisms must find in the five documents, worked out from the texts."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest

from kg.compare import matrix
from kg.compare.derive import find_disagreements
from kg.corpus.folder import read_corpus
from kg.mechanisms.paths import Mechanisms, Options, Path, load_mechanisms
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
        ("order", "negative-emotion", "seeking-system", "soft", {PART_III}),
        ("aspect", "nmda-receptor", "glutamate", "apparent", {PSYCHOTHERAPY, EMERGING}),
        ("direction", "nmda-receptor", "synaptogenesis", "soft", {PART_III, EDUCATION}),
        ("evidence", "ketamine", "mental-disorder", "soft", {PSYCHOTHERAPY, EMERGING}),
        ("evidence", "ketamine", "drug-therapy", "soft", {EDUCATION, EMERGING}),
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
    assert "70 percent" in told[0][3] and "70–80 percent" in told[0][3]
    assert "the measure differs" in told[0][3]


@pytest.mark.parametrize("pair", list(combinations((PART_III, HOW, EDUCATION, PSYCHOTHERAPY, EMERGING), 2)))
def test_two_documents_disagree_as_if_there_were_no_others(
    five: tuple[Settings, Build], store: Store, pair: tuple[str, str]
) -> None:
    settings = five[0]
    vocabulary = read_vocabulary(settings.ontology, settings.base)
    corpus, _ = read_corpus(settings.data, vocabulary)
    alone = replace(corpus, documents={d: corpus.documents[d] for d in pair}, disagreements=())
    expected = {(d.kind, d.frame.subject, d.frame.object) for d in find_disagreements(alone, vocabulary)}
    shown = matrix.compare(store, read_queries(), Names(settings.base), pair).disagreements
    rows = {(d["kind_name"], d["subject"], d["object"]) for d in shown if not d.get("curated")}
    assert rows >= expected
    # A side says who holds it, not whom of the other side its scope keeps it apart from.
    assert rows - expected <= {("aspect", "ketamine", "glutamate")}


@pytest.mark.parametrize(
    "told",
    [
        ("order", "negative-emotion", "positive-affect"),  # both are left open: nobody says either
        ("stance", "ketamine", "mystical-experience"),  # possible in some, denied only of all
        ("certainty", "ketamine", "hallucination"),  # what may happen, and how long it lasts
        ("certainty", "ketamine", "dizziness"),
        ("certainty", "ketamine", "mood"),  # at large, and within hours in one condition
    ],
)
def test_claims_that_only_look_opposed_are_not_reported(found: Found, told: tuple[str, str, str]) -> None:
    assert told not in found


def test_conditions_are_ranked_by_sources_that_are_independent(store: Store) -> None:
    query = read_queries()["conditions-ranked"].bind({"subject": "ketamine"}, Names(Settings().base))
    rows = {row["object"].rpartition("/")[2]: row for row in ask_table(store, query).rows}
    assert (rows["anxiety"]["independent"], rows["anxiety"]["documents"]) == (4, 4)
    assert (rows["mental-disorder"]["independent"], rows["mental-disorder"]["documents"]) == (4, 4)
    assert all(row["independent"] <= row["documents"] for row in rows.values())
    assert "suffering" not in rows, "a hypothesis supports nothing"


def test_agreement_says_how_surely_each_document_takes_part(store: Store) -> None:
    query = read_queries()["agreement"].bind({"entity": "ketamine"}, Names(Settings().base))
    rows = [r for r in ask_table(store, query).rows if (r["relation"], r["independent"]) == ("alleviates", 2)]
    (anxiety,) = (r for r in rows if r["object"] == "anxiety:severity:decreased")
    assert set(anxiety["asserting"].split(", ")) == {f"{EMERGING} (stated)", f"{HOW} (probable)"}


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
    # That the seeking system is needed to lighten negative emotion does not say that more of it does.
    turned = Options(count=50, inverted=True)
    assert {"dopamine", "seeking-system"} <= through(mechanisms, "ketamine", "negative-emotion", turned)
    assert "seeking-system" not in through(mechanisms, "ketamine", "negative-emotion", Options(count=50))
    assert "stress-response" in through(mechanisms, "ketamine", "emotional-stability", Options(count=50))


def test_four_routes_each_with_sources_and_what_opens_those_that_do_not_come_by_themselves(
    mechanisms: Mechanisms,
) -> None:
    def route(target: str, entity: str, options: Options) -> Path | None:
        paths = mechanisms.find("ketamine", target, options)
        return next((p for p in paths if entity in [h.object.entity for h in p.hops]), None)

    usual, turned = Options(count=200), Options(count=200, inverted=True)
    routes = {
        "receptor": route("depression", "nmda-receptor", Options()),
        "network": route("depression", "default-mode-network", Options()),
        "stress": route("depression", "hpa-axis", turned),
        "reward": route("negative-emotion", "seeking-system", turned),
    }
    for name, path in routes.items():
        assert path is not None, name
        assert all(hop.sources for hop in path.hops), name
    # What the texts say of stress and reward ends in depression, or its like, by a step turned round alone.
    assert route("depression", "hpa-axis", usual) is None
    assert route("negative-emotion", "seeking-system", usual) is None
    every = Options(count=200, inverted=True, narrower=True, associations=True, generic=True, hypothesised=True)
    assert route("depression", "seeking-system", every) is None, "no document leads from reward to depression"
    for target in ("depression", "negative-emotion"):
        told = {o.option: o.paths for o in mechanisms.list_openings("ketamine", target)}
        base = {tuple(h.proposition for h in p.hops) for p in mechanisms.find("ketamine", target, usual)}
        opened = {tuple(h.proposition for h in p.hops) for p in mechanisms.find("ketamine", target, turned)} - base
        assert told["inverted"] >= len(opened) > 0


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
        if path.join and path.join.sources:
            shared &= {s.document for s in path.join.sources}
        assert (path.standing == "assembled") == (not shared), "an assembled path is said whole by nobody"
