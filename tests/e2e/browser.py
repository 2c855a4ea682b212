"""A real Chromium for the tests, and a visitor who notes whatever goes wrong while looking at pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Response

#: Nothing may leave the machine: neither what a page asks for nor what the browser does by itself.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def find_chromium() -> str | None:
    """Return the path of the browser: CHROMIUM, or the first of the usual names."""
    return os.environ.get("CHROMIUM") or next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Run the browser until the block ends."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """A window on a service; `faults` holds every request to elsewhere, error of a script and refusal of the policy."""

    def __init__(self, browser: Browser, service: str, **options: Any) -> None:
        self.service = service
        self.context: BrowserContext = browser.new_context(
            base_url=service, viewport=DESKTOP, reduced_motion="reduce", **options
        )
        self.context.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda request: self._note_address(request.url))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._note("error", str(error)))
        self.page.on("response", self._note_failure)
        self.expected: set[int] = set()

    def open(self, address: str, status: int = 200) -> Page:
        """Open an address of the service, and see that it answers as expected."""
        self.expected = {status}
        response = self.page.goto(address)
        assert response is not None and response.status == status, f"{address}: {response and response.status}"
        return self.page

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def _note_address(self, address: str) -> None:
        if not address.startswith((self.service + "/", "data:", "blob:" + self.service)):
            self.faults.append(f"{self.page.url} asks for {address}")

    def _note(self, kind: str, text: str) -> None:
        # That an answer has a status of 4xx is told by the next method, which knows whether it was expected.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource: the server responded"):
            self.faults.append(f"{self.page.url}: {kind}: {text}")

    def _note_failure(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{self.page.url}: {response.url} answers {response.status}")
