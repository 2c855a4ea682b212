"""Any SPARQL 1.1 endpoint over HTTP, loaded through the Graph Store Protocol; and what a service of ours serves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import httpx2 as httpx

from kg.errors import QueryError, StoreError
from kg.stores.base import RESULTS, Answer, Question


class RemoteStore:
    """A SPARQL 1.1 endpoint whose default graph is the union of its graphs."""

    def __init__(
        self, endpoint: str, graph_store: str | None = None, timeout: float = 30.0, digest: str | None = None
    ) -> None:
        self._endpoint = endpoint
        self._graph_store = graph_store
        #: The build that answers must be of, where the endpoint says of which they are.
        self._digest = digest
        self._client = httpx.Client(timeout=timeout, follow_redirects=False)

    def query(self, question: Question) -> Answer:
        """Answer a query, as the protocol says."""
        accept = ", ".join(m for m in (question.results, question.graph) if m)
        response = self._send(
            "POST",
            self._endpoint,
            params={"default-graph-uri": question.default_graphs, "named-graph-uri": question.named_graphs},
            content=(f"BASE <{question.base}>\n{question.text}" if question.base else question.text).encode(),
            headers={"Content-Type": "application/sparql-query", "Accept": accept},
        )
        if response.status_code == 400:
            raise QueryError(f"the query is not valid SPARQL 1.1: {response.text.strip()[:500]}")
        if response.status_code != 200:
            raise StoreError(f"{self._endpoint} answered {response.status_code}: {response.text.strip()[:200]}")
        served = response.headers.get("x-build-digest", "")
        if self._digest and served and served != self._digest:
            raise StoreError(f"{self._endpoint} took up another build, {served[:12]}: open it again")
        media_type = response.headers.get("content-type", RESULTS["json"]).partition(";")[0].strip()
        return Answer(media_type, response.content)

    def load(self, lines: Iterable[str]) -> None:
        """Replace every graph that the N-Quads lines name, one request a graph."""
        if self._graph_store is None:
            raise StoreError("this endpoint is read only: no Graph Store address was given")
        graphs: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            triple, _, graph = line.rpartition(" <")
            graphs[graph.rstrip().rstrip(".").rstrip().rstrip(">")].append(triple + " .\n")
        for graph, triples in graphs.items():
            response = self._send(
                "PUT",
                self._graph_store,
                params={"graph": graph},
                content="".join(triples).encode(),
                headers={"Content-Type": "application/n-triples"},
            )
            if not response.is_success:
                raise StoreError(f"{self._graph_store} answered {response.status_code} to {graph}")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(self, method: str, url: str, **request: object) -> httpx.Response:
        try:
            return self._client.request(method, url, **request)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise StoreError(f"{url} cannot be reached: {error}") from error


#: What a service says of its build, and in which form.
_HEALTH: dict[str, type] = {
    "build": str, "base": str, "date": str, "quads": int, "documents": int, "claims": int, "versions": dict,
}  # fmt: skip


def read_health(address: str, timeout: float) -> dict[str, Any]:
    """Return what a service of ours says of the build that it serves, as a manifest has it."""
    try:
        response = httpx.get(address, timeout=timeout, follow_redirects=False)
        found = response.json() if response.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise StoreError(f"{address} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(found.get(key), form) for key, form in _HEALTH.items()):
        raise StoreError(f"{address} answered {response.status_code}, and not as a Claimgraph service of this version")
    return {"digest": found["build"], **{key: found[key] for key in _HEALTH if key != "build"}}
