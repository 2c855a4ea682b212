"""A tiny invented corpus, built once; everything real but the texts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kg.build import build
from kg.settings import Settings
from kg.stores.connect import Build

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings over a copy of the tiny corpus, so that a test may change it."""
    shutil.copytree(CORPUS / "data", tmp_path / "data")
    return Settings(data=tmp_path / "data", builds=tmp_path / "builds", sources=(CORPUS / "texts",), workers=1)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Build]:
    """The tiny corpus, built; not to be changed."""
    folder = tmp_path_factory.mktemp("built")
    tiny = Settings(data=CORPUS / "data", builds=folder, sources=(CORPUS / "texts",), workers=1)
    return tiny, build(tiny)


@pytest.fixture
def built_settings(built: tuple[Settings, Build]) -> Settings:
    return replace(built[0])


@pytest.fixture(scope="session")
def five(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Build]:
    """The five documents, built as anyone would build them; not to be changed."""
    settings = Settings(builds=tmp_path_factory.mktemp("five"), workers=1)
    return settings, build(settings)
