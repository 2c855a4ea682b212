import hashlib
import json
import os
import re
import subprocess
import sys
import time
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
    there = sorted(p.name for p in settings.builds.iterdir())
    assert there == sorted([old.folder.name, "current", "lock", "readings", "verdicts"])


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
    for file in [made.quads, *(made.folder / "store").iterdir()]:
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


def test_a_changed_byte_is_detected(settings: Settings) -> None:
    from kg.build import verify_build

    made = build(settings)
    assert verify_build(made) == []
    EmbeddedStore.open(made.folder / "store").close()
    assert verify_build(made) == [], "to open it changes nothing"
    for name in [n for n in made.manifest["files"] if (made.folder / n).stat().st_size][:5]:
        file = made.folder / name
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
        assert verify_build(made) == [name]
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
    (made.folder / "stray").write_text("?")
    assert verify_build(made) == ["stray"]


def test_a_changed_byte_of_the_manifest_is_detected(settings: Settings) -> None:
    from kg.build import verify_build
    from kg.stores.connect import read_build

    folder = build(settings).folder
    manifest, seal = folder / "manifest.json", folder / "manifest.sha256"
    text = manifest.read_text()
    claims, digest = f'"claims": {json.loads(text)["claims"]}', json.loads(text)["digest"]
    manifest.write_text(text.replace(claims, '"claims": 1'))
    assert verify_build(read_build(folder)) == ["manifest.json"]
    manifest.write_text(text)
    assert verify_build(read_build(folder)) == []
    seal.unlink()
    assert verify_build(read_build(folder)) == [], "a build of an older version"
    manifest.write_text(text.replace(f'"digest": "{digest}"', f'"digest": "{digest[::-1]}"'))
    assert verify_build(read_build(folder)) == ["manifest.json"]


def changed(settings: Settings, number: int) -> str:
    """Change the data in a way that changes the digest, build, and return the digest."""
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(re.sub(r"may( [0-9]+)? be released", f"may {number} be released", claims.read_text()))
    return build(settings).digest


def test_older_builds_are_kept_as_the_settings_say_and_come_back(settings: Settings) -> None:
    from kg.build import put_in_service
    from kg.stores.connect import list_builds

    digests = [changed(settings, n) for n in range(4)]
    kept = list_builds(settings)
    assert {b.digest for b in kept} == set(digests[1:])
    oldest = next(b for b in kept if b.digest == digests[1])
    put_in_service(settings, oldest.folder)
    assert current_build(settings).digest == digests[1]


def test_two_builds_at_once_both_end_well(settings: Settings) -> None:
    code = (
        "from kg.build import build; from kg.settings import Settings; print(build(Settings.from_environment()).digest)"
    )
    env = {**os.environ, "KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_SOURCES": ""}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert len({out for out, _ in told}) == 1
    assert current_build(settings).digest == told[0][0].strip()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs the right to mount")
def test_a_full_disk_is_a_sentence_and_the_old_build_stays(settings: Settings, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("cannot mount here")
    try:
        with pytest.raises((BuildError, StoreError), match=r"written|disk|space"):
            build(replace(settings, builds=small / "builds"))
        left = [p.name for p in (small / "builds").iterdir()] if (small / "builds").exists() else []
        assert not [name for name in left if name not in ("current", "lock", "readings", "verdicts")]
    finally:
        subprocess.run(["umount", small], check=True)


def test_kill_at_any_moment_leaves_a_build_in_service_and_the_next_one_works(settings: Settings) -> None:
    from tests.robustness.kill_build import run

    report = run(settings, kills=6, seed=1)
    assert report["kills"] == 6
    assert report["lost"] == 0
    assert report["failed"] == 0
    assert report["left behind"] == 0


def start(settings: Settings) -> "subprocess.Popen[str]":
    """Start a build that says what it does."""
    code = (
        "from kg.build import build; from kg.settings import Settings; "
        "build(Settings.from_environment(), lambda step: print(step, flush=True))"
    )
    env = {**os.environ, "KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_SOURCES": ""}
    return subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)


def wait_for(process: "subprocess.Popen[str]", step: str) -> None:
    assert process.stdout is not None
    assert any(line.strip() == step for line in process.stdout), f"it ended before it said: {step}"


def test_a_build_killed_with_the_lock_in_hand_leaves_it_to_the_next(settings: Settings) -> None:
    old = build(settings)
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace("may be released", "may well be released"))
    with start(settings) as process:
        wait_for(process, "loading the store")
        process.kill()
    assert list(settings.builds.glob("*.tmp")), "it was killed at work"
    assert current_build(settings).digest == old.digest
    assert build(settings).digest != old.digest
    assert not list(settings.builds.glob("*.tmp"))


def test_a_build_killed_while_it_waits_for_the_lock_is_as_if_it_never_was(settings: Settings) -> None:
    import fcntl

    old = build(settings)
    with (settings.builds / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with start(settings) as process:
            wait_for(process, "waiting for another build to end")
            process.kill()
    assert current_build(settings).digest == old.digest
    assert build(settings).folder == old.folder


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at the processes of the system")
def test_a_killed_build_leaves_no_process_behind(settings: Settings) -> None:
    def children() -> list[str]:
        return (Path("/proc") / str(process.pid) / "task" / str(process.pid) / "children").read_text().split()

    with start(settings) as process:
        wait_for(process, "checking")
        found: list[str] = []
        while process.poll() is None and len(found) < 3:
            found = children()
        process.kill()
    if len(found) < 3:
        pytest.skip("so small a corpus is judged by one process")
    for _ in range(100):
        if not any(Path("/proc", pid).exists() for pid in found):
            break
        time.sleep(0.1)
    assert not [pid for pid in found if Path("/proc", pid).exists()]
