"""Claimgraph: claims of documents as a graph that can be checked, queried and compared.

    import kg

    with kg.open() as graph:                                        # or a folder, or "http://127.0.0.1:8000/"
        graph.ask("acting-on", entity="glutamate").rows             # a named query: kg query lists them
        graph.claims(entity="glutamate").to_pandas()
        graph.sparql("SELECT ...").to_arrow()                       # a query of your own
        graph.rdf("describe-entity", entity="glutamate").serialize(format="turtle")
        graph.compare(entity="glutamate").disagreements
        graph.paths("ketamine", "depression", contested=False)

`kg.graph.Graph` is what is opened; `kg.errors` are the errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kg.graph import Graph

__all__ = ["__version__", "open"]
__version__ = "0.1.0"


def open(where: str | Path | None = None) -> Graph:
    """Open a service by its address, a build by its folder, the one in service of a folder of builds, or of KG_BUILDS.

    Raise StoreError, saying what to run, when there is none.
    """
    # Only here: `import kg` must not load what opens stores and reads RDF.
    from kg.graph import open_graph

    return open_graph(where)
