import pytest

from kg.compare.derive import count_independent, find_disagreements, find_related, find_support
from kg.model import Corpus, Disagreement
from tests.invented import corpus, vocabulary


def found(made: Corpus, *kinds: str) -> list[Disagreement]:
    return [d for d in find_disagreements(made, vocabulary()) if not kinds or d.kind in kinds]


def kinds_of(*lines: str) -> set[tuple[str, str, str]]:
    return {(d.kind, d.hardness, d.reach) for d in found(corpus(*lines))}


DISAGREE = {
    "opposite directions": (
        ["a: veltrine increases_activity_of glutanol", "b: veltrine decreases_activity_of glutanol"],
        ("direction", "hard", "between"),
    ),
    "opposite directions, one hedged": (
        ["a: veltrine increases_activity_of glutanol certainty=possible", "b: veltrine decreases_activity_of glutanol"],
        ("direction", "soft", "between"),
    ),
    "opposite directions within one document": (
        ["a: veltrine increases_activity_of glutanol", "a: veltrine decreases_activity_of glutanol"],
        ("direction", "hard", "within"),
    ),
    "opposite by the state of the subject": (
        ["a: glutanol increases_release_of somnin", "b: glutanol:activity:decreased increases_release_of somnin"],
        ("direction", "hard", "between"),
    ),
    "an antagonist of an antagonist": (
        ["a: veltrine:amount:decreased antagonises receptor", "b: veltrine antagonises receptor"],
        ("direction", "hard", "between"),
    ),
    "opposite directions across the hierarchy": (
        ["a: s-veltrine increases_activity_of glutanol", "b: veltrine decreases_activity_of glutanol"],
        ("direction", "soft", "between"),
    ),
    "opposite directions through condition and symptom": (
        [
            "a: insomnia has_symptom yawning",
            "a: veltrine alleviates yawning",
            "b: veltrine exacerbates insomnia",
        ],
        ("direction", "soft", "between"),
    ),
    "a denial": (["a: veltrine treats insomnia", "b: denies veltrine treats insomnia"], ("stance", "hard", "between")),
    "a denial covers narrower objects": (
        ["a: veltrine treats night-terror", "b: denies veltrine treats insomnia"],
        ("stance", "hard", "between"),
    ),
    "a question": (
        ["a: veltrine treats insomnia", "b: questions veltrine treats insomnia"],
        ("stance", "soft", "between"),
    ),
    "a denied association denies every effect": (
        ["a: veltrine causes yawning", "b: denies veltrine associated_with yawning"],
        ("stance", "hard", "between"),
    ),
    "off-label against approved": (
        ["a: veltrine approved_for insomnia agency=fda", "b: veltrine used_off_label_for insomnia"],
        ("stance", "soft", "between"),
    ),
    "an effect against no change": (
        ["a: veltrine increases_level_of somnin", "b: veltrine increases_level_of somnin direction=no_change"],
        ("effect", "hard", "between"),
    ),
    "figures": (
        ["a: veltrine treats insomnia percent=40", "b: veltrine treats insomnia percent=70"],
        ("figure", "hard", "between"),
    ),
    "figures across frames, with another measure": (
        ["a: veltrine treats insomnia percent=40", "b: veltrine treats disorder percent=70 counted=people"],
        ("figure", "soft", "between"),
    ),
    "certainty": (
        ["a: veltrine treats insomnia", "b: veltrine treats insomnia certainty=hypothesised"],
        ("certainty", "soft", "between"),
    ),
    "assessments": (
        [
            "a: assesses veltrine treats insomnia of=amount finding=most",
            "b: assesses veltrine treats insomnia of=amount finding=limited",
        ],
        ("evidence", "hard", "between"),
    ),
    "mechanism known or unknown": (
        [
            "a: assesses veltrine treats insomnia of=mechanism finding=unknown",
            "b: assesses veltrine treats disorder of=mechanism finding=known",
        ],
        ("evidence", "soft", "between"),
    ),
    "routes that contradict": (
        [
            "a: veltrine promotes sleep via=glutanol:activity:increased",
            "b: veltrine promotes sleep via=glutanol:activity:decreased",
        ],
        ("route", "hard", "between"),
    ),
    "routes that differ": (
        [
            "a: veltrine promotes sleep via=glutanol:activity:increased",
            "b: veltrine promotes sleep via=receptor:activity:decreased",
        ],
        ("route", "soft", "between"),
    ),
    "treated here, a risk there": (
        ["a: veltrine treats insomnia", "b: veltrine raises_risk_of insomnia"],
        ("role", "apparent", "between"),
    ),
    "benefit here, harm there": (
        ["a: veltrine causes dreams presented=benefit", "b: veltrine causes dreams presented=harm"],
        ("value", "soft", "between"),
    ),
    "minor here, main there": (
        ["a: veltrine acts_on receptor strength=minor", "b: veltrine acts_on receptor strength=main"],
        ("weight", "soft", "between"),
    ),
    "minor here, the way it works there": (
        ["a: veltrine acts_on receptor strength=minor", "b: veltrine promotes sleep via=receptor:activity"],
        ("weight", "soft", "between"),
    ),
    "opposed causation": (["a: sleep promotes calm", "b: calm promotes sleep"], ("order", "soft", "between")),
    "opposed sequence": (["a: sleep precedes calm", "b: questions calm precedes sleep"], ("order", "soft", "between")),
    "what an effect runs through, against what is said of it": (
        [
            "a: veltrine decreases_activity_of glutanol via=receptor:activity:decreased",
            "b: receptor:activity:decreased increases_activity_of glutanol",
        ],
        ("direction", "soft", "between"),
    ),
    "the same by what two effects run through": (
        [
            "a: veltrine promotes sleep via=glutanol:activity:decreased",
            "b: other promotes sleep via=glutanol:activity:increased",
        ],
        ("direction", "soft", "between"),
    ),
    "enhanced here, lessened there": (
        ["a: talk enhances_effect_of veltrine effect=sleep", "b: talk blocks_effect_of veltrine effect=sleep"],
        ("direction", "hard", "between"),
    ),
    "enhanced here, lessened there perhaps": (
        [
            "a: talk enhances_effect_of veltrine effect=sleep",
            "b: talk blocks_effect_of veltrine effect=sleep certainty=possible",
        ],
        ("direction", "soft", "between"),
    ),
    "more here, less there": (
        ["a: veltrine more_than oldone dimension=cost", "b: veltrine less_than oldone dimension=cost"],
        ("direction", "hard", "between"),
    ),
    "denied of all, asserted of all": (
        ["a: veltrine causes dreams frequency=all", "b: denies veltrine causes dreams frequency=all"],
        ("stance", "hard", "between"),
    ),
    "off-label for the broader, approved for the narrower": (
        ["a: veltrine approved_for night-terror agency=fda", "b: veltrine used_off_label_for insomnia"],
        ("stance", "soft", "between"),
    ),
    "figures in whom the scope says, and the figure": (
        [
            "a: veltrine treats insomnia percent=40 population=adults",
            "b: veltrine treats insomnia percent=70 in_whom=adults",
        ],
        ("figure", "hard", "between"),
    ),
    "figures in different populations": (
        [
            "a: veltrine treats insomnia percent=40 population=adults",
            "b: veltrine treats insomnia percent=70 population=children",
        ],
        ("figure", "soft", "between"),
    ),
    "assessments, one of it in company": (
        [
            "a: assesses veltrine treats insomnia of=amount finding=most",
            "b: assesses veltrine treats insomnia of=amount finding=limited with=talk",
        ],
        ("evidence", "soft", "between"),
    ),
    "from research here, limited there": (
        [
            "a: veltrine treats insomnia voice=research",
            "b: assesses veltrine treats insomnia of=amount finding=limited",
        ],
        ("evidence", "soft", "between"),
    ),
    "safe in one respect, a concern in another": (
        [
            "a: assesses veltrine used_for insomnia of=safety finding=safe",
            "b: assesses veltrine raises_risk_of yawning of=safety finding=concern",
        ],
        ("evidence", "soft", "between"),
    ),
    "safe and a concern in one respect": (
        [
            "a: assesses veltrine used_for insomnia of=safety finding=safe",
            "b: assesses veltrine used_for insomnia of=safety finding=concern",
        ],
        ("evidence", "hard", "between"),
    ),
    "safe here, a concern there for some": (
        [
            "a: assesses veltrine used_for insomnia of=safety finding=safe",
            "b: assesses veltrine used_for insomnia of=safety finding=concern population=young",
        ],
        ("evidence", "soft", "between"),
    ),
    "different aspects": (
        ["a: veltrine increases_level_of glutanol", "b: veltrine decreases_activity_of glutanol"],
        ("aspect", "apparent", "between"),
    ),
}


@pytest.mark.parametrize("name", DISAGREE)
def test_each_kind_of_disagreement_is_found(name: str) -> None:
    lines, expected = DISAGREE[name]
    assert expected in kinds_of(*lines)


AGREE = {
    "the same": ["a: veltrine treats insomnia", "b: veltrine treats insomnia"],
    "treats and alleviates are one answer": ["a: veltrine treats insomnia", "b: veltrine alleviates insomnia"],
    "an unsigned claim beside a signed one": ["a: veltrine acts_on receptor", "b: veltrine antagonises receptor"],
    "another region": [
        "a: veltrine increases_activity_of glutanol region=left-lobe",
        "b: veltrine decreases_activity_of glutanol region=pons",
    ],
    "another population": [
        "a: veltrine increases_activity_of glutanol population=young",
        "b: veltrine decreases_activity_of glutanol population=old",
    ],
    "with and without company": [
        "a: veltrine promotes calm with=talking",
        "b: veltrine suppresses calm without=talking",
    ],
    "another baseline": [
        "a: veltrine decreases_activity_of network baseline=increased",
        "b: veltrine increases_activity_of network baseline=decreased",
    ],
    "reversing is not the opposite of causing": ["a: veltrine reverses scar", "b: veltrine causes scar"],
    "another agency": [
        "a: veltrine approved_for insomnia agency=fda",
        "b: denies veltrine approved_for insomnia agency=who",
    ],
    "an assertion does not cover narrower objects": [
        "a: veltrine treats insomnia",
        "b: denies veltrine treats night-terror",
    ],
    "a denied increase is no decrease": [
        "a: denies veltrine increases_level_of somnin",
        "b: veltrine decreases_level_of somnin",
    ],
    "no change and a denied increase": [
        "a: denies veltrine increases_level_of somnin",
        "b: veltrine increases_level_of somnin direction=no_change",
    ],
    "an opposite subject state with an opposite effect": [
        "a: glutanol increases_release_of somnin",
        "b: glutanol:activity:decreased decreases_release_of somnin",
    ],
    "disorders at large": ["a: veltrine exacerbates disorder certainty=possible", "b: veltrine treats insomnia"],
    "another thing": ["a: veltrine treats insomnia", "b: denies somnin treats insomnia"],
    "assessments of different things": [
        "a: assesses veltrine treats insomnia of=safety finding=safe",
        "b: assesses veltrine treats insomnia of=mechanism finding=unknown",
    ],
    "growing is not much": [
        "a: assesses veltrine treats insomnia of=amount finding=growing",
        "b: assesses veltrine treats insomnia of=amount finding=limited",
    ],
    "good in quality, limited in amount": [
        "a: assesses veltrine treats insomnia of=quality finding=positive",
        "b: assesses veltrine treats insomnia of=amount finding=limited",
    ],
    "from research alone, limited in company": [
        "a: veltrine treats insomnia voice=research",
        "b: assesses veltrine treats insomnia of=amount finding=limited with=talk",
    ],
    "the safety of different things": [
        "a: assesses veltrine used_for insomnia of=safety finding=safe",
        "b: assesses somnin used_for insomnia of=safety finding=concern",
    ],
    "safe in some, a concern in others": [
        "a: assesses veltrine used_for insomnia of=safety finding=safe population=old",
        "b: assesses veltrine used_for insomnia of=safety finding=concern population=young",
    ],
    "two questions": ["a: questions sleep precedes calm", "b: questions calm precedes sleep"],
    "what goes together goes together both ways": [
        "a: sleep:occurrence:increased associated_with calm:occurrence:increased",
        "b: calm:occurrence:increased causes sleep",
    ],
    "not always, but perhaps": [
        "a: veltrine causes dreams certainty=possible",
        "b: denies veltrine causes dreams frequency=all",
    ],
    "not in all, but in some": [
        "a: veltrine causes dreams frequency=some",
        "b: denies veltrine causes dreams extent=all",
    ],
    "left open whether always": ["a: veltrine causes dreams", "b: questions veltrine causes dreams frequency=all"],
    "a contradiction that the curator looked at": [
        "a: veltrine causes dreams",
        "a: denies veltrine causes dreams acknowledge=contradiction",
    ],
    "off-label for some of the broader, approved for the narrower": [
        "a: veltrine approved_for night-terror agency=fda",
        "b: veltrine used_off_label_for insomnia extent=some",
    ],
    "different in one dimension, not in another": [
        "a: veltrine differs_from oldone dimension=mechanism",
        "b: denies veltrine differs_from oldone dimension=target",
    ],
    "another effect is blocked": [
        "a: talk blocks_effect_of veltrine effect=sleep",
        "b: denies talk blocks_effect_of veltrine effect=calm",
    ],
    "one effect enhanced, another lessened": [
        "a: talk enhances_effect_of veltrine effect=sleep",
        "b: talk blocks_effect_of veltrine effect=calm",
    ],
    "more in one dimension, less in another": [
        "a: veltrine more_than oldone dimension=cost",
        "b: veltrine less_than oldone dimension=weight",
    ],
    "more than the one, less than the other": [
        "a: veltrine more_than oldone dimension=cost",
        "b: veltrine less_than newone dimension=cost",
    ],
    "may happen, and is brief": [
        "a: veltrine has_side_effect yawning certainty=possible frequency=rare",
        "b: veltrine has_side_effect yawning duration=brief",
    ],
    "surely alone, perhaps in company": [
        "a: veltrine treats insomnia",
        "b: veltrine treats insomnia certainty=possible with=talk",
    ],
    "different in one dimension, perhaps in another": [
        "a: veltrine differs_from oldone dimension=mechanism",
        "b: veltrine differs_from oldone dimension=target certainty=possible",
    ],
    "a recommendation": ["a: recommends veltrine used_with talking", "b: veltrine used_with talking"],
}


@pytest.mark.parametrize("name", AGREE)
def test_what_only_looks_like_a_disagreement_is_none(name: str) -> None:
    assert not [d for d in found(corpus(*AGREE[name])) if d.hardness != "apparent" and d.kind != "route"]


def test_a_denial_that_only_another_document_looked_at_stands() -> None:
    lines = ["a: veltrine causes dreams", "b: denies veltrine causes dreams acknowledge=contradiction"]
    assert found(corpus(*lines), "stance")


def test_a_loop_that_a_document_joins_itself_is_no_contradiction() -> None:
    lines = ["a: sleep promotes calm", "a: calm promotes sleep"]
    assert found(corpus(*lines), "order")
    assert not found(corpus(*lines, chains={"a": [0, 1]}), "order")


def test_chains_compose_end_to_end_and_meet_direct_claims() -> None:
    made = corpus(
        "a: veltrine antagonises receptor",
        "a: receptor:activity:decreased decreases_level_of somnin",
        "b: veltrine increases_level_of somnin",
        chains={"a": [0, 1]},
    )
    (one,) = found(made, "direction")
    assert (one.frame.subject, one.frame.object) == ("veltrine", "somnin")
    assert "end to end" in one.because
    assert len(one.between) == 3


def test_a_chain_whose_states_do_not_join_composes_to_nothing() -> None:
    made = corpus(
        "a: veltrine antagonises receptor",
        "a: receptor decreases_level_of somnin",
        "b: veltrine increases_level_of somnin",
        chains={"a": [0, 1]},
    )
    assert not found(made, "direction")


def test_reasons_are_made_from_the_data() -> None:
    (one, *_) = found(corpus(*DISAGREE["opposite directions"][0]), "direction")
    assert one.because == "veltrine on glutanol: function rises in a (stated), falls in b (stated)."


REASONS = {
    "only one end has an aspect": (
        [
            "a: sleep:occurrence:increased associated_with calm::increased",
            "b: sleep:occurrence:increased associated_with calm::decreased",
        ],
        "calm on sleep: occurrence rises in a (stated), falls in b (stated).",
    ),
    "neither end has an aspect": (
        ["a: sleep::increased associated_with calm::increased", "b: calm::increased associated_with sleep::decreased"],
        "calm on sleep: rises in a (stated), falls in b (stated).",
    ),
    "what both say of a lowered subject": (
        [
            "a: veltrine decreases_activity_of glutanol via=receptor:activity:decreased",
            "b: receptor:activity:decreased increases_activity_of glutanol",
        ],
        "lowered receptor on glutanol: function rises in b (stated), falls in a (stated, as a means).",
    ),
    "enhanced and lessened": (
        ["a: talk enhances_effect_of veltrine effect=sleep", "b: talk blocks_effect_of veltrine effect=sleep"],
        "talk on veltrine (sleep): effect enhanced in a (stated), effect lessened in b (stated).",
    ),
    "more and less": (
        ["a: veltrine more_than oldone dimension=cost", "b: veltrine less_than oldone dimension=cost"],
        "oldone beside veltrine (cost): more in b (stated), less in a (stated).",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_reasons_of_directions(name: str) -> None:
    lines, because = REASONS[name]
    assert because in [d.because for d in found(corpus(*lines), "direction")]


def test_the_reason_of_a_figure_says_what_else_differs() -> None:
    lines = ["a: veltrine treats insomnia percent=40 population=adults dose=low"]
    lines += ["b: veltrine treats insomnia percent=70 population=children dose=high"]
    (one,) = found(corpus(*lines), "figure")
    assert (
        one.because
        == "40 percent (nights) in a; 70 percent (nights) in b; the population differs and the dose differs."
    )


def test_opposed_aspects_are_told_class_by_class() -> None:
    made = corpus(
        "a: veltrine increases_level_of glutanol",
        "b: veltrine increases_activity_of glutanol",
        "c: veltrine decreases_activity_of glutanol",
    )
    (one,) = found(made, "aspect")
    assert [{c.document for c in side} for side in one.sides] == [{"a"}, {"c"}]


def test_the_most_serious_come_first() -> None:
    made = corpus(*(line for lines, _ in DISAGREE.values() for line in lines))
    order = list(vocabulary().values("hardness"))
    hardness = [order.index(d.hardness) for d in found(made)]
    assert hardness == sorted(hardness)


def test_independent_sources_count_a_shared_work_once() -> None:
    assert count_independent([("a", ""), ("b", "")]) == 2
    assert count_independent([("a", "marlow"), ("b", "marlow")]) == 1
    assert count_independent([("a", "marlow"), ("b", "marlow"), ("b", "other"), ("c", "other")]) == 1
    assert count_independent([("a", "marlow"), ("b", "other")]) == 2


def test_support_counts_who_takes_a_proposition_up() -> None:
    made = corpus(
        "a: veltrine treats insomnia work=marlow",
        "b: veltrine treats insomnia work=marlow",
        "c: veltrine treats insomnia",
        "d: denies veltrine treats insomnia",
        "e: questions veltrine treats insomnia",
        "f: veltrine treats insomnia certainty=hypothesised",
        cites={"c": ("marlow",)},
    )
    (one,) = find_support(made)
    assert one.asserted == ("a", "b", "c")
    assert (one.denied, one.questioned) == (("d",), ("e",))
    assert one.independent == 2
    assert one.possibly_dependent == (("c", "a"), ("c", "b"))


def test_support_counts_who_says_the_same_by_another_proposition() -> None:
    made = corpus(
        "a: veltrine treats insomnia work=marlow",
        "b: veltrine alleviates insomnia work=marlow",
        "b: veltrine treats insomnia population=old",
        "c: veltrine alleviates insomnia certainty=hypothesised",
        "d: veltrine exacerbates insomnia",
        "e: denies veltrine treats insomnia",
    )
    support = {(s.proposition.relation, s.proposition.scope): (s.independent, s.agreeing) for s in find_support(made)}
    assert support == {
        ("treats", ()): (1, 2),
        ("alleviates", ()): (1, 2),
        ("treats", (("population", "old"),)): (1, 2),
        ("exacerbates", ()): (1, 1),
    }


def test_neighbours_that_differ_in_scope_alone_are_related_and_do_not_disagree() -> None:
    made = corpus(
        "a: veltrine treats insomnia population=young",
        "b: veltrine treats insomnia population=old",
        "b: veltrine treats insomnia",
        "c: somnin treats insomnia",
    )
    assert [{p.subject.entity for p in pair} for pair in find_related(made)] == [{"veltrine"}, {"veltrine"}]
    assert found(made) == []
