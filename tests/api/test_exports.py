"""The service gives each format away, byte for byte as the library writes it."""

import io
import re
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import BinaryIO

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg.exports import FORMATS, get_format
from kg.exports.delivery import Desk, spool
from kg.exports.format import Format
from kg.graph import Graph, open_build
from kg.settings import Settings
from kg.stores.connect import Build

LOCAL = "http://127.0.0.1"
EVERY = pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.name)


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url=LOCAL) as made:
        yield made


@EVERY
def test_each_format_by_name_and_by_ending(client: TestClient, built: tuple[Settings, Build], form: Format) -> None:
    with open_build(*built) as graph:
        with spool(form, graph, built[1], None) as body:
            whole = body.read()
        with spool(form, graph, built[1], "calm-nights") as body:
            one = body.read()
    for path, expected in (
        (f"/export/{form.name}", whole),
        (f"/export/graph.{form.suffix}", whole),
        (f"/export/{form.name}?document=calm-nights", one),
        (f"/export/document/calm-nights.{form.suffix}", one),
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.content == expected, path
        assert answer.headers["content-type"].split(";")[0] == form.media_type
        assert answer.headers["x-build-digest"] == built[1].digest
        assert answer.headers["link"].startswith("<https://creativecommons.org/licenses/by/4.0/>")
        name = "calm-nights" if "calm" in path else "graph"
        assert answer.headers["content-disposition"].endswith(f'{name}-{built[1].digest[:12]}.{form.suffix}"')
    again = client.get(f"/export/{form.name}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 200, "the tag is of another address"
    tag = client.get(f"/export/{form.name}").headers["etag"]
    assert client.get(f"/export/{form.name}", headers={"If-None-Match": tag}).status_code == 304
    assert client.head(f"/export/{form.name}").content == b""


def test_what_the_client_has_is_not_written_again(built: tuple[Settings, Build]) -> None:
    with TestClient(create_app(built[0]), base_url=LOCAL) as client:
        first = client.get("/export/nanopub")
        client.app.state.desk = Desk(0)  # type: ignore[attr-defined]
        again = client.get("/export/nanopub", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        same = ("etag", "link", "cache-control", "x-build-digest", "content-disposition")
        assert [again.headers[name] for name in same] == [first.headers[name] for name in same]
        assert "content-type" not in again.headers
        other = client.get("/export/nanopub", headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.json()["limit"], other.headers["retry-after"]) == (503, "busy", "1")
        client.app.state.desk = Desk(1)  # type: ignore[attr-defined]
        assert client.get("/export/nanopub").content == first.content, "a 304 is not kept as the answer"


@pytest.mark.parametrize("name", ["\U000cb1e5", 'a"\r\nb', "nosuch"])
def test_a_document_that_is_none_is_not_found_whatever_the_client_has(client: TestClient, name: str) -> None:
    answer = client.get("/export/rdf", params={"document": name}, headers={"If-None-Match": "*"})
    assert answer.status_code == 404


def test_many_exports_at_once_leave_the_others_answered(built: tuple[Settings, Build]) -> None:
    with TestClient(create_app(built[0]), base_url=LOCAL) as client, ThreadPoolExecutor(12) as pool:
        exports = [pool.submit(client.get, "/export/nanopub") for _ in range(12)]
        assert [client.get("/health").status_code for _ in range(5)] == [200] * 5
        assert {e.result().status_code for e in exports} <= {200, 503}


def test_the_list_has_every_format_with_what_it_keeps_and_loses(client: TestClient) -> None:
    listed = client.get("/export").json()
    assert [f["name"] for f in listed["formats"]] == [f.name for f in FORMATS]
    assert all(f["keeps"] and f["loses"] for f in listed["formats"])
    for address in [*listed["graph"].values(), *listed["documents"]["calm-nights"].values()]:
        assert client.head(address).status_code == 200, address


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/export/grphml", 404, "nearest: graphml"),
        ("/export/graph.xyz", 404, "there is no format 'xyz'"),
        ("/export/document/calm-nights", 404, "there is no format ''"),
        ("/export/document/calm-night.csv.zip", 404, "nearest: calm-nights"),
        ("/export/graphml?document=nothing", 404, "no document 'nothing'"),
        ("/export/graphml?documnt=calm-nights", 400, "documnt"),
    ],
)
def test_what_there_is_not_is_told(client: TestClient, path: str, status: int, told: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]


def test_a_package_is_a_sound_zip(client: TestClient) -> None:
    with zipfile.ZipFile(io.BytesIO(client.get("/export/csv").content)) as package:
        assert package.testzip() is None
        assert "datapackage.json" in package.namelist()


def test_only_so_many_are_written_at_once_and_others_are_told_to_come_again(built: tuple[Settings, Build]) -> None:
    """A writer that waits holds the only place; afterwards it is free again, also after a fault."""
    begun, go = threading.Event(), threading.Event()

    def wait(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
        begun.set()
        assert go.wait(30)

    app = create_app(replace(built[0], workers=1))
    slow = replace(get_format("nt"), write=wait)
    with TestClient(app, base_url=LOCAL) as client, open_build(*built) as graph, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(app.state.desk.spool, slow, graph, built[1], None)
        assert begun.wait(30)
        refused = client.get("/export/nq")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "1 exports are being written" in refused.json()["detail"]
        assert client.get("/documents").status_code == 200
        go.set()
        writing.result(30).close()
        assert client.get("/export/nq?document=nothing").status_code == 404
        assert client.get("/export/nq").status_code == 200


def test_a_nanopublication_asked_for_by_name_is_told_where_to_be_had(client: TestClient) -> None:
    text = client.get("/export/nanopub").text
    base, code = re.search(r"@prefix this: <(.*)np/(RA[\w-]{43})>", text).groups()  # type: ignore[union-attr]
    assert base == "https://w3id.org/claimgraph/"
    for part in ("", "/assertion"):
        answer = client.get(f"/np/{code}{part}")
        assert answer.status_code == 404 and f"{code} is of a claim of this build, /export/nanopub" in answer.text
    assert "RA and 43 signs" in client.get("/np/1").json()["detail"]
