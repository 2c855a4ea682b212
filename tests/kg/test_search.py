"""The search index against what a scan finds, and all that people type."""

import json
import os
import sqlite3
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kg.errors import LimitError, QueryError, StoreError
from kg.model import Anchor, Corpus, Entity, Match, Work
from kg.names import Names
from kg.query import ask_table, read_queries
from kg.rdf.write import write_corpus
from kg.search.connections import lend_connection
from kg.search.find import KINDS, MAX_WORDS, RANKED, Index, open_index
from kg.search.index import FORM, write_index
from kg.search.named import find_named
from kg.search.words import fold_text, read_words, split_compounds
from kg.settings import Settings
from kg.stores.connect import Build
from kg.stores.embedded import EmbeddedStore
from tests import invented

QUERIES = read_queries()
NAMES = Names(Settings().base)


def scan(store: EmbeddedStore, words: str) -> set[str]:
    """Return the claims that SPARQL CONTAINS finds."""
    rows = ask_table(store, QUERIES["search"].bind({"words": words}, NAMES)).rows
    return {r["thing"].rpartition("/")[2] for r in rows if r["type"] == "claim"}


def everything(index: Index, words: str, kind: str = "claim") -> set[str]:
    return {hit.id for hit in index.find(words, 10_000, 0, [kind]).items}


def titles(index: Index, words: str, **choice: object) -> list[str]:
    return [hit.title for hit in index.find(words, **choice).items]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tiny(built: tuple[Settings, Build]) -> Index:
    return open_index(built[1], QUERIES, 10.0)


SIDES = ["marrowine", "TNF-α", "quellin", "β-tidal waves", "short-term calm", "Örsted’s glow", "nightfall"]
VERBS = ["lowers", "raises", "may restore", "follows", "unsettles", "sharpens"]
PLACES = ["in the lower lobe", "after dusk", "among divers", "within 0.5 hours", "in re-tested cats", "at 5-HTX sites"]


def many() -> Corpus:
    """Some hundred claims in invented words, about six entities."""
    base = invented.corpus("tale: marrowine promotes quellin", "other: quellin promotes nightfall")
    pattern = next(base.claims)
    claims = [
        replace(
            pattern, statement=f"{a.capitalize()} {verb} {b} {place}.", anchor=Anchor(n * 9, n * 9 + 8, f"{verb} {b}")
        )
        for n, (a, verb, b, place) in enumerate(product(SIDES, VERBS, SIDES, PLACES))
        if a != b and n % 5 < 2
    ]
    entities = base.entities | {
        "marrowine": Entity("marrowine", "Substance", "marrowine", ("Night Salt", "marrowin"), matches=(
            Match("CHEBI:999999", "marrowinum", "exact", "invented"),)),
        "quellin": Entity("quellin", "Protein", "quellin"),
        "quellin-receptor": Entity("quellin-receptor", "Receptor", "quellin receptor", ("TNF-α receptor",)),
        "anti-quellin": Entity("anti-quellin", "Substance", "antiquellin"),
    }  # fmt: skip
    works = {
        "w": Work("w", "Quellin at night", "journal-article", creator=("Östlund, B.",), issued="2019", doi="10.1/x")
    }
    documents = {d.id: replace(d, claims=tuple(claims) if d.id == "tale" else ()) for d in base.documents.values()}
    documents["tale"] = replace(
        documents["tale"], title="The Tale of Dusk", creator=("Ana Mörk",), publisher="Quiet House"
    )
    return Corpus(entities, works, documents)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return many()


@pytest.fixture(scope="module")
def index(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("search") / "search.sqlite"
    write_index(path, corpus, invented.vocabulary())
    return Index(path, QUERIES)


@pytest.fixture(scope="module")
def store(corpus: Corpus) -> EmbeddedStore:
    store = EmbeddedStore.in_memory()
    store.load(sorted(write_corpus(corpus, invented.vocabulary(), NAMES)))
    return store


# The same as a scan finds


def plain_words(texts: list[str]) -> set[str]:
    """Return whole words as they are written, without hyphens, accents or Greek letters: what a scan can find."""
    words = {w.text for text in texts for w in read_words(text)}
    return {w for w in words if w.isascii() and len(w) > 2 and any(w in text.lower() for text in texts)}


def test_single_words_find_the_claims_that_a_scan_finds(index: Index, store: EmbeddedStore, corpus: Corpus) -> None:
    claims = {c.id: c for c in corpus.claims}
    assert len(claims) > 500
    words = plain_words([c.statement for c in claims.values()])
    assert {"marrowine", "lobe", "unsettles", "waves"} <= words
    for word in words:
        scanned, found = scan(store, word), everything(index, word)
        assert scanned <= found, word
        for extra in found - scanned:  # found by the labels of what it speaks of, across a hyphen, or by the singular
            shown = f"{claims[extra].statement} marrowine promotes quellin"
            assert word.removesuffix("s") in " ".join(fold_text(shown)), (word, shown)


def test_single_words_find_the_claims_of_the_tiny_corpus(tiny: Index, built: tuple[Settings, Build]) -> None:
    store = EmbeddedStore.in_memory()
    store.load(built[1].quads.read_text(encoding="utf-8").splitlines(keepends=True))
    rows = ask_table(store, QUERIES["search"].bind({"words": ""}, NAMES)).rows
    words = plain_words([r["label"] for r in rows if r["type"] == "claim"])
    assert len(words) > 40
    for word in words:
        assert scan(store, word) <= everything(tiny, word), word


# What people type


def test_an_entity_of_this_name_comes_first_then_longer_names(index: Index) -> None:
    found = index.find("quellin", limit=3).items
    assert [(h.kind, h.id) for h in found[:2]] == [("entity", "quellin"), ("entity", "quellin-receptor")]
    assert (found[0].title_ranges, found[0].note) == ([(0, 7)], "protein")
    assert index.find("night salt", limit=1).items[0].id == "marrowine"


@pytest.mark.parametrize("typed", ["Night Salt", "CHEBI:999999", "marrowinum", "NIGHT  salt", "marrowin"])
def test_every_label_and_identifier_finds_its_entity(index: Index, typed: str) -> None:
    first = index.find(typed).items[0]
    assert (first.kind, first.id) == ("entity", "marrowine")
    assert "".join(first.snippet[a:b] for a, b in first.ranges) or first.title_ranges


@pytest.mark.parametrize("typed", ["TNF-α", "tnf-alpha", "TNFα", "tnfalpha", "TNFALPHA", "tnf alpha", "Tnf‑Α"])
def test_greek_letters_hyphens_and_case_are_folded(index: Index, typed: str) -> None:
    assert everything(index, typed) == everything(index, "TNF-α") != set()
    assert index.find(typed, kinds=["entity"]).items[0].id == "quellin-receptor"


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("orsted’s", "Örsted's"), ("ÖRSTEDS", "örsted's"), ("shortterm", "short-term"), ("short term", "short-term"),
        ("beta tidal", "β-tidal"), ("retested", "re-tested"), ("5htx", "5-HTX"),
        (unicodedata.normalize("NFD", "Örsted"), "Örsted"),
    ],
)  # fmt: skip
def test_variants_find_the_same_claims(index: Index, typed: str, same: str) -> None:
    assert everything(index, typed) == everything(index, same) != set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("marowine", "marrowine"), ("marrwoine", "marrowine"), ("nihgtfall", "nightfall"), ("recepter", "receptor"),
     ("unsetles", "unsettles"), ("unsettelss", "unsettles"), ("lowerlobe", "lower lobe")],
)  # fmt: skip
def test_typing_errors_are_forgiven_and_told(index: Index, typed: str, meant: str) -> None:
    hits = index.find(typed)
    assert hits.searched.corrected == {typed: meant}
    assert hits.searched.words == meant
    assert hits.total == index.find(meant if " " not in meant else f'"{meant}"').total > 0


def test_what_is_known_is_not_corrected(index: Index) -> None:
    assert index.find("marrowi").searched.corrected == {}
    assert index.find('"marowine"').searched.corrected == {}
    assert index.find("contested").searched.corrected == {}, "a named query has the word"


def test_beginnings_of_words_are_found_after_whole_words_and_insides_last(index: Index) -> None:
    assert index.find("marrow", kinds=["entity"]).items[0].id == "marrowine"
    assert [h.id for h in index.find("quellin", kinds=["entity"]).items] == [
        "quellin",
        "quellin-receptor",
        "anti-quellin",
    ]
    assert titles(index, "receptors", kinds=["entity"]) == ["quellin receptor"], "a plural finds the singular"
    assert titles(index, "qu", kinds=["entity"])[0] == "quellin", "the last word may be short"


def test_all_words_are_wanted_and_any_when_none_has_all(index: Index) -> None:
    both = index.find("marrowine divers")
    assert not both.searched.any
    assert everything(index, "marrowine divers") == everything(index, "marrowine") & everything(index, "divers")
    relaxed = index.find("divers salt")
    assert (
        relaxed.searched.any
        and relaxed.counts["entity"] == 1
        and relaxed.counts["claim"] == len(everything(index, "divers"))
    )


def test_quoted_words_stand_side_by_side(index: Index) -> None:
    quoted = everything(index, '"after dusk"')
    assert quoted == everything(index, "“after dusk”") != set()
    assert not index.find('"after dusk"').searched.any
    assert index.find('"dusk after"').searched.any
    hit = index.find('"after dusk"', kinds=["claim"]).items[0]
    assert [hit.title[a:b] for a, b in hit.title_ranges] == ["after dusk"]


def test_documents_works_and_queries_are_found(index: Index) -> None:
    assert [(h.kind, h.id) for h in index.find("tale dusk", kinds=["document"]).items] == [("document", "tale")]
    assert [h.id for h in index.find("mork quiet").items] == ["tale"]
    assert [h.id for h in index.find("ostlund").items] == ["w"]
    work = index.find("10.1/x", kinds=["work"]).items[0]
    assert (work.id, work.note, work.snippet) == ("w", "2019", "10.1/x")
    query = index.find("unidentified entities").items[-1]
    assert (query.kind, query.id, query.title) == (
        "query",
        "unidentified-entities",
        QUERIES["unidentified-entities"].summary,
    )


def test_claims_are_found_by_what_they_speak_of(tiny: Index) -> None:
    hit = tiny.find("orexal glutanol", kinds=["claim"]).items[0]
    assert hit.note == "calm-nights"
    assert hit.title == "Veltrine makes glutanol less active by way of the orexal receptor."
    by_label = tiny.find("promotes deep", kinds=["claim"]).items[0]
    assert "promote" in by_label.title + by_label.snippet


# Pages, kinds, counts


def test_pages_give_every_hit_once_and_the_counts_are_right(index: Index) -> None:
    whole = index.find("quellin", limit=10_000)
    assert whole.total == len(whole.items) == sum(whole.counts.values()) > 300
    assert set(whole.counts) == set(KINDS)
    for kind in KINDS:
        assert (
            whole.counts[kind] == sum(h.kind == kind for h in whole.items) == index.find("quellin", kinds=[kind]).total
        )
    paged = [h for at in range(0, whole.total + 40, 37) for h in index.find("quellin", 37, at).items]
    assert [(h.kind, h.id) for h in paged] == [(h.kind, h.id) for h in whole.items]


def test_hits_beyond_those_that_are_ranked_are_given_too(tmp_path: Path) -> None:
    base = invented.corpus("tale: marrowine promotes quellin")
    pattern = next(base.claims)
    claims = tuple(
        replace(pattern, statement=f"Dusk number {n}.", anchor=Anchor(n, n + 1, "x")) for n in range(RANKED + 50)
    )
    path = tmp_path / "search.sqlite"
    write_index(
        path, replace(base, documents={"tale": replace(base.documents["tale"], claims=claims)}), invented.vocabulary()
    )
    paged = [h.id for at in range(0, RANKED + 50, 90) for h in Index(path).find("dusk", 90, at).items]
    assert len(paged) == len(set(paged)) == RANKED + 50


def test_an_entity_of_this_very_name_is_first_of_any_number(tmp_path: Path) -> None:
    names = [*(f"kelm {n:04}" for n in range(RANKED + 20)), "kelm"]
    entities = {name: Entity(name.replace(" ", "-"), "Substance", name) for name in names}
    path = tmp_path / "search.sqlite"
    write_index(path, Corpus(entities, {}, {}), invented.vocabulary())
    paged = [h.id for at in range(0, RANKED + 40, 90) for h in Index(path).find("kelm", 90, at).items]
    assert paged[0] == "kelm" and len(paged) == len(set(paged)) == RANKED + 21


def test_a_name_written_as_one_word_or_begun_finds_the_shortest_name_first(tmp_path: Path) -> None:
    entities = {
        "kelm-gate-bearing-cell": Entity("kelm-gate-bearing-cell", "CellStructure", "KELM-gate-bearing cell"),
        "kelm-gate": Entity("kelm-gate", "Receptor", "KELM gate", ("kelm gates", "kelmic port")),
    }
    path = tmp_path / "search.sqlite"
    write_index(path, Corpus(entities, {}, {}), invented.vocabulary())
    for typed in ("KELM", "KELMG", "kelmgate", "kelm-gate", "KELM gate", "kelmic port", "gates"):
        assert titles(Index(path), typed)[0] == "KELM gate", typed


def test_entities_named_among_other_words_are_told_long_names_before_those_inside(index: Index) -> None:
    asked = "What does Night Salt do to the quellin receptor, and to TNF-α receptors or quellin?"
    assert find_named(index, asked) == {
        "marrowine": "marrowine", "quellin-receptor": "quellin receptor", "quellin": "quellin",
    }  # fmt: skip
    assert find_named(index, "nothing of the sort") == find_named(index, "") == {}
    assert find_named(index, "quellin " * 400) == {"quellin": "quellin"}


def test_claims_whose_proposition_most_documents_take_up_are_ranked_first_of_very_many(tmp_path: Path) -> None:
    lines = ["a: marrowine promotes dusk", "a: quellin promotes dusk", "b: quellin promotes dusk"]
    path = tmp_path / "search.sqlite"
    write_index(path, invented.corpus(*lines), invented.vocabulary())
    database = sqlite3.connect(path)
    rows = database.execute(
        "SELECT title FROM items WHERE item >= (SELECT first FROM kinds WHERE kind = 'claim')"
    ).fetchall()
    database.close()
    assert [r[0] for r in rows] == ["quellin promotes dusk", "quellin promotes dusk", "marrowine promotes dusk"]


# Nothing that is typed does harm

HOSTILE = ['"', '""', "*", "AND", "OR NOT", "NEAR(a b)", "label:x", "a AND", "(", "'; DROP TABLE items; --", "^x", "-x",
           "x*", "{label}: x", "\x00", "\ud800", "\u202ex", "%", "_", "½", "㏂", "🜁", "a" * 900, "+",
           "x" + "\u0301" * 50]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE, ids=repr)
def test_no_sign_is_an_error_or_a_command(index: Index, typed: str) -> None:
    before = index.path.read_bytes()
    for words in (typed, f"quellin {typed}", f'"{typed}'):
        assert index.find(words).total >= 0
    assert index.path.read_bytes() == before


@given(st.text(max_size=60))
@hypothesis_settings(max_examples=150, deadline=None)
def test_any_text_is_searched_for_without_an_error(index: Index, typed: str) -> None:
    hits = index.find(typed, limit=5)
    for hit in hits.items:
        for text, ranges in ((hit.title, hit.title_ranges), (hit.snippet, hit.ranges)):
            assert all(0 <= a < b <= len(text) for a, b in ranges)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
@hypothesis_settings(max_examples=150, deadline=None)
def test_the_quick_way_for_plain_texts_folds_as_the_other(typed: str) -> None:
    compounds = [[w.text for w in c] for c in split_compounds(typed)]
    assert fold_text(typed) == (
        " ".join(w for c in compounds for w in c), " ".join("".join(c) for c in compounds if len(c) > 1)
    )  # fmt: skip


def test_long_requests_and_unknown_kinds_are_refused(index: Index) -> None:
    with pytest.raises(QueryError, match="at most 40 words"):
        index.find(" ".join(f"w{n}" for n in range(MAX_WORDS + 1)))
    with pytest.raises(QueryError, match="at most 40 words"):
        index.find("-".join(["w"] * (MAX_WORDS + 1)))
    with pytest.raises(QueryError, match="no kind 'planet'"):
        index.find("x", kinds=["planet"])


def test_only_few_words_and_no_long_ones_are_corrected(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    monkeypatch.setattr("kg.search.spelling.edit_once", lambda word: tried.append(word) or {"x"})
    long = "quelin" * 160
    assert index.find(long).searched.corrected == {}
    assert tried == []
    index.find(" ".join(f"zzqq{n}xx" for n in range(30)))
    assert tried == [f"zzqq{n}xx" for n in range(5)]


def test_nothing_finds_nothing(index: Index) -> None:
    assert index.find("").total == index.find("  ?! ").total == index.find("zzqqxx vvkkjj").total == 0
    assert not index.find("zzqqxx vvkkjj").searched.any


def test_a_search_that_takes_too_long_is_stopped(index: Index) -> None:
    with pytest.raises(LimitError, match=r"deadline: .*more than 0 seconds"):
        replace(index, deadline=0.0).find("quellin raises in the lower lobe", limit=1000)


def test_many_threads_ask_one_index(index: Index) -> None:
    words = ["quellin", "marowine", "dusk divers", "tnf"] * 20
    alone = [index.find(w) for w in words]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(index.find, words)) == alone


# The file


def test_the_same_corpus_gives_the_same_bytes(index: Index, corpus: Corpus, tmp_path: Path) -> None:
    write_index(tmp_path / "again.sqlite", corpus, invented.vocabulary())
    assert (tmp_path / "again.sqlite").read_bytes() == index.path.read_bytes()


def test_the_index_is_part_of_the_build(built: tuple[Settings, Build]) -> None:
    assert "search.sqlite" in built[1].manifest["files"]
    assert built[1].manifest["versions"]["search"] == str(FORM)


def test_an_index_that_is_missing_broken_or_of_another_version_is_told(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    with pytest.raises(StoreError, match=r"no search index.*'kg build'"):
        Index(path).find("x")
    path.write_bytes(b"not a database " * 99)
    with pytest.raises(StoreError, match=r"cannot be read.*'kg build'"):
        Index(path).find("x")
    path.write_bytes(index.path.read_bytes())
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 999")
    database.close()
    with pytest.raises(StoreError, match="another version"):
        Index(path).find("x")


def test_a_claim_without_a_passage_is_found_by_its_statement(tmp_path: Path) -> None:
    base = invented.corpus("tale: marrowine promotes quellin")
    claims = tuple(replace(c, anchor=None, records=("r1",)) for c in base.claims)
    path = tmp_path / "search.sqlite"
    write_index(
        path, replace(base, documents={"tale": replace(base.documents["tale"], claims=claims)}), invented.vocabulary()
    )
    assert [h.snippet for h in Index(path).find("marrowine", kinds=["claim"]).items] == [
        "marrowine · quellin · promotes"
    ]


# On the command line


def test_the_command_prints_what_is_found_and_what_was_searched_for(built_settings: Settings) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "KG_BUILDS": str(built_settings.builds)}
        command = [sys.executable, "-m", "kg.cli", "search", *words]
        return subprocess.run(command, env=variables, capture_output=True, text=True)

    found = run("veltirne", "--count", "1")
    assert found.stdout.splitlines()[0] == "entity veltrine (substance): veltrine"
    assert found.stdout.splitlines()[1].startswith("1 of ")
    assert found.stderr == "searched for 'veltrine' in place of 'veltirne'\n"
    lines = [json.loads(line) for line in run("deep", "sleep", "--kind", "entity", "--json").stdout.splitlines()]
    assert [(line["kind"], line["id"]) for line in lines][:1] == [("entity", "deep-sleep")]
    assert "some of them" in run("somnin", "patients", "dizziness").stderr
    assert run("x", "--kind", "planet").returncode == 2


def test_an_index_that_is_made_anew_in_its_place_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite"
    for name, other in (("marrowine", "quellin"), ("quellin", "marrowine")):
        fresh = tmp_path / "fresh.sqlite"
        write_index(fresh, Corpus({name: Entity(name, "Substance", name)}, {}, {}), invented.vocabulary())
        fresh.replace(path)
        assert titles(Index(path), name) == [name]
        assert not everything(Index(path), other, "entity")


def test_a_connection_is_used_again_also_after_a_search_was_stopped(index: Index) -> None:
    stopped = replace(index, deadline=0.0)
    with pytest.raises(LimitError), lend_connection(stopped.path, stopped.deadline) as first:
        first.execute("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")
    with lend_connection(index.path, 10.0) as again, lend_connection(index.path, 10.0) as beside:
        assert again is first and beside is not first
        assert again.execute("SELECT count(*) FROM kinds").fetchone()[0] > 1
    assert everything(index, "marrowine")
