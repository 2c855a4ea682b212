import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kg.build import build, write_graph
from kg.errors import BuildError, CheckError, StoreError
from kg.settings import Settings
from kg.stores.base import Question
from kg.stores.connect import Build, connect, current_build
from kg.stores.embedded import EmbeddedStore


def test_a_build_is_named_by_the_digest_of_its_quads(built: tuple[Settings, Build]) -> None:
    made = built[1]
    raw = made.quads.read_bytes()
    assert hashlib.sha256(raw).hexdigest() == made.digest
    lines = raw.decode().splitlines()
    assert lines == sorted(lines)
    assert not any(line.startswith("_:") or " _:" in line for line in lines), "no blank nodes"


def test_two_builds_of_one_input_are_the_same_to_the_byte(built: tuple[Settings, Build], tmp_path: Path) -> None:
    again = build(replace(built[0], builds=tmp_path))
    assert again.quads.read_bytes() == built[1].quads.read_bytes()


def test_the_same_input_makes_no_new_build(settings: Settings) -> None:
    first = build(settings)
    stamp = (first.folder / "manifest.json").stat().st_mtime_ns
    second = build(settings)
    assert second.folder == first.folder
    assert (second.folder / "manifest.json").stat().st_mtime_ns == stamp


def test_the_order_of_files_and_hash_seeds_do_not_matter(built: tuple[Settings, Build], tmp_path: Path) -> None:
    code = (
        "from kg.build import build; from kg.settings import Settings; print(build(Settings.from_environment()).digest)"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "KG_DATA": str(built[0].data), "KG_BUILDS": str(tmp_path)}
    env["KG_SOURCES"] = ""
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == built[1].digest, "whether the texts are at hand changes nothing"


def test_an_error_refuses_the_build_and_leaves_the_old_one(settings: Settings) -> None:
    old = build(settings)
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace('object = "glutanol"', 'object = "glue"'))
    with pytest.raises(CheckError) as caught:
        build(settings)
    assert "glue" in str(caught.value.findings[0])
    assert current_build(settings).digest == old.digest
    assert sorted(p.name for p in settings.builds.iterdir()) == sorted([old.folder.name, "current"])


def test_a_change_makes_a_new_build_and_swaps_to_it(settings: Settings) -> None:
    old = build(settings)
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace("may be released", "may well be released"))
    new = build(settings)
    assert new.digest != old.digest
    assert current_build(settings).digest == new.digest
    assert old.folder.exists(), "the old build is kept"


def test_a_folder_that_cannot_be_written_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(BuildError, match="could not be written"):
        build(replace(settings, builds=blocked / "builds"))


def test_no_build_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(StoreError, match="run 'kg build'"):
        current_build(settings)


def test_a_second_writer_is_told(tmp_path: Path) -> None:
    first = EmbeddedStore.create(tmp_path / "store")
    with pytest.raises(StoreError, match="another build"):
        EmbeddedStore.create(tmp_path / "store")
    first.close()


def test_a_missing_or_broken_store_is_told(settings: Settings) -> None:
    made = build(settings)
    for file in (made.folder / "store").iterdir():
        file.unlink()
    with pytest.raises(StoreError, match="kg build"):
        connect(settings, made)


def test_denied_hypothesised_and_other_acts_are_not_edges(built_settings: Settings) -> None:
    made = current_build(built_settings)
    edges = [line for line in made.quads.read_text().splitlines() if line.endswith("graph/edges> .")]
    assert len(edges) == 9
    assert not any("approved_for" in e or "precedes" in e or "used_with" in e for e in edges)
    lowered = [e for e in edges if "variable/glutanol:activity:decreased> <" in e and e.startswith("<")]
    assert any("relation/increases_release_of" in e for e in lowered), "an edge names the state of its subject"


def test_each_proposition_stands_once_in_one_graph(built_settings: Settings) -> None:
    store = connect(built_settings, current_build(built_settings))
    text = """PREFIX cg: <https://w3id.org/claimgraph/vocab#>
        SELECT ?p WHERE { GRAPH ?g { ?p a cg:Proposition } GRAPH ?h { ?p cg:relation ?r } FILTER (?g != ?h) }"""
    assert json.loads(store.query(Question(text)).body)["results"]["bindings"] == []
    store.close()


def test_readable_files_hold_the_same_quads(settings: Settings) -> None:
    import pyoxigraph as ox

    made = build(settings)
    files = write_graph(settings, settings.data / "graph")
    assert {f.name for f in files} >= {"propositions.trig", "vocabulary.trig", "edges.trig", "calm-nights.trig"}
    read = {q for f in files for q in ox.parse(path=str(f), format=ox.RdfFormat.TRIG)}
    assert read == set(ox.parse(path=str(made.quads), format=ox.RdfFormat.N_QUADS))
