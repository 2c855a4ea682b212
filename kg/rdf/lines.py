"""N-Quads lines as they are written: terms that come again are looked up, not made again."""

from __future__ import annotations

from kg.names import CG, Names
from kg.rdf.terms import DCT, FABIO, OA, PROV, RDF, RDFS, SKOS
from kg.vocabulary import Vocabulary


class Terms(dict[str, str]):
    """The IRIs of a namespace by what follows it, as N-Quads have them.

    >>> Terms("http://example.org/")["a"]
    '<http://example.org/a>'
    """

    def __init__(self, namespace: str) -> None:
        super().__init__()
        self.namespace = namespace

    def __missing__(self, local: str) -> str:
        self[local] = term = f"<{self.namespace}{local}>"
        return term


class Nodes(dict[str, str]):
    """The nodes of one kind by their names, as N-Quads have them.

    >>> Nodes(Names("http://example.org/"), "entity")["a b"]
    '<http://example.org/entity/a%20b>'
    """

    def __init__(self, names: Names, kind: str) -> None:
        super().__init__()
        self.names, self.kind = names, kind

    def __missing__(self, name: str) -> str:
        self[name] = term = f"<{self.names.iri(self.kind, name)}>"
        return term


cg, skos, dct, prov, oa, fabio = (Terms(namespace) for namespace in (CG, SKOS, DCT, PROV, OA, FABIO))
TYPE, LABEL, SEE_ALSO = f"<{RDF}type>", f"<{RDFS}label>", f"<{RDFS}seeAlso>"


class Lines:
    """N-Quads lines in the order in which they are written; every term that is handed in is written already."""

    def __init__(self, vocabulary: Vocabulary, names: Names) -> None:
        self.vocabulary = vocabulary
        self.names = names
        self.lines: list[str] = []
        self._base = names.base
        self.entities, self.relations, self.works, self.documents, self.variables = (
            Nodes(names, kind) for kind in ("entity", "relation", "work", "document", "variable")
        )
        self._values: dict[str, dict[str, str]] = {}

    def graph(self, *path: str) -> str:
        """Return the name of a graph."""
        return f"<{self.names.graph(*path)}>"

    def node(self, kind: str, key: str) -> str:
        """Return the node of something that is named by its digest."""
        return f"<{self._base}{kind}/{key}>"

    def add(self, subject: str, predicate: str, term: str, graph: str) -> None:
        """Add one quad."""
        self.lines.append(f"{subject} {predicate} {term} {graph} .\n")

    def add_value(self, subject: str, predicate: str, scheme: str, token: str, graph: str) -> None:
        """Add the value that a token stands for, when there is one."""
        if token:
            if scheme not in self._values:
                self._values[scheme] = {t: f"<{v}>" for t, v in self.vocabulary.values(scheme).items()}
            self.lines.append(f"{subject} {cg[predicate]} {self._values[scheme][token]} {graph} .\n")

    def sort(self) -> list[str]:
        """Return the lines in their order, each once."""
        return sorted(set(self.lines))
