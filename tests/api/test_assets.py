import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.assets import BUILT, read_manifest, tags
from api.deps import templates
from kg.settings import Settings
from kg.stores.connect import Build

WEB = Path(__file__).parents[2] / "api/web"
ISLANDS = sorted(file.stem for file in (WEB / "src").glob("*.js"))


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url="http://127.0.0.1") as made:
        yield made


def test_an_island_is_its_styles_and_its_script(tmp_path: Path) -> None:
    entry = {"file": "graph-1a.js", "css": ["graph-2b.css"], "isEntry": True}
    (tmp_path / "manifest.json").write_text(json.dumps({"src/graph.js": entry}))
    assert tags("graph", tmp_path) == (
        '<link rel="stylesheet" href="/static/built/graph-2b.css">\n'
        '<script type="module" src="/static/built/graph-1a.js"></script>'
    )
    assert tags("unknown", tmp_path) == ""


def test_without_a_web_build_there_is_nothing_to_load(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == {}
    assert tags("graph", tmp_path) == ""


def test_what_a_manifest_says_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"src/x.js": {"file": '"><script>'}}))
    assert "<script>" not in tags("x", tmp_path).removesuffix("</script>")


def test_every_island_that_a_template_names_has_a_source() -> None:
    assert ISLANDS
    for name in templates.env.list_templates(extensions=["html"]):
        source, _, _ = templates.env.loader.get_source(templates.env, name)  # type: ignore[union-attr]
        assert set(re.findall(r'island\("(\w+)"\)', source)) <= set(ISLANDS), name


@pytest.mark.skipif(not BUILT.is_dir(), reason="the web build is missing")
@pytest.mark.parametrize("name", ISLANDS)
def test_every_island_is_served(client: TestClient, name: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', tags(name, BUILT))
    assert addresses
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] in {"text/javascript", "text/css"}


@pytest.mark.skipif(not BUILT.is_dir(), reason="the web build is missing")
def test_the_licences_of_what_is_bundled_are_served(client: TestClient) -> None:
    text = client.get("/static/built/LICENSES.txt").text
    for package in ("@zazuko/yasqe", "codemirror", "cytoscape", "cytoscape-fcose", "htmx.org", "swagger-ui-dist"):
        assert re.search(rf"^{re.escape(package)} \d", text, re.MULTILINE), package


def test_the_documentation_of_the_api_stands_without_scripts(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "<td><code>/compare</code></td><td>GET</td>" in page.text
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page.text)
    assert re.findall(r'(?:src|action)="(https?:[^"]*)"', page.text) == []


def test_only_the_documentation_loosens_the_policy_and_only_for_images(client: TestClient) -> None:
    elsewhere = client.get("/queries", headers={"Accept": "text/html"}).headers["content-security-policy"]
    here = client.get("/docs").headers["content-security-policy"]
    assert "data:" not in elsewhere
    assert set(here.split("; ")) - set(elsewhere.split("; ")) == {"img-src 'self' data:"}


def test_the_lock_file_holds_hashes_and_no_addresses_of_packages() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    locked = {name: told for name, told in packages.items() if name}
    assert all(told["integrity"].startswith("sha512-") for told in locked.values())
    assert not any("resolved" in told for told in locked.values())


@pytest.mark.skipif(not BUILT.is_dir(), reason="the web build is missing")
def test_what_has_a_hash_in_its_name_is_kept_for_good_and_comes_packed(client: TestClient) -> None:
    address = re.findall(r'src="([^"]+)"', tags("docs", BUILT))[0]
    packed = client.get(address)
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-encoding"] == "gzip" and "Accept-Encoding" in packed.headers["vary"]
    assert packed.headers["content-type"].startswith("text/javascript")
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == packed.content == (BUILT / Path(address).name).read_bytes()
    assert "content-encoding" not in plain.headers and "Accept-Encoding" in plain.headers["vary"]
    assert plain.headers["etag"] != packed.headers["etag"]
    for answer, coding in ((packed, "gzip"), (plain, "identity")):
        sent = {"If-None-Match": answer.headers["etag"], "Accept-Encoding": coding}
        again = client.get(address, headers=sent)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


@pytest.mark.parametrize("coding", ["gzip;q=0", "gzip;q=0.0, br", "br", ""])
def test_who_does_not_take_gzip_gets_none(client: TestClient, coding: str) -> None:
    answer = client.get("/static/style.css", headers={"Accept-Encoding": coding})
    assert "content-encoding" not in answer.headers and "body" in answer.text


def test_other_files_are_packed_but_asked_for_each_time(client: TestClient) -> None:
    answer = client.get("/static/style.css", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert (answer.headers["content-encoding"], answer.headers["cache-control"]) == ("gzip", "no-cache")
    assert answer.text == (BUILT.parent / "style.css").read_text(encoding="utf-8")
    assert client.head("/static/style.css").content == b""
    part = client.get("/static/style.css", headers={"Range": "bytes=0-9"})
    assert part.status_code == 206 and len(part.content) == 10 and "content-encoding" not in part.headers
    assert client.get("/static/nothing.css").status_code == 404
