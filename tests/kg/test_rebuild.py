"""What a rebuild takes over from the build before: readings, the store; and sorting beyond what memory holds."""

import contextlib
import hashlib
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import check as checking
from kg.build import build
from kg.check import check
from kg.compare.derive import find_disagreements, find_related, find_support
from kg.corpus.claims import ClaimReader
from kg.errors import BuildError
from kg.names import Names
from kg.rdf.derived import write_comparisons, write_edges
from kg.rdf.sorting import Sorted
from kg.rdf.write import write_corpus
from kg.settings import Settings
from kg.stores.connect import Build, verify_build


@pytest.mark.parametrize("most", [3, 40, 10_000])
def test_lines_come_sorted_and_once_however_few_fit_in_memory(most: int) -> None:
    dice = random.Random(most)
    wanted = [f"{dice.choice(['a', 'é', '𝄞', ''])}{dice.randrange(300)}\n" for _ in range(1000)]
    lines = Sorted(most)
    for start in range(0, 1000, 7):
        lines.add(wanted[start : start + 7])
    assert list(lines) == sorted(set(wanted))
    assert list(zip(lines, lines, strict=True)) == [(w, w) for w in sorted(set(wanted))], "two may read at once"
    lines.add(["b\n", "0\n", "b\n"])
    assert list(lines) == sorted({*wanted, "b\n", "0\n"})
    assert len(lines) == len({*wanted, "b\n", "0\n"})


def test_no_room_to_sort_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    lines = Sorted(1)
    with pytest.raises(BuildError, match="TMPDIR"):
        lines.add(["a\n", "b\n"])


def test_a_check_writes_what_the_mapping_says_and_what_is_derived(built: tuple[Settings, Build]) -> None:
    verdict, names = check(built[0], shapes=False), Names(built[0].base)
    corpus, words = verdict.corpus, verdict.vocabulary
    support, related = find_support(corpus), find_related(corpus)
    found = [*find_disagreements(corpus, words), *corpus.disagreements]
    wanted = {*write_corpus(corpus, words, names), *write_edges(corpus.claims, words, names)}
    assert list(verdict.quads) == sorted(wanted | {*write_comparisons(found, support, related, words, names)})


# Readings


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents whose claims are read, in a list that grows."""
    seen: list[str] = []
    whole = ClaimReader.read_claims

    def note(self: ClaimReader, file: Path, document: str, length: int) -> object:
        seen.append(document)
        return whole(self, file, document, length)

    monkeypatch.setattr(ClaimReader, "read_claims", note)
    return seen


def told(settings: Settings) -> tuple[list[str], list[object]]:
    verdict = check(settings)
    return list(verdict.quads), list(verdict.findings)


def test_only_what_changed_is_read_anew(settings: Settings, read: list[str]) -> None:
    first = told(settings)
    assert read == ["calm-nights", "veltrine-doubts"]
    assert told(settings) == first
    assert read == ["calm-nights", "veltrine-doubts"], "nothing is read twice"
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace("may be released", "may well be released"))
    changed = told(settings)
    assert read[2:] == ["calm-nights"]
    assert changed == told(replace(settings, builds=settings.builds / "other")) != first


def test_a_changed_entity_has_all_read_anew(settings: Settings, read: list[str]) -> None:
    told(settings)
    entities = settings.data / "entities/all.toml"
    more = '\n[[entity]]\nid = "more"\nkind = "Substance"\nlabel = "more"\nmatch = []\n'
    entities.write_text(entities.read_text() + more)
    assert [f.rule for f in check(settings).findings] == ["unused"]
    assert read == ["calm-nights", "veltrine-doubts"] * 2


@pytest.mark.parametrize("fault", ["cut off", "not whole", "of another key", "no document", "a folder"])
def test_a_reading_that_is_broken_or_foreign_is_as_none(settings: Settings, read: list[str], fault: str) -> None:
    first = told(settings)
    entry = settings.builds / "readings/calm-nights.json"
    key, digest, text = entry.read_bytes().split(b"\n", 2)
    lie = text.replace(b"glutanol", b"glutamol")
    assert lie != text
    own = hashlib.sha256(lie).hexdigest().encode()
    entry.unlink()
    if fault == "a folder":
        entry.mkdir()
    else:
        entry.write_bytes(
            {
                "cut off": entry.name.encode(),
                "not whole": b"\n".join([key, digest, lie]),
                "of another key": b"\n".join([b"0" * 64, own, lie]),
                "no document": b"\n".join([key, hashlib.sha256(b"[]").hexdigest().encode(), b"[]"]),
            }[fault]
        )
    assert told(settings) == first
    assert read[2:] == ["calm-nights"]


def test_what_has_a_fault_is_told_each_time_and_what_went_is_forgotten(settings: Settings) -> None:
    claims = settings.data / "sleep/calm-nights/claims.toml"
    good = claims.read_text()
    claims.write_text(good.replace('object = "glutanol"', 'object = "glue"'))
    first, again = told(settings), told(settings)
    assert first == again
    assert any("glue" in str(finding) for finding in again[1])
    claims.write_text(good)
    told(settings)
    readings = settings.builds / "readings"
    assert sorted(p.name for p in readings.iterdir()) == ["calm-nights.json", "veltrine-doubts.json"]
    claims.parent.rename(claims.parent.with_name("calmer-nights"))
    told(settings)
    assert sorted(p.name for p in readings.iterdir()) == ["calmer-nights.json", "veltrine-doubts.json"]


# Edits


def reword(settings: Settings, dice: random.Random) -> None:
    file = dice.choice(sorted(settings.data.glob("*/*/claims.toml")))
    file.write_text(file.read_text().replace("Of ", "Once more of ", 1))


def drop_a_claim(settings: Settings, dice: random.Random) -> None:
    """Drop a claim that no chain has, and with it perhaps a proposition, a frame, a disagreement."""
    file = dice.choice(sorted(settings.data.glob("*/*/claims.toml")))
    head, *rows = re.split(r"(?m)^(?=\[\[)", file.read_text())
    free = [n for n, row in enumerate(rows) if row.startswith("[[claim]]") and not re.search(r"(?m)^id = ", row)]
    rows.pop(dice.choice(free))
    file.write_text("".join([head, *rows]))


def turn_a_claim(settings: Settings, dice: random.Random) -> None:
    """Deny what was asserted."""
    file = dice.choice(sorted(settings.data.glob("*/*/claims.toml")))
    head, *rows = re.split(r"(?m)^(?=\[\[)", file.read_text())
    plain = [n for n, row in enumerate(rows) if row.startswith("[[claim]]") and not re.search(r"(?m)^(id|act) = ", row)]
    chosen = dice.choice(plain)
    rows[chosen] = rows[chosen].replace("[[claim]]", '[[claim]]\nact = "denies"', 1)
    file.write_text("".join([head, *rows]))


def add_a_document(settings: Settings, dice: random.Random) -> None:
    """Add a document that says what another says."""
    known = dice.choice(sorted(settings.data.glob("*/*/document.toml"))).parent
    fresh = known.with_name(f"{known.name}-{dice.randrange(10**6)}")
    shutil.copytree(known, fresh)
    about = (fresh / "document.toml").read_text()
    sha256 = hashlib.sha256(fresh.name.encode()).hexdigest()
    (fresh / "document.toml").write_text(re.sub('(?m)^sha256 = ".*"', f'sha256 = "{sha256}"', about))


def remove_a_document(settings: Settings, dice: random.Random) -> None:
    shutil.rmtree(dice.choice(sorted(settings.data.glob("*/*/document.toml"))).parent)


def rename_an_entity(settings: Settings, dice: random.Random) -> None:
    file = dice.choice(sorted((settings.data / "entities").glob("*.toml")))
    file.write_text(re.sub('(?m)^label = "', 'label = "so-called ', file.read_text(), count=1))


def retitle_a_work(settings: Settings, dice: random.Random) -> None:
    file = settings.data / "works.toml"
    file.write_text(re.sub('(?m)^title = "', f'title = "{dice.randrange(10**6)} ', file.read_text(), count=1))


def change_the_vocabulary(settings: Settings, dice: random.Random) -> None:
    file = settings.ontology / "relations.ttl"
    file.write_text(re.sub('skos:prefLabel "', f'skos:prefLabel "{dice.randrange(10**6)} ', file.read_text(), count=1))


def harden_a_shape(settings: Settings, dice: random.Random) -> Settings:
    """Have the shapes warn of what all claims have; in another folder, since a process reads shapes once."""
    ontology = settings.ontology.with_name("harder")
    shutil.copytree(settings.ontology, ontology)
    file = ontology / "shapes/claim.ttl"
    shape = f"cg:More{dice.randrange(10**6)}"
    more = f"{shape} a sh:NodeShape ; sh:targetClass cg:Claim ; sh:property {shape}-length .\n"
    more += f"{shape}-length a sh:PropertyShape ; sh:path cg:statement ; sh:maxLength 40 ; sh:severity sh:Warning ; "
    more += 'sh:message "A statement is long."@en .'
    file.write_text(f"{file.read_text()}\n{more}\n")
    return replace(settings, ontology=ontology)


EDITS: tuple[Callable[[Settings, random.Random], Settings | None], ...] = (
    reword, drop_a_claim, turn_a_claim, add_a_document, remove_a_document, rename_an_entity, retitle_a_work,
    change_the_vocabulary, harden_a_shape,
)  # fmt: skip


def index_of(made: Build) -> list[str]:
    with contextlib.closing(sqlite3.connect(made.folder / "search.sqlite")) as database:
        return [*map(str, database.execute("SELECT * FROM items")), *map(str, database.execute("SELECT * FROM terms"))]


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_a_rebuild_is_as_a_cold_build(larger: Settings, seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    before = build(larger).digest
    for number, edit in enumerate(dice.sample(EDITS, len(EDITS))):
        larger = edit(larger, dice) or larger
        made = build(larger)
        cold = build(replace(larger, builds=tmp_path / f"cold-{number}"))
        assert [text.read_bytes() for text in made.texts] == [text.read_bytes() for text in cold.texts], edit
        assert quads_in(made.folder) == quads_in(cold.folder), edit
        assert index_of(made) == index_of(cold), edit
        assert made.digest != before, f"{edit} changed nothing"
        before = made.digest
    warm, cold_findings = check(larger), check(replace(larger, builds=tmp_path / "none"))
    assert warm.findings == cold_findings.findings
    assert warm.results == cold_findings.results != []


# The store


def change(settings: Settings, old: str = "may be released", new: str = "may well be released") -> Build:
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace(old, new))
    return build(settings)


def quads_in(folder: Path) -> list[str]:
    return sorted(str(quad) for quad in ox.Store.read_only(str(folder / "store")))


def quads_of(made: Build) -> list[str]:
    store = ox.Store()
    for text in made.texts:
        store.load(path=str(text), format=ox.RdfFormat.N_QUADS)
    return sorted(str(quad) for quad in store)


def test_a_store_is_made_from_the_one_before_and_is_as_if_loaded(settings: Settings) -> None:
    old = build(settings)
    new = change(settings)
    assert (old.manifest["inherited"], new.manifest["inherited"]) == (0, 1)
    assert quads_in(new.folder) == quads_of(new) != quads_of(old)
    assert verify_build(new) == verify_build(old) == [], "the older build stays as it is"
    back = change(settings, "may well be released", "may be released")
    assert back.folder == old.folder, "the older build is still whole"
    third = change(settings, "may be released", "might be released")
    assert quads_in(third.folder) == quads_of(third)


def test_a_store_is_loaded_when_the_one_before_is_broken_too_old_or_too_different(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build(settings)
    largest = max((p for p in (old.folder / "store").iterdir()), key=lambda p: p.stat().st_size)
    raw = bytearray(largest.read_bytes())
    raw[len(raw) // 2] ^= 1
    largest.write_bytes(raw)
    new = change(settings)
    assert new.manifest["inherited"] == 0
    assert quads_in(new.folder) == quads_of(new)
    monkeypatch.setattr("kg.stores.heir._MOST", 0)
    assert change(settings, "may well be released", "might be released").manifest["inherited"] == 0
    monkeypatch.undo()
    monkeypatch.setattr("kg.stores.heir._SHARE", 0.0)
    last = change(settings, "might be released", "could be released")
    assert last.manifest["inherited"] == 0
    assert quads_in(last.folder) == quads_of(last)


def test_progress_tells_how_much_is_left(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.progress._PAUSE", 0)
    steps: list[str] = []
    checking.check(settings, progress=steps.append)
    assert "checking documents: 1 of about 2, 0 seconds left" in steps
    assert steps[-2:] == ["comparing documents", "applying the shapes"]
