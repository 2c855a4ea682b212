from pathlib import Path

import pytest

from kg.corpus.propositions import compose, parse_variable
from kg.corpus.rows import ClaimRow
from kg.model import Proposition
from kg.settings import Settings
from kg.vocabulary import Vocabulary, read_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    settings = Settings()
    return read_vocabulary(settings.ontology, settings.base)


def proposition(vocabulary: Vocabulary, subject: str, relation: str, object_: str, **more: object) -> Proposition:
    row = {"statement": "x", "phrase": "x", "at": [0, 1], "subject": subject, "relation": relation, "object": object_}
    return compose(ClaimRow.model_validate({**row, **more}), vocabulary)


def test_a_named_state_and_its_variable_are_one(vocabulary: Vocabulary) -> None:
    named = proposition(vocabulary, "nmda-receptor-inhibition", "increases_release_of", "bdnf")
    spelled = proposition(vocabulary, "nmda-receptor:activity:decreased", "increases_release_of", "bdnf:release")
    assert named.id == spelled.id
    assert parse_variable("bdnf-release", vocabulary).name == "bdnf:release"


@pytest.mark.parametrize(
    ("subject", "relation", "object_", "more", "direction", "sign", "delivered"),
    [
        ("a", "antagonises", "r", {}, "decrease", -1, "r:activity:decreased"),
        ("a:activity:decreased", "increases_level_of", "g", {}, "increase", -1, "g:amount:increased"),
        ("a:activity:decreased", "decreases_level_of", "g", {}, "decrease", 1, "g:amount:decreased"),
        ("a:activity:abnormal", "contributes_to", "s", {}, "increase", 0, "s:occurrence:increased"),
        ("a", "causes", "d:severity:decreased", {}, "decrease", -1, "d:severity:decreased"),
        ("a", "treats", "d", {}, "decrease", -1, "d:severity:decreased"),
        ("a", "exacerbates", "d", {}, "increase", 1, "d:severity:increased"),
        ("a", "disrupts", "n", {}, "unspecified", 0, "n:activity"),
        ("a", "disrupts", "n", {"baseline": "increased"}, "decrease", -1, "n:activity:decreased"),
        ("a", "disrupts", "n:activity:increased", {}, "decrease", -1, "n:activity:decreased"),
        ("a", "normalises", "h", {}, "to_normal", 0, "h:amount:normal"),
        ("a", "normalises", "h", {"baseline": "increased"}, "to_normal", -1, "h:amount:normal"),
        ("a", "normalises", "h", {"baseline": "decreased"}, "to_normal", 1, "h:amount:normal"),
        ("a", "decreases_activity_of", "n:connectivity:increased", {}, "decrease", -1, "n:connectivity:decreased"),
        ("a", "increases_level_of", "g", {"direction": "no_change"}, "no_change", 0, "g:amount"),
        ("a", "acts_on", "r", {}, "unspecified", 0, "r:activity"),
        ("a", "used_for", "d", {}, "", 0, "d"),
        ("a", "raises_risk_of", "d", {}, "increase", 1, "d:incidence:increased"),
    ],
)  # fmt: skip
def test_states_directions_and_signs(
    vocabulary: Vocabulary,
    subject: str,
    relation: str,
    object_: str,
    more: dict[str, str],
    direction: str,
    sign: int,
    delivered: str,
) -> None:
    made = proposition(vocabulary, subject, relation, object_, **more)
    assert (made.direction, made.sign, made.object.name) == (direction, sign, delivered)


def test_an_association_has_a_sign_only_when_both_ends_have_states(vocabulary: Vocabulary) -> None:
    assert proposition(vocabulary, "a", "associated_with", "b").sign == 0
    both = proposition(vocabulary, "b:activity:increased", "associated_with", "a:severity:increased")
    assert both.sign == 1
    assert both.subject.name == "a:severity:increased", "the ends of a symmetric relation are sorted"


def test_less_than_is_more_than_with_its_ends_swapped(vocabulary: Vocabulary) -> None:
    less = proposition(vocabulary, "a", "less_than", "b", dimension="cost")
    assert less.id == proposition(vocabulary, "b", "more_than", "a", dimension="cost").id


def test_scope_is_sorted_and_roles_are_not(vocabulary: Vocabulary) -> None:
    scope = {"region": ["y", "x"], "dose": "high"}
    turned = {"dose": "high", "region": ["x", "y"]}
    one, two = (proposition(vocabulary, "a", "causes", "b", scope=s) for s in (scope, turned))
    assert one.id == two.id
    assert one.id != proposition(vocabulary, "b", "causes", "a", scope=scope).id
    assert one.id != proposition(vocabulary, "a", "causes", "b").id


def test_the_ontology_names_no_entity_of_a_relation_or_kind() -> None:
    for name in ("relations", "kinds", "values", "hedges", "vocab"):
        assert "ketamine" not in (Path(Settings().ontology) / f"{name}.ttl").read_text()
