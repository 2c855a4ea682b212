"""Measure the pages of the five documents in a real browser, and take the picture of the README.

    python -m tests.e2e.weight

writes docs/PAGES.md and docs/compare.png. What is measured depends on the machine: no test asserts it.
"""

from __future__ import annotations

import os
import platform
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from kg.build import build
from kg.settings import Settings
from tests.e2e.addresses import KETAMINE, list_pages
from tests.e2e.browser import DESKTOP, Visitor, run_browser
from tests.e2e.service import serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = Path(__file__).parents[2] / "docs"
LOADS = 5
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True)
class Weight:
    """What one load of a page, with nothing kept from before, took."""

    requests: int
    bytes: int
    bytes_of_scripts: int
    milliseconds: float


def main() -> None:
    """Build the five documents, measure every page of them, and write what was found."""
    with tempfile.TemporaryDirectory(prefix="claimgraph-weight-") as folder:
        settings = replace(Settings.from_environment(), builds=Path(folder))
        build(settings)
        with serve(settings) as service, run_browser() as browser:
            pages = list_pages(service, KETAMINE)
            if not settings.sources:
                del pages["text"]
            found = {name: [weigh(browser, service, address) for _ in range(LOADS)] for name, address in pages.items()}
            (DOCS / "PAGES.md").write_text(report(found, browser.version), encoding="utf-8")
            take_picture(browser, service)


def weigh(browser: Browser, service: str, address: str) -> Weight:
    """Load a page in a new window and wait until nothing is fetched any more."""
    visitor = Visitor(browser, service)
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network = visitor.context.new_cdp_session(visitor.page)
    network.send("Network.enable")
    network.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    network.on("Network.loadingFinished", lambda told: _note(sizes, told))
    page = visitor.open(address)
    page.wait_for_load_state("networkidle")
    paint = page.evaluate(PAINT)
    visitor.close()
    scripts = sum(size for name, size in sizes.items() if kinds.get(name) == "Script")
    return Weight(len(sizes), sum(sizes.values()), scripts, paint)


def _note(sizes: dict[str, int], told: dict[str, Any]) -> None:
    sizes[told["requestId"]] = round(told["encodedDataLength"])


def report(found: dict[str, list[Weight]], version: str) -> str:
    """Return the measurements as a page of Markdown."""
    rows = [
        f"| {name} | {loads[0].requests} | {max(w.bytes for w in loads) / 1000:,.0f} "
        f"| {max(w.bytes_of_scripts for w in loads) / 1000:,.0f} | {median(w.milliseconds for w in loads):,.0f} |"
        for name, loads in found.items()
    ]
    return f"""# What the pages weigh

Measured by `python -m tests.e2e.weight`, which rewrites this page: every page of the five documents, {LOADS} loads
each, every load in a new window that has nothing kept. kB are bytes on the wire, headers included, as the service sends
them: uncompressed, which a reverse proxy changes. Scripts are part of kB; they load beside the page, and none is needed
to read it. First paint is the median; it has the work of the service in it.

Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()},
Chromium {version}, the service on the same machine, load average {os.getloadavg()[0]:.1f} at the end.

| page | requests | kB | of it scripts | first paint, ms |
|---|---:|---:|---:|---:|
{chr(10).join(rows)}
"""


def take_picture(browser: Browser, service: str) -> None:
    """Show in docs/compare.png what the comparison on glutamate looks like."""
    visitor = Visitor(browser, service, color_scheme="light")
    page = visitor.open(f"/compare?entity={KETAMINE['entity']}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=DOCS / "compare.png", clip={"x": 0, "y": 0, **DESKTOP})
    visitor.close()


if __name__ == "__main__":
    main()
