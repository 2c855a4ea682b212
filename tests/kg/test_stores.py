"""One contract for every store: in memory, on disk, behind workers, and a real SPARQL server over HTTP."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.errors import LimitError, QueryError, StoreError
from kg.stores.base import GRAPHS, RESULTS, Question, Store
from kg.stores.cached import CachedStore
from kg.stores.embedded import EmbeddedStore
from kg.stores.remote import RemoteStore
from kg.stores.workers import WorkerPool
from tests.kg.endpoints import SERVERS, Endpoint, free_port

LINES = [
    '<http://e.org/a> <http://e.org/p> "one \\"two\\""@en <http://e.org/g1> .\n',
    "<http://e.org/a> <http://e.org/q> <http://e.org/b> <http://e.org/g1> .\n",
    '<http://e.org/b> <http://e.org/p> "5"^^<http://www.w3.org/2001/XMLSchema#integer> <http://e.org/g2> .\n',
]


@pytest.fixture(scope="session")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Endpoint]]:
    """Real servers, each started when it is first asked for."""
    with contextlib.ExitStack() as stack:
        started: dict[str, Endpoint] = {}

        def start(name: str) -> Endpoint:
            if name not in started:
                started[name] = stack.enter_context(SERVERS[name](tmp_path_factory.mktemp(name)))
            return started[name]

        yield start


@pytest.fixture(params=["memory", "disk", "workers", "shared memory", "cached", *SERVERS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store
    if request.param == "memory":
        made = EmbeddedStore.in_memory()
        made.load(LINES)
    elif request.param in SERVERS:
        endpoint = request.getfixturevalue("endpoints")(request.param)
        made = RemoteStore(endpoint.query, endpoint.graphs)
        made.load(LINES)
    elif request.param == "shared memory":
        (tmp_path / "graph.nq").write_text("".join(LINES), encoding="utf-8")
        made = WorkerPool(tmp_path / "store", size=1, deadline=2, texts=(tmp_path / "graph.nq",))
    else:
        disk = EmbeddedStore.create(tmp_path / "store")
        disk.load(LINES)
        disk.close()
        opened = EmbeddedStore.open(tmp_path / "store")
        made = opened if request.param == "disk" else WorkerPool(tmp_path / "store", size=1, deadline=2)
        made = CachedStore(made) if request.param == "cached" else made
    yield made
    made.close()


def rows(store: Store, text: str, **more: tuple[str, ...]) -> list[dict[str, str]]:
    answer = store.query(Question(text, **more))  # type: ignore[arg-type]
    return [{k: v["value"] for k, v in r.items()} for r in json.loads(answer.body)["results"]["bindings"]]


def test_the_default_graph_is_the_union(store: Store) -> None:
    found = rows(store, "SELECT ?o WHERE { <http://e.org/a> <http://e.org/q>/<http://e.org/p> ?o }")
    assert found == [{"o": "5"}]


def test_a_dataset_of_its_own_bounds_a_query(store: Store) -> None:
    text = "SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s"
    assert len(rows(store, text)) == 3
    assert rows(store, text, default_graphs=("http://e.org/g2",)) == [{"s": "http://e.org/b"}]
    named = "SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert rows(store, named, named_graphs=("http://e.org/g2",)) == [{"g": "http://e.org/g2"}]


def test_from_names_the_dataset_unless_the_request_does(store: Store) -> None:
    text = "SELECT ?s FROM <http://e.org/g2> WHERE { ?s ?p ?o }"
    assert rows(store, text) == [{"s": "http://e.org/b"}]
    assert len(rows(store, text, default_graphs=("http://e.org/g1",))) == 2
    assert len(rows(store, "SELECT ?from WHERE { ?from ?p ?o } # FROM <http://e.org/g2>")) == 3


def test_relative_iris_are_relative_to_the_base_of_the_question(store: Store) -> None:
    answer = store.query(Question("ASK { <a> <p> ?o }", base="http://e.org/"))
    assert json.loads(answer.body)["boolean"] is True


@pytest.mark.parametrize("suffix", RESULTS)
def test_every_format_of_results(store: Store, suffix: str) -> None:
    answer = store.query(Question("SELECT ?o WHERE { ?s <http://e.org/p> ?o }", results=RESULTS[suffix]))
    assert answer.media_type == RESULTS[suffix]
    assert b"two" in answer.body


@pytest.mark.parametrize("suffix", GRAPHS)
def test_every_format_of_graphs(store: Store, suffix: str) -> None:
    answer = store.query(Question("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", graph=GRAPHS[suffix]))
    assert answer.media_type == GRAPHS[suffix]
    assert b"two" in answer.body


def test_ask_answers_with_a_boolean(store: Store) -> None:
    assert json.loads(store.query(Question("ASK { ?s ?p ?o }")).body)["boolean"] is True


def test_a_wrong_query_says_where(store: Store) -> None:
    with pytest.raises(QueryError, match="1:"):
        store.query(Question("SELECT ?s WHERE { ?s ?p }"))


def test_an_update_is_no_query(store: Store) -> None:
    with pytest.raises(QueryError):
        store.query(Question("DROP ALL"))


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:s> <a:p> <a:o> }",
        "PREFIX drop: <a:select> # SELECT\nload <a:b>",
        "BASE <http://e.org/> WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_in_the_place_of_a_query_is_told_as_one(text: str) -> None:
    with pytest.raises(QueryError, match="read only"):
        EmbeddedStore.in_memory().query(Question(text))


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } }",
        "SELECT * { { ?s ?p ?o }service?x{ ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o.SERVICE#\n<http://127.0.0.1:1/>{ ?s ?p ?o } }",
    ],
)
def test_federation_is_refused_in_words(text: str) -> None:
    with pytest.raises(QueryError, match=r"federation \(SERVICE\) is not offered"):
        EmbeddedStore.in_memory().query(Question(text))


def test_the_word_service_may_stand_anywhere_else() -> None:
    text = """PREFIX service: <a:service> PREFIX e: <a:> # SERVICE
    SELECT ?service $Service { ?service e:service service:a , e:a-service , e:x.SERVICE , e:%20service , <SERVICE> ,
    "SERVICE \\" SERVICE"@en-service , ''' SERVICE " ''' }"""
    answer = EmbeddedStore.in_memory().query(Question(text, base="http://e.org/"))
    assert b'"bindings":[]' in answer.body.replace(b" ", b"")


def test_a_runaway_query_ends_at_the_deadline_and_others_go_on(tmp_path: Path) -> None:
    disk = EmbeddedStore.create(tmp_path / "store")
    disk.load(f"<http://e.org/{i}> <http://e.org/p> <http://e.org/{i}> <http://e.org/g> .\n" for i in range(300))
    disk.close()
    pool = WorkerPool(tmp_path / "store", size=1, deadline=0.5)
    runaway = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
    with pytest.raises(LimitError, match="deadline"):
        pool.query(Question(runaway))
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }")).body
    with pytest.raises(LimitError, match="stack"):
        pool.query(Question("SELECT * WHERE " + "{" * 3000 + "}" * 3000))
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }")).body
    pool.close()


def test_an_endpoint_out_of_reach_is_told() -> None:
    store = RemoteStore(f"http://127.0.0.1:{free_port()}/query")
    with pytest.raises(StoreError, match="cannot be reached"):
        store.query(Question("ASK {}"))
    with pytest.raises(StoreError, match="read only"):
        store.load(LINES)
    store.close()


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[WorkerPool]:
    disk = EmbeddedStore.create(tmp_path / "store")
    disk.load(f"<http://e.org/{i}> <http://e.org/p> <http://e.org/{i}> <http://e.org/g> .\n" for i in range(2000))
    disk.close()
    made = WorkerPool(tmp_path / "store", size=1, deadline=2, megabytes=1500, max_result=20_000)
    yield made
    made.close()


def test_an_answer_over_the_size_limit_is_refused_and_the_worker_goes_on(pool: WorkerPool) -> None:
    with pytest.raises(LimitError, match="result size"):
        pool.query(Question("SELECT * WHERE { ?s ?p ?o }"))
    with pytest.raises(LimitError, match="result size"):
        pool.query(Question("CONSTRUCT WHERE { ?s ?p ?o }"))
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }")).body
    assert pool.replaced == 0


def test_a_query_that_eats_memory_is_ended(pool: WorkerPool) -> None:
    doubling = (
        "SELECT ?z WHERE { BIND ("
        + "CONCAT(" * 40
        + '"x"'
        + "".join(f", '{'y' * 50}')" for _ in range(40))
        + " AS ?z) }"
    )
    assert pool.query(Question(doubling)).body
    hungry = "SELECT * WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } ORDER BY ?f ?d ?b"
    with pytest.raises(LimitError, match=r"memory|deadline"):
        pool.query(Question(hungry))
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }")).body


class Canary(threading.Thread):
    """A server on this machine that counts who knocks."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.hits = 0

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
        "SELECT * WHERE { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
        "ASK { ?s ?p ?o FILTER EXISTS { SERVICE <http://127.0.0.1:PORT/> { ?a ?b ?c } } }",
        "PREFIX e: <http://e.org/> SELECT * WHERE { ?s e:a\\# ?o } SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o }",
        "SELECT * FROM <http://127.0.0.1:PORT/> WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:PORT/>",
    ],
)
def test_no_query_reaches_the_network(pool: WorkerPool, text: str) -> None:
    if not pool.isolated:
        pytest.skip("this system cannot cut workers off from the network")
    canary = Canary()
    canary.start()
    try:
        pool.query(Question(text.replace("PORT", str(canary.port))))
    except (QueryError, StoreError, LimitError):
        pass
    finally:
        canary.socket.close()
    assert canary.hits == 0


def test_too_many_waiting_queries_are_turned_away(pool: WorkerPool) -> None:
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
    told: list[str] = []

    def ask() -> None:
        try:
            pool.query(Question(slow))
        except LimitError as error:
            told.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("too many queries are waiting" in t for t in told) >= 1
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }")).body


def test_queries_of_strangers_leave_a_worker_to_ours(tmp_path: Path) -> None:
    disk = EmbeddedStore.create(tmp_path / "store")
    disk.load(f"<http://e.org/{i}> <http://e.org/p> <http://e.org/{i}> <http://e.org/g> .\n" for i in range(300))
    disk.close()
    pool = WorkerPool(tmp_path / "store", size=2, deadline=3)
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
    told: list[str] = []

    def ask() -> None:
        with pytest.raises(LimitError) as caught:
            pool.query(Question(slow))
        told.append(str(caught.value))

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    while not told:
        time.sleep(0.01)
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }", trusted=True)).body
    for thread in threads:
        thread.join()
    assert any("too many queries are waiting" in t for t in told)
    assert any("while others waited" in t for t in told)
    with pytest.raises(LimitError, match="deadline"):
        pool.query(Question(slow))
    pool.close()


def test_remembered_answers_are_bounded_and_errors_are_not_remembered(tmp_path: Path) -> None:
    inner = EmbeddedStore.in_memory()
    inner.load(LINES)
    cached = CachedStore(inner, max_bytes=2000)
    for number in range(50):
        cached.query(Question(f"SELECT ({number} AS ?n) WHERE {{}}"))
    assert cached.hits == 0
    cached.query(Question("SELECT (49 AS ?n) WHERE {}"))
    cached.query(Question("SELECT (0 AS ?n) WHERE {}"))
    assert cached.hits == 1, "the latest is remembered, the first forgotten"
    for _ in range(2):
        with pytest.raises(QueryError):
            cached.query(Question("nonsense"))
    assert cached.hits == 1


def test_who_broke_a_limit_waits_apart_and_holds_up_nobody_else(pool: WorkerPool) -> None:
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
    with pytest.raises(LimitError, match="deadline"):
        pool.query(Question(slow, client="192.0.2.1"))
    told: list[str] = []

    def ask_again() -> None:
        with pytest.raises(LimitError) as caught:
            pool.query(Question(slow, client="192.0.2.1"))
        told.append(str(caught.value))

    again = threading.Thread(target=ask_again)
    again.start()
    for number in range(5):  # the one worker of the pool is free for others all the while
        assert b"true" in pool.query(Question(f"ASK {{ ?s ?p{number} ?o }}", client="192.0.2.2")).body
    assert not told
    again.join()
    assert "deadline" in told[0]
    assert b"true" in pool.query(Question("ASK { ?s ?p ?o }", client="192.0.2.1")).body, "slowed, not shut out"


def test_texts_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "graph.nq").write_text("no quads", encoding="utf-8")
    with pytest.raises(StoreError, match=r"graph\.nq cannot be read"):
        WorkerPool(tmp_path / "store", size=1, texts=(tmp_path / "graph.nq",))
    with pytest.raises(StoreError, match=r"missing\.nq cannot be read"):
        WorkerPool(tmp_path / "store", size=1, texts=(tmp_path / "missing.nq",))


def test_a_worker_that_cannot_start_again_is_tried_until_it_can(pool: WorkerPool, tmp_path: Path) -> None:
    (tmp_path / "store").rename(tmp_path / "away")
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
    with pytest.raises(LimitError, match="deadline"):
        pool.query(Question(slow))
    with pytest.raises(LimitError, match="busy"):
        pool.query(Question("ASK { ?s ?p ?o }"))
    (tmp_path / "away").rename(tmp_path / "store")
    for _ in range(20):
        with contextlib.suppress(LimitError):
            assert b"true" in pool.query(Question("ASK { ?s ?p ?o }")).body
            return
    pytest.fail("the worker did not come back")
