"""Slices that are cut as the graph is written are those of the whole text, and are remembered."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kg import check as checking
from kg.check import check
from kg.corpus.folder import read_corpus
from kg.imports.drugmechdb import read_drugmechdb
from kg.imports.folder import Terms, write_import
from kg.model import Corpus
from kg.names import Names
from kg.rdf.sorting import Sorted
from kg.rdf.write import write_shared
from kg.settings import Settings
from kg.shapes.portions import Known, Portions
from kg.shapes.slices import Slice, cut
from kg.vocabulary import read_vocabulary


def told(settings: Settings) -> tuple[list[str], list[object]]:
    verdict = check(settings)
    return list(verdict.quads), list(verdict.findings)


def pieces(settings: Settings) -> tuple[list[Slice | Known], Sorted]:
    """Return what a check cuts and the quads that it writes."""
    words, names, lines = read_vocabulary(settings.ontology, settings.base), Names(settings.base), Sorted()
    corpus, findings = read_corpus(settings.data, words, settings.imports)
    assert not findings
    shared = write_shared(Corpus(corpus.entities, corpus.works, {}), words, names).lines
    portions = Portions(shared, names, settings.builds / "verdicts")
    return list(checking._cut(lines, corpus, words, names, portions)), lines


def texts_of(slices: Iterable[Slice | Known]) -> set[tuple[str, str, frozenset[str]]]:
    cut_ones = [one.cut() if isinstance(one, Known) else one for one in slices]
    return {(one.name, one.text, one.partial) for one in cut_ones}


def test_what_is_cut_as_it_is_written_is_cut_as_from_the_whole_text(larger: Settings) -> None:
    slices, lines = pieces(larger)
    assert len(slices) > 12
    assert texts_of(slices) == texts_of(cut(lines, Names(larger.base)))
    known, same = pieces(larger)
    named = {one.digest: one.name for one in slices if isinstance(one, Slice)}
    assert {type(one) for one in known if "/graph/document/" in named[one.digest]} == {Known}
    assert [one.digest for one in known] == [one.digest for one in slices]
    assert texts_of(known) == texts_of(slices)
    assert list(same) == list(lines)


@pytest.mark.parametrize("fault", ["cut off", "not whole", "no table", "a folder"])
def test_what_is_remembered_of_slices_is_as_none_when_it_is_broken(settings: Settings, fault: str) -> None:
    first, file = told(settings), settings.builds / "verdicts/portions.json"
    kept, (digest, text) = file.read_bytes(), file.read_bytes().split(b"\n", 1)
    file.unlink()
    if fault == "a folder":
        file.mkdir()
    else:
        lists = json.dumps([1]).encode()
        file.write_bytes(
            {
                "cut off": kept[:-9],
                "not whole": digest + b"\n" + text.replace(b"a", b"b"),
                "no table": hashlib.sha256(lists).hexdigest().encode() + b"\n" + lists,
            }[fault]
        )
    assert {type(one) for one in pieces(settings)[0]} == {Slice}
    assert told(settings) == first
    assert fault == "a folder" or file.read_bytes() == kept


def test_a_slice_whose_verdict_went_is_cut_again(settings: Settings) -> None:
    first, memory = told(settings), settings.builds / "verdicts"
    kept = {path.name: path.read_bytes() for path in memory.iterdir()}
    for path in memory.iterdir():
        if path.name != "portions.json":
            path.unlink()
    assert told(settings) == first
    assert {path.name: path.read_bytes() for path in memory.iterdir()} == kept


def take(settings: Settings, into: Path, name: str) -> Path:
    """Import the paths of the tiny corpus."""
    reading = read_drugmechdb(Path(__file__).parents[1] / "corpus/imports/paths.jsonl")
    write_import(reading, into, name, Terms(reading.title, True), date(2026, 1, 2), settings)
    return into / name


def test_a_document_that_leads_to_another_is_cut_with_that_in_sight(settings: Settings, tmp_path: Path) -> None:
    claim = next(iter(check(settings, shapes=False).corpus.claims))
    records = take(settings, tmp_path / "taken", "paths") / "records.jsonl"
    row, *rest = records.read_text().splitlines()
    node = f"{settings.base}claim/{claim.id}"
    records.write_text("\n".join([json.dumps({**json.loads(row), "references": [node]}), *rest]))
    joined = replace(settings, imports=(tmp_path / "taken",))
    slices, lines = pieces(joined)
    assert texts_of(slices) == (wanted := texts_of(cut(lines, Names(settings.base))))
    assert any(node in partial for _, _, partial in wanted)
    assert any(type(one) is Slice for one in pieces(joined)[0]), "that is never remembered"


def test_documents_of_one_text_are_cut_with_the_digests_of_each_other(settings: Settings, tmp_path: Path) -> None:
    for name in ("one", "other"):
        take(settings, tmp_path / "taken", name)
    slices, lines = pieces(replace(settings, imports=(tmp_path / "taken",)))
    assert texts_of(slices) == texts_of(cut(lines, Names(settings.base)))
    assert any(f"{settings.base}document/other" in one.partial for one in slices if isinstance(one, Slice))
