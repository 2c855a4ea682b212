"""Which pages there are to look at: the fixed ones, and one of each class of resource."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import quote

_PREFIX = "PREFIX cg: <https://w3id.org/claimgraph/vocab#> "
SELECT = _PREFIX + "SELECT ?claim ?words WHERE { ?claim a cg:Claim ; cg:statement ?words } ORDER BY ?words LIMIT 9"
CONSTRUCT = _PREFIX + "CONSTRUCT WHERE { ?work a cg:Work ; ?property ?value }"
#: What a page is called, and its address; names in braces are filled in from what the service has.
PAGES = {
    "home": "/",
    "search": "/search?q={entity}",
    "documents": "/documents",
    "document": "{document}",
    "text": "{document}/text",
    "entities": "/entities",
    "entity": "/entities/{entity}",
    "claims": "/claims",
    "claim": "{claim}",
    "propositions": "/propositions",
    "proposition": "{proposition}",
    "relations": "/relations",
    "relation": "{relation}",
    "works": "/works",
    "work": "{work}",
    "disagreements": "/disagreements",
    "disagreement": "{disagreement}",
    "compare": "/compare?entity={entity}",
    "compare all": "/compare",
    "mechanism": "/mechanisms?from={source}&to={target}",
    "mechanisms": "/mechanisms",
    "downstream": "/mechanisms?from={source}",
    "sparql": "/sparql",
    "sparql table": f"/sparql?query={quote(SELECT)}",
    "sparql graph": f"/sparql?query={quote(CONSTRUCT)}",
    "about": "/about",
    "queries": "/queries",
    "query": "/queries/acting-on?entity={entity}",
    "validation": "/validation",
    "ontology": "/ontology",
    "exports": "/export",
    "docs": "/docs",
}
#: What the pages of each service are about.
INVENTED = {"entity": "glutanol", "source": "veltrine", "target": "deep-sleep"}
KETAMINE = {"entity": "glutamate", "source": "ketamine", "target": "depression"}


def list_pages(service: str, names: dict[str, str]) -> dict[str, str]:
    """Return the address of every page; of resources, that of the first of their class."""
    classes = ("document", "claim", "proposition", "relation", "work", "disagreement")
    found = {**names, **{name: find(service, name) for name in classes}}
    return {name: address.format_map(found) for name, address in PAGES.items()}


def find(service: str, singular: str, **wanted: str) -> str:
    """Return the path of the first resource of a class whose row has the wanted values."""
    rows = read(service, f"/{singular}s?size=1000")["items"]
    row = next(r for r in rows if wanted.items() <= r.items())
    return f"/{singular}s/{row[singular].rpartition('/')[2]}"


def read(service: str, path: str) -> Any:
    """Return what the service answers in JSON."""
    with urllib.request.urlopen(service + path, timeout=60) as answer:
        return json.load(answer)
