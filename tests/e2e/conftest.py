"""Services of the invented corpus and of the five documents, and a visitor in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg.build import build
from kg.settings import Settings
from kg.stores.connect import Build
from tests.e2e.browser import Visitor, find_chromium, run_browser
from tests.e2e.service import serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser


# The loop of the browser must not outlive these tests: others start loops of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    pytest.importorskip("playwright", reason="no playwright: pip install -e '.[e2e]'")
    if not find_chromium():
        pytest.skip("no browser: install chromium, or name one in CHROMIUM")
    with run_browser() as running:
        yield running


@pytest.fixture(scope="package")
def invented(browser: Browser, built: tuple[Settings, Build]) -> Iterator[str]:
    """The address of the invented corpus, served with its texts."""
    with serve(built[0]) as address:
        yield address


@pytest.fixture(scope="package")
def ketamine(browser: Browser, five: tuple[Settings, Build]) -> Iterator[str]:
    """The address of the five documents, with their texts where KG_SOURCES names them."""
    with serve(replace(Settings.from_environment(), builds=five[0].builds)) as address:
        yield address


@pytest.fixture(scope="package")
def strange(browser: Browser, built: tuple[Settings, Build], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the invented corpus with a label of markup, quotes and Hebrew, and without texts."""
    folder = tmp_path_factory.mktemp("strange")
    shutil.copytree(built[0].data, folder / "data")
    _replace(folder / "data" / "entities" / "all.toml", 'label = "veltrine"', f"label = '{STRANGE}'")
    _replace(folder / "data" / "sleep" / "calm-nights" / "document.toml", "Calm nights", "<script>alert(1)</script>")
    settings = replace(built[0], data=folder / "data", builds=folder / "builds", sources=())
    build(settings)
    with serve(settings) as address:
        yield address


STRANGE = '<b>x</b> & "y" א'


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open windows on services; what goes wrong in any of them fails the test."""
    visitors: list[Visitor] = []

    def go(service: str, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, service, **options))
        return visitors[-1]

    yield go
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.close()
    assert faults == []
