"""A build whose shapes are applied by Dask workers, one of which is killed midway."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kg.build import build
from kg.errors import SettingsError
from kg.settings import Settings
from kg.shapes.cluster import describe, join_cluster

pytest.importorskip("distributed")
#: Dask starts its workers from the main module, so the cluster lives in a program of its own.
PROGRAM = """
import os, signal, sys, threading, time
from pathlib import Path
from distributed import LocalCluster
from kg.build import build
from kg.shapes.cluster import join_cluster
from kg.settings import Settings

def kill(cluster):
    while not any(task.state == "processing" for task in list(cluster.scheduler.tasks.values())):
        time.sleep(0.005)
    os.kill(cluster.workers[0].process.pid, signal.SIGKILL)
    print("killed", flush=True)

if __name__ == "__main__":
    settings = Settings(data=Path(sys.argv[1]), builds=Path(sys.argv[2]))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        with join_cluster(cluster.scheduler_address, settings) as run:
            threading.Thread(target=kill, args=[cluster], daemon=True).start()
            print(build(settings, run=run).digest, flush=True)
"""


def test_a_cluster_gives_the_same_build_when_a_worker_is_killed(settings: Settings, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(settings.data), str(tmp_path / "elsewhere")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "killed" in done.stdout
    here = build(replace(settings, sources=()))
    assert here.digest in done.stdout.split()
    there = tmp_path / "elsewhere/current/graph.nq"
    assert there.read_bytes() == here.quads.read_bytes()


def test_what_differs_on_a_worker_is_told(settings: Settings, tmp_path: Path) -> None:
    from kg.shapes.cluster import _compare_workers

    shapes = settings.ontology / "shapes"
    alike = describe(shapes, "pyshacl")
    assert alike != describe(tmp_path, "pyshacl"), "a worker without the shapes"
    _compare_workers({"one": alike}, settings)
    with pytest.raises(SettingsError, match="the Dask worker two is not like this machine: another release"):
        _compare_workers({"one": alike, "two": describe(tmp_path, "pyshacl")}, settings)
    with pytest.raises(SettingsError, match="no module named kg"):
        _compare_workers({"one": ImportError("no module named kg")}, settings)
    with pytest.raises(SettingsError, match="has no worker"):
        _compare_workers({}, settings)


def test_a_scheduler_that_is_not_there_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.shapes.cluster._PATIENCE", 1)
    with pytest.raises(SettingsError, match="no Dask scheduler answers"), join_cluster("tcp://127.0.0.1:9", settings):
        pass
