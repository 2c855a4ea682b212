"""What is read ahead: the mechanisms of a build, by a thread of its own; who asks too early is told to come again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.deps import Service
from api.later import Later
from kg.errors import LimitError, StoreError
from kg.settings import Settings
from kg.stores.connect import Build

ADDRESS = "/mechanisms?from=veltrine&to=deep-sleep"


@pytest.fixture
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(replace(built[0], deadline=5)), base_url="http://127.0.0.1") as made:
        yield made


def service(client: TestClient) -> Service:
    found = client.app.state.service  # type: ignore[attr-defined]
    assert isinstance(found, Service)
    return found


def test_it_is_made_once_for_all_who_ask() -> None:
    made: list[int] = []
    later = Later(lambda: made.append(1) or len(made), "being made")  # type: ignore[func-returns-value]
    later.start()
    assert [later.get(5), later.get(5)] == [1, 1]


def test_what_goes_wrong_is_told_and_tried_again() -> None:
    tries = iter([StoreError("the store is gone"), None])

    def make() -> str:
        if error := next(tries):
            raise error
        return "made"

    later = Later(make, "being made")
    with pytest.raises(StoreError, match="gone"):
        later.get(5)
    assert later.get(5) == "made"


def test_it_comes_to_its_end_before_what_it_reads_is_closed() -> None:
    go, order = threading.Event(), list[str]()
    later = Later(lambda: go.wait(10) and order.append("made"), "being made")
    later.settle(5)
    later.start()
    later.settle(0.01)
    assert order == [], "no longer than so long"
    threading.Timer(0.05, go.set).start()
    later.settle(5)
    assert order == ["made"]


def test_who_waits_too_long_is_told_what_for() -> None:
    done = threading.Event()
    later = Later(lambda: done.wait(10), "the kettle is on")
    with pytest.raises(LimitError, match="busy: the kettle is on; try again in a moment"):
        later.get(0.01)
    done.set()
    assert later.get(5)


def test_mechanisms_are_read_before_anybody_asks(client: TestClient) -> None:
    opened = service(client).peek()
    assert opened is not None
    assert opened.mechanisms.start().result(10).hops
    assert "mechanisms" not in vars(opened.graph), "the service reads them by its own way"
    assert client.get(ADDRESS).json()["paths"]


def test_a_request_that_comes_before_they_are_read_is_asked_to_come_again(client: TestClient) -> None:
    opened = service(client).peek()
    assert opened is not None
    read, done = opened.mechanisms, threading.Event()
    opened.mechanisms = Later(lambda: done.wait(30) and read.get(5), "the mechanisms are being read")  # type: ignore[arg-type,return-value]
    service(client).settings = replace(service(client).settings, deadline=0.05)
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["detail"] == "busy: the mechanisms are being read; try again in a moment"
    done.set()
    opened.mechanisms.start().result(10)
    assert client.get(ADDRESS).status_code == 200


def test_an_answer_says_which_option_would_open_more(client: TestClient) -> None:
    body = client.get(ADDRESS).json()
    assert body["stopped"] is None
    assert body["openings"] == [{"option": "inverted", "paths": 1, "more": False}]
    assert len(client.get(f"{ADDRESS}&inverted=true").json()["paths"]) == len(body["paths"]) + 1
    page = client.get(ADDRESS, headers={"Accept": "text/html"}).text
    assert "One option more would open further paths" in page
    assert f'<a href="{ADDRESS.replace("&", "&amp;")}&amp;inverted=true">steps turned round</a> 1.' in page
