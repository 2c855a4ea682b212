"""Schemathesis over the OpenAPI document of a real service: no server error, and only what the document states.

python -m tests.robustness.schema [--examples N] [--seed S]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile

from tests.robustness.service import serve

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def run(examples: int, seed: int) -> tuple[int, str]:
    """Return how many requests were generated, and what failed, empty when nothing did."""
    with serve(KG_WORKERS="2", KG_DEADLINE="2") as service, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/openapi.json", "--no-color"]
        command += ["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples)]
        done = subprocess.run([*command, "--seed", str(seed)], cwd=folder, capture_output=True, text=True)
        generated = re.search(r"(\d+) generated", done.stdout)
        failure = service.failure() or (done.stdout + done.stderr if done.returncode else "")
        return int(generated[1]) if generated else 0, failure


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count, wrong = run(options.examples, options.seed)
    print(wrong or f"{count} requests, no failure")
    raise SystemExit(bool(wrong))
