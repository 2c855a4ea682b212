"""One graph to ask: a build, or the graph behind a service's address; named queries, SPARQL, comparison, paths.

Terms in answers are IRIs, parameters are their last parts: `graph.ask("acting-on", entity="glutamate")`. Several values
of a parameter mean any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kg.called import Called
from kg.compare import matrix
from kg.errors import QueryError, StoreError
from kg.mechanisms.paths import Mechanisms, Paths, load_mechanisms, make_options
from kg.names import DEFAULT_PREFIXES, ID_PATTERN, Names
from kg.query import NamedQuery, Table, ask_table, check_known, get_query, is_known, read_queries, read_table
from kg.rdf.jsonld import Context, make_context
from kg.settings import Settings
from kg.stores.base import GRAPHS, RESULTS, Answer, Question, Store
from kg.stores.connect import Build, connect, current_build, read_build
from kg.stores.remote import RemoteStore, read_health
from kg.vocabulary import Vocabulary, read_vocabulary

if TYPE_CHECKING:
    import rdflib

Value = str | Sequence[str]


@dataclass(frozen=True)
class Graph:
    """A store with all that is needed to ask it."""

    store: Store
    names: Names
    #: What the build says of itself: digest, base, date, counts, versions.
    manifest: Mapping[str, Any]
    ontology: Path
    queries: Mapping[str, NamedQuery] = field(default_factory=read_queries)

    @property
    def digest(self) -> str:
        """The digest of the build."""
        return str(self.manifest["digest"])

    def ask(self, name: str, **values: Value) -> Table:
        """Ask a named query for its table; raise NotFoundError for a value that the graph does not know.

        An entity may be given by any of its names.
        """
        found = self._ask(name, values)
        if not found.rows and (meant := self._meant(name, values)) != values:
            return self._ask(name, meant)
        return found

    def table(self, name: str, **values: Value) -> Table:
        """Ask a named query for its table as `ask` does, but take an entity by its identifier alone."""
        found = self._ask(name, values)
        if not found.rows:
            self._check(name, values)
        return found

    def _ask(self, name: str, values: Mapping[str, Value]) -> Table:
        query = get_query(name, self.queries)
        if query.is_graph:
            raise QueryError(f"the query {name!r} answers with a graph: ask for it with rdf({name!r}, ...)")
        return ask_table(self.store, query.bind(values, self.names))

    def answer(self, name: str, results: str | None, graph: str | None, **values: Value) -> Answer:
        """Ask a named query for a table or a graph in a media type; values are taken as `ask` takes them."""
        text = get_query(name, self.queries).bind(self._meant(name, values), self.names)
        return self.store.query(Question(text, results, graph))

    def resolve(self, words: str) -> str:
        """Return the identifier of the entity that somebody's words mean: itself, a label, or another name.

        Raise NotFoundError, with those that may be meant, for words that mean none or several.
        """
        known = ID_PATTERN.fullmatch(words) and is_known(self.store, self.names.iri("entity", words), self.names)
        return words if known else self.called.find(words)

    def _meant(self, name: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values with entities by their identifiers; raise NotFoundError for one that is not known."""
        query, meant = get_query(name, self.queries), dict(values)
        types = {p.name: p.type for p in query.parameters}
        for key, value in values.items():
            several = [value] if isinstance(value, str) else value
            if types.get(key) == "entity":
                found = [one if "://" in one else self.resolve(one) for one in several]
                meant[key] = found[0] if isinstance(value, str) else found
        self._check(name, meant)
        return meant

    def _check(self, name: str, values: Mapping[str, Value]) -> None:
        """Raise NotFoundError for a value that the graph does not know: no answer would read as silence."""
        for key, value in values.items():
            for one in [value] if isinstance(value, str) else value:
                check_known(self.store, get_query(name, self.queries), {key: one}, self.names)

    def rdf(self, name: str, **values: Value) -> rdflib.Graph:
        """Ask a named query that answers with a graph, as an rdflib Graph."""
        import rdflib

        query = get_query(name, self.queries)
        if not query.is_graph:
            raise QueryError(f"the query {name!r} answers with a table: ask for it with ask({name!r}, ...)")
        values = self._meant(name, values)
        made = rdflib.Graph()
        for prefix, namespace in DEFAULT_PREFIXES.items():
            made.bind(prefix, namespace)
        return made.parse(data=self.serialize(name, GRAPHS["nt"], **values).body, format="nt")

    def serialize(self, name: str, media_type: str, **values: Value) -> Answer:
        """Ask a named query for its graph, written in a media type."""
        text = get_query(name, self.queries).bind(values, self.names)
        return self.store.query(Question(text, graph=media_type, trusted=True))

    def select(self, name: str, media_type: str, **values: Value) -> Answer:
        """Ask a named query for its table, written in a media type."""
        text = get_query(name, self.queries).bind(values, self.names)
        return self.store.query(Question(text, results=media_type, trusted=True))

    def sparql(self, text: str) -> Table:
        """Ask a SELECT or ASK query of your own, within the limits of strangers' queries."""
        answer = self.store.query(Question(text))
        if answer.media_type != RESULTS["json"]:
            raise QueryError("the query answers with a graph, and a table is wanted: write SELECT for CONSTRUCT")
        return read_table(answer)

    def claims(self, entity: Value = (), document: Value = ()) -> Table:
        """Return the claims that have an entity on either side or work through it, those of a document, or all."""
        chosen = {key: value for key, value in (("entity", entity), ("document", document)) if value}
        return self.ask("claims-about", **chosen)

    def compare(self, documents: Value = (), shared_only: bool = True, **choice: str) -> matrix.Matrix:
        """Set documents side by side, on an entity, kind or frame when the choice names one."""
        documents = [documents] if isinstance(documents, str) else documents
        if "entity" in choice:
            choice["entity"] = self.resolve(choice["entity"])
        return matrix.compare(self.store, self.queries, self.names, documents, shared_only, **choice)

    def paths(self, source: str, target: str, **options: Any) -> Paths:
        """Return signed paths from one entity to another, the surest first; options are those of `Options`."""
        return self.mechanisms.find(self.resolve(source), self.resolve(target), make_options(**options))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The kinds, relations and values."""
        return read_vocabulary(self.ontology, self.names.base)

    @cached_property
    def called(self) -> Called:
        """The entities by what they are called."""
        states = {name: state.entity for name, state in self.vocabulary.states.items()}
        return Called(self.table("entity-names").rows, states)

    @cached_property
    def context(self) -> Context:
        """The names that JSON-LD has for our terms."""
        return make_context(self.vocabulary.triples)

    @cached_property
    def mechanisms(self) -> Mechanisms:
        """The hops that paths run over, loaded once."""
        return load_mechanisms(self.store, self.queries, self.vocabulary, self.names)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_graph(where: str | Path | None = None) -> Graph:
    """Open a service by its address, a build by its folder, the one in service of a folder of builds, or of KG_BUILDS.

    Raise StoreError, saying what to run, when there is none.
    """
    settings = Settings.from_environment()
    if where is None:
        return open_build(settings)
    if str(where).startswith(("http://", "https://")):
        return open_service(str(where), settings)
    return open_folder(Path(where), settings)


def open_folder(folder: Path, settings: Settings) -> Graph:
    """Open a build by its folder, or the one in service of a folder of builds, with the base that it was built for."""
    found = next((f for f in (folder, folder / "current") if (f / "manifest.json").is_file()), None)
    if found is None:
        raise StoreError(f"{folder} is neither a build nor a folder of builds; 'kg build' makes one, 'kg builds' lists")
    build = read_build(found.resolve())
    return open_build(replace(settings, base=build.manifest["base"], endpoint=None), build)


def open_build(settings: Settings, build: Build | None = None) -> Graph:
    """Open a build, the one in service when none is given; raise StoreError, saying what to run, without one."""
    build = build or current_build(settings)
    return Graph(connect(settings, build), Names(settings.base), build.manifest, settings.ontology)


def open_service(address: str, settings: Settings) -> Graph:
    """Open the graph that a service serves now; once it takes up another build, asking raises StoreError."""
    address = address.rstrip("/") + "/"
    manifest = read_health(address + "health", settings.deadline)
    store = RemoteStore(address + "sparql", timeout=settings.deadline, digest=manifest["digest"])
    return Graph(store, Names(manifest["base"]), manifest, settings.ontology)
