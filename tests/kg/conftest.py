"""A corpus of some size, invented; everything real but the texts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.settings import Settings
from kg.vocabulary import read_vocabulary
from tests.benchmarks.corpus import Invention
from tests.benchmarks.folder import write_data


@pytest.fixture
def larger(tmp_path: Path) -> Settings:
    """Settings over twelve invented documents that share propositions, judged by the faster engine."""
    shutil.copytree(Settings().ontology, tmp_path / "ontology")
    write_data(tmp_path / "data", Invention(300, read_vocabulary(Settings().ontology, Settings().base)))
    data, ontology, builds = tmp_path / "data", tmp_path / "ontology", tmp_path / "builds"
    return Settings(data=data, ontology=ontology, builds=builds, engine="shacl", workers=1)
