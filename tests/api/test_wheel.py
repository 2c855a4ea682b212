"""The package as it is given away. Builds need the package registries, so this runs where KG_WEB=required, as in CI."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kg.settings import Settings
from kg.stores.connect import Build

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.environ.get("KG_WEB") != "required", reason="KG_WEB is not 'required'")
BUILT = "api/static/built/"
SERVE = """
import re, sys
from pathlib import Path
from starlette.testclient import TestClient
import api
from api.app import create_app
from api.assets import island
from kg.settings import Settings

assert Path(api.__file__).is_relative_to(sys.argv[1]), api.__file__
with TestClient(create_app(Settings(builds=Path(sys.argv[2]), workers=1)), base_url="http://127.0.0.1") as client:
    address = re.search('src="([^"]+)"', island("graph"))[1]
    print(client.get(address).headers["content-type"])
"""


def copy_tree(folder: Path) -> Path:
    left_out = shutil.ignore_patterns("built", "node_modules", "__pycache__")
    for name in ("api", "kg", "data", "ontology"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    return folder


def build_wheel(tree: Path, out: Path, wish: str) -> subprocess.CompletedProcess[str]:
    """Build with nothing but a shell on the path, and so with no Node."""
    path = tree.with_name(f"{tree.name}-path")
    path.mkdir()
    (path / "sh").symlink_to(str(shutil.which("sh")))
    words = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "-w", str(out), str(tree)]
    return subprocess.run(words, env={**os.environ, "PATH": str(path), "KG_WEB": wish}, capture_output=True, text=True)


def read_assets(out: Path) -> dict[str, bytes]:
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith(BUILT)}


def test_two_builds_are_the_same_and_the_wheel_serves_its_assets(tmp_path: Path, built: tuple[Settings, Build]) -> None:
    outs = []
    for name in ("one", "another-place"):
        tree, out = tmp_path / name, tmp_path / f"{name}-out"
        tree.mkdir()
        done = build_wheel(copy_tree(tree), out, "required")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        outs.append(out)
    assets = read_assets(outs[0])
    assert f"{BUILT}LICENSES.txt" in assets
    assert assets == read_assets(outs[1])

    site = tmp_path / "site"
    (wheel,) = outs[0].glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        assert not [name for name in archive.namelist() if name.startswith("api/web/")]
    words = [sys.executable, "-c", SERVE, str(site), str(built[0].builds)]
    env = {**os.environ, "PYTHONPATH": str(site), "PATH": ""}
    done = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip().startswith("text/javascript"), done.stderr


@pytest.mark.parametrize(("wish", "code"), [("", 0), ("required", 1), ("skip", 0)])
def test_a_failing_web_build_fails_only_where_it_is_required(tmp_path: Path, wish: str, code: int) -> None:
    tree, out = tmp_path / "tree", tmp_path / "out"
    tree.mkdir()
    (copy_tree(tree) / "api/web/package-lock.json").write_text("{}")
    done = build_wheel(tree, out, wish)
    assert done.returncode == code, done.stdout[-2000:] + done.stderr[-2000:]
    if code == 0:
        assert read_assets(out) == {}
    assert ("were not built" in done.stdout + done.stderr) == (wish == "")
