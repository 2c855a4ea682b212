"""KGX: nodes and edges in the words of the Biolink model, as tables or JSON lines, in one zip with what was left out.

An edge is a claim that is asserted or denied and not a hypothesis. Columns that Biolink does not have begin with
`claimgraph_`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO

from kg.exports.biolink import Words, read_words
from kg.exports.format import ZIP, Format
from kg.exports.origin import origin_of
from kg.exports.package import write_zip
from kg.exports.tables import read_rows
from kg.graph import Graph
from kg.stores.connect import Build

Row = dict[str, Any]
#: The prefix of entities that have no identifier elsewhere.
PREFIX = "CLAIMGRAPH"
_NODE = ("id", "category", "name", "synonym", "xref", "iri")
_EDGE = (
    "id", "subject", "predicate", "object", "category", "negated", "qualified_predicate",
    "subject_aspect_qualifier", "subject_direction_qualifier", "object_aspect_qualifier",
    "object_direction_qualifier", "causal_mechanism_qualifier", "anatomical_context_qualifier",
    "species_context_qualifier", "population_context_qualifier", "disease_context_qualifier",
    "clinical_approval_status", "knowledge_level", "agent_type", "primary_knowledge_source",
    "aggregator_knowledge_source", "publications", "supporting_text", "original_predicate",
)  # fmt: skip
#: Columns of our own, and the column of the tables that each is.
_OF_NODE = ("entity", "kind", "generic", "identified", "close_match", "broad_match", "narrow_match", "broader")
_OF_CLAIM = (
    "act", "certainty", "cue", "voice", "cited_work", "evidence", "strength", "frequency", "extent", "only",
    "presented", "statement", "document", "start", "end", "source_sha256", "records", "proposition", "subject",
    "relation", "object", "direction",
)  # fmt: skip
_OF_PROPOSITION = (
    "sign", "baseline", "via", "agency", "region", "population", "condition", "species", "route", "after", "place",
    "dose", "time", "onset", "duration", "setting", "since", "independent_sources", "contested",
)  # fmt: skip
_LISTS = {
    "category", "synonym", "xref", "publications", "supporting_text", "aggregator_knowledge_source",
    "anatomical_context_qualifier",
}  # fmt: skip


def write(suffix: str, graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write nodes and edges with a file of metadata into a zip."""
    origin = origin_of(graph, document)
    words = read_words(graph.vocabulary)
    nodes = {row["claimgraph_entity"]: row for row in _nodes(graph, words, document)}
    left_out: Counter[str] = Counter()
    edges = list(_edges(graph, words, nodes, document, left_out))
    about = {
        **origin.fields,
        "biolink_version": BIOLINK_VERSION,
        "nodes": len(nodes),
        "edges": len(edges),
        "claims": len(edges) + sum(left_out.values()),
        "left_out": dict(sorted(left_out.items(), key=lambda item: (-item[1], item[0]))),
        "prefixes": {**graph.vocabulary.prefixes, PREFIX: graph.names.iri("entity") + "/"},
    }
    make = _to_tsv if suffix == "tsv" else _to_jsonl
    columns = ([*_NODE, *_ours(_OF_NODE)], [*_EDGE, *_ours((*_OF_CLAIM, *_OF_PROPOSITION))])
    files = {
        "metadata.json": (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode(),
        f"nodes.{suffix}": make(columns[0], nodes.values()),
        f"edges.{suffix}": make(columns[1], edges),
    }
    write_zip(files.items(), out)


#: The release of the Biolink model that the words were checked against.
BIOLINK_VERSION = "4.4.6"


def _ours(names: Iterable[str]) -> list[str]:
    return [f"claimgraph_{name}" for name in names]


def _nodes(graph: Graph, words: Words, document: str | None) -> Iterator[Row]:
    """Yield a node for each entity; its name is an exact identifier, unless another entity has it too."""
    rows = read_rows(graph, "entities", document).rows
    shared = Counter(id_ for row in rows for id_ in _split(row.get("exact_match")))
    categories = words.tables.theirs("category")
    for row in rows:
        exact = [id_ for id_ in _split(row.get("exact_match")) if shared[id_] == 1]
        own = f"{PREFIX}:{row['entity']}"
        yield {
            "id": exact[0] if exact else own,
            "category": [categories[row["kind"]]],
            "name": row["label"],
            "synonym": _split(row.get("also")),
            "xref": [*exact[1:], *([own] if exact else [])],
            "iri": row["iri"],
            **{f"claimgraph_{name}": row[name] for name in _OF_NODE if row.get(name) not in (None, "")},
        }


def _edges(
    graph: Graph, words: Words, nodes: Mapping[str, Row], document: str | None, left_out: Counter[str]
) -> Iterator[Row]:
    """Yield an edge for each claim that may be one, and count the others by their reason."""
    propositions = {row["proposition"]: row for row in read_rows(graph, "propositions", document).rows}
    documents = {row["document"]: row for row in read_rows(graph, "documents", document).rows}
    works = {row["work"]: row for row in read_rows(graph, "works").rows}
    records = _records(graph)
    for claim in read_rows(graph, "claims", document).rows:
        proposition = propositions[claim["proposition"]]
        told = words.word(claim, proposition)
        if isinstance(told, str):
            left_out[told] += 1
            continue
        yield {
            "id": claim["claim"],
            "subject": nodes[proposition["subject"]]["id"],
            "object": nodes[proposition["object"]]["id"],
            "category": ["biolink:Association"],
            "negated": claim["act"] == "denies",
            **told,
            **_context(proposition, nodes, words),
            **_source(claim, documents[claim["document"]], works, records, words),
            "aggregator_knowledge_source": [graph.names.base],
            "supporting_text": [claim["phrase"]] if claim.get("phrase") else [],
            "original_predicate": graph.names.iri("relation", claim["relation"]),
            **{f"claimgraph_{name}": claim[name] for name in _OF_CLAIM if name in claim},
            **{f"claimgraph_{name}": proposition[name] for name in _OF_PROPOSITION if name in proposition},
        }


def _context(proposition: Row, nodes: Mapping[str, Row], words: Words) -> Row:
    """Return the scope for which Biolink has a qualifier: where several values stand and one is allowed, none."""
    found: Row = {}
    for ours, theirs in words.tables.theirs("scope").items():
        values = [nodes[entity]["id"] for entity in _split(proposition.get(ours))]
        if values and theirs in _LISTS:
            found[theirs] = values
        elif len(values) == 1:
            found[theirs] = values[0]
    return found


def _source(
    claim: Row, document: Row, works: Mapping[str, Row], records: Mapping[tuple[str, str], list[Row]], words: Words
) -> Row:
    """Return who says it, how it is known, and the publications that are named for it."""
    level = words.tables.theirs("knowledge_level").get(claim["certainty"], "not_provided")
    work = works.get(claim.get("cited_work", ""), {})
    named = [f"doi:{work['doi']}"] if work.get("doi") else [work[k] for k in ("url", "iri") if work.get(k)][:1]
    told = {"knowledge_level": level, "agent_type": "not_provided", "primary_knowledge_source": document["iri"]}
    if document.get("imported"):
        rows = [row for id_ in _split(claim.get("records")) for row in records[claim["document"], id_]]
        told |= {"agent_type": "manual_agent"} if document.get("by_hand") else {"knowledge_level": "not_provided"}
        columns = {"level": "knowledge_level", "agent": "agent_type", "origin": "primary_knowledge_source"}
        for ours, theirs in columns.items():
            values = {row.get(ours) for row in rows}
            if len(values) == 1 and (value := values.pop()):
                told[theirs] = value
        named = sorted({row["reference"] for row in rows if row.get("reference")})
    return {**told, "publications": named}


def _records(graph: Graph) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in graph.ask("records").rows:
        found[row["document"], row["identifier"].replace("|", "%7C")].append(row)
    return found


def _split(cell: Any) -> list[str]:
    return str(cell).split("|") if cell else []


def _to_tsv(columns: list[str], rows: Iterable[Row]) -> bytes:
    """Return a table with one tab between cells, no quotes, and several values joined by |."""
    lines = ["\t".join(columns), *("\t".join(_cell(row.get(name)) for name in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _cell(value: Any) -> str:
    """Return a value as a cell.

    >>> _cell(["a|b", "c"]), _cell(True), _cell(None)
    ('a%7Cb|c', 'true', '')
    """
    if isinstance(value, list):
        return "|".join(_cell(v).replace("|", "%7C") for v in value)
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return " ".join(text.split())


def _to_jsonl(columns: list[str], rows: Iterable[Row]) -> bytes:
    """Return one JSON object a line, without what is not known."""
    lines = ({k: row[k] for k in columns if row.get(k) not in (None, "", [])} for row in rows)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


_KEEPS = (
    "Asserted and denied claims as edges with Biolink predicates and qualifiers, negated, knowledge level, source,"
    " publications and key phrase; entities as nodes with categories and identifiers. Act, certainty, cue, voice,"
    " scope, statement and anchor stand in columns that begin with claimgraph_."
)
_LOSES = (
    "Questions, recommendations, assessments, hypotheses, comparisons, company, lack and lack of change: they are no"
    " edges, and metadata.json counts them by reason. Where Biolink has no word for an aspect, only affects is left of"
    " an effect. Figures, chains and disagreements."
)


def _format(name: str, suffix: str, summary: str) -> Format:
    return Format(name, ZIP, f"{name}.zip", summary, _KEEPS, _LOSES, partial(write, suffix))


FORMATS = (
    _format("kgx", "tsv", "KGX tables of nodes and edges in the Biolink model, as a zip or a folder."),
    _format("kgx-jsonl", "jsonl", "KGX as JSON lines of nodes and edges in the Biolink model, as a zip or a folder."),
)
