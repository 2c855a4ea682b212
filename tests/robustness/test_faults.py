"""Broken, missing, foreign and forbidden builds: a sentence that names the remedy, exit code 2, nothing lost."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import kg.stores.connect
from kg.build import build, put_in_service
from kg.cli import __main__ as cli
from kg.errors import BuildError, LimitError, StoreError
from kg.settings import Settings
from kg.stores.base import Question
from kg.stores.connect import Build, connect, current_build, list_builds, list_faults, verify_build
from tests.robustness.service import HOST, Service, serve

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
COUNT = Question("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }")


@pytest.fixture
def kept(built: tuple[Settings, Build], tmp_path: Path) -> Settings:
    """Settings over a copy of the builds, so that a test may break them."""
    shutil.copytree(built[0].builds, tmp_path / "builds", symlinks=True)
    return replace(built[0], builds=tmp_path / "builds")


def run(settings: Settings, *arguments: str, unprivileged: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, without any right of root when so wished."""
    env = {**os.environ, "KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_SOURCES": ""}
    code = "import sys; from kg.cli.__main__ import main; sys.argv[0] = 'kg'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=give_up_rights if unprivileged else None,
    )


def give_up_rights() -> None:
    """Leave the program that follows no capability: files of others are then as closed to root as to anybody."""
    for capability in range(64):
        ctypes.CDLL(None).prctl(24, capability)


def ask(settings: Settings) -> int:
    store = connect(settings, current_build(settings))
    try:
        return int(json.loads(store.query(COUNT).body)["results"]["bindings"][0]["n"]["value"])
    finally:
        store.close()


def say(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process and return its exit code; anything but a clean end gets through."""
    monkeypatch.setenv("KG_DATA", str(settings.data))
    monkeypatch.setenv("KG_BUILDS", str(settings.builds))
    monkeypatch.setenv("KG_SOURCES", "")
    monkeypatch.setattr(sys, "argv", ["kg", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def point(settings: Settings, there: str) -> None:
    (settings.builds / "current").unlink()
    (settings.builds / "current").symlink_to(there)


def builds_in(settings: Settings) -> list[str]:
    """Return the names of the folders that look like builds, and of what might become one."""
    folders = [p.parent for p in settings.builds.glob("*/graph.nq")]
    return sorted(f.name for f in folders if not f.is_symlink())


def flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def largest(folder: Path) -> Path:
    return max((folder / "store").glob("*.sst"), key=lambda p: p.stat().st_size)


#: What happens to a build in service, and what is said of it when it is opened.
BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no store": (lambda b: shutil.rmtree(b / "store"), "cannot be opened"),
    "a file of the store gone": (lambda b: largest(b).unlink(), "cannot be opened"),
    "a file of the store cut short": (lambda b: os.truncate(largest(b), 100), "cannot be opened"),
    "the store's list of files flipped": (lambda b: flip(next((b / "store").glob("MANIFEST*"))), "cannot be opened"),
    "no manifest": (lambda b: (b / "manifest.json").unlink(), "incomplete"),
    "half a manifest": (lambda b: os.truncate(b / "manifest.json", 40), "incomplete"),
    "a manifest of other keys": (lambda b: (b / "manifest.json").write_text('{"digest": "a"}'), "another version"),
    "a manifest that is a list": (lambda b: (b / "manifest.json").write_text("[]"), "another version"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_build_is_told_and_the_next_build_mends_it(
    fault: str, kept: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kg.stores.connect, "_fits_memory", lambda _: False)
    damage, told = BROKEN[fault]
    old = current_build(kept)
    damage(old.folder)
    assert say(kept, monkeypatch, "query", "stats") == 2
    error = capfd.readouterr().err
    assert told in error
    assert "'kg build'" in error
    assert "Traceback" not in error
    mended = build(kept)
    assert mended.digest == old.digest
    assert verify_build(mended) == []
    assert ask(kept) >= mended.manifest["quads"]
    assert builds_in(kept) == [mended.folder.name]


def test_a_changed_text_is_not_answered_from(kept: Settings) -> None:
    made = current_build(kept)
    flip(made.quads)
    with pytest.raises(StoreError, match="changed since it was built; 'kg build'"):
        connect(kept, made)
    build(kept)
    assert ask(kept) >= made.manifest["quads"]


@pytest.mark.parametrize("name", ["graph.nq", "store"])
def test_a_changed_build_is_not_served_and_not_rolled_back_to(name: str, kept: Settings) -> None:
    made = current_build(kept)
    flip(largest(made.folder) if name == "store" else made.quads)
    done = run(kept, "serve", "--port", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "changed since it was built" in done.stderr and name in done.stderr
    assert "Traceback" not in done.stderr
    with pytest.raises(BuildError, match="not whole any more"):
        put_in_service(kept, made.folder)


def test_a_flipped_byte_of_a_store_never_changes_an_answer_silently(
    kept: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg.stores.connect, "_fits_memory", lambda _: False)
    right, folder = ask(kept), current_build(kept).folder
    short = replace(kept, deadline=1)
    for file in sorted((folder / "store").glob("*.sst")):
        flip(file)
        try:
            assert ask(short) == right
        except StoreError as error:
            assert "store" in str(error)
        except LimitError as error:  # the engine may look for the end of a broken file for ever
            assert "deadline" in str(error)
        flip(file)
    assert ask(kept) == right


def test_a_link_to_nothing_and_a_link_out_of_the_folder_are_told(kept: Settings, tmp_path: Path) -> None:
    name = current_build(kept).folder.name
    outside = shutil.copytree(kept.builds / name, tmp_path / "elsewhere" / name)
    for there, told in (("nowhere", "names a build that is not there"), (str(outside), "leads out of")):
        point(kept, there)
        with pytest.raises(StoreError, match=told):
            current_build(kept)
        done = run(kept, "builds")
        assert done.returncode == 0 and f"  {name}" in done.stdout, "the builds that are kept are still listed"
        put_in_service(kept, kept.builds / name)
        assert current_build(kept).folder.name == name


def test_a_folder_in_the_place_of_the_link_is_told(kept: Settings) -> None:
    folder = current_build(kept).folder
    (kept.builds / "current").unlink()
    shutil.copytree(folder, kept.builds / "current")
    with pytest.raises(BuildError, match="move it away"):
        build(kept)
    assert builds_in(kept) == sorted([folder.name, "current"])
    assert not list(kept.builds.glob("*.tmp"))


def test_one_unreadable_build_hides_no_other(kept: Settings) -> None:
    foreign = kept.builds / "holidays"
    foreign.mkdir()
    (foreign / "manifest.json").write_text('{"name": "not ours"}')
    assert [b.digest for b in list_builds(kept)] == [current_build(kept).digest]
    assert len(list_faults(kept)) == 1
    done = run(kept, "builds")
    assert done.returncode == 1 and "holidays" in done.stderr and current_build(kept).digest in done.stdout
    build(replace(kept, keep=1))
    assert foreign.exists(), "what is not a build of ours is never dropped"


def test_a_store_of_another_engine_is_told_and_written_anew(kept: Settings, caplog: pytest.LogCaptureFixture) -> None:
    old = current_build(kept)
    manifest = {**old.manifest, "versions": {"claimgraph": "0.0.1", "pyoxigraph": "0.4.0"}}
    (old.folder / "manifest.json").write_text(json.dumps(manifest))
    assert ask(kept) >= old.manifest["quads"]
    assert "written by pyoxigraph 0.4.0" in caplog.text and "'kg build' writes it anew" in caplog.text
    caplog.clear()
    build(kept)
    assert ask(kept) >= old.manifest["quads"]
    assert caplog.text == ""


@pytest.mark.skipif(not IS_ROOT, reason="needs the right to give files away")
def test_a_folder_of_somebody_else_is_served_and_not_written(kept: Settings) -> None:
    for path in [kept.builds, *kept.builds.rglob("*")]:
        os.chown(path, 65534, 65534, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
    for arguments in (["build"], ["rollback", current_build(kept).digest]):
        done = run(kept, *arguments, unprivileged=True)
        assert done.returncode == 2, done.stderr
        assert "Permission denied; the old one stays" in done.stderr and "Traceback" not in done.stderr
    assert_is_served(kept, unprivileged=True)
    (kept.builds / "lock").unlink()
    assert "lock: Permission denied" in run(kept, "build", unprivileged=True).stderr
    assert verify_build(current_build(kept)) == []


@pytest.mark.skipif(not IS_ROOT, reason="needs the right to give files away")
def test_a_build_that_may_not_be_read_is_told(kept: Settings) -> None:
    manifest = current_build(kept).folder / "manifest.json"
    os.chown(manifest, 65534, 65534)
    manifest.chmod(0o600)
    for arguments in (["query", "stats"], ["serve", "--port", "1"]):
        done = run(kept, *arguments, unprivileged=True)
        assert done.returncode == 2, done.stderr
        assert "Permission denied" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture
def read_only(kept: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The builds on a disk that cannot be written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not IS_ROOT or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("cannot mount here")
    try:
        shutil.copytree(kept.builds, disk / "builds", symlinks=True)
        (disk / "builds" / "lock").unlink()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        yield replace(kept, builds=disk / "builds")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_read_only_disk_is_served_and_not_written(read_only: Settings) -> None:
    done = run(read_only, "build")
    assert done.returncode == 2
    assert "Read-only file system; the old one stays" in done.stderr and "Traceback" not in done.stderr
    assert_is_served(read_only)


def test_a_read_only_disk_without_a_build_is_a_sentence(read_only: Settings) -> None:
    done = run(replace(read_only, builds=read_only.builds.parent / "none"), "serve", "--port", "1")
    assert done.returncode == 2
    assert "Read-only file system" in done.stderr and "Traceback" not in done.stderr


def assert_is_served(settings: Settings, unprivileged: bool = False, before: tuple[str, ...] = ()) -> None:
    """Serve a folder as `kg serve` does and ask for a page."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        port = int(taken.getsockname()[1])
    env = {**os.environ, "KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_SOURCES": ""}
    code = f"import sys; from kg.cli.__main__ import main; sys.argv = ['kg', 'serve', '--port', '{port}']; main()"
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [*before, sys.executable, "-c", code],
            env=env,
            stdout=log,
            stderr=log,
            preexec_fn=give_up_rights if unprivileged else None,
        ) as process,
    ):
        try:
            status = wait_for(Service(port, None, settings.builds), "/entities.json")
        finally:
            process.kill()
        log.seek(0)
        assert status == 200, log.read()


def wait_for(service: Service, target: str, wanted: int = 200) -> int:
    """Ask until an answer has the wanted status, for at most half a minute; return the last status."""
    status = 0
    for _ in range(300):
        try:
            reply = service.get(target)
        except OSError:
            reply = None
        status = reply.status if reply else 0
        if status == wanted:
            break
        time.sleep(0.1)
    return status


def test_a_service_whose_build_breaks_answers_503_and_recovers() -> None:
    with serve(KG_WORKERS="1", KG_DEADLINE="2") as service:
        settings = replace(Settings(), data=Path(os.environ.get("KG_DATA", "")), builds=service.builds, workers=1)
        link = service.builds / "current"
        folder = link.resolve()
        link.unlink()
        reply = service.get("/health")
        assert reply is not None and (reply.status, reply.media_type) == (503, "application/problem+json")
        assert b"there is no build" in reply.body
        link.symlink_to(folder.name)
        assert wait_for(service, "/entities.json") == 200
        (folder / "manifest.json").write_text("{}")
        assert wait_for(service, "/entities.json", 503) == 503
        remade(settings)
        assert wait_for(service, "/entities.json") == 200
        assert service.failure() == ""


def test_a_service_whose_store_breaks_answers_503_and_recovers() -> None:
    with serve(on_disk=True, KG_WORKERS="1", KG_DEADLINE="2", KG_MEMORY="1500") as service:
        settings = replace(Settings(), builds=service.builds, workers=1)
        folder = (service.builds / "current").resolve()
        for file in (folder / "store").glob("*.sst"):
            os.truncate(file, 100)
        service.sparql(b"SELECT * WHERE " + b"{" * 3000 + b"}" * 3000)  # ends the worker; the next one finds no store
        assert wait_for(service, "/entities/veltrine.ttl", 503) == 503
        remade(settings)
        assert wait_for(service, "/entities/veltrine.ttl") == 200
        assert service.failure() == ""


def remade(settings: Settings) -> Build:
    """Build the tiny corpus anew, as it was."""
    from tests.robustness.service import DATA

    return build(replace(settings, data=DATA))


@pytest.mark.skipif(not IS_ROOT or not shutil.which("unshare"), reason="needs the right to make process namespaces")
def test_the_service_runs_as_the_first_process_of_a_container(kept: Settings) -> None:
    assert_is_served(kept, before=("unshare", "--pid", "--fork", "--kill-child"))
