"""Mutated queries, curated files and requests, from a seed; what once failed is kept in `seeds/` and tried first.

python -m tests.robustness.fuzz [--examples N] [--seed S]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from kg.check import check
from kg.query import read_queries
from kg.settings import Settings
from tests.robustness.service import DATA, HOST, Reply, Service, serve

SEEDS = Path(__file__).parent / "seeds"
#: Seconds that the service of a run may spend on one query.
DEADLINE = "0.5"
Make = Callable[[random.Random], bytes]
#: Returns what is wrong with the way an input was dealt with, or nothing.
Try = Callable[[bytes], str]

_NAMES, _QUERIES = zip(*((name, query.text) for name, query in read_queries().items()), strict=True)
_JUNK = [
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", "\u202e".encode(), "\U0001f4a9".encode(), b"\\uD800",
    b"\\U00110000", b"%00", b"%ff", b"%2e%2e", b"../", b"'", b'"', b'"""', b"<", b">", b"{", b"}", b"{{7*7}}", b"[",
    b"]", b"(", b")", b";", b"\\", b"\r\n", b"\n", b"\t", b"#", b"?x", b"1e999", b"9" * 5000, b"0x" + b"f" * 5000,
    b"nan", b"inf", b"a" * 3000, b"true", b"[]", b"{}", b"[[1]]", b"1979-13-99", b"2026-01-02T03:04:05Z", b"''",
    b'"\x7f"', b'"\\u0001"', b'"\\uFFFE"', b"-inf", b"1e300", b"http://[", b'"a b"', b"a:b:c",
]  # fmt: skip


def _mutate(rng: random.Random, data: bytes) -> bytes:
    """Return bytes with one to four small changes."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice([0, 1, 1, 5, 40]))
        lines = data.split(b"\n")
        match rng.randrange(6):
            case 0:
                data = data[:at] + bytes([rng.randrange(256)]) + data[end:]
            case 1:
                data = data[:at] + rng.choice(_JUNK) + data[end:]
            case 2:
                data = data[:at] + data[end:]
            case 3:
                del lines[rng.randrange(len(lines))]
                data = b"\n".join(lines)
            case 4:
                lines.insert(rng.randrange(len(lines)), rng.choice(lines))
                data = b"\n".join(lines)
            case _:
                data = data[:at] + data[at:end] * rng.randint(2, 9) + data[end:]
    return data


def make_query(rng: random.Random) -> bytes:
    """Return a named query with changes, or one of the hostile patterns, some of them changed as well."""
    n = rng.choice([3, 50, 500, 4000])
    iri = "http://e.org/" + "a" * rng.choice([10, 3000, 60_000])
    hostile = [
        "SELECT * WHERE " + "{" * n + "?s ?p ?o" + "}" * n,
        "SELECT * WHERE { FILTER(" + "(" * n + "1" + ")" * n + ") }",
        "SELECT * WHERE { " + " UNION ".join(["{ ?s ?p ?o }"] * min(n, 500)) + " }",
        "SELECT * WHERE { " + "OPTIONAL { ?a ?b ?c " * min(n, 500) + "}" * min(n, 500) + " }",
        "SELECT * WHERE { " + "?a ?b ?c . ?d ?e ?f . " * rng.randint(1, 30) + "}",
        f"SELECT * WHERE {{ SERVICE SILENT <http://127.0.0.1:{rng.randint(1, 65535)}/> {{ ?s ?p ?o }} }}",
        "SELECT * WHERE { SERVICE ?s { ?s ?p ?o } }",
        "SELECT ?z WHERE { BIND(" + "CONCAT(STR(RAND())," * n + '"x"' + ")" * n + " AS ?z) }",
        'SELECT * WHERE { ?s ?p ?o FILTER(REGEX(STR(?o), "' + "(a+)+" * min(n, 50) + '$")) }',
        'SELECT * WHERE { ?s ?p ?o FILTER(REGEX(STR(?o), "' + "(" * min(n, 500) + '")) }',
        'SELECT * WHERE { BIND(REPLACE("aaaaaaaa", "a{1,999}{1,999}", "$0$0$0") AS ?z) }',
        f"SELECT * WHERE {{ <{iri}> ?p ?o }}",
        f"CONSTRUCT {{ ?s <{iri}> ?o }} WHERE {{ ?s ?p ?o }}",
        "SELECT * WHERE { ?s " + "/".join(["(!<a:b>)*"] * min(n, 50)) + " ?o }",
        "SELECT * WHERE { ?s (<a:b>|!<a:b>)* ?o . ?o (<a:b>|!<a:b>)* ?t }",
        "SELECT * FROM <file:///etc/passwd> WHERE { ?s ?p ?o }",
        'SELECT ("' + "\ud800\udc00".encode("utf-8", "surrogatepass").decode("latin-1") + '" AS ?z) WHERE {}',
        "SELECT (1/0 AS ?z) (9999999999999999999999 * 9999999999999999999999 AS ?y) WHERE {}",
        'SELECT (STRDT("9", <' + iri + ">) AS ?z) (xsd:dateTime('x') AS ?y) WHERE {}",
        "SELECT (SUBSTR('abc', -9223372036854775808, 9223372036854775807) AS ?z) WHERE {}",
        "ASK { VALUES ?x { " + "1 " * n + "} }",
        "DESCRIBE ?s WHERE { ?s ?p ?o }",
        "SELECT * WHERE { ?s ?p ?o } LIMIT 99999999999999999999 OFFSET 18446744073709551616",
        "PREFIX : <> SELECT * WHERE { :a :b :c }",
        "DROP ALL",
    ]
    text = rng.choice(hostile if rng.random() < 0.4 else _QUERIES).encode()
    return _mutate(rng, text) if rng.random() < 0.8 else text


def try_query(service: Service) -> Try:
    """Return a trial that posts a query."""

    def run(query: bytes) -> str:
        return _fault(service, service.sparql(query), needs_reply=True)

    return run


_OPTIONAL = (
    b"doi url subtitle container dimension agency effect publisher creator via with without see match also".split()
)
_OPTIONAL += (
    b"broader label scope.route scope.population baseline direction acknowledge.digit of issued language".split()
)


def make_file(rng: random.Random) -> bytes:
    """Return the path of a curated file and, after a line break, its changed text."""
    path = rng.choice(sorted(DATA.rglob("*.toml")))
    data = path.read_bytes()
    match rng.randrange(5):
        case 0:  # a value of another type
            lines = data.split(b"\n")
            keyed = [i for i, line in enumerate(lines) if b" = " in line]
            at = rng.choice(keyed)
            key = lines[at].split(b" = ")[0]
            other = lines[rng.choice(keyed)].split(b" = ", 1)[1]
            junk = rng.choice(_JUNK)
            key = rng.choice([key, rng.choice(_OPTIONAL)])
            quoted = b'"' + rng.choice([b"", b"https://e.org/", b"CHEBI:"]) + junk + b'"'
            value = rng.choice(
                [other, junk, quoted, quoted, b"[" + quoted + b"]", b"[{ id = " + quoted + b', label = "l" }]']
            )
            lines.insert(at, key + b" = " + value) if rng.random() < 0.5 else lines.__setitem__(
                at, key + b" = " + value
            )
            data = b"\n".join(lines)
        case 1:  # deep nesting
            deep = rng.choice([20, 500, 5000])
            data += rng.choice([
                b"x = " + b"[" * deep + b"]" * deep, b"x = " + b"{a=" * deep + b"1" + b"}" * deep,
                b"[" + b".".join([b"a"] * deep) + b"]",
                b".".join([b"a"] * deep) + b" = 1", b"scope = " + b"{ route = " * deep + b'"a"' + b" }" * deep,
            ])  # fmt: skip
        case 2:
            data = rng.choice(
                [
                    b"\xef\xbb\xbf" + data,
                    data.decode().encode("utf-16"),
                    b"",
                    b"\x00",
                    data * 3,
                    data[: rng.randrange(len(data))],
                ]
            )
        case _:
            data = _mutate(rng, data)
    return path.relative_to(DATA).as_posix().encode() + b"\n" + data


def try_file(folder: Path) -> Try:
    """Return a trial that checks a copy of the corpus with one changed file; what is clean must be RDF as well."""
    shutil.copytree(DATA, folder / "data")
    settings = Settings(data=folder / "data")

    def run(given: bytes) -> str:
        name, _, data = given.partition(b"\n")
        path = folder / "data" / name.decode()
        before = path.read_bytes()
        path.write_bytes(data)
        try:
            verdict = check(settings, shapes=False)
            [str(finding) for finding in verdict.findings]
            list(ox.parse("".join(verdict.quads).encode(), format=ox.RdfFormat.N_QUADS))
        except Exception as error:  # whatever it is, it is a fault
            return f"{type(error).__name__}: {error}"[:300]
        finally:
            path.write_bytes(before)
        return ""

    return run


_IDS = [
    "veltrine",
    "insomnia",
    "calm-nights",
    "marlow-2019",
    "antagonises",
    "nothing",
    "",
    "a/b/c",
    "..",
    ".ttl",
    "x.nope",
]
_KEYS = [
    "format",
    "page",
    "size",
    "q",
    "query",
    "entity",
    "kind",
    "frame",
    "document",
    "from",
    "to",
    "longest",
    "count",
]
_KEYS += [
    "through",
    "build",
    "whole",
    "hedged",
    "default-graph-uri",
    "named-graph-uri",
    "update",
    "claim",
    "resource",
    "nope",
]
_VALUES = [
    "json",
    "html",
    "ttl",
    "csv",
    "tsv",
    "xml",
    "nt",
    "jsonld",
    "rdf",
    "md",
    "tex",
    "rq",
    "1",
    "0",
    "-1",
    "200",
    "true",
]
_VALUES += [
    *_IDS,
    "1e9",
    "ASK {}",
    "SELECT * WHERE { ?s ?p ?o }",
    "http://[",
    "https://w3id.org/claimgraph/entity/veltrine",
]
_HEADERS = [
    "Accept",
    "Origin",
    "If-None-Match",
    "Content-Type",
    "Accept-Language",
    "X-Forwarded-For",
    "Cookie",
    "Range",
]
_HEADERS += ["Accept", "Accept", "Origin", "Authorization", "TE", "Upgrade", "Expect", "Connection", "Sec-Fetch-Site"]
_FRAMING = ["Transfer-Encoding", "Content-Length", "Host", "Content-Length"]
_CONTENTS = [
    "text/turtle",
    "*/*;q=0",
    "text/html;q=nan",
    "application/*;q=1e999",
    "q=;;,",
    "http://[",
    "null",
    "*",
    '"x',
    "W/",
]
_CONTENTS += [
    "chunked",
    "-1",
    "99999999999999999999",
    "100-continue",
    "websocket",
    "127.0.0.1:[",
    "[::1",
    "text/html,,;=",
    ",,,",
]
_CONTENTS += [
    "application/x-www-form-urlencoded; charset=\xe9",
    "multipart/form-data",
    "bytes=0-",
    "http://localhost:x",
]


def make_request(rng: random.Random) -> bytes:
    """Return the bytes of a request to one of the routes, with hostile names, parameters and headers."""
    lists = ["documents", "entities", "claims", "propositions", "relations", "disagreements", "works"]
    plain = [
        "",
        "health",
        "queries",
        "search",
        "export",
        "validation",
        "ontology",
        "shapes",
        ".well-known/void",
        "metrics",
    ]
    plain += [
        "compare",
        "mechanisms",
        "sparql",
        "openapi.json",
        "static/style.css",
        "static/../app.py",
        "entity",
        "frame",
    ]
    stem = rng.choice([
        rng.choice(plain), rng.choice(lists), f"{rng.choice(lists)}/{_word(rng)}", f"queries/{rng.choice(_NAMES)}",
        f"export/document/{_word(rng)}.{rng.choice(_VALUES)}", f"export/graph.{_word(rng)}", _word(rng),
    ])  # fmt: skip
    stem += rng.choice([*[""] * 9, ".ttl", ".json", ".html", ".csv", ".rq", ".nq", "/", "//", "/x"])
    pairs = [f"{rng.choice(_KEYS)}={_word(rng)}" for _ in range(rng.choice([0, 1, 1, 2, 5, 200]))]
    method = rng.choice(["GET"] * 12 + ["POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "get", "X" * 99])
    head = f"{method} /{stem}{'?' if pairs else ''}{'&'.join(pairs)} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
    for _ in range(rng.choice([0, 1, 1, 3])):
        content = rng.choice([*_CONTENTS, *_CONTENTS, "text/html", "a" * 40_000, "text/html," * 900])
        head += f"{rng.choice(_FRAMING if rng.random() < 0.1 else _HEADERS)}: {content}\r\n"
    body = b""
    if method == "POST":
        body = rng.choice([b"", b"query=ASK%7B%7D&x=%ff", b"\xff" * 300_000, b"query=" + b"&query=" * 2000, b"ASK {}"])
        head += f"Content-Length: {len(body)}\r\n"
    raw = head.encode("latin-1", "replace") + b"\r\n" + body
    return _mutate(rng, raw) if rng.random() < 0.1 else raw


def _word(rng: random.Random) -> str:
    """Return a name or value: known, junk, or escaped junk."""
    word = rng.choice(_VALUES) if rng.random() < 0.8 else rng.choice(_JUNK).decode("latin-1")
    return quote(word.encode("latin-1"), safe=rng.choice(["", "/%"]))


def try_request(service: Service) -> Try:
    """Return a trial that sends bytes as they are; what is no HTTP may be refused without a word."""

    def run(raw: bytes) -> str:
        try:
            return _fault(service, service.send(raw, wait=5), needs_reply=False)
        except TimeoutError:
            return service.failure()  # a request that never ends is closed by its own clock

    return run


def _fault(service: Service, reply: Reply | None, needs_reply: bool) -> str:
    """Say what is wrong with an answer."""
    if failure := service.failure():
        service.log.write_bytes(b"")
        return failure
    if reply is None:
        return "no answer" if needs_reply else ""
    if reply.status >= 500 and reply.status != 503:
        return f"status {reply.status}"
    if reply.status >= 400 and reply.body and reply.body != b"Invalid HTTP request received.":
        if reply.media_type not in ("application/problem+json", "text/html"):
            return f"status {reply.status} as {reply.media_type}"
        if reply.media_type != "text/html" and json.loads(reply.body)["status"] != reply.status:
            return "a problem with another status"
    return ""


def explore(kind: str, make: Make, trial: Try, examples: int, seed: int, keep: bool = True) -> list[str]:
    """Try the kept seeds, then made inputs; return what failed, keeping each input in `seeds/`."""
    rng, failures = random.Random(f"{kind} {seed}"), []
    for path in sorted((SEEDS / kind).glob("*.bin")):
        if fault := trial(path.read_bytes()):
            failures.append(f"{kind} {path.name}: {fault}")
    for _ in range(examples):
        given = make(rng)
        if fault := trial(given):
            name = hashlib.sha256(given).hexdigest()[:16] + ".bin"
            failures.append(f"{kind} {name}: {fault}")
            if keep:
                (SEEDS / kind).mkdir(parents=True, exist_ok=True)
                (SEEDS / kind / name).write_bytes(given)
    return failures


def run(examples: int, seed: int, keep: bool = True) -> dict[str, list[str]]:
    """Try queries, files and requests; return the failures of each."""
    found = {}
    with serve(KG_WORKERS="2", KG_DEADLINE=DEADLINE, KG_MEMORY="1500") as service:
        found["sparql"] = explore("sparql", make_query, try_query(service), examples, seed, keep)
        found["http"] = explore("http", make_request, try_request(service), examples, seed, keep)
    with tempfile.TemporaryDirectory() as folder:
        found["toml"] = explore("toml", make_file, try_file(Path(folder)), examples, seed, keep)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = run(options.examples, options.seed)
    for told in (line for lines in result.values() for line in lines):
        print(told)
    print({kind: len(lines) for kind, lines in result.items()}, "failures of", options.examples, "each")
    raise SystemExit(any(result.values()))
