"""The notebook runs from the top, as it is kept: without outputs.

Its code cells are run in a plain namespace and not by a kernel: they are plain Python, and the packages of Jupyter
would be the largest part of the test tools.
"""

import json
from pathlib import Path

import pytest

from kg.settings import Settings
from kg.stores.connect import Build

NOTEBOOK = json.loads((Path(__file__).parents[2] / "docs/example.ipynb").read_text(encoding="utf-8"))


def test_the_notebook_opens_the_build_and_answers(
    five: tuple[Settings, Build], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KG_BUILDS", str(five[0].builds))
    monkeypatch.setenv("KG_WORKERS", "1")
    namespace: dict[str, object] = {}
    printed = []
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), namespace)
            printed.append(capsys.readouterr().out)
    assert all(printed), "every cell tells something"
    opened, claims, disagreements, paths, acts, denials, triples = printed
    assert "claims of 5 documents" in opened
    assert "emerging-role-of-ketamine asserts (stated)" in claims
    assert "hard direction: ketamine on glutamate" in disagreements
    assert "ketamine alleviates depressive-symptoms (decreased)" in paths
    assert acts.startswith("[{'act': 'asserts', 'claim_count': ")
    assert denials.count(".") >= 3
    assert triples.endswith(" triples\n")


def test_it_is_kept_without_outputs() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    for cell in NOTEBOOK["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
        assert cell["id"]
