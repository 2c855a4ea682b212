"""Kill a build at random moments; after each the build in service must open and be whole, and the next build must work.

Each third time a rival builds beside it: one of both holds the lock or waits for it when the other is killed, and has
to end well.

python -m tests.robustness.kill_build 200
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from kg.build import build, verify_build
from kg.settings import Settings
from kg.stores.base import Question
from kg.stores.connect import current_build
from kg.stores.embedded import EmbeddedStore

_CODE = "from kg.build import build; from kg.settings import Settings; build(Settings.from_environment())"


def run(settings: Settings, kills: int, seed: int) -> dict[str, float]:
    """Kill builds; return how many left no whole build in service, or files, and how many other builds failed."""
    random.seed(seed)
    claims = settings.data / "sleep/calm-nights/claims.toml"
    env = {**os.environ, "KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_SOURCES": ""}
    build(settings)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", _CODE], env=env, check=True)
    whole = time.perf_counter() - started
    lost = failed = unfinished = rivals = left = 0
    for number in range(kills):
        text = re.sub(r"may( [0-9]+)? be released", f"may {number} be released", claims.read_text())
        claims.write_text(text)
        with contextlib.ExitStack() as stack:
            command = [sys.executable, "-c", _CODE]
            both = [
                stack.enter_context(subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL))
                for _ in range(1 + (number % 3 == 2))
            ]
            random.shuffle(both)
            time.sleep(random.uniform(0.1, 1.2) * whole * len(both))
            unfinished += both[0].poll() is None
            both[0].kill()
            rivals += len(both) - 1
            failed += any(rival.wait(60) != 0 for rival in both[1:])
        lost += not _is_whole(settings)
        try:
            failed += build(settings).digest != current_build(settings).digest
        except Exception:  # any failure counts, whatever it is
            failed += 1
        left += len(list(settings.builds.glob("*.tmp")))
    found = {"kills": kills, "killed at work": unfinished, "with a rival": rivals}
    return {**found, "lost": lost, "failed": failed, "left behind": left}


def _is_whole(settings: Settings) -> bool:
    found = current_build(settings)
    if verify_build(found):
        return False
    store = EmbeddedStore.open(found.folder / "store")
    answer = store.query(Question("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"))
    count = int(json.loads(answer.body)["results"]["bindings"][0]["n"]["value"])
    store.close()
    return count >= found.manifest["quads"]


if __name__ == "__main__":
    import shutil

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(Path(__file__).parents[1] / "corpus" / "data", Path(folder) / "data")
        made = replace(Settings(), data=Path(folder) / "data", builds=Path(folder) / "builds", workers=1)
        print(json.dumps(run(made, int(sys.argv[1]) if len(sys.argv) > 1 else 200, seed=1)))
