"""The pages of lists that people read most: documents, entities, claims and disagreements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from api.answers import find_pages
from api.deps import Session
from api.labels import label_entities, name_entity, tell_variable
from api.negotiate import RESOURCE, TABLE
from api.pages.document import join_rows
from api.pages.filters import Filter, read_filters
from api.pages.view import show_page
from kg.errors import QueryError
from kg.query import ask_table

#: The filters of the list of claims: those of its query.
_CLAIMS = ("document", "act", "certainty", "voice", "relation")


def show_documents(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all documents."""
    rows = session.table("documents", **values).rows
    ids = list(dict.fromkeys(row["document"] for row in rows))
    documents = [join_rows([row for row in rows if row["document"] == id_]) for id_ in ids]
    here = documents[(page - 1) * size : page * size]
    pages = find_pages(request, page, size, len(documents))
    asked = [("documents", dict(values))]
    return show_page(
        request, session, "documents.html", "Documents", asked, _offer(values), documents=here, pages=pages,
        total=len(documents),
    )  # fmt: skip


def show_entities(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all entities, those that most documents speak of first."""
    if unknown := values.keys() - {"kind"}:
        raise QueryError(f"the list of entities takes kind, not {sorted(unknown)[0]!r}")
    rows = session.table("entity-use").rows
    kinds = sorted({(row["kind_name"], row["kind_label"]) for row in rows}, key=lambda kind: kind[1])
    chosen = values.get("kind", "")
    found = [row for row in rows if chosen in ("", row["kind_name"])]
    return show_page(
        request, session, "entities.html", "Entities", [("entity-use", dict(values))], _offer(values),
        entities=found[(page - 1) * size : page * size], pages=find_pages(request, page, size, len(found)),
        total=len(found), filters=[Filter("kind", kinds, chosen)],
    )  # fmt: skip


def read_entities(session: Session, count: int) -> Sequence[Mapping[str, Any]]:
    """Return the entities that most documents speak of."""
    return [row for row in session.table("entity-use").rows if row["claims"]][:count]


def show_claims(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all claims, or of those that fit the filters."""
    if unknown := values.keys() - set(_CLAIMS):
        raise QueryError(f"the list of claims takes {', '.join(_CLAIMS)}, not {sorted(unknown)[0]!r}")
    filters = read_filters(request, session, _read_options(session), _CLAIMS)
    found, total = session.page_of_claims("readable-claims", values, page, size)
    return show_page(
        request, session, "claims.html", "Claims", [("readable-claims", dict(values))], _offer(values),
        claims=found.rows, pages=find_pages(request, page, size, total), total=total, filters=filters,
    )  # fmt: skip


def _read_options(session: Session) -> list[Mapping[str, Any]]:
    """Return what the filters of the list of claims choose from, read once for a build and without its claims."""
    kept = session.opened.options
    if not kept:
        found = [{"document": row["document"], "title": row["title"]} for row in session.table("documents").rows]
        found += [
            {"relation": row["relation"], "relation_label": row["label"]}
            for row in session.table("relations").rows
            if row["propositions"]
        ]
        acts = {(row["act"], row["certainty"], row["voice"]) for row in session.table("stats").rows}
        found += [{"act": a, "certainty_name": c, "voice_name": v} for a, c, v in sorted(acts)]
        kept.extend(found)
    return kept


def show_propositions(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all propositions, each with what it says besides subject, relation and object."""
    table = session.table("propositions", **values)
    rows = table.rows[(page - 1) * size : page * size]
    told = tell_circumstances(session, [row["proposition"] for row in rows])
    shown = [{**row, "circumstances": told.get(row["proposition"], "")} for row in rows]
    pages = find_pages(request, page, size, len(table.rows)) | {"total": str(len(table.rows))}
    return show_page(
        request, session, "resource.html", "Propositions", [("propositions", dict(values)), ("circumstances", {})],
        _offer(values), iri="", pages=pages, sections=[{"title": "", "columns": table.columns, "rows": shown}],
    )  # fmt: skip


#: How circumstances are told apart from one another where the name of their property is no good word for it.
_CIRCUMSTANCES = {
    "via order": "by way of", "dimension": "as to", "effect": "effect:", "agency": "by", "baseline": "when",
    "scope after": "after", "scope since": "since", "scope region": "in", "scope place": "in", "scope population": "in",
    "scope species": "in", "scope route": "by",
}  # fmt: skip


def tell_circumstances(session: Session, propositions: Sequence[str]) -> dict[str, str]:
    """Return, by proposition, its means, company, dimension and scope in words."""
    if not propositions:
        return {}
    rows = ask_table(session.store, session.service.queries["circumstances"].bind(
        {"proposition": propositions}, session.service.names
    )).rows  # fmt: skip
    labels = label_entities(session, (name_entity(one) for row in rows for one in _variables(row)))
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda row: (row["name"].startswith("scope"), row["name"])):
        name = _CIRCUMSTANCES.get(row["name"], row["name"])
        told = ", then ".join(tell_variable(one, labels) for one in _variables(row))
        found[row["proposition"]][name].append(told or row.get("label") or row["value"])
    return {
        iri: "; ".join(f"{name.removeprefix('scope ')} {', '.join(values)}" for name, values in parts.items())
        for iri, parts in found.items()
    }


def _variables(row: Mapping[str, Any]) -> list[str]:
    """Return the variables that a circumstance names."""
    if row["name"] == "via order":
        return str(row["value"]).split(" > ")
    return [str(row["label"])] if "/variable/" in str(row["value"]) and "label" in row else []


def show_disagreements(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all disagreements, the most serious first."""
    whole = session.table("disagreements").rows
    rows = session.table("disagreements", **values).rows
    weights = [(name, name) for name in dict.fromkeys(row["hardness_name"] for row in whole)]
    kinds = [(f"disagreement-{name}", name) for name in sorted({row["kind_name"] for row in whole})]
    documents = sorted({(row["document"].rpartition("/")[2], row["title"]) for row in session.table("documents").rows})
    options = {"hardness": weights, "disagreement_kind": kinds, "document": documents}
    return show_page(
        request, session, "disagreements.html", "Disagreements", [("disagreements", dict(values))], _offer(values),
        disagreements=rows[(page - 1) * size : page * size], pages=find_pages(request, page, size, len(rows)),
        total=len(rows), filters=[Filter(name, found, values.get(name, "")) for name, found in options.items()],
    )  # fmt: skip


def _offer(values: Mapping[str, str]) -> Mapping[str, str]:
    """A list that is narrowed has no RDF of its own."""
    return TABLE if values else RESOURCE
