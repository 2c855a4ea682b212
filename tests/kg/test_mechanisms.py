"""Paths over small invented corpora, through a real store; and their order, over networks that are drawn."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path as File
from random import Random
from typing import Any

import pytest

from kg.check import _write
from kg.errors import LimitError, NotFoundError
from kg.mechanisms.hops import Hop, Source, State, grade
from kg.mechanisms.paths import Mechanisms, Options, Path, load_mechanisms
from kg.names import Names
from kg.query import read_queries
from kg.settings import DEFAULT_BASE
from kg.stores.embedded import EmbeddedStore
from tests.invented import corpus, vocabulary

CERTAINTIES = ("stated", "probable", "possible", "hypothesised")


def load(*lines: str, chains: dict[str, list[int]] | None = None) -> Mechanisms:
    store = EmbeddedStore.in_memory()
    names = Names(DEFAULT_BASE)
    store.load(_write(corpus(*lines, chains=chains), vocabulary(), names))
    return load_mechanisms(store, read_queries(), vocabulary(), names)


def steps(path: Path) -> list[str]:
    return [f"{h.object.entity} {h.object.state}" for h in path.hops]


LINES = [
    "a: veltrine antagonises receptor",
    "b: receptor:activity:decreased increases_release_of somnin",
    "c: somnin promotes sleep",
]


def test_states_join_and_signs_multiply() -> None:
    (path,) = load(*LINES).find("veltrine", "sleep")
    assert steps(path) == ["receptor decreased", "somnin increased", "sleep increased"]
    assert (path.sign, path.certainty, path.standing) == (1, "stated", "assembled")
    assert [sorted(h.documents) for h in path.hops] == [["a"], ["b"], ["c"]]
    assert all(h.sources[0].statement for h in path.hops)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            ["a: veltrine antagonises receptor", "b: receptor increases_release_of somnin"],
            "a lowered state does not carry",
        ),
        (
            ["a: veltrine antagonises receptor", "b: receptor:activity:increased increases_release_of somnin"],
            "opposite",
        ),
        (
            ["a: veltrine increases_level_of glutanol", "b: glutanol:activity:increased increases_release_of somnin"],
            "aspects",
        ),
        (["a: veltrine acts_on receptor", "b: receptor increases_release_of somnin"], "unsigned"),
        (["a: veltrine modulates receptor", "b: receptor increases_release_of somnin"], "unsigned"),
        (["a: veltrine associated_with receptor", "b: receptor increases_release_of somnin"], "a bare association"),
        (["a: denies veltrine activates receptor", "b: receptor increases_release_of somnin"], "denied"),
        (["a: recommends veltrine causes receptor", "b: receptor increases_release_of somnin"], "recommended"),
        (
            ["a: veltrine activates receptor certainty=hypothesised", "b: receptor increases_release_of somnin"],
            "hypothesis",
        ),
        (["a: veltrine activates disorder", "b: disorder increases_release_of somnin"], "generic"),
        (
            ["a: veltrine activates receptor", "b: receptor increases_release_of somnin region=left-lobe"],
            "narrower region",
        ),
        (
            ["a: veltrine activates receptor", "b: receptor increases_release_of somnin without=talking"],
            "needs absence",
        ),
        (
            ["a: veltrine activates receptor direction=no_change", "b: receptor increases_release_of somnin"],
            "no change",
        ),
        (["a: sleep activates receptor", "b: receptor increases_release_of somnin"], "another source"),
    ],
)
def test_what_does_not_join_gives_no_path(lines: list[str], why: str) -> None:
    assert load(*lines).find("veltrine", "somnin") == [], why


@pytest.mark.parametrize(
    ("lines", "options", "note"),
    [
        (
            ["a: veltrine antagonises receptor", "b: receptor increases_release_of somnin"],
            Options(inverted=True),
            "read-through",
        ),
        (
            ["a: veltrine antagonises receptor", "b: receptor:activity:increased increases_release_of somnin"],
            Options(inverted=True),
            "inverted",
        ),
        (
            ["a: veltrine activates receptor certainty=hypothesised", "b: receptor increases_release_of somnin"],
            Options(hypothesised=True),
            "",
        ),
        (["a: veltrine activates disorder", "b: disorder increases_release_of somnin"], Options(generic=True), ""),
        (
            [
                "a: veltrine activates insomnia",
                "b: night-terror increases_release_of somnin",
                "c: disorder causes insomnia",
            ],
            Options(narrower=True),
            None,
        ),
        (
            ["a: veltrine associated_with receptor", "b: receptor increases_release_of somnin"],
            Options(associations=True),
            "association",
        ),
    ],
)
def test_what_is_off_by_default_is_labelled_when_asked_for(
    lines: list[str], options: Options, note: str | None
) -> None:
    paths = load(*lines).find("veltrine", "somnin", options)
    if note is None:
        assert paths == [], "a narrower cause is not taken up by a broader state"
        return
    assert paths
    assert note in [h.note for h in paths[0].hops]
    if note in ("read-through", "inverted"):
        assert paths[0].sign == -1


def test_two_antagonists_in_a_row_raise() -> None:
    made = load(
        "a: veltrine antagonises receptor",
        "a: receptor:activity:decreased decreases_level_of blocker",
        "a: blocker:amount:decreased increases_level_of somnin",
    )
    (path,) = made.find("veltrine", "somnin")
    assert path.sign == 1
    assert path.standing == "single-source"


def test_a_stated_chain_makes_a_stated_path_and_joins_aspects() -> None:
    lines = ["a: veltrine increases_level_of glutanol", "a: glutanol:activity:increased promotes sleep"]
    assert load(*lines).find("veltrine", "sleep") == []
    (path,) = load(*lines, chains={"a": [0, 1]}).find("veltrine", "sleep")
    assert path.standing == "stated"


def test_via_gives_the_steps_that_the_text_names() -> None:
    (path,) = load("a: veltrine promotes sleep via=receptor:activity:decreased,somnin:release:increased").find(
        "veltrine", "sleep"
    )
    assert steps(path) == ["receptor decreased", "somnin increased", "sleep increased"]
    assert path.standing == "stated"
    assert {s.claim for h in path.hops for s in h.sources} == {path.hops[0].sources[0].claim}


def test_a_denied_end_to_end_question_closes_the_path() -> None:
    assert load(*LINES, "d: denies veltrine promotes sleep").find("veltrine", "sleep") == []
    others = Options(documents=frozenset("abc"))
    assert len(load(*LINES, "d: denies veltrine promotes sleep").find("veltrine", "sleep", others)) == 1


def test_a_denial_closes_its_own_sign_and_what_is_narrower() -> None:
    lowered = load("a: veltrine suppresses yawning", "b: denies veltrine causes yawning")
    assert [p.sign for p in lowered.find("veltrine", "yawning")] == [-1]
    narrower = ["a: veltrine alleviates night-terror", "b: denies veltrine alleviates insomnia"]
    assert load(*narrower).find("veltrine", "night-terror") == []


def test_what_is_needed_carries_only_its_lack() -> None:
    needed = "b: somnin required_for sleep"
    assert load("a: veltrine increases_level_of somnin", needed).find("veltrine", "sleep") == []
    (path,) = load("a: veltrine decreases_level_of somnin", needed).find("veltrine", "sleep")
    assert (steps(path), path.sign) == (["somnin decreased", "sleep decreased"], -1)


def test_steps_of_different_cases_do_not_join() -> None:
    mice = "a: veltrine increases_level_of somnin species=lobe"
    assert len(load(mice, "b: somnin promotes sleep species=lobe").find("veltrine", "sleep")) == 1
    assert load(mice, "b: somnin promotes sleep species=insomnia").find("veltrine", "sleep") == []
    both = "a: veltrine increases_level_of somnin species=lobe,insomnia"
    for one in ("lobe", "insomnia"):
        assert len(load(both, f"b: somnin promotes sleep species={one}").find("veltrine", "sleep")) == 1
    assert load(both, "b: somnin promotes sleep species=receptor").find("veltrine", "sleep") == []
    (path,) = load("a: veltrine increases_level_of somnin after=insomnia").find("veltrine", "somnin")
    assert path.hops[0].scope == (("after", "insomnia"),)


def test_ranked_by_certainty_then_support_then_length() -> None:
    made = load(
        "a: veltrine promotes sleep certainty=possible",
        "a: veltrine activates receptor",
        "a: receptor promotes sleep",
        "a: veltrine increases_level_of glutanol",
        "b: veltrine increases_level_of glutanol",
        "a: glutanol promotes sleep",
        "b: glutanol promotes sleep",
    )
    paths = made.find("veltrine", "sleep")
    assert [steps(p)[0] for p in paths] == ["glutanol increased", "receptor increased", "sleep increased"]
    assert [p.support for p in paths] == [2, 1, 1]
    assert [p.certainty for p in paths] == ["stated", "stated", "possible"]


def test_support_counts_a_shared_work_once() -> None:
    (path,) = load("a: veltrine promotes sleep work=marlow", "b: veltrine promotes sleep work=marlow").find(
        "veltrine", "sleep"
    )
    assert path.support == 1


def test_options_choose_documents_kinds_length_and_contested_hops() -> None:
    made = load(*LINES, "d: veltrine activates receptor")
    assert made.find("veltrine", "sleep", Options(documents=frozenset("ab"))) == []
    assert made.find("veltrine", "sleep", Options(longest=2)) == []
    with pytest.raises(NotFoundError, match="there is no kind 'Receptor'"):
        made.find("veltrine", "sleep", Options(through=frozenset({"Receptor"})))
    assert len(made.find("veltrine", "sleep", Options(through=frozenset({"Condition"})))) == 1
    (path,) = made.find("veltrine", "sleep")
    assert path.hops[0].contested == ("direction",)
    assert made.find("veltrine", "sleep", Options(contested=False)) == []
    hedged = load("a: veltrine promotes sleep certainty=possible")
    assert hedged.find("veltrine", "sleep", Options(hedged=False)) == []


def test_a_region_may_stay_or_widen() -> None:
    lines = ["a: veltrine activates receptor region=left-lobe", "b: receptor promotes sleep region=lobe"]
    assert len(load(*lines).find("veltrine", "sleep")) == 1
    (hop, _) = load(*lines).find("veltrine", "sleep")[0].hops
    assert (hop.region, hop.certainty, hop.support) == ("left-lobe", "stated", 1)


def test_a_symptom_that_a_document_names_counts_as_the_condition() -> None:
    made = load("a: veltrine alleviates yawning", "b: insomnia has_symptom yawning")
    (path,) = made.find("veltrine", "insomnia")
    assert path.join is not None and [s.document for s in path.join.sources] == ["b"]
    assert path.standing == "assembled", "that yawning is a symptom is said by another document"
    assert made.find("veltrine", "insomnia", Options(symptoms=False)) == []
    assert made.find("veltrine", "insomnia", Options(documents=frozenset("a"))) == []


def test_upstream_and_downstream() -> None:
    made = load(*LINES)
    assert [h.object.entity for h in made.neighbours("veltrine", "downstream")] == ["receptor"]
    assert [h.subject.entity for h in made.neighbours("sleep", "upstream")] == ["somnin"]


def test_unknown_entities_are_told_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="nearest: veltrine"):
        load(*LINES).find("veltrin", "sleep")
    with pytest.raises(NotFoundError, match="nearest: sleep"):
        load(*LINES).neighbours("slep", "upstream")


def test_a_search_that_comes_to_its_bound_gives_the_surest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made = load(*LINES, "a: veltrine promotes sleep", "a: veltrine promotes sleep certainty=possible after=insomnia")
    whole = made.find("veltrine", "sleep")
    assert (len(whole), whole.stopped) == (2, "")
    monkeypatch.setattr("kg.mechanisms.paths.STEPS", 8)
    found = made.find("veltrine", "sleep")
    assert found == whole[:1]
    assert found.stopped.startswith("steps: ") and found.stopped.endswith("others may follow")
    monkeypatch.setattr("kg.mechanisms.paths.STEPS", 1)
    with pytest.raises(LimitError, match=r"steps: .* ask for shorter paths"):
        made.find("veltrine", "sleep")


def test_no_entity_is_met_twice_the_source_neither() -> None:
    made = load("a: veltrine increases_level_of somnin", "a: somnin activates veltrine", "a: veltrine promotes sleep")
    assert [steps(p) for p in made.find("veltrine", "sleep")] == [["sleep increased"]]
    assert [steps(p) for p in made.find("veltrine", "veltrine")] == [["somnin increased", "veltrine increased"]]


def test_each_option_that_alone_would_open_more_is_told() -> None:
    made = load(
        "a: veltrine promotes sleep",
        "a: veltrine antagonises receptor",
        "a: receptor promotes sleep",
        "a: veltrine increases_level_of somnin certainty=hypothesised",
        "a: somnin promotes sleep",
    )
    found = made.list_openings("veltrine", "sleep")
    assert [(o.option, o.paths, o.more) for o in found] == [("hypothesised", 1, False), ("inverted", 1, False)]
    for opening in found:
        more: dict[str, Any] = {opening.option: True}
        assert len(made.find("veltrine", "sleep", Options(**more))) == 1 + opening.paths
        assert opening.option not in [o.option for o in made.list_openings("veltrine", "sleep", Options(**more))]
    assert made.list_openings("somnin", "sleep") == []


def test_a_look_at_what_an_option_opens_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    made = load("a: veltrine antagonises receptor", "a: receptor promotes sleep", "b: receptor causes sleep")
    (whole,) = made.list_openings("veltrine", "sleep")
    assert (whole.option, whole.paths, whole.more) == ("inverted", 2, False)
    monkeypatch.setattr("kg.mechanisms.paths.COUNTED", 1)
    (counted,) = made.list_openings("veltrine", "sleep")
    assert (counted.paths, counted.more) == (1, True)
    monkeypatch.setattr("kg.mechanisms.paths.LOOK", 1)
    assert made.list_openings("veltrine", "sleep") == []


@pytest.mark.parametrize("seed", range(40))
def test_the_order_is_that_of_all_paths_ranked(seed: int) -> None:
    dice = Random(seed)
    hops, entities = draw_hops(dice, 90)
    made = Mechanisms(vocabulary(), hops, entities, {}, [], {})
    options = Options(
        count=1000, longest=4, narrower=False, documents=frozenset("abc") if seed % 3 == 0 else frozenset()
    )
    expected = rank_all(hops, options)
    found = made.find("e0", "e7", options)
    assert [tuple(h.proposition for h in path.hops) for path in found] == expected
    for count in (1, 3, 10):
        assert made.find("e0", "e7", replace(options, count=count)) == found[:count]


def draw_hops(dice: Random, count: int) -> tuple[list[Hop], dict[str, dict[str, Any]]]:
    """Return hops between eight entities, each stated by up to four claims."""
    entities = {f"e{n}": {"label": "", "kind": "Receptor", "generic": False, "broader": []} for n in range(8)}
    hops = []
    for number in range(count):
        begin, end = dice.sample(sorted(entities), 2)
        sources = tuple(
            Source(f"c{number}-{n}", dice.choice("abcd"), dice.choice(CERTAINTIES), "", dice.choice(("", "smith")))
            for n in range(dice.choice((1, 1, 2, 4)))
        )
        given, delivered = (State(e, "", dice.choice(("increased", "increased", "decreased"))) for e in (begin, end))
        ranks = {c: n for n, c in enumerate(CERTAINTIES)}
        hops.append(
            Hop(f"p{dice.random()}", given, False, "causes", delivered, "", 1, (), sources, **grade(sources, ranks))
        )
    return hops, entities


def rank_all(hops: list[Hop], options: Options) -> list[tuple[str, ...]]:
    """Return the propositions of all paths from e0 to e7, ranked, the long way: every way is tried, then sorted."""
    ranks = {c: n for n, c in enumerate(CERTAINTIES)}
    fit = []
    for hop in hops:
        kept = tuple(
            s for s in hop.sources
            if s.certainty != "hypothesised" and (not options.documents or s.document in options.documents)
        )  # fmt: skip
        if kept:
            fit.append(replace(hop, sources=kept, **grade(kept, ranks)))

    def worth(hop: Hop) -> tuple[int, int, str]:
        return ranks[hop.certainty], -hop.support, hop.proposition

    found = set()
    todo: list[tuple[State, ...]] = [(State("e0"),)]
    while todo:
        nodes = todo.pop()
        if nodes[-1].entity == "e7":
            between = [[h for h in fit if (h.subject, h.object) == pair] for pair in pairwise(nodes)]
            for only in ("", *"abcd"):
                told = [[h for h in step if not only or only in h.documents] for step in between]
                if all(told):
                    found.add(tuple(min(step, key=worth) for step in told))
        elif len(nodes) <= options.longest:
            met = {node.entity for node in nodes}
            todo += [
                (*nodes, node) for node in {h.object for h in fit if h.subject == nodes[-1]} if node.entity not in met
            ]
    ranked = sorted(
        found,
        key=lambda path: (
            max(ranks[h.certainty] for h in path), -min(h.support for h in path), len(path),
            [h.proposition for h in path],
        ),
    )  # fmt: skip
    return [tuple(h.proposition for h in path) for path in ranked]


def test_no_hop_is_shown_that_no_claim_states(tmp_path: File) -> None:
    made = load(*LINES, "a: veltrine promotes sleep via=glutanol:activity:increased")
    for path in made.find("veltrine", "sleep", Options(inverted=True, associations=True, narrower=True)):
        assert all(h.sources for h in path.hops)
