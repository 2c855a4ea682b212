"""SSSOM: how entities map to ontologies, as a table with its metadata in the head."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, BinaryIO

from kg.exports.format import Format
from kg.exports.origin import TITLE, Origin, origin_of
from kg.exports.tables import read_rows
from kg.graph import Graph
from kg.rdf.terms import SKOS
from kg.stores.connect import Build

_COLUMNS = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label", "mapping_justification",
    "object_source_version",
)  # fmt: skip
_SEMAPV = "https://w3id.org/semapv/vocab/"
#: Curators looked every identifier up and judged the match.
_JUSTIFICATION = "semapv:ManualMappingCuration"


def write(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write the mappings of the entities, or of those that a document speaks of, as SSSOM TSV."""
    rows = read_rows(graph, "mappings", document).rows
    prefixes = {row["identifier"].partition(":")[0]: _namespace(row) for row in rows}
    head = _metadata(origin_of(graph, document), graph.names.iri("entity", ""), prefixes)
    text = io.StringIO(newline="")
    text.writelines(f"#{line}\n" for line in head)
    writer = csv.writer(text, dialect="excel-tab", lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(
        (
            f"claimgraph:{row['entity']}", row["entity_label"], f"skos:{row['quality']}Match", row["identifier"],
            row.get("label", ""), _JUSTIFICATION, row.get("version", ""),
        )
        for row in rows
    )  # fmt: skip
    out.write(text.getvalue().encode())


def _namespace(row: dict[str, Any]) -> str:
    """Return what the prefix of an identifier stands for.

    >>> _namespace({"identifier": "GO:0045202", "iri": "http://purl.obolibrary.org/obo/GO_0045202"})
    'http://purl.obolibrary.org/obo/GO_'
    """
    return str(row["iri"]).removesuffix(row["identifier"].partition(":")[2])


def _metadata(origin: Origin, entities: str, prefixes: dict[str, str]) -> list[str]:
    """Return the metadata of the mapping set as lines of YAML, which takes texts as JSON writes them."""
    known = {"claimgraph": entities, "semapv": _SEMAPV, "skos": SKOS, **prefixes}
    address = f"document/{origin.document}" if origin.document else "graph"
    fields = {
        "mapping_set_id": f"{origin.base}export/{address}.sssom.tsv",
        "mapping_set_title": f"{TITLE}: entities in ontologies",
        "mapping_set_description": "; ".join(origin.lines),
        "mapping_set_version": origin.digest,
        "license": origin.licence,
    }
    return [
        "curie_map:",
        *(f"  {name}: {json.dumps(namespace)}" for name, namespace in sorted(known.items())),
        *(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()),
    ]


FORMAT = Format(
    "sssom",
    "text/tab-separated-values",
    "sssom.tsv",
    "SSSOM: the mappings of the entities to ontologies.",
    "Every identifier that was judged an exact, close, broad or narrow match, with both labels and the version of the"
    " ontology in which it was looked up.",
    "Claims and everything else. Further identifiers without a judgement, and entities that no ontology has. There is"
    " no confidence, since curators gave a quality and no number.",
    write,
)
